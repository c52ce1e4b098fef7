// What authorizer functions answered, kept for as long as their owner said. Bounded; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::gateway::http_api {

class AnswerCache {
  public:
    AnswerCache(size_t answers_max, size_t bytes_max) : answers_max_(answers_max), bytes_max_(bytes_max) {}

    // `key` begins with the API and stage: "API/STAGE/...".
    std::optional<std::string> find(const std::string& key, int64_t now_ms);
    void put(const std::string& key, std::string answer, int64_t until_ms);
    void forget(std::string_view prefix);

  private:
    struct Answer {
        std::string text;
        int64_t until_ms;
    };
    using Answers = std::map<std::string, Answer, std::less<>>;
    Answers::iterator erase(Answers::iterator at);  // the one behind it

    const size_t answers_max_, bytes_max_;
    std::mutex mutex_;
    Answers answers_;
    size_t bytes_ = 0;  // of keys and answers
};

}  // namespace millrace::gateway::http_api
