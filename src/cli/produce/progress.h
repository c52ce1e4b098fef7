// One line on the terminal that says how far a long send is; on a file or pipe, nothing until the end.
#pragma once

#include <cstdint>
#include <string>

namespace millrace::cli {

class Progress {
  public:
    explicit Progress(std::string what);  // "sending"
    // Redraws at most ten times a second. `fraction` as Input's.
    void update(uint64_t records, double fraction);
    // The last line, with the mean rate, on any kind of output.
    void finish(uint64_t records);
    double seconds() const;

  private:
    void draw(uint64_t records, double fraction);
    std::string what_;
    bool terminal_;
    int64_t begin_ns_;
    int64_t drawn_ns_ = 0;
};

// "1,234,567"
std::string with_commas(uint64_t number);

}  // namespace millrace::cli
