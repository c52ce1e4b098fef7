#include "src/http/memory_budget.h"

namespace millrace::http {

bool MemoryBudget::reserve(uint64_t more, uint64_t held, const void* owner) {
    uint64_t bound = held + more >= large_bytes_min ? bytes_max_ / 4 * 3 : bytes_max_;
    // Twice: between a first refusal and counting as waiting, the last holder may have released without waking us.
    for (int attempt = 0;; ++attempt) {
        uint64_t used = used_.load();
        while (used == held || used + more <= bound) {
            if (used_.compare_exchange_weak(used, used + more)) {
                if (attempt > 0) stop_waiting();
                return true;
            }
        }
        if (held > 0) {
            const void* nobody = nullptr;
            if (over_.compare_exchange_strong(nobody, owner) || nobody == owner) {
                used_.fetch_add(more);
                if (attempt > 0) stop_waiting();
                return true;
            }
        }
        if (attempt > 0) return false;
        waiting_.fetch_add(1);
    }
}

void MemoryBudget::release(uint64_t bytes, const void* owner) {
    const void* holder = owner;
    bool was_over = over_.compare_exchange_strong(holder, nullptr);
    if (bytes == 0 && !was_over) return;
    used_.fetch_sub(bytes);
    if (waiting_.load() > 0 && wake_) wake_();
}

}  // namespace millrace::http
