// Base64 by table, and by AVX2 where the processor has it (asked once). The vector code follows the arithmetic of
// Mula and Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions" (ACM TWEB 12:3, 2018).
#include "src/base/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

namespace millrace {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t not_a_digit = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
    std::array<uint8_t, 256> values{};
    for (auto& value : values) value = not_a_digit;
    for (uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(alphabet[i])] = i;
    return values;
}
constexpr std::array<uint8_t, 256> digit_values = make_values();

uint32_t value_of(char c) {
    return digit_values[static_cast<unsigned char>(c)];
}

bool has_avx2() {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

// Decodes whole groups of 32 characters to 24 bytes (each store writes 32). Returns the characters consumed: stops
// before the first group that holds anything but digits, and leaves it to the portable code.
__attribute__((target("avx2"))) size_t decode_vectors(const char* text, size_t size, char* out) {
    // A character is valid when the sets of its two nibbles have no bit in common.
    const __m256i low_sets = _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a,
                                              0x1b, 0x1b, 0x1b, 0x1a, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                              0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const __m256i high_sets = _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10,
                                               0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                               0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    // What to add to a character to get its value, by its high nibble; '/' is told apart from '+' by one less.
    const __m256i shifts = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 19, 4, -65,
                                            -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i slash = _mm256_set1_epi8('/');
    const __m256i gather = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4,
                                            10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    size_t at = 0;
    for (; size - at >= 32; at += 32, out += 24) {
        const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at));
        // The mask keeps bit 5 too, which is no part of an index: a shuffle looks at bits 0-3 and 7 alone.
        const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
        const __m256i low = _mm256_and_si256(in, slash);
        if (!_mm256_testz_si256(_mm256_shuffle_epi8(low_sets, low), _mm256_shuffle_epi8(high_sets, high))) break;
        const __m256i shift = _mm256_shuffle_epi8(shifts, _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high));
        const __m256i values = _mm256_add_epi8(in, shift);
        const __m256i twelve_bits = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
        const __m256i twenty_four_bits = _mm256_madd_epi16(twelve_bits, _mm256_set1_epi32(0x00011000));
        const __m256i packed = _mm256_shuffle_epi8(twenty_four_bits, gather);
        const __m256i joined = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), joined);
    }
    return at;
}

// Encodes groups of 24 bytes to 32 characters; each load reads 28 bytes. Returns the bytes consumed.
__attribute__((target("avx2"))) size_t encode_vectors(const char* bytes, size_t size, char* out) {
    const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4, 3, 5, 4,
                                            7, 6, 8, 7, 10, 9, 11, 10);
    // What to add to a value to get its character: 0 for a..z, 1..10 for the digits, 11 '+', 12 '/', 13 for A..Z.
    const __m256i shifts = _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                            '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,
                                            'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                            '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    size_t at = 0;
    for (; size - at >= 28; at += 24, out += 32) {
        const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
        const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at + 12));
        const __m256i in = _mm256_shuffle_epi8(_mm256_set_m128i(second, first), spread);
        const __m256i odd =
            _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
        const __m256i even =
            _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
        const __m256i values = _mm256_or_si256(odd, even);
        const __m256i above = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
        const __m256i capital = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
        const __m256i index = _mm256_or_si256(above, _mm256_and_si256(capital, _mm256_set1_epi8(13)));
        const __m256i text = _mm256_add_epi8(values, _mm256_shuffle_epi8(shifts, index));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), text);
    }
    return at;
}

}  // namespace

ptrdiff_t base64_decode(std::string_view text, char* out) {
    if (text.size() % 4 != 0) return -1;
    if (text.empty()) return 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    char* const begin = out;
    if (text.size() >= 64 && has_avx2()) {
        const size_t done = decode_vectors(at, text.size(), out);
        at += done;
        out += done / 4 * 3;
    }
    for (; at != end; at += 4) {
        const uint32_t a = value_of(at[0]);
        const uint32_t b = value_of(at[1]);
        const uint32_t c = value_of(at[2]);
        const uint32_t d = value_of(at[3]);
        if ((a | b | c | d) < 64) {
            const uint32_t bits = a << 18 | b << 12 | c << 6 | d;
            *out++ = static_cast<char>(bits >> 16);
            *out++ = static_cast<char>(bits >> 8);
            *out++ = static_cast<char>(bits);
            continue;
        }
        // Only the last group may be padded, and the bits that padding leaves over must be zero (RFC 4648, 3.5).
        if (at + 4 != end || (a | b) >= 64 || at[3] != '=') return -1;
        if (at[2] == '=') {
            if (b & 0xf) return -1;
            *out++ = static_cast<char>(a << 2 | b >> 4);
        } else {
            if (c >= 64 || (c & 3)) return -1;
            *out++ = static_cast<char>(a << 2 | b >> 4);
            *out++ = static_cast<char>(b << 4 | c >> 2);
        }
    }
    return out - begin;
}

void base64_encode(std::string_view bytes, char* out) {
    const char* at = bytes.data();
    size_t left = bytes.size();
    if (left >= 28 && has_avx2()) {
        const size_t done = encode_vectors(at, left, out);
        at += done;
        left -= done;
        out += done / 3 * 4;
    }
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(at[i])); };
    for (; left >= 3; at += 3, left -= 3) {
        const uint32_t bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        *out++ = alphabet[bits >> 6 & 63];
        *out++ = alphabet[bits & 63];
    }
    if (left == 0) return;
    const uint32_t bits = byte(0) << 16 | (left == 2 ? byte(1) << 8 : 0);
    *out++ = alphabet[bits >> 18];
    *out++ = alphabet[bits >> 12 & 63];
    *out++ = left == 2 ? alphabet[bits >> 6 & 63] : '=';
    *out++ = '=';
}

std::string base64_encode(std::string_view bytes) {
    std::string text(base64_encoded_size(bytes.size()), '\0');
    base64_encode(bytes, text.data());
    return text;
}

bool base64_decode(std::string_view text, std::string* out) {
    out->resize(base64_decode_capacity(text.size()));
    const ptrdiff_t size = base64_decode(text, out->data());
    if (size < 0) return false;
    out->resize(static_cast<size_t>(size));
    return true;
}

}  // namespace millrace
