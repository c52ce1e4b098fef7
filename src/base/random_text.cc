#include "src/base/random_text.h"

#include <cstring>

#include "src/base/checksum.h"

namespace millrace {
namespace {

// xoshiro256**, seeded from the operating system once a thread.
class Generator {
  public:
    Generator() {
        const std::string seed = random_bytes(sizeof state_);
        std::memcpy(state_, seed.data(), sizeof state_);
    }
    uint64_t next() {
        const uint64_t result = rotated(state_[1] * 5, 7) * 9;
        const uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotated(state_[3], 45);
        return result;
    }

  private:
    static uint64_t rotated(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }
    uint64_t state_[4];
};

uint64_t next_random() {
    thread_local Generator generator;
    return generator.next();
}

}  // namespace

std::string random_text(std::string_view alphabet, size_t size) {
    std::string text(size, '\0');
    uint64_t random = 0;
    for (size_t i = 0; i < size; ++i) {
        if (i % 8 == 0) random = next_random();
        text[i] = alphabet[random % alphabet.size()];
        random >>= 8;
    }
    return text;
}

std::string random_request_id() {
    std::string text = random_text("0123456789abcdef", 36);
    for (const size_t at : {8, 13, 18, 23}) text[at] = '-';
    text[14] = '4';
    text[19] = "89ab"[next_random() % 4];
    return text;
}

}  // namespace millrace
