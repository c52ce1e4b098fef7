#include "src/source/definition.h"

#include <algorithm>

#include "src/http/characters.h"
#include "src/http/outbound/outbound.h"
#include "src/source/json_slice.h"
#include "src/target/arn.h"
#include "src/vtl/json_path.h"

namespace millrace::source {
namespace {

Error wrong(std::string_view what) {
    return {ErrorCode::invalid_argument, std::string(what)};
}

bool is_within(uint64_t value, uint64_t least, uint64_t most) {
    return value >= least && value <= most;
}

Status check_times_and_sizes(const Definition& it) {
    if (!is_within(it.every_ms, 50, 604'800'000)) return wrong("a source polls every 50 ms to 7 days");
    if (!is_within(it.timeout_ms, 10, 600'000)) return wrong("the timeout of a poll is 10 ms to 10 minutes");
    if (!is_within(it.bytes_max, 1, 64 << 20)) return wrong("the largest body is 1 byte to 64 MiB");
    if (it.redirects_max > 10) return wrong("at most 10 redirects are followed");
    if (!is_within(it.remember_ms, 1'000, uint64_t{400} * 86'400'000))
        return wrong("keys are remembered for 1 second to 400 days");
    if (!is_within(it.keys_max, 1, 100'000'000)) return wrong("1 to 100 million keys are remembered");
    if (!is_within(it.records_per_event, 1, 10'000)) return wrong("an event has 1 to 10,000 records");
    return {};
}

Status check_headers(const Definition& it) {
    if (it.headers.size() > 32) return wrong("a source sends at most 32 headers of its own");
    for (const auto& [name, value] : it.headers) {
        const bool token =
            !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return http::to_token_lower(c) != 0; });
        if (!token || name.size() > 256) return wrong("\"" + name + "\" can not be a header's name");
        if (value.size() > 8192 || !http::are_field_value(value))
            return wrong("the header \"" + name + "\" is too long or has a control character");
        std::string lower = name;
        for (char& c : lower) c = http::to_token_lower(c);
        if (http::is_hop_by_hop(lower) || lower == "accept-encoding" || lower.starts_with("if-"))
            return wrong("the header \"" + name + "\" is the source's own to send");
    }
    return {};
}

Status check_paths(const Definition& it) {
    if (it.format != Format::json && it.records != "$")
        return wrong("a path to records goes with the format json alone");
    if (const auto simple = SlicePath::parse(it.records); !simple.ok()) {
        if (const auto path = vtl::JsonPath::parse(it.records); !path.ok()) return wrong(path.error().message);
    }
    for (const std::string* path : {&it.key, &it.partition_key}) {
        if (path->empty()) continue;
        if (const auto simple = SlicePath::parse(*path); !simple.ok())
            return wrong("\"" + *path + "\" must name one place in a record, as $.hash or $.ids[0]");
    }
    return {};
}

Status check_destination(const Definition& it) {
    const auto arn = target::parse_arn(it.destination);
    if (!arn) return wrong("the destination is an ARN, or bus:NAME, stream:NAME or firehose:NAME");
    TRY_ASSIGN(const target::Kind kind, target::kind_of(it.destination));
    if (kind != target::Kind::bus && kind != target::Kind::stream && kind != target::Kind::firehose)
        return {ErrorCode::unsupported, "a source sends to an event bus, a Kinesis stream or a Firehose"};
    if (arn->account != it.scope.account)
        return {ErrorCode::permission_denied, "the destination belongs to another account"};
    if (kind != target::Kind::bus && it.records_per_event != 1)
        return wrong("several records an event go to buses alone");
    if (kind != target::Kind::stream && !it.partition_key.empty())
        return wrong("a partition key goes with streams alone");
    if (it.event_source.size() > 256 || it.detail_type.empty() || it.detail_type.size() > 128)
        return wrong("an event's source has at most 256 bytes, its detail type 1 to 128");
    if (it.event_source.starts_with("aws.")) return wrong("an event's source does not begin with \"aws.\"");
    return {};
}

}  // namespace

Status check(const Definition& it) {
    const bool named = is_within(it.name.size(), 1, 64) && std::all_of(it.name.begin(), it.name.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                  c == '.' || c == '_' || c == '-';
                       });
    if (!named) return wrong("a source's name is 1 to 64 letters, digits, dots, underscores and hyphens");
    TRY(check_times_and_sizes(it));
    TRY(check_headers(it));
    TRY(check_paths(it));
    return check_destination(it);
}

std::string_view name_of(Format format) {
    switch (format) {
        case Format::json:
            return "json";
        case Format::ndjson:
            return "ndjson";
        case Format::body:
            return "body";
    }
    return "json";
}

}  // namespace millrace::source
