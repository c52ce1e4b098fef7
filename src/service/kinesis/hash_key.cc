// MD5() of OpenSSL is "deprecated" in favour of EVP, which costs five times as much for a key of a few bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "src/service/kinesis/hash_key.h"

#include <algorithm>

#include <openssl/md5.h>

namespace millrace::service::kinesis {
namespace {

using Wide = unsigned __int128;

Wide wide(HashKey key) {
    return static_cast<Wide>(key.high) << 64 | key.low;
}
HashKey narrow(Wide value) {
    return {static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value)};
}
constexpr Wide hash_max = ~Wide{0};

}  // namespace

HashKey hash_of(std::string_view partition_key) {
    unsigned char digest[MD5_DIGEST_LENGTH];
    MD5(reinterpret_cast<const unsigned char*>(partition_key.data()), partition_key.size(), digest);
    HashKey key;
    for (int i = 0; i < 8; ++i) {
        key.high = key.high << 8 | digest[i];
        key.low = key.low << 8 | digest[8 + i];
    }
    return key;
}

std::string decimal(HashKey key) {
    Wide value = wide(key);
    std::string text;
    do {
        text += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    std::reverse(text.begin(), text.end());
    return text;
}

std::optional<HashKey> parse_hash_key(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    Wide value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<unsigned>(c - '0');
        if (value > (hash_max - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return narrow(value);
}

HashKey key_before(HashKey key) {
    return narrow(wide(key) - 1);
}

std::vector<std::pair<HashKey, HashKey>> split_evenly(uint32_t count) {
    const Wide step = hash_max / count + (hash_max % count == count - 1 ? 1 : 0);  // 2^128 / count, rounded down
    std::vector<std::pair<HashKey, HashKey>> ranges;
    for (uint32_t i = 0; i < count; ++i) {
        const Wide first = step * i;  // for one shard step wraps to 0, and so does this
        ranges.emplace_back(narrow(first), narrow(i + 1 == count ? hash_max : first + step - 1));
    }
    return ranges;
}

}  // namespace millrace::service::kinesis
