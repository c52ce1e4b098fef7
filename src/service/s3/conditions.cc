#include "src/service/s3/conditions.h"

#include <algorithm>
#include <ctime>

#include "src/service/s3/errors.h"
#include "src/service/s3/names.h"

namespace millrace::service::s3 {
namespace {

// A list of etags, or "*".
bool matches(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        const size_t end = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == "*" || unquoted(one) == etag) return true;
    }
    return false;
}

// HTTP dates have whole seconds.
int64_t seconds(TimestampMs time) {
    return time.value() / 1000;
}

struct Verdict {
    const char* failed = nullptr;  // the condition that did not hold
    bool not_modified = false;     // ... and for a read that is 304
};

Verdict judge(const ReadConditions& conditions, const object::ObjectInfo& object) {
    if (conditions.if_match) {
        if (!matches(*conditions.if_match, object.etag)) return {"If-Match"};
    } else if (conditions.if_unmodified_since && seconds(object.modified) > seconds(*conditions.if_unmodified_since)) {
        return {"If-Unmodified-Since"};
    }
    if (conditions.if_none_match) {
        if (matches(*conditions.if_none_match, object.etag)) return {"If-None-Match", true};
    } else if (conditions.if_modified_since && seconds(object.modified) <= seconds(*conditions.if_modified_since)) {
        return {"If-Modified-Since", true};
    }
    return {};
}

}  // namespace

aws::Outcome<void> check_read(const ReadConditions& conditions, const object::ObjectInfo& object) {
    const Verdict verdict = judge(conditions, object);
    if (verdict.failed == nullptr) return {};
    if (!verdict.not_modified) return precondition_failed(verdict.failed);
    return aws::Failure{"NotModified",
                        "Not Modified",
                        304,
                        {},
                        {{"etag", quoted(object.etag)}, {"last-modified", http_date(object.modified)}}};
}

aws::Outcome<void> check_copy_source(const ReadConditions& conditions, const object::ObjectInfo& object) {
    const Verdict verdict = judge(conditions, object);
    if (verdict.failed == nullptr) return {};
    return precondition_failed("x-amz-copy-source-" + std::string(verdict.failed));
}

aws::Outcome<void> take_write_conditions(const std::optional<std::string>& if_match,
                                         const std::optional<std::string>& if_none_match, object::PutOptions& into) {
    if (if_none_match) {
        if (*if_none_match != "*") {
            return not_implemented("If-None-Match with an ETag", "S3 takes \"*\" alone on writes");
        }
        into.if_none_match = true;
    }
    if (if_match) into.if_match = std::string(unquoted(*if_match));
    return {};
}

std::string http_date(TimestampMs time) {
    const std::time_t at = static_cast<std::time_t>(seconds(time));
    std::tm parts{};
    ::gmtime_r(&at, &parts);
    // By hand: strftime's names follow the locale.
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                  months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text;
}

}  // namespace millrace::service::s3
