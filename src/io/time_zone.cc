#include "src/io/time_zone.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "src/base/calendar.h"

namespace millrace::io {
namespace {

constexpr const char* zone_directory = "/usr/share/zoneinfo/";
constexpr size_t file_bytes_max = 1 << 20;

// Reads big-endian numbers; `ok` turns false where the bytes run out.
struct Reader {
    std::string_view bytes;
    bool ok = true;

    std::string_view take(uint64_t count) {
        if (count > bytes.size()) {
            ok = false;
            bytes = {};
            return {};
        }
        const std::string_view taken = bytes.substr(0, count);
        bytes.remove_prefix(count);
        return taken;
    }
    int64_t number(int width) {
        const std::string_view taken = take(static_cast<uint64_t>(width));
        uint64_t value = 0;
        for (const char c : taken) value = value << 8 | static_cast<unsigned char>(c);
        if (width == 4) return static_cast<int32_t>(static_cast<uint32_t>(value));
        return static_cast<int64_t>(value);
    }
};

// The parts of a POSIX TZ string: "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30".
struct Footer {
    std::string_view rest;

    bool at(char c) {
        if (rest.empty() || rest[0] != c) return false;
        rest.remove_prefix(1);
        return true;
    }
    bool name(std::string* out) {
        size_t end = 0;
        if (at('<')) {
            end = rest.find('>');
            if (end == std::string_view::npos) return false;
            out->assign(rest.substr(0, end));
            rest.remove_prefix(end + 1);
            return true;
        }
        while (end < rest.size() && ((rest[end] | 32) >= 'a' && (rest[end] | 32) <= 'z')) ++end;
        out->assign(rest.substr(0, end));
        rest.remove_prefix(end);
        return end > 0;
    }
    bool number(int* out) {
        size_t end = 0;
        int value = 0;
        while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9' && value < 100'000) {
            value = value * 10 + (rest[end++] - '0');
        }
        rest.remove_prefix(end);
        *out = value;
        return end > 0;
    }
    // [+-]h[:m[:s]] in seconds.
    bool clock(int32_t* out) {
        const bool negative = at('-');
        if (!negative) at('+');
        int hours = 0, minutes = 0, seconds = 0;
        if (!number(&hours)) return false;
        if (at(':') && !number(&minutes)) return false;
        if (at(':') && !number(&seconds)) return false;
        const int32_t total = hours * 3600 + minutes * 60 + seconds;
        *out = negative ? -total : total;
        return true;
    }
};

// When rule `month.week.day time` falls in `year`, in local wall seconds since 1970 (without any offset).
int64_t rule_wall_seconds(int year, int month, int week, int day, int32_t time_s) {
    const int64_t first = days_from_civil(year, month, 1);
    const int64_t first_weekday = (first % 7 + 11) % 7;  // 1970-01-01 was a Thursday
    int64_t date = first + (day - first_weekday + 7) % 7 + int64_t{week - 1} * 7;
    const int64_t next_month = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    while (date >= next_month) date -= 7;  // week 5 is the last one
    return date * 86'400 + time_s;
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
    if (name.empty() || name == "UTC") return TimeZone();
    const auto refuse = [&] {
        return Error{ErrorCode::invalid_argument, "there is no time zone '" + std::string(name) + "'"};
    };
    // Zone names are paths below the directory: letters, digits, '/', '_', '-', '+', and never "..".
    const bool harmless = std::all_of(name.begin(), name.end(), [](char c) {
        return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' ||
               c == '+';
    });
    if (!harmless || name.front() == '/' || name.size() > 64) return refuse();
    std::ifstream file(zone_directory + std::string(name), std::ios::binary);
    std::string bytes(file_bytes_max, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (bytes.substr(0, 4) != "TZif") return refuse();
    return parse(name, bytes);
}

Result<TimeZone> TimeZone::parse(std::string_view name, std::string_view tzif) {
    const Error broken{ErrorCode::corruption, "time zone file '" + std::string(name) + "' is not TZif"};
    TimeZone zone;
    zone.name_ = name;
    Reader reader{tzif};
    // Version 2 files hold the data twice: with 32-bit times, then with 64-bit ones.
    for (int pass = 0; pass < 2; ++pass) {
        const std::string_view head = reader.take(20);
        if (!reader.ok || head.substr(0, 4) != "TZif") return broken;
        const int width = pass == 0 ? 4 : 8;
        int64_t counts[6];  // isut, isstd, leap, transitions, types, characters
        for (int64_t& count : counts) {
            count = reader.number(4);
            if (count < 0) return broken;
        }
        const int64_t transitions = counts[3], types = counts[4], characters = counts[5];
        if (pass == 0 && head[4] >= '2') {
            reader.take(static_cast<uint64_t>(transitions * 5 + types * 6 + characters + counts[2] * 8 + counts[1] +
                                              counts[0]));
            continue;
        }
        if (!reader.ok || static_cast<uint64_t>(transitions) > reader.bytes.size() || types == 0 || types > 256) {
            return broken;
        }
        for (int64_t i = 0; i < transitions; ++i) zone.transitions_.push_back(reader.number(width));
        for (const char kind : reader.take(static_cast<uint64_t>(transitions))) {
            if (static_cast<unsigned char>(kind) >= types) return broken;
            zone.kinds_.push_back(static_cast<uint8_t>(kind));
        }
        std::vector<size_t> names;
        for (int64_t i = 0; i < types; ++i) {
            const auto offset = static_cast<int32_t>(reader.number(4));
            const std::string_view rest = reader.take(2);
            if (!reader.ok || offset < -90'000 || offset > 94'000) return broken;
            names.push_back(static_cast<unsigned char>(rest[1]));
            zone.types_.push_back({offset, ""});
        }
        const std::string_view text = reader.take(static_cast<uint64_t>(characters));
        if (!reader.ok) return broken;
        for (size_t i = 0; i < names.size(); ++i) {
            if (names[i] >= text.size()) return broken;
            const std::string_view tail = text.substr(names[i]);
            zone.types_[i].abbreviation = tail.substr(0, tail.find('\0'));
        }
        reader.take(static_cast<uint64_t>(counts[2] * (width + 4) + counts[1] + counts[0]));
        if (!reader.ok || zone.kinds_.size() != zone.transitions_.size() ||
            !std::is_sorted(zone.transitions_.begin(), zone.transitions_.end())) {
            return broken;
        }
        if (pass == 0) return zone;  // version 1: no footer
    }
    std::string_view footer = reader.bytes;
    if (footer.size() >= 2 && footer.front() == '\n') {
        footer.remove_prefix(1);
        footer = footer.substr(0, footer.find('\n'));
        if (!footer.empty() && !zone.parse_footer(footer).ok()) return broken;
    }
    return zone;
}

Status TimeZone::parse_footer(std::string_view text) {
    const Error broken{ErrorCode::corruption, "a time zone's rule does not parse"};
    Footer footer{text};
    int32_t west = 0;
    if (!footer.name(&standard_.abbreviation) || !footer.clock(&west)) return broken;
    standard_.offset_s = -west;
    has_footer_ = true;
    if (footer.rest.empty()) return {};
    if (!footer.name(&daylight_.abbreviation)) return broken;
    daylight_.offset_s = standard_.offset_s + 3600;
    if (!footer.rest.empty() && footer.rest[0] != ',') {
        if (!footer.clock(&west)) return broken;
        daylight_.offset_s = -west;
    }
    for (Rule* rule : {&daylight_begins_, &daylight_ends_}) {
        if (!footer.at(',') || !footer.at('M') || !footer.number(&rule->month) || !footer.at('.') ||
            !footer.number(&rule->week) || !footer.at('.') || !footer.number(&rule->day)) {
            return broken;
        }
        if (footer.at('/') && !footer.clock(&rule->time_s)) return broken;
        if (rule->month < 1 || rule->month > 12 || rule->week < 1 || rule->week > 5 || rule->day > 6) return broken;
    }
    has_daylight_ = true;
    return {};
}

TimeZone::Local TimeZone::at(int64_t unix_seconds) const {
    return find_local(unix_seconds);
}

const TimeZone::Local& TimeZone::find_local(int64_t unix_seconds) const {
    static const Local utc;
    if (types_.empty()) return utc;
    if (transitions_.empty() || unix_seconds < transitions_.front()) {
        if (transitions_.empty() && has_footer_ && !has_daylight_) return standard_;
        if (!transitions_.empty() || !has_footer_) return types_.front();
    }
    if (!has_footer_ || (!transitions_.empty() && unix_seconds < transitions_.back())) {
        const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), unix_seconds);
        return types_[kinds_[static_cast<size_t>(after - transitions_.begin()) - 1]];
    }
    if (!has_daylight_) return standard_;
    const int year = civil_time(unix_seconds * 1000, standard_.offset_s).year;
    const auto moment = [year](const Rule& rule, int32_t offset_s) {
        return rule_wall_seconds(year, rule.month, rule.week, rule.day, rule.time_s) - offset_s;
    };
    const int64_t begins = moment(daylight_begins_, standard_.offset_s);
    const int64_t ends = moment(daylight_ends_, daylight_.offset_s);
    const bool daylight = begins < ends ? unix_seconds >= begins && unix_seconds < ends
                                        : unix_seconds >= begins || unix_seconds < ends;  // southern summers
    return daylight ? daylight_ : standard_;
}

std::optional<int64_t> TimeZone::first_moment_of(int64_t wall_seconds) const {
    // Offsets lie within 16 hours of UTC, and zones do not change twice within a day and a third: the offset is the one
    // before all moments that may be meant, or the one after them.
    constexpr int64_t farthest_s = 16 * 3600;
    const int64_t before = wall_seconds - offset_at(wall_seconds - farthest_s);
    const int64_t after = wall_seconds - offset_at(wall_seconds + farthest_s);
    for (const int64_t moment : {std::min(before, after), std::max(before, after)}) {
        if (moment + offset_at(moment) == wall_seconds) return moment;
    }
    return std::nullopt;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::shared(std::string_view name) {
    static std::mutex mutex;
    static auto& zones = *new std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>>();
    const std::lock_guard lock(mutex);
    if (const auto known = zones.find(name); known != zones.end()) return known->second;
    TRY_ASSIGN(TimeZone zone, find(name));
    return zones.emplace(name, std::make_shared<const TimeZone>(std::move(zone))).first->second;
}

}  // namespace millrace::io
