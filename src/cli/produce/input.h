// Bytes of a file, of a .zst file, or of standard input, as they come.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "src/base/result.h"

namespace millrace::cli {

class Input {
  public:
    virtual ~Input() = default;
    // Returns the number of bytes put in `out`, 0 at the end. corruption where a .zst file is cut or damaged.
    virtual Result<size_t> read(std::span<char> out) = 0;
    // Of what lies on disk, how much has been read (0 to 1); -1 where the size is not known.
    virtual double fraction() const = 0;
};

// "-" is standard input. A name that ends in .zst is decompressed. not_found, io.
Result<std::unique_ptr<Input>> open_input(const std::string& path);

}  // namespace millrace::cli
