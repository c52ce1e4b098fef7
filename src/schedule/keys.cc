#include "src/schedule/keys.h"

#include <algorithm>
#include <charconv>

namespace millrace::schedule::keys {
namespace {

constexpr size_t digits = 16;

}  // namespace

std::string time_text(TimestampMs time) {
    std::string text(digits, '0');
    auto value = static_cast<uint64_t>(std::max<int64_t>(time.value(), 0));
    for (size_t at = digits; at-- > 0; value >>= 4) text[at] = "0123456789abcdef"[value & 15];
    return text;
}

std::optional<TimestampMs> parse_time(std::string_view text) {
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, 16);
    if (text.size() != digits || parsed.ec != std::errc() || parsed.ptr != end || value < 0) return std::nullopt;
    return TimestampMs(value);
}

std::string id_of(const ScheduleName& name) {
    return name.scope.account + "/" + name.scope.region + "/" + name.group + "/" + name.name;
}

std::optional<ScheduleName> parse_id(std::string_view id) {
    ScheduleName out;
    for (std::string* part : {&out.scope.account, &out.scope.region, &out.group}) {
        const size_t slash = id.find('/');
        if (slash == std::string_view::npos) return std::nullopt;
        part->assign(id.substr(0, slash));
        id.remove_prefix(slash + 1);
    }
    out.name = id;
    if (out.name.empty() || out.name.find('/') != std::string::npos) return std::nullopt;
    return out;
}

std::string scope_prefix(std::string_view first, const Scope& scope) {
    return std::string(first) + scope.account + "/" + scope.region + "/";
}

std::string group_key(const Scope& scope, std::string_view name) {
    return scope_prefix(groups, scope) + std::string(name);
}

std::string definition_key(const ScheduleName& name) {
    return std::string(definitions) + id_of(name);
}

std::string next_key(const ScheduleName& name) {
    return "schedule/next/" + id_of(name);
}

std::string due_key(TimestampMs time, const ScheduleName& name) {
    return std::string(due) + time_text(time) + "/" + id_of(name);
}

std::string run_key(TimestampMs time, std::string_view run, const ScheduleName& name) {
    return std::string(runs) + time_text(time) + "/" + std::string(run) + "/" + id_of(name);
}

std::optional<DueKey> parse_due(std::string_view key) {
    if (!key.starts_with(due) || key.size() < due.size() + digits + 1) return std::nullopt;
    const auto time = parse_time(key.substr(due.size(), digits));
    const auto name = parse_id(key.substr(due.size() + digits + 1));
    if (!time || !name) return std::nullopt;
    return DueKey{*time, *name};
}

std::optional<RunKey> parse_run(std::string_view key) {
    if (!key.starts_with(runs) || key.size() < runs.size() + 2 * digits + 2) return std::nullopt;
    const auto time = parse_time(key.substr(runs.size(), digits));
    const std::string_view run = key.substr(runs.size() + digits + 1, digits);
    const auto name = parse_id(key.substr(runs.size() + 2 * digits + 2));
    if (!time || !name) return std::nullopt;
    return RunKey{*time, std::string(run), *name};
}

}  // namespace millrace::schedule::keys
