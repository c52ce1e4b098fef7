#include <cstdio>
#include <cstdlib>

#include "src/aws/keys.h"
#include "src/cli/commands.h"
#include "src/cli/produce/producer.h"
#include "src/cli/produce/progress.h"
#include "src/cli/produce/retail_generator.h"

namespace millrace::cli {

Result<aws::Credentials> credentials_for(const std::string& data) {
    if (!data.empty()) {
        TRY_ASSIGN(std::vector<aws::Key> keys, aws::Keys(data).list());
        if (keys.empty()) return {ErrorCode::not_found, "there are no keys in " + data};
        return aws::Credentials{keys.back().access_key_id, keys.back().secret};
    }
    const char* id = std::getenv("AWS_ACCESS_KEY_ID");
    const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
    if (id != nullptr && secret != nullptr) return aws::Credentials{id, secret};
    return aws::Credentials{};
}

namespace {

Result<CsvOptions> csv_options(const ProduceArguments& arguments) {
    CsvOptions options;
    if (arguments.preset == "retail" || !arguments.generate.empty()) options = retail_options();
    for (const std::string& name : arguments.numbers) options.numbers.push_back(name);
    for (const std::string& time : arguments.times) {
        size_t equals = time.find('=');
        if (equals == std::string::npos) {
            return {ErrorCode::invalid_argument, "--time takes COLUMN=FORMAT, not \"" + time + "\""};
        }
        options.times.emplace_back(time.substr(0, equals), time.substr(equals + 1));
    }
    if (!arguments.partition_key.empty()) options.partition_key = arguments.partition_key;
    return options;
}

Result<std::unique_ptr<RecordSource>> open_source(const ProduceArguments& arguments) {
    if (arguments.input.empty() == arguments.generate.empty()) {
        return {ErrorCode::invalid_argument, "give a file (or -), or --generate retail"};
    }
    TRY_ASSIGN(CsvOptions options, csv_options(arguments));
    if (!arguments.generate.empty()) {
        return make_csv_source(make_retail_input(arguments.records ? arguments.records : kRetailRows), options);
    }
    std::string name = arguments.input;
    if (name.ends_with(".zst")) name.resize(name.size() - 4);
    std::string format = arguments.format;
    if (format.empty() && name.ends_with(".csv")) format = "csv";
    if (format.empty() && (name.ends_with(".ndjson") || name.ends_with(".jsonl"))) format = "ndjson";
    if (format.empty()) {
        return {ErrorCode::invalid_argument, "the name does not say what it holds: give --format csv or ndjson"};
    }
    TRY_ASSIGN(std::unique_ptr<Input> input, open_input(arguments.input));
    if (format == "csv") return make_csv_source(std::move(input), options);
    return make_ndjson_source(std::move(input), arguments.partition_key);
}

}  // namespace

Result<int> produce_command(const ProduceArguments& arguments) {
    if (arguments.stream.empty() == arguments.delivery_stream.empty()) {
        return {ErrorCode::invalid_argument, "give --stream or --delivery-stream"};
    }
    ProducerOptions options;
    TRY_ASSIGN(options.endpoint, parse_endpoint(arguments.endpoint));
    TRY_ASSIGN(options.credentials, credentials_for(arguments.data));
    options.region = arguments.region;
    options.destination = arguments.stream.empty() ? Destination::delivery_stream : Destination::kinesis_stream;
    options.name = arguments.stream.empty() ? arguments.delivery_stream : arguments.stream;
    options.connections = arguments.connections;
    options.records_per_request_max = arguments.batch;
    options.records_per_s = arguments.rate;
    TRY_ASSIGN(std::unique_ptr<RecordSource> source, open_source(arguments));
    Progress progress("sending to " + options.name);
    TRY_ASSIGN(ProducerReport report, produce(options, *source, [&](uint64_t records, double fraction) {
                   progress.update(records, fraction);
               }));
    progress.finish(report.records);
    std::printf("%llu records, %llu bytes, %llu requests, %llu records sent again\n",
                static_cast<unsigned long long>(report.records), static_cast<unsigned long long>(report.bytes),
                static_cast<unsigned long long>(report.requests), static_cast<unsigned long long>(report.retried));
    return 0;
}

}  // namespace millrace::cli
