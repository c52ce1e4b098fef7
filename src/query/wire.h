// Bytes of the messages between the engine and its jailed children, and of the result descriptions on disk:
//   number   8 bytes, little-endian
//   text     number of bytes, then the bytes
//   list     number of items, then the items
// The child is hostile once its query is: WireReader checks every length, and turns false for ever on the first lie.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace millrace::query {

class WireWriter {
  public:
    void number(uint64_t value) {
        char bytes[8];
        for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
        bytes_.append(bytes, 8);
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_.append(value);
    }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}
    uint64_t number() {
        if (rest_.size() < 8) return fail();
        uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
        rest_.remove_prefix(8);
        return value;
    }
    std::string text() {
        const uint64_t size = number();
        if (size > rest_.size()) {
            fail();
            return {};
        }
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }
    // The number of items of a list, each of at least `item_bytes_min` bytes; 0 where fewer bytes are left than that.
    uint64_t count(uint64_t item_bytes_min) {
        const uint64_t items = number();
        if (items > rest_.size() / item_bytes_min) return fail();
        return items;
    }
    bool ok() const { return ok_; }  // nothing was missing so far
    bool done() const { return ok_ && rest_.empty(); }

  private:
    uint64_t fail() {
        ok_ = false;
        rest_ = {};
        return 0;
    }
    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace millrace::query
