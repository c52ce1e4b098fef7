#include "src/cli/demo/pipeline.h"

#include <charconv>
#include <chrono>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace millrace::cli {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(50);
// Firehose's buffering: an object a few seconds, so that the end of the file does not wait for a full one.
constexpr const char* kBufferSeconds = "3";
constexpr const char* kBufferMegabytes = "128";

Result<boost::json::value> parse(const std::string& text) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    if (error) return {ErrorCode::corruption, "an answer is not JSON: " + text.substr(0, 200)};
    return value;
}

// The string at a path of members ("StreamDescriptionSummary", "StreamARN"); "" where there is none.
std::string text_at(const boost::json::value& value, std::initializer_list<const char*> path) {
    const boost::json::value* at = &value;
    for (const char* name : path) {
        if (!at->is_object()) return {};
        at = at->as_object().if_contains(name);
        if (at == nullptr) return {};
    }
    return at->is_string() ? std::string(at->as_string()) : std::string();
}

Result<std::string> create_stream(ApiClient& api) {
    const std::string name = std::string("{\"StreamName\":\"") + kDemoStream + "\"";
    TRY(api.must(kKinesis, "CreateStream", name + ",\"ShardCount\":4}"));
    while (true) {
        TRY_ASSIGN(std::string text, api.must(kKinesis, "DescribeStreamSummary", name + "}"));
        TRY_ASSIGN(boost::json::value answer, parse(text));
        if (text_at(answer, {"StreamDescriptionSummary", "StreamStatus"}) == "ACTIVE") {
            return text_at(answer, {"StreamDescriptionSummary", "StreamARN"});
        }
        std::this_thread::sleep_for(kPoll);
    }
}

Status create_table(ApiClient& api) {
    TRY(api.must(kGlue, "CreateDatabase", std::string("{\"DatabaseInput\":{\"Name\":\"") + kDemoDatabase + "\"}}"));
    // Money is decimal: sums of doubles depend on their order, and these figures are compared to the digit.
    const std::string table =
        std::string("{\"DatabaseName\":\"") + kDemoDatabase + "\",\"TableInput\":{\"Name\":\"" + kDemoTable +
        "\",\"TableType\":\"EXTERNAL_TABLE\",\"Parameters\":{\"classification\":\"parquet\"},"
        "\"PartitionKeys\":[{\"Name\":\"dt\",\"Type\":\"string\"}],"
        "\"StorageDescriptor\":{\"Location\":\"s3://" +
        kDemoBucket +
        "/orders/\",\"InputFormat\":\"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat\","
        "\"OutputFormat\":\"org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat\","
        "\"SerdeInfo\":{\"SerializationLibrary\":"
        "\"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe\"},"
        "\"Columns\":[{\"Name\":\"invoiceno\",\"Type\":\"string\"},"
        "{\"Name\":\"stockcode\",\"Type\":\"string\"},"
        "{\"Name\":\"description\",\"Type\":\"string\"},"
        "{\"Name\":\"quantity\",\"Type\":\"int\"},"
        "{\"Name\":\"invoicedate\",\"Type\":\"timestamp\"},"
        "{\"Name\":\"unitprice\",\"Type\":\"decimal(12,3)\"},"
        "{\"Name\":\"customerid\",\"Type\":\"string\"},"
        "{\"Name\":\"country\",\"Type\":\"string\"}]}}}";
    TRY(api.must(kGlue, "CreateTable", table));
    return {};
}

Status create_delivery(ApiClient& api, const std::string& stream_arn, const std::string& region) {
    const std::string role = "\"RoleARN\":\"arn:aws:iam::000000000000:role/millrace-demo\"";
    const std::string body =
        std::string("{\"DeliveryStreamName\":\"") + kDemoDelivery +
        "\",\"DeliveryStreamType\":\"KinesisStreamAsSource\",\"KinesisStreamSourceConfiguration\":{"
        "\"KinesisStreamARN\":\"" +
        stream_arn + "\"," + role + "},\"ExtendedS3DestinationConfiguration\":{" + role +
        ",\"BucketARN\":\"arn:aws:s3:::" + kDemoBucket +
        "\",\"Prefix\":\"orders/dt=!{timestamp:yyyy-MM-dd}/\","
        "\"ErrorOutputPrefix\":\"errors/!{firehose:error-output-type}/\","
        "\"BufferingHints\":{\"SizeInMBs\":" +
        kBufferMegabytes + ",\"IntervalInSeconds\":" + kBufferSeconds +
        "},\"DataFormatConversionConfiguration\":{\"Enabled\":true,"
        "\"InputFormatConfiguration\":{\"Deserializer\":{\"OpenXJsonSerDe\":{}}},"
        "\"OutputFormatConfiguration\":{\"Serializer\":{\"ParquetSerDe\":{\"Compression\":\"SNAPPY\"}}},"
        "\"SchemaConfiguration\":{\"DatabaseName\":\"" +
        kDemoDatabase + "\",\"TableName\":\"" + kDemoTable + "\",\"Region\":\"" + region + "\"," + role + "}}}}";
    TRY(api.must(kFirehose, "CreateDeliveryStream", body));
    const std::string name = std::string("{\"DeliveryStreamName\":\"") + kDemoDelivery + "\"}";
    while (true) {
        TRY_ASSIGN(std::string text, api.must(kFirehose, "DescribeDeliveryStream", name));
        TRY_ASSIGN(boost::json::value answer, parse(text));
        const std::string status = text_at(answer, {"DeliveryStreamDescription", "DeliveryStreamStatus"});
        if (status == "ACTIVE") return {};
        if (status != "CREATING") return {ErrorCode::failed_precondition, "the delivery stream is " + status};
        std::this_thread::sleep_for(kPoll);
    }
}

Status wait_for_query(ApiClient& api, const std::string& id_body) {
    while (true) {
        TRY_ASSIGN(std::string text, api.must(kAthena, "GetQueryExecution", id_body));
        TRY_ASSIGN(boost::json::value answer, parse(text));
        const std::string state = text_at(answer, {"QueryExecution", "Status", "State"});
        if (state == "SUCCEEDED") return {};
        if (state == "FAILED" || state == "CANCELLED") {
            return {ErrorCode::failed_precondition,
                    "the query " + state + ": " + text_at(answer, {"QueryExecution", "Status", "StateChangeReason"})};
        }
        std::this_thread::sleep_for(kPoll);
    }
}

// Between <name> and </name>, from `at` on; moves `at` behind it. False where there is none.
bool next_element(const std::string& xml, const std::string& name, size_t& at, std::string& content) {
    const size_t begin = xml.find("<" + name + ">", at);
    if (begin == std::string::npos) return false;
    const size_t from = begin + name.size() + 2;
    const size_t end = xml.find("</" + name + ">", from);
    if (end == std::string::npos) return false;
    content = xml.substr(from, end - from);
    at = end;
    return true;
}

}  // namespace

Status build_pipeline(ApiClient& api, const std::string& region) {
    TRY_ASSIGN(std::string stream_arn, create_stream(api));
    TRY(api.must_s3("PUT", std::string("/") + kDemoBucket, "", ""));
    TRY(create_table(api));
    return create_delivery(api, stream_arn, region);
}

Result<Rows> ask_athena(ApiClient& api, const std::string& sql) {
    TRY_ASSIGN(std::string started,
               api.must(kAthena, "StartQueryExecution",
                        "{\"QueryString\":" + json_quoted(sql) + ",\"QueryExecutionContext\":{\"Database\":\"" +
                            kDemoDatabase + "\"},\"ResultConfiguration\":{\"OutputLocation\":\"s3://" + kDemoBucket +
                            "/results/\"}}"));
    TRY_ASSIGN(boost::json::value start, parse(started));
    const std::string id = "\"QueryExecutionId\":" + json_quoted(text_at(start, {"QueryExecutionId"}));
    Status done = wait_for_query(api, "{" + id + "}");
    if (!done.ok()) return with_context(std::move(done).error(), sql);
    Rows rows;
    std::string page;
    do {
        TRY_ASSIGN(std::string text, api.must(kAthena, "GetQueryResults", "{" + id + page + "}"));
        TRY_ASSIGN(boost::json::value answer, parse(text));
        for (const boost::json::value& row : answer.at("ResultSet").at("Rows").as_array()) {
            std::vector<std::optional<std::string>> values;
            for (const boost::json::value& cell : row.at("Data").as_array()) {
                const boost::json::value* value = cell.as_object().if_contains("VarCharValue");
                values.push_back(value ? std::optional<std::string>(value->as_string()) : std::nullopt);
            }
            rows.push_back(std::move(values));
        }
        const std::string next = text_at(answer, {"NextToken"});
        page = next.empty() ? "" : ",\"NextToken\":" + json_quoted(next);
    } while (!page.empty());
    const bool select = sql.starts_with("SELECT");
    if (select && !rows.empty()) rows.erase(rows.begin());  // the header
    return rows;
}

Result<uint64_t> wait_for_delivery(ApiClient& api, uint64_t records, uint32_t patience_s) {
    const std::string count_sql = std::string("SELECT count(*) FROM ") + kDemoTable;
    auto moved = std::chrono::steady_clock::now();
    uint64_t seen = 0;
    while (true) {
        // A listing is cheap; the table is asked when something new has landed.
        TRY_ASSIGN(Landed there, landed(api, "orders/"));
        uint64_t count = 0;
        if (there.objects > 0) {
            TRY(ask_athena(api, std::string("MSCK REPAIR TABLE ") + kDemoTable));
            TRY_ASSIGN(Rows rows, ask_athena(api, count_sql));
            const std::string text = rows.empty() || rows[0].empty() ? "" : rows[0][0].value_or("");
            std::from_chars(text.data(), text.data() + text.size(), count);
        }
        if (count >= records) return count;
        const auto now = std::chrono::steady_clock::now();
        if (count > seen) {
            seen = count;
            moved = now;
        }
        if (now - moved > std::chrono::seconds(patience_s)) {
            return {ErrorCode::deadline_exceeded, "only " + std::to_string(count) + " of " + std::to_string(records) +
                                                      " records have landed, and no more for " +
                                                      std::to_string(patience_s) + " s"};
        }
        std::this_thread::sleep_for(kPoll * 4);
    }
}

Result<Landed> landed(ApiClient& api, const std::string& prefix) {
    std::string encoded;
    for (char c : prefix) encoded += c == '/' ? std::string("%2F") : std::string(1, c);
    Landed result;
    TRY_ASSIGN(std::string xml,
               api.must_s3("GET", std::string("/") + kDemoBucket, "list-type=2&prefix=" + encoded, ""));
    size_t at = 0;
    std::string entry;
    while (next_element(xml, "Contents", at, entry)) {
        size_t inside = 0;
        std::string size;
        ++result.objects;
        if (next_element(entry, "Key", inside, result.example) && next_element(entry, "Size", inside, size)) {
            uint64_t bytes = 0;
            std::from_chars(size.data(), size.data() + size.size(), bytes);
            result.bytes += bytes;
        }
    }
    return result;
}

}  // namespace millrace::cli
