// Where the outcomes of calls arrive, also after the engine is gone.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/schedule/engine.h"

namespace millrace::schedule {

struct Engine::Inbox {
    std::mutex mutex;  // outside of the engine's
    std::vector<Finished> finished;
    std::function<void()> poke;  // null once the engine stops

    void put(std::string key, target::Outcome outcome) {
        const std::lock_guard lock(mutex);
        finished.push_back({std::move(key), std::move(outcome)});
        if (poke) poke();
    }
};

}  // namespace millrace::schedule
