#include "src/flow/error_record.h"

#include <boost/json.hpp>

#include "src/base/base64.h"

namespace millrace::flow {

std::string error_line(const FailedRecord& record, const Conversion& conversion, const Scope& scope) {
    namespace json = boost::json;
    const auto or_default = [](const std::string& value, const std::string& fallback) {
        return value.empty() ? fallback : value;
    };
    // A message may quote the record; JSON must stay valid text whatever bytes that has.
    std::string message;
    for (const char c : record.message) message += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    const json::object line{
        {"attemptsMade", 1},
        {"arrivalTimestamp", record.arrival.value()},
        {"lastErrorCode", record.code},
        {"lastErrorMessage", message},
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
