// `millrace demo`: from a CSV file to SQL answers through the public API alone, and a check of every figure against
// DuckDB reading the same file. It needs nothing but this program, and leaves its data behind to go on with.
//
//   DIR/.millrace-demo   says that a demo made DIR, so that the next one may empty it
//   DIR/server/          the server's data directory
//   DIR/server.log       the server's standard error
//   DIR/orders.csv       the transactions, where they were generated or came compressed
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "src/aws/keys.h"
#include "src/cli/commands.h"
#include "src/cli/demo/pipeline.h"
#include "src/cli/demo/questions.h"
#include "src/cli/demo/server_process.h"
#include "src/cli/produce/producer.h"
#include "src/cli/produce/progress.h"
#include "src/cli/produce/retail_generator.h"
#include "src/io/clock.h"
#include "src/query/plain_sql.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRegion = "us-east-1";
constexpr uint32_t kPatienceS = 60;

struct Csv {
    std::string path;  // not compressed
    Encoding encoding = Encoding::utf8;
    uint64_t bytes = 0;
};

Status empty_directory(const fs::path& directory) {
    std::error_code error;
    const fs::path mark = directory / ".millrace-demo";
    if (fs::exists(directory, error) && !fs::is_empty(directory, error) && !fs::exists(mark, error)) {
        return {ErrorCode::failed_precondition,
                directory.string() + " is not empty and no demo made it: give --data another directory"};
    }
    fs::remove_all(directory, error);
    fs::create_directories(directory, error);
    if (error) return {ErrorCode::io, directory.string() + ": " + error.message()};
    std::ofstream(mark) << "made by millrace demo\n";
    return {};
}

// A plain copy of the input beside the server's data, and whether all of it is UTF-8.
Result<Csv> copy_plain(Input& input, const std::string& path) {
    Csv csv{path, Encoding::utf8, 0};
    std::ofstream out(path, std::ios::binary);
    std::string buffer(1 << 20, '\0');
    std::string line_rest;  // so that a character is not cut between two reads
    while (true) {
        TRY_ASSIGN(size_t count, input.read(std::span<char>(buffer)));
        if (count == 0) break;
        csv.bytes += count;
        out.write(buffer.data(), static_cast<std::streamsize>(count));
        line_rest.append(buffer, 0, count);
        const size_t feed = line_rest.rfind('\n');
        const size_t whole = feed == std::string::npos ? 0 : feed + 1;
        if (!is_utf8(std::string_view(line_rest).substr(0, whole))) csv.encoding = Encoding::latin1;
        line_rest.erase(0, whole);
    }
    if (!is_utf8(line_rest)) csv.encoding = Encoding::latin1;
    out.close();
    if (!out) return {ErrorCode::io, "writing " + path + " failed"};
    return csv;
}

Result<Csv> prepare_csv(const DemoArguments& arguments, const fs::path& directory) {
    const std::string path = (directory / "orders.csv").string();
    if (arguments.csv.empty()) {
        auto input = make_retail_input(arguments.rows ? arguments.rows : kRetailRows);
        return copy_plain(*input, path);
    }
    TRY_ASSIGN(std::unique_ptr<Input> input, open_input(arguments.csv));
    return copy_plain(*input, path);
}

// The view `orders` over the CSV, with the table's types.
Status open_reference(query::PlainSql& sql, const Csv& csv) {
    std::string quoted;
    for (char c : csv.path) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    const std::string encoding = csv.encoding == Encoding::latin1 ? "latin-1" : "utf-8";
    TRY(sql.run(
        "CREATE TABLE orders AS SELECT InvoiceNo AS invoiceno, StockCode AS stockcode, "
        "Description AS description, CAST(Quantity AS INTEGER) AS quantity, "
        "strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS invoicedate, CAST(UnitPrice AS DECIMAL(12,3)) AS unitprice, "
        "CustomerID AS customerid, Country AS country FROM read_csv('" +
        quoted + "', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', encoding = '" +
        encoding + "')"));
    return {};
}

std::string shown(const std::vector<std::optional<std::string>>& row) {
    std::string line;
    for (const auto& value : row) line += (line.empty() ? "" : "  |  ") + value.value_or("-");
    return line;
}

// Asks one question of both; prints the answer; returns whether they agree to the last digit.
Result<bool> ask_both(const Question& question, ApiClient& api, query::PlainSql& reference) {
    const auto begin = std::chrono::steady_clock::now();
    TRY_ASSIGN(Rows answer, ask_athena(api, question.sql));
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
    TRY_ASSIGN(query::PlainRows expected, reference.run(question.sql));
    std::printf("\n%s  (%lld ms)\n", question.title, static_cast<long long>(ms));
    for (size_t i = 0; i < std::min(answer.size(), question.rows_shown); ++i) {
        std::printf("    %s\n", shown(answer[i]).c_str());
    }
    if (answer.size() > question.rows_shown) std::printf("    ... %zu rows in all\n", answer.size());
    if (answer == expected) {
        std::printf("    equal to DuckDB on the CSV\n");
        return true;
    }
    std::printf("    DIFFERS from DuckDB on the CSV:\n");
    for (size_t i = 0; i < std::max(answer.size(), expected.size()); ++i) {
        const std::string ours = i < answer.size() ? shown(answer[i]) : "(no such row)";
        const std::string theirs = i < expected.size() ? shown(expected[i]) : "(no such row)";
        if (ours != theirs)
            std::printf("      row %zu: Athena %s\n             CSV    %s\n", i + 1, ours.c_str(), theirs.c_str());
    }
    return false;
}

void print_how_to_go_on(const DemoArguments& arguments, const aws::Key& key) {
    const std::string data = arguments.data + "/server";
    std::printf(
        "\nThe data lies in %s. To go on with it:\n\n"
        "  %s serve --data %s &\n"
        "  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_DEFAULT_REGION=%s\n"
        "  aws --endpoint-url http://127.0.0.1:4566 s3 ls --recursive s3://%s/orders/\n"
        "  aws --endpoint-url http://127.0.0.1:4566 kinesis describe-stream-summary --stream-name %s\n"
        "  aws --endpoint-url http://127.0.0.1:4566 athena start-query-execution \\\n"
        "      --query-execution-context Database=%s \\\n"
        "      --result-configuration OutputLocation=s3://%s/results/ \\\n"
        "      --query-string 'SELECT country, sum(quantity * unitprice) AS revenue FROM %s GROUP BY country'\n"
        "  aws --endpoint-url http://127.0.0.1:4566 athena get-query-results --query-execution-id ID-FROM-ABOVE\n",
        data.c_str(), own_program().c_str(), data.c_str(), key.access_key_id.c_str(), key.secret.c_str(), kRegion,
        kDemoBucket, kDemoStream, kDemoDatabase, kDemoBucket, kDemoTable);
}

}  // namespace

Result<int> demo(const DemoArguments& arguments) {
    const fs::path directory = arguments.data;
    TRY(empty_directory(directory));
    TRY_ASSIGN(Csv csv, prepare_csv(arguments, directory));
    std::printf("Transactions: %s, %s bytes, %s\n",
                arguments.csv.empty() ? "generated (--csv FILE takes your own)" : arguments.csv.c_str(),
                with_commas(csv.bytes).c_str(), csv.encoding == Encoding::latin1 ? "Latin-1" : "UTF-8");

    const std::string data = (directory / "server").string();
    TRY_ASSIGN(aws::Key key, aws::Keys(data).create("000000000000", "demo", io::system_clock().now()));
    TRY_ASSIGN(auto server,
               ServerProcess::start({"--data", data, "--listen", "127.0.0.1:0", "--durability", arguments.durability},
                                    (directory / "server.log").string()));
    std::printf("%s\n", server->ready_line().c_str());

    const aws::Credentials credentials{key.access_key_id, key.secret};
    ApiClient api(server->endpoint(), credentials, kRegion);
    TRY(build_pipeline(api, kRegion));
    std::printf("Pipeline: stream %s -> Firehose %s -> s3://%s/orders/dt=.../*.parquet -> table %s.%s\n", kDemoStream,
                kDemoDelivery, kDemoBucket, kDemoDatabase, kDemoTable);
    std::fflush(stdout);

    ProducerOptions options;
    options.endpoint = server->endpoint();
    options.credentials = credentials;
    options.name = kDemoStream;
    options.connections = arguments.connections;
    TRY_ASSIGN(std::unique_ptr<Input> input, open_input(csv.path));
    CsvOptions columns = retail_options();
    columns.encoding = csv.encoding;
    TRY_ASSIGN(std::unique_ptr<RecordSource> source, make_csv_source(std::move(input), columns));
    Progress progress("Sending");
    TRY_ASSIGN(ProducerReport sent, produce(options, *source, [&](uint64_t records, double fraction) {
                   progress.update(records, fraction);
               }));
    progress.finish(sent.records);
    const double sent_s = progress.seconds();
    TRY_ASSIGN(uint64_t arrived, wait_for_delivery(api, sent.records, kPatienceS));
    const double landed_s = progress.seconds();
    TRY_ASSIGN(Landed parquet, landed(api, "orders/"));
    TRY_ASSIGN(Landed errors, landed(api, "errors/"));
    std::printf(
        "%s records acknowledged on disk in %.1f s (%s records/s, %.1f MB/s, signed); all in Parquet after %.1f s\n",
        with_commas(sent.records).c_str(), sent_s,
        with_commas(static_cast<uint64_t>(static_cast<double>(sent.records) / sent_s)).c_str(),
        static_cast<double>(sent.bytes) / sent_s / 1e6, landed_s);
    std::printf("Lake: %llu Parquet objects, %s bytes, as s3://%s/%s; server %llu MB resident\n",
                static_cast<unsigned long long>(parquet.objects), with_commas(parquet.bytes).c_str(), kDemoBucket,
                parquet.example.c_str(), static_cast<unsigned long long>(server->resident_bytes() >> 20));
    bool good = true;
    if (arrived != sent.records && sent.retried == 0) {
        std::printf("DIFFERS: %s rows in the table for %s records sent\n", with_commas(arrived).c_str(),
                    with_commas(sent.records).c_str());
        good = false;
    }
    if (errors.objects > 0) {
        std::printf("DIFFERS: records that could not be converted lie under s3://%s/errors/\n", kDemoBucket);
        good = false;
    }

    TRY_ASSIGN(query::PlainSql reference, query::PlainSql::open());
    TRY(open_reference(reference, csv));
    for (const Question& question : questions()) {
        TRY_ASSIGN(bool equal, ask_both(question, api, reference));
        good = good && equal;
        std::fflush(stdout);
    }
    std::printf("\n%s\n", good ? "Every figure agrees with DuckDB reading the CSV directly."
                               : "SOME FIGURES DIFFER from DuckDB reading the CSV directly: see above.");
    print_how_to_go_on(arguments, key);
    if (arguments.keep) {
        std::printf("\nThe server stays at %s until Ctrl-C.\n", server->endpoint().url().c_str());
        std::fflush(stdout);
        sigset_t ending;
        sigemptyset(&ending);
        sigaddset(&ending, SIGINT);
        sigaddset(&ending, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &ending, nullptr);
        int signal = 0;
        sigwait(&ending, &signal);
    }
    TRY(server->stop());
    return good ? 0 : 1;
}

}  // namespace millrace::cli
