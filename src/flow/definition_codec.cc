// Definitions as the Registry keeps them: JSON, versioned by "format". Members are added, never given another meaning.
#include <boost/json.hpp>

#include "src/flow/definition.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

json::object strings(const std::map<std::string, std::string>& map) {
    json::object out;
    for (const auto& [key, value] : map) out[key] = value;
    return out;
}

std::map<std::string, std::string> strings(const json::object& object, std::string_view name) {
    std::map<std::string, std::string> out;
    if (const json::value* found = object.if_contains(name)) {
        for (const auto& [key, value] : found->as_object()) out[key] = json::value_to<std::string>(value);
    }
    return out;
}

void put_optional(json::object& object, std::string_view name, const std::optional<std::string>& value) {
    if (value) object[name] = *value;
}

// The member's value, or what `out` holds where it is absent.
template <class T>
void get(const json::object& object, std::string_view name, T* out) {
    if (const json::value* found = object.if_contains(name)) *out = json::value_to<T>(*found);
}
template <class T>
void get(const json::object& object, std::string_view name, std::optional<T>* out) {
    if (const json::value* found = object.if_contains(name)) *out = json::value_to<T>(*found);
}
void get(const json::object& object, std::string_view name, TimestampMs* out) {
    int64_t ms = 0;
    get(object, name, &ms);
    *out = TimestampMs(ms);
}

json::object encode(const Conversion& conversion) {
    json::array formats;
    for (const std::string& format : conversion.timestamp_formats) formats.emplace_back(format);
    json::object out{
        {"enabled", conversion.enabled},
        {"role_arn", conversion.role_arn},
        {"catalog_id", conversion.catalog_id},
        {"database", conversion.database},
        {"table", conversion.table},
        {"region", conversion.region},
        {"version_id", conversion.version_id},
        {"hive", conversion.deserializer == Conversion::Deserializer::hive},
        {"case_insensitive", conversion.case_insensitive},
        {"dots_to_underscores", conversion.dots_to_underscores},
        {"column_json_keys", strings(conversion.column_json_keys)},
        {"timestamp_formats", std::move(formats)},
        {"compression", name_of(conversion.compression)},
        {"writer_version", conversion.writer_version},
    };
    if (conversion.block_bytes) out["block_bytes"] = *conversion.block_bytes;
    if (conversion.page_bytes) out["page_bytes"] = *conversion.page_bytes;
    if (conversion.max_padding_bytes) out["max_padding_bytes"] = *conversion.max_padding_bytes;
    if (conversion.dictionary) out["dictionary"] = *conversion.dictionary;
    return out;
}

Conversion decode_conversion(const json::object& object) {
    Conversion out;
    get(object, "enabled", &out.enabled);
    get(object, "role_arn", &out.role_arn);
    get(object, "catalog_id", &out.catalog_id);
    get(object, "database", &out.database);
    get(object, "table", &out.table);
    get(object, "region", &out.region);
    get(object, "version_id", &out.version_id);
    bool hive = false;
    get(object, "hive", &hive);
    if (hive) out.deserializer = Conversion::Deserializer::hive;
    get(object, "case_insensitive", &out.case_insensitive);
    get(object, "dots_to_underscores", &out.dots_to_underscores);
    out.column_json_keys = strings(object, "column_json_keys");
    get(object, "timestamp_formats", &out.timestamp_formats);
    std::string compression(name_of(out.compression));
    get(object, "compression", &compression);
    out.compression = parquet_compression_of(compression).value();
    get(object, "writer_version", &out.writer_version);
    get(object, "block_bytes", &out.block_bytes);
    get(object, "page_bytes", &out.page_bytes);
    get(object, "max_padding_bytes", &out.max_padding_bytes);
    get(object, "dictionary", &out.dictionary);
    return out;
}

json::object encode(const Destination& destination) {
    json::object out{
        {"id", destination.id},
        {"extended", destination.extended},
        {"role_arn", destination.role_arn},
        {"bucket_arn", destination.bucket_arn},
        {"size_mb", destination.size_mb},
        {"interval_s", destination.interval_s},
        {"compression", name_of(destination.compression)},
        {"file_extension", destination.file_extension},
        {"time_zone", destination.time_zone},
        {"processing_enabled", destination.processing_enabled},
        {"processing_given", destination.processing_given},
    };
    put_optional(out, "prefix", destination.prefix);
    put_optional(out, "error_prefix", destination.error_prefix);
    json::array processors;
    for (const Processor& processor : destination.processors) {
        json::array parameters;
        for (const auto& [name, value] : processor.parameters) parameters.push_back({name, value});
        processors.push_back({{"type", processor.type}, {"parameters", std::move(parameters)}});
    }
    out["processors"] = std::move(processors);
    out["partitioning"] = destination.partitioning;
    if (destination.partitioning_retry_s) out["partitioning_retry_s"] = *destination.partitioning_retry_s;
    if (destination.conversion) out["conversion"] = encode(*destination.conversion);
    return out;
}

Destination decode_destination(const json::object& object) {
    Destination out;
    get(object, "id", &out.id);
    get(object, "extended", &out.extended);
    get(object, "role_arn", &out.role_arn);
    get(object, "bucket_arn", &out.bucket_arn);
    get(object, "size_mb", &out.size_mb);
    get(object, "interval_s", &out.interval_s);
    std::string compression(name_of(out.compression));
    get(object, "compression", &compression);
    out.compression = compression_of(compression).value();
    get(object, "file_extension", &out.file_extension);
    get(object, "time_zone", &out.time_zone);
    get(object, "processing_enabled", &out.processing_enabled);
    get(object, "processing_given", &out.processing_given);
    get(object, "prefix", &out.prefix);
    get(object, "error_prefix", &out.error_prefix);
    // Before there were other processors.
    std::optional<std::string> delimiter;
    get(object, "append_delimiter", &delimiter);
    if (delimiter) {
        Processor append{"AppendDelimiterToRecord", {}};
        if (!delimiter->empty()) append.parameters.emplace_back("Delimiter", *delimiter);
        out.processors.push_back(std::move(append));
    }
    if (const json::value* found = object.if_contains("processors")) {
        for (const json::value& value : found->as_array()) {
            const json::object& processor = value.as_object();
            Processor decoded{json::value_to<std::string>(processor.at("type")), {}};
            for (const json::value& pair : processor.at("parameters").as_array()) {
                decoded.parameters.emplace_back(json::value_to<std::string>(pair.as_array().at(0)),
                                                json::value_to<std::string>(pair.as_array().at(1)));
            }
            out.processors.push_back(std::move(decoded));
        }
    }
    get(object, "partitioning", &out.partitioning);
    get(object, "partitioning_retry_s", &out.partitioning_retry_s);
    if (const json::value* found = object.if_contains("conversion")) {
        out.conversion = decode_conversion(found->as_object());
    }
    return out;
}

}  // namespace

std::string encode(const Definition& definition) {
    return json::serialize(json::object{
        {"format", format_version},
        {"name", definition.name},
        {"id", definition.id},
        {"source", definition.source == Source::kinesis ? "kinesis" : "direct_put"},
        {"log_key", definition.log_key},
        {"throughput_hint_mb", definition.throughput_hint_mb},
        {"kinesis_arn", definition.kinesis_arn},
        {"kinesis_role_arn", definition.kinesis_role_arn},
        {"delivery_start", definition.delivery_start.value()},
        {"destination", encode(definition.destination)},
        {"version", definition.version},
        {"created", definition.created.value()},
        {"updated", definition.updated.value()},
        {"tags", strings(definition.tags)},
        {"deleting", definition.deleting},
    });
}

Result<Definition> decode(const Scope& scope, std::string_view text) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        const json::object& object = parsed.as_object();
        if (object.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::corruption, "a delivery stream's definition is of a format that we do not know"};
        }
        Definition out;
        out.scope = scope;
        get(object, "name", &out.name);
        get(object, "id", &out.id);
        if (object.at("source").as_string() == "kinesis") out.source = Source::kinesis;
        get(object, "log_key", &out.log_key);
        get(object, "throughput_hint_mb", &out.throughput_hint_mb);
        get(object, "kinesis_arn", &out.kinesis_arn);
        get(object, "kinesis_role_arn", &out.kinesis_role_arn);
        get(object, "delivery_start", &out.delivery_start);
        out.destination = decode_destination(object.at("destination").as_object());
        get(object, "version", &out.version);
        get(object, "created", &out.created);
        get(object, "updated", &out.updated);
        out.tags = strings(object, "tags");
        get(object, "deleting", &out.deleting);
        return out;
    } catch (const std::exception& broken) {
        return Error{ErrorCode::corruption, std::string("a delivery stream's definition: ") + broken.what()};
    }
}

}  // namespace millrace::flow
