#include "src/gateway/rest/request_ids.h"

#include <cstdio>
#include <cstring>
#include <random>

#include "src/base/checksum.h"

namespace millrace::gateway {
namespace {

uint64_t next_random() {
    thread_local std::mt19937_64 generator = [] {
        const std::string seed = random_bytes(sizeof(uint64_t));
        uint64_t value = 0;
        std::memcpy(&value, seed.data(), sizeof value);
        return std::mt19937_64(value);
    }();
    return generator();
}

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

}  // namespace

std::string make_request_id() {
    std::string text = random_text("0123456789abcdef", 36);
    for (const size_t at : {8, 13, 18, 23}) text[at] = '-';
    text[14] = '4';
    text[19] = "89ab"[next_random() % 4];
    return text;
}

std::string make_extended_id() {
    return random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 15) + "=";
}

std::string make_trace_id(TimestampMs received) {
    char shown[16];
    std::snprintf(shown, sizeof shown, "%08llx", static_cast<unsigned long long>(received.value() / 1000));
    return "Root=1-" + std::string(shown) + "-" + random_text("0123456789abcdef", 24);
}

}  // namespace millrace::gateway
