// Time as somebody sees it who waits in short pieces. A piece that took far longer than was asked for was no wait: the
// process was stopped (SIGSTOP, a frozen container), or its machine paused, and who was waited for perhaps with it. Of
// such a piece only twice what was asked for counts, so that no deadline runs out while nobody could have kept it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace millrace::io {

class AwakeTime {
  public:
    // `now_ms`: of a monotonic clock, here and below. A piece is a wait of at most `piece_ms`.
    AwakeTime(int64_t now_ms, int64_t piece_ms) : seen_ms_(now_ms), piece_ms_(piece_ms) {}
    void set_piece_ms(int64_t piece_ms) { piece_ms_ = piece_ms; }

    // After each piece. Returns what of it was standing still.
    int64_t pass(int64_t now_ms) {
        const int64_t took = now_ms - seen_ms_, counted = std::min(took, 2 * piece_ms_);
        seen_ms_ = now_ms;
        passed_ms_ += counted;
        return took - counted;
    }
    int64_t passed_ms() const { return passed_ms_; }  // since the beginning

  private:
    int64_t seen_ms_;
    int64_t piece_ms_;
    int64_t passed_ms_ = 0;
};

}  // namespace millrace::io
