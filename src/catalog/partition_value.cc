#include "src/catalog/partition_value.h"

#include "src/catalog/hive_type.h"

namespace millrace::catalog {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

size_t count_digits(std::string_view text) {
    size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    return count;
}

// [-]digits[.digits] without leading zeroes before or trailing zeroes after the point; "0" has no sign.
std::optional<std::string> normalized_number(std::string_view text, bool integer) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::string_view whole = text.substr(0, count_digits(text));
    text.remove_prefix(whole.size());
    std::string_view fraction;
    if (text.starts_with('.')) {
        fraction = text.substr(1, count_digits(text.substr(1)));
        text.remove_prefix(1 + fraction.size());
    }
    if (!text.empty() || (whole.empty() && fraction.empty())) return {};
    while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
    if (integer && !fraction.empty()) return {};
    std::string out(whole.empty() ? "0" : whole);
    if (!fraction.empty()) out += "." + std::string(fraction);
    return negative && out != "0" ? "-" + out : out;
}

std::strong_ordering compare_magnitudes(std::string_view a, std::string_view b) {
    const std::string_view whole_a = a.substr(0, count_digits(a)), whole_b = b.substr(0, count_digits(b));
    if (whole_a.size() != whole_b.size()) return whole_a.size() <=> whole_b.size();
    return a <=> b;  // same number of digits before the point: text order is number order
}

bool take_digits(std::string_view& text, size_t min, size_t max, std::string& out) {
    const size_t count = std::min(count_digits(text), max);
    if (count < min) return false;
    out.append(max - count, '0').append(text.substr(0, count));
    text.remove_prefix(count);
    return true;
}

bool take(std::string_view& text, char c, std::string& out) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    out.push_back(c);
    return true;
}

bool take_date(std::string_view& text, std::string& out) {
    return take_digits(text, 4, 4, out) && take(text, '-', out) && take_digits(text, 1, 2, out) &&
           take(text, '-', out) && take_digits(text, 1, 2, out);
}

// yyyy-mm-dd HH:MM:SS[.fraction without trailing zeroes]; the time may be left out, or stand behind a T.
std::optional<std::string> normalized_timestamp(std::string_view text) {
    std::string out;
    if (!take_date(text, out)) return {};
    if (text.empty()) return out + " 00:00:00";
    if (text[0] != ' ' && text[0] != 'T') return {};
    text.remove_prefix(1);
    out.push_back(' ');
    if (!take_digits(text, 1, 2, out) || !take(text, ':', out) || !take_digits(text, 1, 2, out) ||
        !take(text, ':', out) || !take_digits(text, 1, 2, out)) {
        return {};
    }
    if (text.starts_with('.')) {
        std::string_view fraction = text.substr(1, count_digits(text.substr(1)));
        text.remove_prefix(1 + fraction.size());
        while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
        if (!fraction.empty()) out += "." + std::string(fraction);
    }
    if (!text.empty()) return {};
    return out;
}

}  // namespace

std::optional<PartitionType> partition_type_of(std::string_view hive_type) {
    if (hive_type == "long") return PartitionType::integer;  // Glue's documentation names it among the types
    const auto parsed = parse_hive_type(hive_type);
    if (!parsed.ok()) return {};
    switch (parsed->kind) {
        case HiveType::Kind::string:
        case HiveType::Kind::varchar:
        case HiveType::Kind::character:
            return PartitionType::text;
        case HiveType::Kind::tinyint:
        case HiveType::Kind::smallint:
        case HiveType::Kind::integer:
        case HiveType::Kind::bigint:
            return PartitionType::integer;
        case HiveType::Kind::decimal:
            return PartitionType::decimal;
        case HiveType::Kind::date:
            return PartitionType::date;
        case HiveType::Kind::timestamp:
            return PartitionType::timestamp;
        default:
            return {};
    }
}

std::optional<std::string> normalized(PartitionType type, std::string_view text) {
    switch (type) {
        case PartitionType::text:
            return std::string(text);
        case PartitionType::integer:
        case PartitionType::decimal:
            return normalized_number(text, type == PartitionType::integer);
        case PartitionType::date: {
            std::string out;
            if (!take_date(text, out) || !text.empty()) return {};
            return out;
        }
        case PartitionType::timestamp:
            return normalized_timestamp(text);
    }
    return {};
}

std::strong_ordering compare_values(PartitionType type, std::string_view a, std::string_view b) {
    if (type != PartitionType::integer && type != PartitionType::decimal) return a <=> b;
    const bool negative_a = a.starts_with('-'), negative_b = b.starts_with('-');
    if (negative_a != negative_b) return negative_a ? std::strong_ordering::less : std::strong_ordering::greater;
    if (negative_a) return compare_magnitudes(b.substr(1), a.substr(1));
    return compare_magnitudes(a, b);
}

// The usual walk with one point to return to: the last % and where its run was tried to end. Quadratic at worst.
bool like(std::string_view text, std::string_view pattern) {
    size_t at = 0, in_pattern = 0;
    size_t resume_pattern = std::string_view::npos, resume_at = 0;
    const auto character_bytes = [&](size_t from) {
        size_t bytes = 1;
        while (from + bytes < text.size() && (static_cast<unsigned char>(text[from + bytes]) & 0xc0) == 0x80) ++bytes;
        return bytes;
    };
    while (at < text.size()) {
        if (in_pattern < pattern.size()) {
            const char c = pattern[in_pattern];
            if (c == '%') {
                resume_pattern = ++in_pattern;
                resume_at = at;
                continue;
            }
            if (c == '_') {
                at += character_bytes(at);
                ++in_pattern;
                continue;
            }
            const bool escape = c == '\\' && in_pattern + 1 < pattern.size();
            if (text[at] == (escape ? pattern[in_pattern + 1] : c)) {
                ++at;
                in_pattern += escape ? 2 : 1;
                continue;
            }
        }
        if (resume_pattern == std::string_view::npos) return false;
        in_pattern = resume_pattern;
        at = ++resume_at;
    }
    while (in_pattern < pattern.size() && pattern[in_pattern] == '%') ++in_pattern;
    return in_pattern == pattern.size();
}

}  // namespace millrace::catalog
