// The bytes of an object, decompressed as it is read, through a window that whoever reads moves: memory that does not
// grow with the object.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "src/base/result.h"

namespace millrace::flow {

enum class InputCompression : uint8_t { none, gzip, zstd };

// Reads up to `size` bytes into `out`; 0 at the end.
using ByteSource = std::function<Result<size_t>(char* out, size_t size)>;

// One thread.
class ObjectText {
  public:
    ObjectText(InputCompression compression, ByteSource source);
    ~ObjectText();

    std::string_view window() const;  // what is there and not taken; valid until fill()
    void take(size_t bytes);          // the window begins after them
    uint64_t taken() const;           // in all
    // More at the window's end; false where the object ends. Errors: what the source says; invalid_argument where it is
    // not compressed as said.
    Result<bool> fill();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace millrace::flow
