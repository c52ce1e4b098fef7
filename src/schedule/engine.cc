#include "src/schedule/engine.h"

#include <algorithm>
#include <utility>

#include "src/schedule/inbox.h"
#include "src/schedule/keys.h"
#include "src/table/key_value_store.h"

namespace millrace::schedule {

Engine::Engine(Options options, Parts parts)
    : options_(options), parts_(std::move(parts)), inbox_(std::make_shared<Inbox>()) {
    inbox_->poke = [this] {
        const std::lock_guard lock(mutex_);
        poked_ = true;
        wake_.notify_all();
    };
}

Engine::~Engine() {
    stop();
}

Result<std::unique_ptr<Engine>> Engine::open(Options options, Parts parts) {
    std::unique_ptr<Engine> engine(new Engine(options, std::move(parts)));
    const auto cursor = engine->parts_.store.cursor();
    for (cursor->seek(keys::groups); cursor->valid() && cursor->key().starts_with(keys::groups); cursor->next()) {
        // "ACCOUNT/REGION/NAME" has the form of an id but for its group.
        const auto id = keys::parse_id(std::string("x/") + std::string(cursor->key().substr(keys::groups.size())));
        if (!id) continue;
        const Scope scope{id->scope.region, id->group};
        TRY_ASSIGN(const Group group, decode_group(scope, id->name, cursor->value()));
        if (group.deleting) engine->groups_to_sweep_.emplace_back(scope, group.name);
    }
    for (cursor->seek(keys::runs); cursor->valid() && cursor->key().starts_with(keys::runs); cursor->next()) {
        ++engine->waiting_;
    }
    TRY(cursor->status());
    return engine;
}

void Engine::run() {
    MILLRACE_CHECK(!thread_.joinable());
    thread_ = std::thread([this] { work(); });
}

void Engine::stop() {
    {
        const std::lock_guard lock(inbox_->mutex);
        inbox_->poke = nullptr;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

Counts Engine::counts() const {
    return {delivered_, failed_, given_up_, skipped_};
}

}  // namespace millrace::schedule
