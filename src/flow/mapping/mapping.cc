#include "src/flow/mapping/mapping.h"

#include <algorithm>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/object/store.h"
#include "src/table/key_value_store.h"

namespace millrace::flow::mapping {
namespace {

constexpr int64_t ms = 1'000'000;
constexpr int64_t turn_ms_max = 200;  // then another mapping has its turn

}  // namespace

// Where answers arrive, also after the mapping is gone.
struct Mapping::Inbox {
    std::mutex mutex;
    std::vector<std::pair<uint64_t, Result<function::InvocationResult>>> answers;
    std::function<void()> poke;

    void put(uint64_t ticket, Result<function::InvocationResult> result) {
        const std::lock_guard<std::mutex> lock(mutex);
        answers.emplace_back(ticket, std::move(result));
        if (poke) poke();
    }
};

Mapping::Mapping(Definition definition, Options options, Parts parts, std::atomic<int64_t>& held_bytes, bool fresh)
    : options_(options),
      parts_(std::move(parts)),
      held_bytes_(held_bytes),
      inbox_(std::make_shared<Inbox>()),
      definition_(std::move(definition)) {
    seen_.definition = definition_;
    seen_.state = definition_.deleting           ? "Deleting"
                  : fresh                        ? "Creating"
                  : definition_.settings.enabled ? "Enabling"
                                                 : "Disabled";
    seen_.result = "No records processed";
}

Mapping::~Mapping() {
    set_poke(nullptr);
}

void Mapping::set_poke(std::function<void()> poke) {
    const std::lock_guard<std::mutex> lock(inbox_->mutex);
    inbox_->poke = std::move(poke);
    if (inbox_->poke && !inbox_->answers.empty()) inbox_->poke();  // of calls that were quicker
}

void Mapping::reconfigure(Definition definition) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Settings &before = seen_.definition.settings, &after = definition.settings;
    if (definition.deleting) {
        seen_.state = "Deleting";
    } else if (definition.version != seen_.definition.version) {
        seen_.state = before.enabled == after.enabled ? "Updating" : after.enabled ? "Enabling" : "Disabling";
    }
    seen_.definition = definition;
    new_definition_ = std::move(definition);
}

Description Mapping::describe() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
}

bool Mapping::gone() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return gone_;
}

void Mapping::set_state(std::string state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!new_definition_) seen_.state = std::move(state);
}

void Mapping::report(std::string_view problem) {
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.result = problem.empty()                  ? "OK"
                   : problem.starts_with("PROBLEM") ? problem
                                                    : "PROBLEM: " + std::string(problem);
}

bool Mapping::sources_changed() {
    const std::lock_guard<std::mutex> lock(step_mutex_);
    return std::exchange(shards_changed_, false);
}

std::vector<std::shared_ptr<void>> Mapping::subscribe(const std::function<void()>& wake) {
    const std::lock_guard<std::mutex> lock(step_mutex_);
    std::vector<std::shared_ptr<void>> tokens;
    for (const auto& [key, shard] : shards_) {
        if (!shard.finished) tokens.push_back(source_->subscribe(shard.source, wake));
    }
    return tokens;
}

// --- what lanes ask for ---

void Mapping::call(Lane& lane, std::string event) {
    const uint64_t ticket = next_ticket_++;
    calls_[ticket] = &lane;
    function::Invocation invocation;
    invocation.function = definition_.settings.function;
    invocation.payload = std::move(event);
    parts_.invoke(std::move(invocation), [inbox = inbox_, ticket](Result<function::InvocationResult> result) {
        inbox->put(ticket, std::move(result));
    });
}

Status Mapping::save(const Lane& lane) {
    table::WriteBatch batch;
    const Shard& shard = shards_.at(lane.shard().key);
    put_shard(lane.shard().key, checkpoint_of(shard), lane.number(), definition_.uuid, &batch);
    return parts_.store.write(batch);
}

Status Mapping::deliver(const FailureRecord& record) {
    TRY_ASSIGN(const std::string bucket, bucket_of(definition_.settings.on_failure));
    TRY(object::check_owner(parts_.objects, bucket, definition_.scope.account));
    object::PutOptions put;
    put.system["content-type"] = "application/json";
    TRY_ASSIGN(auto upload, parts_.objects.begin_put(bucket, object_key(record, definition_.uuid, random_uuid()), put));
    TRY(upload->write(to_json(record, *source_)));
    TRY_ASSIGN(const object::ObjectInfo info, upload->commit());
    return {};
}

ShardCheckpoint Mapping::checkpoint_of(const Shard& shard) const {
    ShardCheckpoint out;
    out.id = shard.source.id;
    out.finished = shard.finished;
    for (const auto& lane : shard.lanes) out.lanes.push_back(lane->checkpoint());
    return out;
}

// --- stepping ---

Stepped::Next Mapping::step(bool, const std::atomic<bool>& stopping) {
    const std::lock_guard<std::mutex> lock(step_mutex_);
    Next next;
    take_answers();
    if (take_definition()) retry_due_ns_ = 0;
    if (gone_) return next;
    if (parts_.clock.monotonic_ns() < retry_due_ns_) {
        next.due_ns = retry_due_ns_;
        return next;
    }
    Status status = run(stopping, &next);
    if (status.ok()) {
        failures_ = 0;
    } else {
        report(status.error().message);
        const int64_t wait_ms = std::min(options_.retry_ms_first << std::min(failures_, 20u), options_.retry_ms_max);
        ++failures_;
        retry_due_ns_ = parts_.clock.monotonic_ns() + wait_ms * ms;
        next = {};
        next.due_ns = retry_due_ns_;
    }
    LaneCounts counts;
    for (const auto& [key, shard] : shards_) {
        for (const auto& lane : shard.lanes) {
            counts.done += lane->counts().done;
            counts.filtered += lane->counts().filtered;
            counts.given_up += lane->counts().given_up;
            counts.calls += lane->counts().calls;
            counts.function_us += lane->counts().function_us;
        }
    }
    const std::lock_guard<std::mutex> seen(mutex_);
    seen_.counts = counts;
    return next;
}

void Mapping::take_answers() {
    std::vector<std::pair<uint64_t, Result<function::InvocationResult>>> answers;
    {
        const std::lock_guard<std::mutex> lock(inbox_->mutex);
        answers.swap(inbox_->answers);
    }
    for (auto& [ticket, result] : answers) {
        const auto found = calls_.find(ticket);
        if (found == calls_.end()) continue;
        Lane* const lane = found->second;
        calls_.erase(found);
        if (result.ok()) ++calls_ended_;
        lane->take(std::move(result));
    }
}

// Whether there is something new to carry out once the calls under way have ended.
bool Mapping::take_definition() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!new_definition_) return false;
    const bool changed = new_definition_->version != definition_.version ||
                         new_definition_->rewinds != definition_.rewinds || new_definition_->deleting;
    if (!changed) {  // tags
        definition_.tags = std::move(new_definition_->tags);
        new_definition_.reset();
        return false;
    }
    to_carry_out_ = true;
    return true;
}

Status Mapping::run(const std::atomic<bool>& stopping, Next* next) {
    if (to_carry_out_) {
        if (!calls_.empty()) return {};  // their answers wake us
        TRY(carry_out());
        if (gone_) return {};
    }
    if (!definition_.settings.enabled) {
        set_state("Disabled");
        return {};
    }
    set_state("Enabled");
    const int64_t now_ns = parts_.clock.monotonic_ns();
    if (now_ns >= refresh_due_ns_) TRY(refresh());
    next->due_ns = refresh_due_ns_;
    next->settled = true;
    const int64_t turn_ends_ns = now_ns + turn_ms_max * ms;
    step_throttled(turn_ends_ns, stopping);
    for (auto& [key, shard] : shards_) {
        if (shard.finished || waits(shard)) continue;
        for (const auto& lane : shard.lanes) {
            if (stopping) return {};
            const Next lanes_next = lane->step(turn_ends_ns, stopping);
            next->due_ns = std::min(next->due_ns, lanes_next.due_ns);
            next->more = next->more || lanes_next.more;
            next->settled = next->settled && lanes_next.settled;
        }
        if (std::all_of(shard.lanes.begin(), shard.lanes.end(), [](const auto& lane) { return lane->finished(); })) {
            TRY(finish(shard));
            next->more = true;  // its children may begin
        }
    }
    return {};
}

// Where the function runs fewer calls at once than there are lanes, those that find no room would back off for ever
// longer while others are done. Each call that ends lets the one that has waited for longest go first.
void Mapping::step_throttled(int64_t turn_ends_ns, const std::atomic<bool>& stopping) {
    for (; calls_ended_ > 0; --calls_ended_) {
        Lane* longest = nullptr;
        for (const auto& [key, shard] : shards_) {
            for (const auto& lane : shard.lanes) {
                if (lane->throttled_since_ns() == 0 || lane->in_flight()) continue;
                if (!longest || lane->throttled_since_ns() < longest->throttled_since_ns()) longest = lane.get();
            }
        }
        if (!longest) break;
        longest->retry_now();
        longest->step(turn_ends_ns, stopping);
    }
    calls_ended_ = 0;
}

bool Mapping::waits(const Shard& shard) const {
    return std::any_of(shard.source.parents.begin(), shard.source.parents.end(), [&](const std::string& parent) {
        return std::any_of(shards_.begin(), shards_.end(),
                           [&](const auto& each) { return each.second.source.id == parent && !each.second.finished; });
    });
}

Status Mapping::finish(Shard& shard) {
    shard.finished = true;
    table::WriteBatch batch;
    put_shard(shard.source.key, checkpoint_of(shard), std::nullopt, definition_.uuid, &batch);
    if (Status saved = parts_.store.write(batch); !saved.ok()) {
        shard.finished = false;
        return saved;
    }
    shards_changed_ = true;
    return {};
}

std::vector<ShardDescription> Mapping::shards() {
    const std::lock_guard<std::mutex> lock(step_mutex_);
    std::vector<ShardDescription> out;
    const int64_t now_ms = parts_.clock.now().value();
    for (const auto& [key, shard] : shards_) {
        ShardDescription& each = out.emplace_back();
        each.id = shard.source.id;
        each.finished = shard.finished;
        each.waiting = !shard.finished && waits(shard);
        Position done(UINT64_MAX);
        for (const auto& lane : shard.lanes) {
            done = std::min(done, lane->checkpoint().done);
            each.in_flight = each.in_flight || lane->in_flight();
            if (each.problem.empty()) each.problem = lane->problem();
        }
        each.position = source_->sequence_text(done);
        if (shard.finished) continue;
        auto read = source_->read(shard.source, done, 1);
        if (read.ok() && !read->records.empty()) {
            each.behind_ms = std::max<int64_t>(now_ms - read->records.front().time.value(), 1);
        } else if (!read.ok()) {
            each.problem = read.error().message;
        }
    }
    return out;
}

}  // namespace millrace::flow::mapping
