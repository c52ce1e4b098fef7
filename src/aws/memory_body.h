// A body that lies in memory, read as if it streamed.
#pragma once

#include <algorithm>
#include <string_view>

#include "src/http/message.h"

namespace millrace::aws {

class MemoryBody final : public http::BodyReader {  // `bytes` outlive it
  public:
    explicit MemoryBody(std::string_view bytes) : rest_(bytes) {}
    Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min(out.size(), rest_.size());
        rest_.copy(out.data(), count);
        rest_.remove_prefix(count);
        return count;
    }

  private:
    std::string_view rest_;
};

}  // namespace millrace::aws
