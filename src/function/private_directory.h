// The one place that an environment without bubblewrap may write to.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/result.h"

namespace millrace::function {

// PARENT/private/SLOT, empty, of that user id (-1: ours) alone.
Result<std::string> make_private_directory(const std::string& parent, uint32_t slot, int64_t uid);
// With all that is in it, which user code has made: does not follow links, takes a handful of descriptors however deep
// it is (a thousand would be the whole server's), and opens what its owner has closed.
void remove_private_directory(const std::string& path);

}  // namespace millrace::function
