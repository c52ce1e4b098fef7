#include "src/cli/produce/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

#include "src/io/clock.h"

namespace millrace::cli {
namespace {
constexpr int kWidth = 30;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), begin_ns_(io::system_clock().monotonic_ns()) {}

double Progress::seconds() const {
    return static_cast<double>(io::system_clock().monotonic_ns() - begin_ns_) / 1e9;
}

void Progress::update(uint64_t records, double fraction) {
    if (!terminal_) return;
    const int64_t now = io::system_clock().monotonic_ns();
    if (now - drawn_ns_ < 100'000'000) return;
    drawn_ns_ = now;
    draw(records, fraction);
}

void Progress::draw(uint64_t records, double fraction) {
    const auto rate = static_cast<uint64_t>(static_cast<double>(records) / std::max(seconds(), 1e-3));
    std::string bar;
    if (fraction >= 0) {
        const int full = static_cast<int>(std::lround(std::min(fraction, 1.0) * kWidth));
        bar = "[" + std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(kWidth - full), ' ') +
              "] ";
    }
    std::fprintf(stderr, "\r%s %s%s records, %s records/s \033[K", what_.c_str(), bar.c_str(),
                 with_commas(records).c_str(), with_commas(rate).c_str());
    std::fflush(stderr);
}

void Progress::finish(uint64_t records) {
    if (terminal_) draw(records, 1);
    const auto rate = static_cast<uint64_t>(static_cast<double>(records) / std::max(seconds(), 1e-3));
    std::fprintf(stderr, "%s%s: %s records in %.1f s, %s records/s\n", terminal_ ? "\r\033[K" : "", what_.c_str(),
                 with_commas(records).c_str(), seconds(), with_commas(rate).c_str());
}

std::string with_commas(uint64_t number) {
    std::string text = std::to_string(number);
    for (size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace millrace::cli
