// What the generator writes about each shape of a service's model: plain tables with type-erased access to the
// generated structs, so that one codec per protocol, one validator and one router serve every service.
//
// The C++ type follows from the kind: boolean bool, integer int32_t, long_integer int64_t, single float, real double,
// string and blob and document (its JSON text) std::string, timestamp TimestampMs, list std::vector<T>,
// map std::map<std::string, T>, structure the generated struct. A member of a structure is the T itself where the
// model requires it, else std::optional<T> (Boxed<T> where the type is recursive).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/boxed.h"
#include "src/base/named.h"

namespace millrace::aws {

enum class Kind : uint8_t {
    boolean,
    integer,
    long_integer,
    single,
    real,
    string,
    blob,
    timestamp,
    list,
    map,
    structure,
    document
};

// Where restJson and restXml put a member.
enum class Location : uint8_t { body, header, prefix_headers, uri, query, status };

enum class TimestampFormat : uint8_t { by_protocol, epoch_seconds, iso8601, http_date };

// Patterns that AWS uses everywhere and that mean "text": told apart by the generator, matched by hand.
enum class Pattern : uint8_t { none, regex, single_line_text, multi_line_text };

// Reaches the value of a struct's field, whatever wraps it.
struct Slot {
    const void* (*get)(const void* field);  // nullptr where absent
    void* (*make)(void* field);             // the value to fill, made where absent
};
struct ListAccess {
    size_t (*size)(const void* list);
    const void* (*at)(const void* list, size_t index);
    void* (*append)(void* list);  // valid until the next append
};
struct MapAccess {
    size_t (*size)(const void* map);
    void (*each)(const void* map, void* context, void (*visit)(void*, const std::string& key, const void* value));
    void* (*insert)(void* map, std::string key);  // the later of two equal keys wins
};

struct Shape;

struct Member {
    std::string_view name;  // the model's
    std::string_view wire;  // in JSON, CBOR and XML, and of headers (lower case), labels and query parameters
    const Shape* shape;
    uint32_t offset;  // of the field in its struct
    const Slot* slot;
    Location location = Location::body;
    TimestampFormat timestamp = TimestampFormat::by_protocol;
    bool required = false;
    bool flattened = false;                 // XML and query: a list or map without its wrapping element
    bool attribute = false;                 // XML
    std::string_view xml_namespace;         // the URI to declare on the element
    std::string_view xml_namespace_prefix;  // "xsi"

    const void* get(const void* structure) const { return slot->get(static_cast<const char*>(structure) + offset); }
    void* make(void* structure) const { return slot->make(static_cast<char*>(structure) + offset); }
};

struct Shape {
    std::string_view name;
    Kind kind;
    // Constraints: of a string its length, of a blob its bytes, of a list or map its entries, of a number its value.
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    Pattern pattern = Pattern::none;
    std::string_view pattern_text;        // as messages show it
    std::string_view pattern_over_bytes;  // as the matcher takes it
    std::span<const std::string_view> enum_values;
    TimestampFormat timestamp = TimestampFormat::by_protocol;
    bool sensitive = false;  // values never go to logs or messages

    std::span<const Member> members = {};  // structure; in the model's order
    bool is_union = false;
    const Member* payload = nullptr;  // the member that is the whole HTTP body
    bool payload_streams = false;     // ... as BodyReader or BodySource; the struct has no field for it
    bool streams_events = false;      // an answer whose body is events (event_stream.h), out of its BodySource
    std::string_view xml_name;        // of the root element
    std::string_view xml_namespace;

    const Shape* element = nullptr;  // list element or map value
    const Shape* key = nullptr;      // map
    std::string_view element_wire;   // XML name of list elements ("member") or map values ("value")
    std::string_view key_wire;       // XML name of map keys ("key")
    bool flattened = false;
    const ListAccess* list = nullptr;
    const MapAccess* map = nullptr;
};

struct ErrorModel {
    std::string_view name;  // the model's shape: "ResourceNotFoundException"
    // Where it differs from the name: on the wire of query and restXml, and in x-amzn-query-error of services that
    // once spoke query (awsQueryCompatible).
    std::string_view code;
    int status;
    bool server_fault;
};

struct OperationModel {
    std::string_view name;
    std::string_view method;       // "POST"
    std::string_view request_uri;  // "/{Bucket}/{Key+}?uploads"
    int status;                    // of success
    std::string_view result_wrapper;
    const Shape* input;  // nullptr where the operation is not in our table (or has none)
    const Shape* output;
    bool input_streams;      // the request's payload is a stream
    bool checksum_required;  // S3: Content-MD5 or x-amz-checksum-* must come
    // Restful protocols: what a request has to carry to be this operation, by wire name.
    std::span<const std::string_view> required_query;
    std::span<const std::string_view> required_headers;
};

struct ServiceModel {
    std::string_view name;           // our folder and botocore's: "kinesis"
    std::string_view service_id;     // "Kinesis"
    std::string_view signing_name;   // in credential scopes: "kinesis"
    std::string_view target_prefix;  // "Kinesis_20131202"
    std::string_view api_version;    // "2013-12-02": awsQuery's Version
    std::string_view protocol;       // the model's own: "json", "rest-xml"
    std::string_view json_version;
    std::string_view xml_namespace;
    bool query_compatible;
    std::string_view message_member;             // of errors: "message" or "Message"
    std::span<const OperationModel> operations;  // every operation of the model, sorted by name
    std::span<const ErrorModel> errors;          // sorted by name
};

// --- access, instantiated once per C++ type ---

template <class F>
struct SlotOf {
    static const void* get(const void* field) { return field; }
    static void* make(void* field) { return field; }
    static constexpr Slot slot{&get, &make};
};
template <class T>
struct SlotOf<std::optional<T>> {
    static const void* get(const void* field) {
        const auto& value = *static_cast<const std::optional<T>*>(field);
        return value ? &*value : nullptr;
    }
    static void* make(void* field) {
        auto& value = *static_cast<std::optional<T>*>(field);
        if (!value) value.emplace();
        return &*value;
    }
    static constexpr Slot slot{&get, &make};
};
template <class T>
struct SlotOf<Boxed<T>> {
    static const void* get(const void* field) {
        const auto& value = *static_cast<const Boxed<T>*>(field);
        return value ? &*value : nullptr;
    }
    static void* make(void* field) {
        auto& value = *static_cast<Boxed<T>*>(field);
        return value ? &*value : &value.emplace();
    }
    static constexpr Slot slot{&get, &make};
};

template <class T>
struct ListOf {
    using List = std::vector<T>;
    static size_t size(const void* list) { return static_cast<const List*>(list)->size(); }
    static const void* at(const void* list, size_t index) { return &(*static_cast<const List*>(list))[index]; }
    static void* append(void* list) { return &static_cast<List*>(list)->emplace_back(); }
    static constexpr ListAccess access{&size, &at, &append};
};
// std::vector<bool> has no addresses to give; the models have no lists of booleans in what we serve, and the generator
// refuses them.

template <class T>
struct MapOf {
    using Map = std::map<std::string, T>;
    static size_t size(const void* map) { return static_cast<const Map*>(map)->size(); }
    static void each(const void* map, void* context, void (*visit)(void*, const std::string&, const void*)) {
        for (const auto& [key, value] : *static_cast<const Map*>(map)) visit(context, key, &value);
    }
    static void* insert(void* map, std::string key) {
        T& value = (*static_cast<Map*>(map))[std::move(key)];
        value = T{};
        return &value;
    }
    static constexpr MapAccess access{&size, &each, &insert};
};

}  // namespace millrace::aws
