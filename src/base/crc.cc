// The three CRCs of checksum.h. All are "reflected" CRCs (bit 0 of a byte is the highest power of x), so one method
// serves all of them:
//  - 64 bytes at a time are folded into 128-bit remainders by carry-less multiplication (PCLMUL, where present): a
//    block that lies n bits further left contributes block * x^n mod P, and x^n mod P is a constant of the distance;
//  - what remains, 16 congruent bytes and a tail, goes through the processor's CRC32C instruction or eight tables.
#include <array>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "src/base/checksum.h"

namespace millrace {
namespace {

constexpr uint32_t crc32c_polynomial = 0x82f63b78;             // reflected 0x1edc6f41
constexpr uint32_t crc32_polynomial = 0xedb88320;              // reflected 0x04c11db7
constexpr uint64_t crc64nvme_polynomial = 0x9a6c9329ac4bc9b5;  // reflected 0xad93d23594c93659

// x^power mod P, as a 64-bit reflected value (bit 63 is x^0).
template <class Register>
constexpr uint64_t power_of_x(unsigned power, Register polynomial) {
    constexpr unsigned width = sizeof(Register) * 8;
    Register value = Register{1} << (width - 1);
    for (unsigned i = 0; i < power; ++i) value = value >> 1 ^ (value & 1 ? polynomial : 0);
    return static_cast<uint64_t>(value) << (64 - width);
}

// Multipliers that move the low and the high half of a 128-bit block over `distance` bits. One less than it seems,
// since a reflected carry-less product comes out one bit to the left.
struct Fold {
    uint64_t low;
    uint64_t high;
    template <class Register>
    static constexpr Fold over(unsigned distance, Register polynomial) {
        return {power_of_x(distance + 64 - 1, polynomial), power_of_x(distance - 1, polynomial)};
    }
};

template <class Register>
struct Constants {
    Fold by_64_bytes;
    Fold by_16_bytes;
    std::array<std::array<Register, 256>, 8> tables;
};

template <class Register>
constexpr Constants<Register> make_constants(Register polynomial) {
    Constants<Register> made{Fold::over(512, polynomial), Fold::over(128, polynomial), {}};
    for (unsigned byte = 0; byte < 256; ++byte) {
        Register value = byte;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? polynomial : 0);
        made.tables[0][byte] = value;
    }
    for (unsigned slice = 1; slice < 8; ++slice) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            const Register before = made.tables[slice - 1][byte];
            made.tables[slice][byte] = before >> 8 ^ made.tables[0][before & 0xff];
        }
    }
    return made;
}

constexpr Constants<uint32_t> for_crc32c = make_constants(crc32c_polynomial);
constexpr Constants<uint32_t> for_crc32 = make_constants(crc32_polynomial);
constexpr Constants<uint64_t> for_crc64nvme = make_constants(crc64nvme_polynomial);

// Eight bytes a step (little-endian machine; so is every one that we build for).
template <class Register>
Register by_tables(const Constants<Register>& constants, Register crc, const char* at, size_t size) {
    const auto& tables = constants.tables;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        word ^= crc;
        crc = 0;
        for (unsigned i = 0; i < 8; ++i) crc ^= tables[7 - i][word >> 8 * i & 0xff];
    }
    for (; size > 0; ++at, --size) {
        const auto index = (crc ^ static_cast<unsigned char>(*at)) & 0xff;
        if constexpr (sizeof(Register) == 8) {
            crc = crc >> 8 ^ tables[0][index];
        } else {
            crc = static_cast<Register>(crc >> 8) ^ tables[0][index];
        }
    }
    return crc;
}

uint32_t by_instruction(uint32_t crc, const char* at, size_t size) {  // SSE4.2 is in x86-64-v2, our floor
    uint64_t wide = crc;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = static_cast<uint32_t>(wide);
    for (; size > 0; ++at, --size) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*at));
    return crc;
}

__attribute__((target("pclmul"))) inline __m128i folded(__m128i block, __m128i fold) {
    return _mm_xor_si128(_mm_clmulepi64_si128(block, fold, 0x00), _mm_clmulepi64_si128(block, fold, 0x11));
}

inline __m128i load(const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Leaves in `out` 16 bytes congruent to the register and the first returned bytes of `at` (at least 64).
__attribute__((target("pclmul"))) size_t fold_blocks(Fold by_64, Fold by_16, uint64_t crc, const char* at, size_t size,
                                                     char* out) {
    const __m128i far = _mm_set_epi64x(static_cast<int64_t>(by_64.high), static_cast<int64_t>(by_64.low));
    const __m128i near = _mm_set_epi64x(static_cast<int64_t>(by_16.high), static_cast<int64_t>(by_16.low));
    __m128i a = _mm_xor_si128(load(at), _mm_set_epi64x(0, static_cast<int64_t>(crc)));
    __m128i b = load(at + 16);
    __m128i c = load(at + 32);
    __m128i d = load(at + 48);
    size_t done = 64;
    for (; size - done >= 64; done += 64) {
        a = _mm_xor_si128(folded(a, far), load(at + done));
        b = _mm_xor_si128(folded(b, far), load(at + done + 16));
        c = _mm_xor_si128(folded(c, far), load(at + done + 32));
        d = _mm_xor_si128(folded(d, far), load(at + done + 48));
    }
    a = _mm_xor_si128(folded(a, near), b);
    a = _mm_xor_si128(folded(a, near), c);
    a = _mm_xor_si128(folded(a, near), d);
    for (; size - done >= 16; done += 16) a = _mm_xor_si128(folded(a, near), load(at + done));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), a);
    return done;
}

constexpr size_t fold_bytes_min = 128;  // below, folding costs more than it saves

bool can_fold() {
    static const bool can = __builtin_cpu_supports("pclmul") != 0;
    return can;
}

template <class Register>
Register summed(const Constants<Register>& constants, Register crc, std::string_view bytes) {
    crc = ~crc;
    if (bytes.size() >= fold_bytes_min && can_fold()) {
        char remainder[16];
        bytes.remove_prefix(
            fold_blocks(constants.by_64_bytes, constants.by_16_bytes, crc, bytes.data(), bytes.size(), remainder));
        crc = by_tables<Register>(constants, 0, remainder, sizeof remainder);
    }
    return ~by_tables(constants, crc, bytes.data(), bytes.size());
}

}  // namespace

uint32_t crc32c(uint32_t crc, std::string_view bytes) {
    crc = ~crc;
    if (bytes.size() >= fold_bytes_min && can_fold()) {
        char remainder[16];
        bytes.remove_prefix(
            fold_blocks(for_crc32c.by_64_bytes, for_crc32c.by_16_bytes, crc, bytes.data(), bytes.size(), remainder));
        crc = by_instruction(0, remainder, sizeof remainder);
    }
    return ~by_instruction(crc, bytes.data(), bytes.size());
}

uint32_t crc32(uint32_t crc, std::string_view bytes) {
    return summed(for_crc32, crc, bytes);
}

uint64_t crc64nvme(uint64_t crc, std::string_view bytes) {
    return summed(for_crc64nvme, crc, bytes);
}

}  // namespace millrace
