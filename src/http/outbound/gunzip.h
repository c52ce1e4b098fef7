// Undoes content-encoding gzip, in one piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::http {

// Several members one after the other are one text (RFC 1952, 2.2). corruption where it is not gzip or cut;
// resource_exhausted over `bytes_max`.
Result<std::string> gunzip(std::string_view bytes, uint64_t bytes_max);

}  // namespace millrace::http
