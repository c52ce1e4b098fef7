// Bodies that come compressed: Content-Encoding gzip and deflate (RFC 9110, 8.4.1).
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::http {

// `coding`: one name, in any case ("gzip", "x-gzip", "deflate", "identity" or "" for none). gzip may have several
// members. `padding` zero bytes follow the result's end within its size (for parsers that read ahead); the caller takes
// them off. unsupported: another coding, or several; invalid_argument: the bytes are not in it, or end early, or go on
// after it; resource_exhausted: more than `bytes_max` come out.
Result<std::string> decode_content(std::string_view coding, std::string_view bytes, size_t bytes_max,
                                   size_t padding = 0);

}  // namespace millrace::http
