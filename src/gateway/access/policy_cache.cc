#include "src/gateway/access/policy_cache.h"

namespace millrace::gateway {

std::shared_ptr<const AuthorizerAnswer> PolicyCache::find(const std::string& name, int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    const auto at = by_name_.find(name);
    if (at == by_name_.end()) return nullptr;
    if (at->second->until_ns <= now_ns) {
        erase(at->second);
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->answer;
}

void PolicyCache::put(const std::string& name, std::shared_ptr<const AuthorizerAnswer> answer, int64_t until_ns) {
    const std::lock_guard lock(mutex_);
    if (const auto at = by_name_.find(name); at != by_name_.end()) erase(at->second);
    entries_.push_front({name, std::move(answer), until_ns});
    by_name_.emplace(entries_.front().name, entries_.begin());
    bytes_ += entries_.front().bytes();
    while (!entries_.empty() && (entries_.size() > entries_max_ || bytes_ > bytes_max_)) {
        erase(std::prev(entries_.end()));
    }
}

void PolicyCache::forget(std::string_view prefix) {
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto next = std::next(at);
        if (at->name.starts_with(prefix)) erase(at);
        at = next;
    }
}

void PolicyCache::erase(Entries::iterator at) {
    bytes_ -= at->bytes();
    by_name_.erase(at->name);
    entries_.erase(at);
}

}  // namespace millrace::gateway
