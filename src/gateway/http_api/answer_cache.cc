#include "src/gateway/http_api/answer_cache.h"

namespace millrace::gateway::http_api {

std::optional<std::string> AnswerCache::find(const std::string& key, int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    const auto at = answers_.find(key);
    if (at == answers_.end()) return std::nullopt;
    if (at->second.until_ms > now_ms) return at->second.text;
    erase(at);
    return std::nullopt;
}

void AnswerCache::put(const std::string& key, std::string answer, int64_t until_ms) {
    const std::lock_guard lock(mutex_);
    if (const auto before = answers_.find(key); before != answers_.end()) erase(before);
    const size_t bytes = key.size() + answer.size();
    if (bytes > bytes_max_ / 16) return;
    // Keys come from requests, so nobody may fill it for ever: full, it begins anew.
    if (answers_.size() >= answers_max_ || bytes_ + bytes > bytes_max_) {
        answers_.clear();
        bytes_ = 0;
    }
    bytes_ += bytes;
    answers_.insert_or_assign(key, Answer{std::move(answer), until_ms});
}

void AnswerCache::forget(std::string_view prefix) {
    const std::lock_guard lock(mutex_);
    auto at = answers_.lower_bound(prefix);
    while (at != answers_.end() && at->first.starts_with(prefix)) at = erase(at);
}

AnswerCache::Answers::iterator AnswerCache::erase(Answers::iterator at) {
    bytes_ -= at->first.size() + at->second.text.size();
    return answers_.erase(at);
}

}  // namespace millrace::gateway::http_api
