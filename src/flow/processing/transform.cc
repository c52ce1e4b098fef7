#include "src/flow/processing/transform.h"

#include <unordered_map>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/catalog/sequence_number.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr std::string_view missing_id =
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.";
constexpr std::string_view twice_id =
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns unique record Ids "
    "for each record.";
constexpr std::string_view failed_status = "ProcessingFailed status set for record";
constexpr std::string_view not_understood =
    "There was an error parsing the response from the Lambda function. Ensure that the response is JSON with a list "
    "\"records\", each with recordId, result and data.";

Transformed failed(std::string_view code, std::string_view message) {
    Transformed out;
    out.failure = {std::string(code), std::string(message)};
    return out;
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found && found->is_string() ? json::value_to<std::string>(*found) : std::string();
}

PartitionKeys keys_at(const json::object& record) {
    PartitionKeys keys;
    const json::value* metadata = record.if_contains("metadata");
    const json::object* object = metadata ? metadata->if_object() : nullptr;
    const json::value* found = object ? object->if_contains("partitionKeys") : nullptr;
    if (!found || !found->is_object()) return keys;
    for (const auto& [name, value] : found->as_object()) {
        if (value.is_null()) continue;
        keys[std::string(name)] = value.is_string() ? json::value_to<std::string>(value) : json::serialize(value);
    }
    return keys;
}

Transformed read_one(const json::object& record) {
    const std::string result = text_at(record, "result");
    Transformed out;
    if (result == "Dropped") {
        out.result = Transformed::Result::dropped;
        return out;
    }
    if (result == "ProcessingFailed") return failed("Lambda.ProcessingFailedStatus", failed_status);
    if (result != "Ok") return failed("Lambda.JsonProcessingException", not_understood);
    const json::value* data = record.if_contains("data");
    if (!data || !data->is_string()) return failed("Lambda.JsonProcessingException", not_understood);
    if (!base64_decode(json::value_to<std::string>(*data), &out.data)) {
        return failed("Lambda.FunctionError", "The data of the record is not base64.");
    }
    out.result = Transformed::Result::ok;
    out.keys = keys_at(record);
    return out;
}

}  // namespace

std::string record_id(const Arrival& arrival) {
    std::string part = std::to_string(arrival.part);
    return catalog::sequence_number(arrival.position.value()) + std::string(6 - std::min<size_t>(part.size(), 6), '0') +
           part;
}

size_t event_record_bytes(const TransformSource& source, std::string_view partition_key) {
    // A character of a key is six bytes of JSON at most, "\u0001".
    return source.stream_arn.empty() ? 160 : 480 + 6 * partition_key.size();
}

std::string transform_event(const TransformSource& source, std::string_view invocation_id,
                            std::span<const Arrival> arrivals) {
    size_t bytes = 300;
    for (const Arrival& arrival : arrivals) bytes += arrival.data.size() * 4 / 3 + 500;
    std::string out;
    out.reserve(bytes);
    const auto text = [&out](std::string_view value) { out += json::serialize(json::string(value)); };
    out += R"({"invocationId":)";
    text(invocation_id);
    out += R"(,"deliveryStreamArn":)";
    text(source.delivery_arn);
    if (!source.stream_arn.empty()) {
        out += R"(,"sourceKinesisStreamArn":)";
        text(source.stream_arn);
    }
    out += R"(,"region":)";
    text(source.scope.region);
    out += R"(,"records":[)";
    for (const Arrival& arrival : arrivals) {
        if (&arrival != arrivals.data()) out += ',';
        const std::string time = std::to_string(arrival.time.value());
        out += R"({"recordId":")" + record_id(arrival) + R"(","approximateArrivalTimestamp":)" + time;
        if (!source.stream_arn.empty()) {
            out +=
                R"(,"kinesisRecordMetadata":{"sequenceNumber":")" + catalog::sequence_number(arrival.position.value());
            out += R"(","subsequenceNumber":)" + std::to_string(arrival.part) + R"(,"partitionKey":)";
            text(arrival.partition_key);
            out += R"(,"shardId":)";
            text(arrival.shard_id);
            out += R"(,"approximateArrivalTimestamp":)" + time + "}";
        }
        out += R"(,"data":")";
        out += base64_encode(arrival.data);
        out += "\"}";
    }
    out += "]}";
    return out;
}

std::vector<Transformed> read_transform_answer(std::string_view text, std::span<const Arrival> arrivals) {
    std::vector<Transformed> out(arrivals.size(), failed("Lambda.MissingRecordId", missing_id));
    boost::system::error_code broken;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), broken);
    const json::object* object = broken ? nullptr : parsed.if_object();
    const json::value* records = object ? object->if_contains("records") : nullptr;
    if (!records || !records->is_array()) {
        for (Transformed& each : out) each = failed("Lambda.JsonProcessingException", not_understood);
        return out;
    }
    std::unordered_map<std::string, size_t> index;
    for (size_t i = 0; i < arrivals.size(); ++i) index[record_id(arrivals[i])] = i;
    std::vector<bool> seen(arrivals.size(), false);
    for (const json::value& value : records->as_array()) {
        const json::object* record = value.if_object();
        const auto found = record ? index.find(text_at(*record, "recordId")) : index.end();
        if (found == index.end()) continue;
        const size_t at = found->second;
        out[at] = seen[at] ? failed("Lambda.DuplicatedRecordId", twice_id) : read_one(*record);
        seen[at] = true;
    }
    return out;
}

}  // namespace millrace::flow
