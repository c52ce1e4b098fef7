// Authorizers' answers that are kept for their time to live: least recently used first out, over a count or a size.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/gateway/access/authorizer_answer.h"

namespace millrace::gateway {

class PolicyCache {  // any thread
  public:
    PolicyCache(size_t entries_max, size_t bytes_max) : entries_max_(entries_max), bytes_max_(bytes_max) {}

    // null where there is none, or its time is over. `name` says whose and for which values (rules.h).
    std::shared_ptr<const AuthorizerAnswer> find(const std::string& name, int64_t now_ns);
    void put(const std::string& name, std::shared_ptr<const AuthorizerAnswer> answer, int64_t until_ns);
    void forget(std::string_view name_prefix);

  private:
    struct Entry {
        std::string name;
        std::shared_ptr<const AuthorizerAnswer> answer;
        int64_t until_ns = 0;
        size_t bytes() const { return 256 + name.size() + 4 * answer->bytes; }  // parsed it is larger than its text
    };
    using Entries = std::list<Entry>;
    void erase(Entries::iterator at);

    const size_t entries_max_, bytes_max_;
    std::mutex mutex_;
    Entries entries_;  // the most recently used first
    std::unordered_map<std::string_view, Entries::iterator> by_name_;
    size_t bytes_ = 0;
};

}  // namespace millrace::gateway
