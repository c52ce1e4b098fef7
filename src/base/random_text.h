// Texts that name requests and the like: unguessable enough to tell apart, no secrets. From a generator a thread,
// seeded by the operating system once; random_bytes (checksum.h) is for secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

// `size` characters of `alphabet`, which has 256 at most.
std::string random_text(std::string_view alphabet, size_t size);
std::string random_request_id();  // a UUID of version 4

}  // namespace millrace
