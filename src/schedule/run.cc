#include "src/schedule/run.h"

#include <charconv>
#include <utility>
#include <vector>

#include "src/base/checksum.h"
#include "src/base/json_text.h"
#include "src/base/time_text.h"

namespace millrace::schedule {
namespace {

// "1 UID REVISION SCHEDULED ATTEMPTS LAST", the first being the format.
constexpr std::string_view format = "1";

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const size_t space = std::min(text.find(' '), text.size());
        out.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out;
}

template <class T>
bool number(std::string_view text, T* out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *out);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

void replace_all(std::string_view from, std::string_view to, std::string* text) {
    for (size_t at = text->find(from); at != std::string::npos; at = text->find(from, at + to.size())) {
        text->replace(at, from.size(), to);
    }
}

// What AWS sends where a schedule has no input.
std::string default_notification(const Schedule& schedule, TimestampMs scheduled) {
    std::string out = R"({"version":"0","id":)";
    append_json_string(random_uuid(), out);
    out += R"(,"detail-type":"Scheduled Event","source":"aws.scheduler","account":)";
    append_json_string(schedule.name.scope.account, out);
    out += R"(,"time":)";
    append_json_string(iso_seconds(scheduled) + "Z", out);
    out += R"(,"region":)";
    append_json_string(schedule.name.scope.region, out);
    out += R"(,"resources":[)";
    append_json_string(arn_of(schedule.name), out);
    return out + R"(],"detail":"{}"})";
}

}  // namespace

std::string encode(const Run& run) {
    return std::string(format) + " " + run.uid + " " + std::to_string(run.revision) + " " +
           std::to_string(run.scheduled.value()) + " " + std::to_string(run.attempts) + " " + (run.last ? "1" : "0");
}

Result<Run> decode_run(std::string_view text) {
    const std::vector<std::string_view> parts = words(text);
    Run run;
    int64_t scheduled = 0;
    if (parts.size() != 6 || parts[0] != format || !number(parts[2], &run.revision) || !number(parts[3], &scheduled) ||
        !number(parts[4], &run.attempts)) {
        return Error{ErrorCode::corruption, "a stored run of a schedule does not parse"};
    }
    run.uid = parts[1];
    run.scheduled = TimestampMs(scheduled);
    run.last = parts[5] == "1";
    return run;
}

Call call_of(const Schedule& schedule, const Run& run, std::string_view execution_id) {
    const ScheduleTarget& to = schedule.settings.target;
    Call call;
    call.target.arn = to.arn;
    call.target.scope = schedule.name.scope;
    call.target.role = to.role;
    call.target.heading.source = to.source;
    call.target.heading.detail_type = to.detail_type;
    call.item.partition_key = to.partition_key;
    if (!to.input) {
        call.item.body = default_notification(schedule, run.scheduled);
        return call;
    }
    call.item.body = *to.input;
    if (call.item.body.find("<aws.scheduler.") == std::string::npos) return call;
    replace_all("<aws.scheduler.schedule-arn>", arn_of(schedule.name), &call.item.body);
    replace_all("<aws.scheduler.scheduled-time>", iso_seconds(run.scheduled) + "Z", &call.item.body);
    replace_all("<aws.scheduler.execution-id>", execution_id, &call.item.body);
    replace_all("<aws.scheduler.attempt-number>", std::to_string(run.attempts + 1), &call.item.body);
    return call;
}

}  // namespace millrace::schedule
