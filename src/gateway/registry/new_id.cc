#include "src/gateway/registry/new_id.h"

#include <string_view>

#include "src/base/checksum.h"

namespace millrace::gateway {

std::string new_id(size_t size) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string id;
    while (id.size() < size) {
        for (const char byte : random_bytes(size)) {
            // What is over a multiple of the letters would make some likelier.
            const auto drawn = static_cast<unsigned char>(byte);
            if (drawn < 252 && id.size() < size) id.push_back(letters[drawn % letters.size()]);
        }
    }
    if (id[0] >= '0' && id[0] <= '9') id[0] = static_cast<char>('a' + (id[0] - '0'));
    return id;
}

}  // namespace millrace::gateway
