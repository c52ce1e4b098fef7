#include "src/gateway/http_api/answer_cache.h"

namespace millrace::gateway::http_api {

std::optional<std::string> AnswerCache::find(const std::string& key, int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    const auto at = answers_.find(key);
    if (at == answers_.end()) return std::nullopt;
    if (at->second.until_ms > now_ms) return at->second.text;
    answers_.erase(at);
    return std::nullopt;
}

void AnswerCache::put(const std::string& key, std::string answer, int64_t until_ms) {
    const std::lock_guard lock(mutex_);
    // Keys come from requests, so nobody may fill it for ever: full, it begins anew.
    if (answers_.size() >= answers_max_ && !answers_.contains(key)) answers_.clear();
    answers_.insert_or_assign(key, Answer{std::move(answer), until_ms});
}

void AnswerCache::forget(std::string_view prefix) {
    const std::lock_guard lock(mutex_);
    auto at = answers_.lower_bound(prefix);
    while (at != answers_.end() && at->first.starts_with(prefix)) at = answers_.erase(at);
}

}  // namespace millrace::gateway::http_api
