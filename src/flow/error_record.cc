#include "src/flow/error_record.h"

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/flow/processing/processing.h"

namespace millrace::flow {

namespace {

// A message may quote the record; JSON must stay valid text whatever bytes that has.
std::string ascii(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    return out;
}

}  // namespace

std::string error_line(const Processed& failed, TimestampMs attempt_ended) {
    namespace json = boost::json;
    json::object line{
        {"attemptsMade", failed.attempts},
        {"arrivalTimestamp", failed.arrival.time.value()},
        {"errorCode", failed.failure.code},
        {"errorMessage", ascii(failed.failure.message)},
        {"attemptEndingTimestamp", attempt_ended.value()},
        {"rawData", base64_encode(failed.arrival.data)},
    };
    if (!failed.function_arn.empty()) line["lambdaArn"] = failed.function_arn;
    return json::serialize(line) + "\n";
}

std::string error_line(const FailedRecord& record, const Conversion& conversion, const Scope& scope) {
    namespace json = boost::json;
    const auto or_default = [](const std::string& value, const std::string& fallback) {
        return value.empty() ? fallback : value;
    };
    const json::object line{
        {"attemptsMade", 1},
        {"arrivalTimestamp", record.arrival.value()},
        {"lastErrorCode", record.code},
        {"lastErrorMessage", ascii(record.message)},
        {"attemptEndingTimestamp", record.attempt_ended.value()},
        {"rawData", base64_encode(record.data)},
        {"sequenceNumber", std::to_string(record.position.value())},
        {"subSequenceNumber", nullptr},
        {"dataCatalogTable",
         {
             {"catalogId", or_default(conversion.catalog_id, scope.account)},
             {"databaseName", conversion.database},
             {"tableName", conversion.table},
             {"region", or_default(conversion.region, scope.region)},
             {"versionId", conversion.version_id},
             {"roleArn", conversion.role_arn},
         }},
    };
    return json::serialize(line) + "\n";
}

}  // namespace millrace::flow
