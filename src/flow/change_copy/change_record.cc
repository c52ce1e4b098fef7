#include "src/flow/change_copy/change_record.h"

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/table/change_names.h"
#include "src/table/value/item_json.h"

namespace millrace::flow {
namespace {

// A UUID's form, the same for the same change however often it is copied: consumers tell repeats by it.
std::string event_id(const table::Change& change, const table::TableDefinition& table) {
    std::string hex = hex_encode(md5(table.uuid + "/" + std::to_string(change.sequence.value())));
    for (const size_t at : {8, 13, 18, 23}) hex.insert(at, 1, '-');
    return hex;
}

}  // namespace

Result<std::string> change_record(const table::Change& change, const table::TableDefinition& table, bool microseconds) {
    std::string out = R"({"awsRegion":")" + table.scope.region + R"(","eventID":")" + event_id(change, table) +
                      R"(","eventName":")" + std::string(table::event_name(change.kind)) + R"(","userIdentity":)";
    out += change.by_ttl ? R"({"principalId":"dynamodb.amazonaws.com","type":"Service"})" : "null";
    out += R"(,"recordFormat":"application/json","tableName":")" + table.name +
           R"(","dynamodb":{"ApproximateCreationDateTime":)" +
           std::to_string(change.time.value() * (microseconds ? 1000 : 1)) + R"(,"Keys":)";
    table::append_json(change.keys, &out);
    if (change.new_image) {
        out += R"(,"NewImage":)";
        TRY(table::append_json_of_encoded(change.new_image->bytes(), &out));
    }
    if (change.old_image) {
        out += R"(,"OldImage":)";
        TRY(table::append_json_of_encoded(change.old_image->bytes(), &out));
    }
    out += R"(,"SizeBytes":)" + std::to_string(change.bytes) + R"(,"ApproximateCreationDateTimePrecision":")" +
           (microseconds ? "MICROSECOND" : "MILLISECOND") + R"("},"eventSource":"aws:dynamodb"})";
    return out;
}

std::string change_partition_key(const table::Change& change) {
    std::string key;
    table::append_json(change.keys, &key);
    std::string hex = hex_encode(md5(key));
    for (char& digit : hex) digit = digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    return hex;
}

}  // namespace millrace::flow
