// The world around a mapping, in memory: a stream, a store and a bucket that can die at any step, and a function whose
// behaviour is a line of the test. Time moves when told, or to whatever is due next.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/mapping/mapping.h"
#include "src/flow/testing_world.h"
#include "src/object/memory_key_value_store.h"

namespace millrace::flow::mapping {

// As flow's MemoryStore, with a cursor.
class OrderedStore final : public table::KeyValueStore {
  public:
    explicit OrderedStore(Fate& fate) : fate_(fate) {}
    Result<std::optional<std::string>> get(std::string_view key) override { return kept_.get(key); }
    Status write(const table::WriteBatch& batch) override {
        return fate_.step([&] { return kept_.write(batch); });
    }
    std::unique_ptr<table::Cursor> cursor() override { return kept_.cursor(); }
    size_t count() const { return kept_.count("flow/mapping/"); }

  private:
    Fate& fate_;
    object::MemoryKeyValueStore kept_;
};

// One call of the function, as it saw it.
struct Call {
    int64_t time_ms = 0;
    boost::json::object event;
    std::string shard;
    std::vector<std::string> records;  // their data
    std::vector<std::string> numbers;  // their sequence numbers
    bool answered = false, well = false;
};

struct Reply {
    Result<function::InvocationResult> result =
        function::InvocationResult{"null", "", "", "$LATEST", "request", 0, false};
    int64_t after_ms = 0;

    static Reply ok(std::string payload = "null") {
        Reply out;
        out.result->payload = std::move(payload);
        return out;
    }
    static Reply error() {
        Reply out;
        out.result->function_error = "Unhandled";
        return out;
    }
    static Reply throttled() {
        Reply out;
        out.result = Error{ErrorCode::resource_exhausted, "Rate Exceeded."};
        return out;
    }
};

struct World {
    io::ManualClock clock{TimestampMs(1'700'000'000'000)};
    Fate fate;
    OrderedStore store{fate};
    MemoryLog log{fate, clock};
    MemoryStore beside{fate};
    MemoryObjects objects{fate, beside};
    object::MemoryKeyValueStore catalog_store;
    std::unique_ptr<catalog::Registry> registry = catalog::Registry::open(catalog_store);
    std::atomic<int64_t> held{0};
    std::atomic<bool> stopping{false};
    Options options;
    catalog::Stream stream;
    Definition definition;
    std::unique_ptr<Mapping> mapping;

    std::function<Reply(const Call&)> function = [](const Call&) { return Reply::ok(); };
    std::vector<std::shared_ptr<Call>> calls;
    struct Waiting {
        int64_t due_ms;
        std::shared_ptr<Call> call;
        CallDone done;
        Reply reply;
    };
    std::vector<Waiting> waiting;
    bool survives = false;  // a dead store is one that fails, not the end of the process

    explicit World(size_t shard_count = 1) {
        stream.name = "orders";
        for (size_t i = 0; i < shard_count; ++i) add_shard("");
        definition.uuid = "11111111-2222-3333-4444-555555555555";
        definition.source_arn = catalog::arn_of(stream);
        definition.start = StartingPosition::trim_horizon;
        definition.settings.function.name = "consume";
        definition.version = 1;
    }

    size_t add_shard(const std::string& parent, const std::string& adjacent = "") {
        catalog::Shard shard;
        char id[32];
        std::snprintf(id, sizeof id, "shardId-%012zu", stream.shards.size());
        shard.id = id;
        shard.log_key = log.create_shards(1)->value();
        shard.parent_id = parent;
        shard.adjacent_parent_id = adjacent;
        stream.shards.push_back(shard);
        keep_stream();
        return stream.shards.size() - 1;
    }
    void close_shard(size_t shard) {
        stream.shards[shard].position_last = log.end(log::ShardKey(stream.shards[shard].log_key))->value();
        keep_stream();
    }
    void keep_stream() {
        EXPECT_TRUE(
            registry->put(catalog::stream_kind, stream.scope, stream.name, catalog::encode_stream(stream)).ok());
    }
    void put(std::string data, std::string key = "k", size_t shard = 0) {
        log.put(log::ShardKey(stream.shards[shard].log_key), std::move(data), std::move(key));
    }

    Parts parts() {
        return {
            .sources = {log, *registry},
            .store = store,
            .registry = *registry,
            .objects = objects,
            .clock = clock,
            .invoke = [this](function::Invocation invocation, CallDone done) { invoked(std::move(invocation), done); },
            .role_of = [](const function::FunctionName&) { return std::string("arn:aws:iam::000000000000:role/r"); }};
    }
    void place() {
        const Status placed = Mapping::place(definition, parts());
        EXPECT_TRUE(placed.ok()) << placed.error().message;
        static_cast<void>(registry->put(mapping_kind, definition.scope, definition.uuid, encode(definition)));
    }
    void start() {
        waiting.clear();
        mapping = std::make_unique<Mapping>(definition, options, parts(), held, false);
    }
    void update(const std::function<void(Settings&)>& change) {
        change(definition.settings);
        ++definition.version;
        mapping->reconfigure(definition);
    }

    void invoked(function::Invocation invocation, CallDone done) {
        auto call = std::make_shared<Call>();
        call->time_ms = clock.now().value();
        EXPECT_LE(invocation.payload.size(), options.event_bytes_max);
        call->event = boost::json::parse(invocation.payload).as_object();
        for (const auto& record : call->event.at("Records").as_array()) {
            const auto& kinesis = record.as_object().at("kinesis").as_object();
            std::string data;
            EXPECT_TRUE(base64_decode(kinesis.at("data").as_string(), &data));
            call->records.push_back(data);
            call->numbers.push_back(std::string(kinesis.at("sequenceNumber").as_string()));
            const std::string id(record.as_object().at("eventID").as_string());
            call->shard = id.substr(0, id.find(':'));
        }
        calls.push_back(call);
        Reply reply = function(*call);
        const int64_t due_ms = call->time_ms + reply.after_ms;
        waiting.push_back({due_ms, call, std::move(done), std::move(reply)});
    }

    // Steps and lets time pass until `until`, or until nothing happens any more for `quiet_ms`.
    void run_ms(int64_t for_ms) {
        const int64_t end_ms = clock.now().value() + for_ms;
        for (int guard = 0; guard < 200'000; ++guard) {
            const Stepped::Next next = mapping->step(false, stopping);
            mapping->sources_changed();
            if (fate.dead() && !survives) return;
            bool answered = false;
            for (size_t i = 0; i < waiting.size();) {
                if (waiting[i].due_ms > clock.now().value()) {
                    ++i;
                    continue;
                }
                Waiting each = std::move(waiting[i]);
                waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
                each.call->answered = true;
                each.done(std::move(each.reply.result));
                answered = true;
            }
            if (answered || next.more) continue;
            int64_t to_ms = end_ms;
            if (next.due_ns != INT64_MAX)
                to_ms =
                    std::min(to_ms, clock.now().value() + (next.due_ns - clock.monotonic_ns() + 999'999) / 1'000'000);
            for (const Waiting& each : waiting) to_ms = std::min(to_ms, each.due_ms);
            const int64_t now_ms = clock.now().value();
            if (now_ms >= end_ms) return;
            clock.advance_ms(std::max<int64_t>(to_ms - now_ms, 1));
        }
        ADD_FAILURE() << "it never comes to rest";
    }
    std::vector<std::string> seen() const {
        std::vector<std::string> out;
        for (const auto& call : calls) out.insert(out.end(), call->records.begin(), call->records.end());
        return out;
    }
};

}  // namespace millrace::flow::mapping
