#include <limits>
#include <set>

#include <boost/json.hpp>

#include "src/source/definition.h"

namespace millrace::source {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

Error wrong(std::string what) {
    return {ErrorCode::invalid_argument, std::move(what)};
}

// Takes members by name, so that what is left over can be refused.
class Members {
  public:
    explicit Members(const json::object& object) : object_(object) {}

    Status text(const char* name, std::string* out) {
        const json::value* found = take(name);
        if (!found) return {};
        if (!found->is_string()) return wrong(std::string(name) + " is a string");
        *out = std::string(found->as_string());
        return {};
    }
    template <class Number>
    Status number(const char* name, Number* out, uint64_t factor = 1) {
        const json::value* found = take(name);
        if (!found) return {};
        boost::system::error_code error;
        const auto value = found->to_number<uint64_t>(error);
        if (error || value > std::numeric_limits<Number>::max() / factor)
            return wrong(std::string(name) + " is a whole number that is not negative and not too large");
        *out = static_cast<Number>(value * factor);
        return {};
    }
    Status headers(const char* name, std::vector<std::pair<std::string, std::string>>* out) {
        const json::value* found = take(name);
        if (!found) return {};
        if (!found->is_object()) return wrong(std::string(name) + " is an object of names and values");
        for (const auto& member : found->as_object()) {
            if (!member.value().is_string()) return wrong("a header's value is a string");
            out->emplace_back(std::string(member.key()), std::string(member.value().as_string()));
        }
        return {};
    }
    Status finish() const {
        for (const auto& member : object_) {
            if (!taken_.contains(std::string(member.key())))
                return wrong("\"" + std::string(member.key()) + "\" is no member of a source");
        }
        return {};
    }

  private:
    const json::value* take(const char* name) {
        taken_.insert(name);
        return object_.if_contains(name);
    }
    const json::object& object_;
    std::set<std::string> taken_;
};

Status read_format(Members& members, Definition* out) {
    std::string text(name_of(out->format));
    TRY(members.text("Format", &text));
    for (const Format format : {Format::json, Format::ndjson, Format::body}) {
        if (text != name_of(format)) continue;
        out->format = format;
        return {};
    }
    return wrong("Format is json, ndjson or body, not \"" + text + "\"");
}

Status read(Members& members, Definition* out) {
    TRY(members.text("Name", &out->name));
    TRY(members.text("Url", &out->url));
    TRY(members.number("EveryMillis", &out->every_ms));
    TRY(members.number("TimeoutMillis", &out->timeout_ms));
    TRY(members.number("BytesMax", &out->bytes_max));
    TRY(members.number("RedirectsMax", &out->redirects_max));
    TRY(members.headers("Headers", &out->headers));
    TRY(read_format(members, out));
    TRY(members.text("Records", &out->records));
    TRY(members.text("Key", &out->key));
    TRY(members.number("RememberSeconds", &out->remember_ms, 1000));
    TRY(members.number("KeysMax", &out->keys_max));
    TRY(members.text("Destination", &out->destination));
    TRY(members.text("EventSource", &out->event_source));
    TRY(members.text("DetailType", &out->detail_type));
    TRY(members.number("RecordsPerEvent", &out->records_per_event));
    return members.text("PartitionKey", &out->partition_key);
}

// "bus:NAME" and its like become ARNs.
std::string arn_of(const std::string& destination, const Scope& scope) {
    static constexpr struct {
        std::string_view word, service, prefix;
    } kinds[] = {{"bus:", "events", "event-bus/"},
                 {"stream:", "kinesis", "stream/"},
                 {"firehose:", "firehose", "deliverystream/"}};
    for (const auto& kind : kinds) {
        if (!destination.starts_with(kind.word)) continue;
        return "arn:aws:" + std::string(kind.service) + ":" + scope.region + ":" + scope.account + ":" +
               std::string(kind.prefix) + destination.substr(kind.word.size());
    }
    return destination;
}

Result<json::object> parse_object(std::string_view text) {
    boost::system::error_code error;
    json::value parsed = json::parse({text.data(), text.size()}, error);
    if (error || !parsed.is_object()) return wrong("a source is a JSON object");
    return std::move(parsed.as_object());
}

}  // namespace

Result<Definition> from_user(std::string_view text, const Scope& scope) {
    TRY_ASSIGN(const json::object object, parse_object(text));
    Definition out;
    out.scope = scope;
    Members members(object);
    TRY(read(members, &out));
    TRY(members.finish());
    out.destination = arn_of(out.destination, scope);
    if (out.event_source.empty()) out.event_source = "millrace." + out.name;
    TRY(check(out));
    return out;
}

std::string encode(const Definition& it) {
    json::object headers;
    for (const auto& [name, value] : it.headers) headers[name] = value;
    return json::serialize(json::object{
        {"FormatVersion", format_version},
        {"Name", it.name},
        {"Url", it.url},
        {"EveryMillis", it.every_ms},
        {"TimeoutMillis", it.timeout_ms},
        {"BytesMax", it.bytes_max},
        {"RedirectsMax", it.redirects_max},
        {"Headers", headers},
        {"Format", json::string_view(name_of(it.format).data(), name_of(it.format).size())},
        {"Records", it.records},
        {"Key", it.key},
        {"RememberSeconds", it.remember_ms / 1000},
        {"KeysMax", it.keys_max},
        {"Destination", it.destination},
        {"EventSource", it.event_source},
        {"DetailType", it.detail_type},
        {"RecordsPerEvent", it.records_per_event},
        {"PartitionKey", it.partition_key},
        {"Paused", it.paused},
        {"Id", it.id},
        {"CreatedMillis", it.created.value()},
    });
}

Result<Definition> decode(std::string_view stored, const Scope& scope) {
    const Error broken{ErrorCode::corruption, "a stored source can not be read"};
    const auto object = parse_object(stored);
    if (!object.ok()) return broken;
    const json::value* version = object->if_contains("FormatVersion");
    if (!version || *version != format_version) return broken;
    Definition out;
    out.scope = scope;
    Members members(*object);
    int64_t created = 0;
    if (!read(members, &out).ok() || !members.number("Id", &out.id).ok() ||
        !members.number("CreatedMillis", &created).ok())
        return broken;
    out.created = TimestampMs(created);
    const json::value* paused = object->if_contains("Paused");
    out.paused = paused && paused->is_bool() && paused->as_bool();
    return out;
}

}  // namespace millrace::source
