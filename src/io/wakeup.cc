#include "src/io/wakeup.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "src/base/result.h"

namespace millrace::io {
namespace {

struct Batch {
    int depth = 0;
    std::vector<std::shared_ptr<Wakeup>> kept;
};
thread_local Batch current;

}  // namespace

std::shared_ptr<Wakeup> Wakeup::make() {
    int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    MILLRACE_CHECK(descriptor >= 0);
    return std::shared_ptr<Wakeup>(new Wakeup(descriptor));
}

Wakeup::~Wakeup() {
    ::close(descriptor_);
}

void Wakeup::signal() {
    if (current.depth == 0) return write();
    auto same = [this](const std::shared_ptr<Wakeup>& kept) { return kept.get() == this; };
    if (std::none_of(current.kept.begin(), current.kept.end(), same)) current.kept.push_back(shared_from_this());
}

void Wakeup::write() {
    uint64_t one = 1;
    // It fails only when the counter is full, and then the thread is woken anyway.
    [[maybe_unused]] ssize_t written = ::write(descriptor_, &one, sizeof one);
}

void Wakeup::drain() {
    uint64_t count;
    [[maybe_unused]] ssize_t got = ::read(descriptor_, &count, sizeof count);
}

WakeBatch::WakeBatch() {
    ++current.depth;
}

WakeBatch::~WakeBatch() {
    if (--current.depth > 0) return;
    for (const auto& wakeup : current.kept) wakeup->write();
    current.kept.clear();
}

}  // namespace millrace::io
