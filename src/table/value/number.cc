#include "src/table/value/number.h"

#include <algorithm>

namespace millrace::table {
namespace {

constexpr int pairs_max = 20;
constexpr int digits_max = 38;
constexpr int exponent_min = -64;
constexpr int exponent_max = 63;
constexpr uint8_t positive_end = 0x00;
constexpr uint8_t negative_end = 0x66;

Error not_numeric(std::string_view text) {
    return {ErrorCode::invalid_argument, "The parameter cannot be converted to a numeric value: " + std::string(text)};
}

Error overflow() {
    return {ErrorCode::invalid_argument,
            "Number overflow. Attempting to store a number with magnitude larger than supported range"};
}

Error underflow() {
    return {ErrorCode::invalid_argument,
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"};
}

Error too_precise() {
    return {ErrorCode::invalid_argument, "Attempting to store more than 38 significant digits in a Number"};
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// [+-] digits [. digits] [e [+-] digits], with a digit on one side of the point at least.
struct Literal {
    bool negative = false;
    std::string_view whole, fraction;
    int64_t exponent = 0;  // clamped to +-1e9, far outside of what a number can have
};

bool split(std::string_view text, Literal* out) {
    size_t at = 0;
    const auto digits = [&] {
        const size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return text.substr(begin, at - begin);
    };
    const auto sign = [&] {
        if (at == text.size() || (text[at] != '-' && text[at] != '+')) return false;
        return text[at++] == '-';
    };
    out->negative = sign();
    out->whole = digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        out->fraction = digits();
    }
    if (out->whole.empty() && out->fraction.empty()) return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        const bool negative = sign();
        const std::string_view exponent = digits();
        if (exponent.empty()) return false;
        for (const char c : exponent) out->exponent = std::min<int64_t>(out->exponent * 10 + (c - '0'), 1'000'000'000);
        if (negative) out->exponent = -out->exponent;
    }
    return at == text.size();
}

// Digits by place, over both sides of the point.
struct Digits {
    std::string_view whole, fraction;
    size_t size() const { return whole.size() + fraction.size(); }
    int operator[](size_t i) const { return (i < whole.size() ? whole[i] : fraction[i - whole.size()]) - '0'; }
};

int64_t floor_half(int64_t value) {
    return value >= 0 ? value / 2 : -((1 - value) / 2);
}

}  // namespace

struct Number::Decimal {
    bool negative = false;
    int exponent = 0;
    int count = 0;  // of pairs; 0 is zero
    std::array<uint8_t, pairs_max> pairs{};
};

Number Number::pack(const Decimal& decimal) {
    Number number;
    if (decimal.count == 0) return number;
    size_t at = 0;
    const int place = decimal.exponent - exponent_min;
    number.bytes_[at++] = static_cast<uint8_t>(decimal.negative ? 0x7f - place : 0x80 + place);
    for (int i = 0; i < decimal.count; ++i) {
        const int pair = decimal.pairs[static_cast<size_t>(i)];
        number.bytes_[at++] = static_cast<uint8_t>(decimal.negative ? 101 - pair : pair + 1);
    }
    number.bytes_[at++] = decimal.negative ? negative_end : positive_end;
    number.size_ = static_cast<uint8_t>(at);
    return number;
}

Number::Decimal Number::unpack() const {
    Decimal decimal;
    if (is_zero()) return decimal;
    decimal.negative = is_negative();
    decimal.exponent = (decimal.negative ? 0x7f - bytes_[0] : bytes_[0] - 0x80) + exponent_min;
    decimal.count = size_ - 2;
    for (size_t i = 0; i < static_cast<size_t>(decimal.count); ++i) {
        decimal.pairs[i] = static_cast<uint8_t>(decimal.negative ? 101 - bytes_[i + 1] : bytes_[i + 1] - 1);
    }
    return decimal;
}

Result<Number> Number::parse(std::string_view text) {
    Literal literal;
    if (!split(text, &literal)) return not_numeric(text);
    const Digits digits{literal.whole, literal.fraction};
    size_t first = 0;
    while (first < digits.size() && digits[first] == 0) ++first;
    if (first == digits.size()) return Number();
    size_t end = digits.size();
    while (digits[end - 1] == 0) --end;

    // The place of the first digit: 0 for units, 1 for tens, -1 for tenths.
    const int64_t place =
        static_cast<int64_t>(literal.whole.size()) - 1 - static_cast<int64_t>(first) + literal.exponent;
    if (place > 125) return overflow();
    if (place < -130) return underflow();
    if (end - first > digits_max) return too_precise();

    Decimal decimal;
    decimal.negative = literal.negative;
    decimal.exponent = static_cast<int>(floor_half(place)) + 1;
    size_t at = first;
    // Pairs begin at odd places: a first digit at an even one stands alone.
    if (place % 2 == 0) decimal.pairs[static_cast<size_t>(decimal.count++)] = static_cast<uint8_t>(digits[at++]);
    for (; at < end; at += 2) {
        const int low = at + 1 < end ? digits[at + 1] : 0;
        decimal.pairs[static_cast<size_t>(decimal.count++)] = static_cast<uint8_t>(digits[at] * 10 + low);
    }
    return pack(decimal);
}

Number Number::of(int64_t value) {
    Decimal decimal;
    decimal.negative = value < 0;
    uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    std::array<uint8_t, 10> reversed;
    size_t count = 0;
    for (; magnitude != 0; magnitude /= 100) reversed[count++] = static_cast<uint8_t>(magnitude % 100);
    decimal.exponent = static_cast<int>(count);
    size_t trailing = 0;
    while (trailing < count && reversed[trailing] == 0) ++trailing;
    for (size_t i = count; i > trailing; --i) decimal.pairs[static_cast<size_t>(decimal.count++)] = reversed[i - 1];
    return pack(decimal);
}

Result<Number> Number::take(std::string_view* in) {
    const auto corrupt = [] { return Error{ErrorCode::corruption, "these bytes are not a number's encoding"}; };
    if (in->size() < 2) return corrupt();
    const auto byte = [&](size_t i) { return static_cast<uint8_t>((*in)[i]); };
    const bool negative = byte(0) < 0x80;
    const uint8_t end_mark = negative ? negative_end : positive_end;
    const size_t limit = std::min<size_t>(in->size(), pairs_max + 2);
    size_t end = 1;
    for (; end < limit && byte(end) != end_mark; ++end) {
        const int pair = negative ? 101 - byte(end) : byte(end) - 1;
        if (pair < 0 || pair > 99) return corrupt();
    }
    if (end == limit) return corrupt();
    Number number;
    number.size_ = static_cast<uint8_t>(end + 1);
    std::copy_n(in->begin(), end + 1, number.bytes_.begin());
    if (end == 1) {  // no pairs: zero, and there is one of it
        if (byte(0) != 0x80) return corrupt();
    } else {
        const Decimal decimal = number.unpack();
        const int first = decimal.pairs[0];
        const int last = decimal.pairs[static_cast<size_t>(decimal.count - 1)];
        const int digits = 2 * decimal.count - (first < 10 ? 1 : 0) - (last % 10 == 0 ? 1 : 0);
        if (first == 0 || last == 0 || digits > digits_max) return corrupt();
    }
    in->remove_prefix(end + 1);
    return number;
}

Result<Number> Number::decode(std::string_view bytes) {
    TRY_ASSIGN(Number number, take(&bytes));
    if (!bytes.empty()) return Error{ErrorCode::corruption, "bytes follow a number's encoding"};
    return number;
}

std::string Number::text() const {
    std::string out;
    append_text(&out);
    return out;
}

void Number::append_text(std::string* out) const {
    const Decimal decimal = unpack();
    if (decimal.count == 0) {
        out->push_back('0');
        return;
    }
    if (decimal.negative) out->push_back('-');
    const auto pair = [&](int i) { return i < decimal.count ? decimal.pairs[static_cast<size_t>(i)] : 0; };
    const auto high = [](int value) { return static_cast<char>('0' + value / 10); };
    const auto low = [](int value) { return static_cast<char>('0' + value % 10); };
    if (decimal.exponent <= 0) {
        out->push_back('0');
    } else {
        if (pair(0) >= 10) out->push_back(high(pair(0)));
        out->push_back(low(pair(0)));
        for (int i = 1; i < decimal.exponent; ++i) {
            out->push_back(high(pair(i)));
            out->push_back(low(pair(i)));
        }
    }
    if (decimal.count <= decimal.exponent) return;
    out->push_back('.');
    for (int i = decimal.exponent; i < 0; ++i) out->append("00");
    for (int i = std::max(decimal.exponent, 0); i < decimal.count; ++i) {
        out->push_back(high(pair(i)));
        if (i + 1 < decimal.count || pair(i) % 10 != 0) out->push_back(low(pair(i)));
    }
}

Result<Number> Number::add(const Number& a, const Number& b) {
    return sum(a, b, false);
}

Result<Number> Number::subtract(const Number& a, const Number& b) {
    return sum(a, b, true);
}

Result<Number> Number::sum(const Number& a, const Number& b, bool negate_b) {
    Decimal x = a.unpack();
    Decimal y = b.unpack();
    y.negative = y.negative != negate_b;
    if (y.count == 0) return a;
    if (x.count == 0) return pack(y);
    if (x.exponent < y.exponent) std::swap(x, y);
    // Too far apart to share 38 digits, whatever cancels.
    const int apart = x.exponent - y.exponent;
    if (apart > pairs_max + 1) return overflow();

    // Places from the pair before x's first, which takes a carry, to y's last. Signed, then carried from the right.
    constexpr int places_max = 1 + 2 * pairs_max + 2;
    std::array<int, places_max> places{};
    const int count = 1 + std::max(x.count, apart + y.count);
    const auto spread = [&](const Decimal& from, int offset) {
        for (int i = 0; i < from.count; ++i) {
            const int value = from.pairs[static_cast<size_t>(i)];
            places[static_cast<size_t>(1 + offset + i)] += from.negative ? -value : value;
        }
    };
    spread(x, 0);
    spread(y, apart);
    const auto first_nonzero = std::find_if(places.begin(), places.begin() + count, [](int p) { return p != 0; });
    if (first_nonzero == places.begin() + count) return Number();
    Decimal result;
    result.negative = *first_nonzero < 0;
    int carry = 0;
    for (int i = count - 1; i >= 0; --i) {
        int& place = places[static_cast<size_t>(i)];
        place = (result.negative ? -place : place) + carry;
        carry = 0;
        if (place < 0) {
            place += 100;
            carry = -1;
        } else if (place > 99) {
            place -= 100;
            carry = 1;
        }
    }
    const auto begin =
        static_cast<int>(std::find_if(places.begin(), places.end(), [](int p) { return p != 0; }) - places.begin());
    int end = count;
    while (places[static_cast<size_t>(end - 1)] == 0) --end;
    result.exponent = x.exponent + 1 - begin;
    if (result.exponent > exponent_max) return overflow();
    if (result.exponent < exponent_min) return underflow();
    const int digits = 2 * (end - begin) - (places[static_cast<size_t>(begin)] < 10 ? 1 : 0) -
                       (places[static_cast<size_t>(end - 1)] % 10 == 0 ? 1 : 0);
    if (digits > digits_max) return overflow();
    for (int i = begin; i < end; ++i) {
        result.pairs[static_cast<size_t>(result.count++)] = static_cast<uint8_t>(places[static_cast<size_t>(i)]);
    }
    return pack(result);
}

bool Number::to_int64(int64_t* out) const {
    const Decimal decimal = unpack();
    if (decimal.count > decimal.exponent && decimal.count != 0) return false;
    if (decimal.exponent > 10) return false;
    __int128 value = 0;
    for (int i = 0; i < decimal.exponent; ++i) {
        value = value * 100 + (i < decimal.count ? decimal.pairs[static_cast<size_t>(i)] : 0);
    }
    if (decimal.negative) value = -value;
    if (value < INT64_MIN || value > INT64_MAX) return false;
    *out = static_cast<int64_t>(value);
    return true;
}

}  // namespace millrace::table
