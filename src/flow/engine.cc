#include "src/flow/engine.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/delivery.h"
#include "src/flow/progress.h"
#include "src/flow/scheduler.h"
#include "src/io/clock.h"
#include "src/io/file.h"

namespace millrace::flow {
namespace {

std::string key_of(const Scope& scope, std::string_view name) {
    std::string key = scope.account;
    key += '/';
    key += scope.region;
    key += '/';
    key += name;
    return key;
}

class EngineImpl final : public Engine {
  public:
    EngineImpl(EngineOptions options, EngineParts parts)
        : options_(options),
          parts_(std::move(parts)),
          shared_(options.threads_max),
          scheduler_("delivery", options.threads_max + options.waiting_max, options.gather_ms, parts_.clock) {}

    Status start() {
        TRY(prepare_temporary_directory());
        std::vector<Definition> removing;
        Status broken;
        TRY(parts_.registry.for_each(delivery_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            auto definition = decode(scope, entry.value);
            if (!definition.ok()) {
                broken = with_context(std::move(definition).error(), entry.name);
            } else if (definition->deleting) {
                removing.push_back(std::move(definition).value());
            } else if (Status added = add(std::move(definition).value()); !added.ok()) {
                broken = with_context(std::move(added).error(), entry.name);
            }
        }));
        TRY(broken);
        for (const Definition& definition : removing) TRY(forget(definition));
        return {};
    }

    Result<Definition> create(Definition definition) override {
        TRY(check(definition.destination));
        const std::lock_guard<std::mutex> changing(change_mutex_);
        if (find(definition.scope, definition.name)) {
            return Error{ErrorCode::already_exists, "delivery stream " + definition.name + " exists"};
        }
        TRY_ASSIGN(definition.id, parts_.registry.next_number("flow.delivery"));
        definition.version = 1;
        definition.created = definition.updated = parts_.clock.now();
        Progress progress;
        if (definition.source == Source::direct_put) {
            TRY_ASSIGN(const log::ShardKey shard, parts_.log.create_shards(1));
            definition.log_key = shard.value();
            progress.shards.push_back({shard, {}});
        } else {
            // Firehose reads a stream from where it ends now.
            TRY_ASSIGN(const catalog::Stream stream,
                       catalog::find_stream(parts_.registry, definition.scope, stream_name_of(definition.kinesis_arn)));
            for (const catalog::Shard& shard : stream.shards) {
                TRY_ASSIGN(const log::Position end, parts_.log.end(log::ShardKey(shard.log_key)));
                progress.shards.push_back({log::ShardKey(shard.log_key), end});
            }
            definition.delivery_start = definition.created;
        }
        // Progress before the entry: a delivery that exists always knows where to begin.
        TRY(save_progress(parts_.progress, definition.id, progress));
        if (Status created =
                parts_.registry.create(delivery_kind, definition.scope, definition.name, encode(definition));
            !created.ok()) {
            static_cast<void>(release(definition));
            return std::move(created).error();
        }
        TRY(add(definition));
        return definition;
    }

    Result<Definition> update(const Scope& scope, std::string_view name, uint64_t expected_version,
                              Destination destination) override {
        TRY(check(destination));
        return change(scope, name, [&](Definition& definition) -> Status {
            if (definition.version != expected_version) {
                return Error{ErrorCode::failed_precondition, "the version is " + std::to_string(definition.version)};
            }
            ++definition.version;
            definition.updated = parts_.clock.now();
            definition.destination = std::move(destination);
            return {};
        });
    }

    Result<Definition> set_tags(const Scope& scope, std::string_view name,
                                std::map<std::string, std::string> tags) override {
        return change(scope, name, [&](Definition& definition) -> Status {
            definition.tags = std::move(tags);
            return {};
        });
    }

    Status remove(const Scope& scope, std::string_view name) override {
        const std::lock_guard<std::mutex> changing(change_mutex_);
        TRY_ASSIGN(const Entry entry, entry_of(scope, name));
        Definition definition = entry.delivery->describe().definition;
        definition.deleting = true;
        TRY(parts_.registry.put(delivery_kind, scope, name, encode(definition)));
        {
            const std::unique_lock<std::shared_mutex> lock(entries_mutex_);
            entries_.erase(key_of(scope, name));
        }
        scheduler_.remove(entry.task);
        return forget(definition);
    }

    Result<Description> describe(const Scope& scope, std::string_view name) override {
        TRY_ASSIGN(const Entry entry, entry_of(scope, name));
        return entry.delivery->describe();
    }

    std::vector<std::string> list(const Scope& scope, std::optional<Source> source, std::string_view after,
                                  size_t limit) override {
        std::vector<std::string> names;
        {
            const std::shared_lock<std::shared_mutex> lock(entries_mutex_);
            const std::string within = key_of(scope, "");
            for (const auto& [key, entry] : entries_) {
                if (!key.starts_with(within) || (source && entry.source != *source)) continue;
                if (std::string name = key.substr(within.size()); name > after) names.push_back(std::move(name));
            }
        }
        std::sort(names.begin(), names.end());
        if (names.size() > limit) names.resize(limit);
        return names;
    }

    std::optional<PutTarget> find(const Scope& scope, std::string_view name) override {
        const std::string key = key_of(scope, name);
        const std::shared_lock<std::shared_mutex> lock(entries_mutex_);
        const auto found = entries_.find(key);
        if (found == entries_.end()) return std::nullopt;
        return found->second.target;
    }

    Status flush(uint32_t timeout_ms) override {
        if (scheduler_.flush(timeout_ms)) return {};
        return Error{ErrorCode::deadline_exceeded, "not all was delivered in time"};
    }

  private:
    // validate(), and what only a process of jq's can tell.
    Status check(const Destination& destination) {
        TRY(validate(destination));
        TRY_ASSIGN(const ProcessingConfiguration processing, destination.processing());
        if (processing.query.empty()) return {};
        TRY_ASSIGN(const std::unique_ptr<PartitionQuery> query, PartitionQuery::start(parts_.jq, processing.query));
        return {};
    }

    Status prepare_temporary_directory() {
        if (options_.temporary_directory.empty()) return {};
        std::error_code error;
        TRY(io::posix_file_system().make_directories(options_.temporary_directory));
        // An older server made it for everybody to read.
        std::filesystem::permissions(options_.temporary_directory, std::filesystem::perms::owner_all, error);
        if (error) return io_error("closing " + options_.temporary_directory + " to others", error.value());
        for (const auto& left : std::filesystem::directory_iterator(options_.temporary_directory, error)) {
            std::filesystem::remove(left.path(), error);
        }
        if (error) return Error{ErrorCode::io, options_.temporary_directory + ": " + error.message()};
        return {};
    }

    struct Entry {
        Source source = Source::direct_put;
        PutTarget target;
        std::shared_ptr<Delivery> delivery;
        Scheduler::TaskPtr task;
    };

    Status add(Definition definition) {
        Entry entry;
        entry.source = definition.source;
        entry.target = {log::ShardKey(definition.log_key), definition.id, definition.source == Source::direct_put};
        const std::string key = key_of(definition.scope, definition.name);
        entry.delivery = std::make_shared<Delivery>(std::move(definition), options_, parts_, shared_);
        TRY(entry.delivery->open());
        entry.task = scheduler_.add(entry.delivery);
        const std::unique_lock<std::shared_mutex> lock(entries_mutex_);
        entries_[key] = std::move(entry);
        return {};
    }

    Result<Entry> entry_of(const Scope& scope, std::string_view name) {
        const std::shared_lock<std::shared_mutex> lock(entries_mutex_);
        const auto found = entries_.find(key_of(scope, name));
        if (found == entries_.end()) {
            return Error{ErrorCode::not_found, "no delivery stream " + std::string(name)};
        }
        return found->second;
    }

    Result<Definition> change(const Scope& scope, std::string_view name,
                              const std::function<Status(Definition&)>& edit) {
        const std::lock_guard<std::mutex> changing(change_mutex_);
        TRY_ASSIGN(const Entry entry, entry_of(scope, name));
        Definition definition = entry.delivery->describe().definition;
        TRY(edit(definition));
        TRY(parts_.registry.put(delivery_kind, scope, name, encode(definition)));
        entry.delivery->reconfigure(definition);
        scheduler_.poke(entry.task);
        return definition;
    }

    // What a delivery keeps outside the registry.
    Status release(const Definition& definition) {
        if (definition.source == Source::direct_put) {
            const log::ShardKey shard(definition.log_key);
            TRY(parts_.log.drop_shards(std::span(&shard, 1)));
        }
        return erase_progress(parts_.progress, definition.id);
    }
    Status forget(const Definition& definition) {
        TRY(release(definition));
        return parts_.registry.remove(delivery_kind, definition.scope, definition.name);
    }

    const EngineOptions options_;
    const EngineParts parts_;
    Shared shared_;
    std::mutex change_mutex_;  // creates, updates and removals one after the other; taken before the others
    std::shared_mutex entries_mutex_;
    std::unordered_map<std::string, Entry> entries_;  // by key_of
    Scheduler scheduler_;                             // last: its threads end first
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, EngineParts parts) {
    auto engine = std::make_unique<EngineImpl>(std::move(options), std::move(parts));
    TRY(engine->start());
    return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace millrace::flow
