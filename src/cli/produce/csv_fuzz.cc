// Any bytes are rows or an error that names a line; and however they are cut into reads, they are the same rows.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "src/cli/produce/csv.h"

namespace {

class Pieces : public millrace::cli::Input {
  public:
    Pieces(const uint8_t* data, size_t size, size_t step) : data_(data), size_(size), step_(step) {}
    millrace::Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min(std::min(step_, out.size()), size_ - at_);
        std::memcpy(out.data(), data_ + at_, count);
        at_ += count;
        return count;
    }
    double fraction() const override { return -1; }

  private:
    const uint8_t* data_;
    size_t size_;
    size_t step_;
    size_t at_ = 0;
};

std::vector<std::vector<std::string>> rows_of(const uint8_t* data, size_t size, size_t step, bool* broken) {
    Pieces pieces(data, size, step);
    millrace::cli::CsvReader reader(pieces, 1 << 16);
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> fields;
    while (true) {
        auto more = reader.next(fields);
        *broken = !more.ok();
        if (!more.ok() || !*more) return rows;
        rows.push_back(fields);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    bool broken_whole = false;
    bool broken_pieces = false;
    const auto whole = rows_of(data, size, size + 1, &broken_whole);
    const auto pieces = rows_of(data, size, 1 + size % 7, &broken_pieces);
    MILLRACE_CHECK(whole == pieces && broken_whole == broken_pieces);
    return 0;
}
