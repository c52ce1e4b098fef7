// The bytes that gathered bodies may hold over all connections.
//
// A body's announced length is reserved whole before its first byte is read, so a body that has begun can always end:
// half-read bodies never wait for each other. Bodies of unknown length reserve as they grow; so that they can not block
// each other either, one of them at a time may go over the limit (by at most gathered_body_bytes_max) until it ends.
// Bodies over large_bytes_min may fill three quarters only: small requests pass even while large ones crowd.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace millrace::http {

class MemoryBudget {
  public:
    static constexpr uint64_t large_bytes_min = 1 << 20;
    static constexpr uint64_t unasked_bytes_max = 64 << 20;  // so that small limits do not turn ordinary peers away
    static constexpr uint64_t held_s_max = 60;  // in which a body comes whole, where others wait for its memory

    explicit MemoryBudget(uint64_t bytes_max) : bytes_max_(bytes_max) {}
    // Called, from any thread, when bytes came free while somebody waited. Set before use.
    void on_free(std::function<void()> wake) { wake_ = std::move(wake); }

    // Reserves `more` bytes for one who holds `held` already. False: not now; the caller counts as waiting until it
    // calls stop_waiting() (once for each false), and tries again when woken. Someone alone always succeeds.
    bool reserve(uint64_t more, uint64_t held, const void* owner);
    void stop_waiting() { waiting_.fetch_sub(1); }
    // Takes bytes without asking; for what is held already.
    void charge(uint64_t bytes) { used_.fetch_add(bytes); }
    // So much came unasked, into windows and buffers that peers may fill before we can stop them, that those who wait
    // for memory are to be sent away instead: each may hold little, and there may be very many.
    bool overdrawn() const { return used_.load() > 2 * bytes_max_ + unasked_bytes_max; }
    // While others wait: how fast, in bytes a second, a body that holds so much has to come. Else a few peers that
    // announce much and send next to nothing would keep everybody's memory, signed for or not.
    uint64_t contended_rate_min(uint64_t held) const { return waiting_.load() > 0 ? held / held_s_max : 0; }
    void release(uint64_t bytes, const void* owner);
    uint64_t used() const { return used_.load(std::memory_order_relaxed); }

  private:
    const uint64_t bytes_max_;
    std::atomic<uint64_t> used_{0};
    std::atomic<int64_t> waiting_{0};
    std::atomic<const void*> over_{nullptr};  // who may go over the limit
    std::function<void()> wake_;
};

}  // namespace millrace::http
