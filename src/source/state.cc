#include "src/source/state.h"

#include <boost/json.hpp>

namespace millrace::source {
namespace {

namespace json = boost::json;

constexpr struct {
    const char* name;
    uint64_t Counts::* member;
} members[] = {
    {"Polls", &Counts::polls},       {"Unchanged", &Counts::unchanged}, {"Failures", &Counts::failures},
    {"Bytes", &Counts::bytes},       {"Seen", &Counts::seen},           {"Sent", &Counts::sent},
    {"Repeated", &Counts::repeated}, {"Refused", &Counts::refused},     {"Malformed", &Counts::malformed},
    {"Keyless", &Counts::keyless},   {"LetGo", &Counts::let_go},
};

}  // namespace

std::string state_key(uint64_t source_id) {
    std::string out = "source/state/";
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[source_id >> shift & 15];
    return out;
}

std::string encode(const Kept& kept) {
    json::object counts;
    for (const auto& each : members) counts[each.name] = kept.counts.*each.member;
    return json::serialize(json::object{
        {"FormatVersion", 1}, {"ETag", kept.etag}, {"LastModified", kept.last_modified}, {"Counts", counts}});
}

Result<Kept> decode_kept(std::string_view stored) {
    const Error broken{ErrorCode::corruption, "the stored state of a source can not be read"};
    boost::system::error_code error;
    const json::value parsed = json::parse({stored.data(), stored.size()}, error);
    if (error || !parsed.is_object()) return broken;
    const json::object& object = parsed.as_object();
    const auto* etag = object.if_contains("ETag");
    const auto* modified = object.if_contains("LastModified");
    const auto* counts = object.if_contains("Counts");
    if (!etag || !etag->is_string() || !modified || !modified->is_string() || !counts || !counts->is_object())
        return broken;
    Kept kept;
    kept.etag = std::string(etag->as_string());
    kept.last_modified = std::string(modified->as_string());
    for (const auto& each : members) {
        const auto* number = counts->as_object().if_contains(each.name);
        if (!number) continue;
        kept.counts.*each.member = number->to_number<uint64_t>(error);
        if (error) return broken;
    }
    return kept;
}

}  // namespace millrace::source
