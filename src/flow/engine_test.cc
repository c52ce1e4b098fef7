// The engine on a real log and a real object store, with its threads.
#include "src/flow/engine.h"

#include <algorithm>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "src/catalog/lake.h"
#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/memory_key_value_store.h"
#include "src/object/store.h"
#include "src/table/temporary_directory.h"

namespace millrace::flow {
namespace {

constexpr uint32_t flush_ms_max = 20'000;

struct World {
    table::TemporaryDirectory directory;
    const io::Clock& clock = io::system_clock();
    object::MemoryKeyValueStore store;
    std::unique_ptr<catalog::Registry> registry = catalog::Registry::open(store);
    std::unique_ptr<catalog::Lake> lake = catalog::Lake::open(store, clock);
    std::unique_ptr<log::Log> log;
    std::unique_ptr<object::Store> objects;
    std::unique_ptr<Engine> engine;
    const Scope scope;

    World() {
        start();
        EXPECT_TRUE(objects->create_bucket({"bucket"}).ok());
    }
    void start() {
        log::Options options;
        options.directory = directory.path() + "/log";
        options.durability = log::Durability::os;
        options.segment_bytes = 4 << 20;
        log = *log::Log::open(options, io::posix_file_system(), clock);
        objects = *object::Store::open(directory.path() + "/objects", store, io::posix_file_system(), clock, false);
        EngineOptions engine_options;
        engine_options.temporary_directory = directory.path() + "/spool";
        engine_options.gather_ms = 2;
        engine = *Engine::open(engine_options, {*log, *objects, store, *registry, *lake, clock, nullptr});
    }
    void restart() {
        engine.reset();
        objects.reset();
        log.reset();
        start();
    }
    Definition definition(const std::string& name) const {
        Definition out;
        out.name = name;
        out.destination.bucket_arn = "arn:aws:s3:::bucket";
        out.destination.prefix = name + "/";
        out.destination.interval_s = 900;
        out.destination.processing_enabled = true;
        out.destination.processors = {{"AppendDelimiterToRecord", {}}};
        return out;
    }
    void put(const std::string& name, const std::string& data) {
        log::Batch batch(engine->find(scope, name)->shard);
        batch.add("", data);
        ASSERT_TRUE(log->append_and_wait(std::move(batch)).ok());
    }
    std::vector<std::string> lines(const std::string& prefix) {
        std::vector<object::ObjectInfo> found = objects->list("bucket", {.prefix = prefix})->objects;
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.modified < b.modified; });
        std::vector<std::string> out;
        for (const object::ObjectInfo& info : found) {
            std::string bytes(info.size, '\0');
            EXPECT_EQ(*(*objects->open_object("bucket", info.key))->read_at(0, bytes), info.size);
            size_t at = 0;
            for (size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n', at)) {
                out.push_back(bytes.substr(at, end - at));
                at = end + 1;
            }
        }
        return out;
    }
};

TEST(Engine, DeliversWhatManyThreadsPut) {
    World world;
    for (const char* name : {"a", "b"}) ASSERT_TRUE(world.engine->create(world.definition(name)).ok());
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 100; ++i) {
                world.put(writer % 2 ? "a" : "b", std::to_string(writer) + "." + std::to_string(i));
            }
        });
    }
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    for (std::thread& writer : writers) writer.join();
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    for (const char* name : {"a", "b"}) {
        const auto lines = world.lines(std::string(name) + "/");
        EXPECT_EQ(lines.size(), 200u);
        EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 200u);
    }
}

TEST(Engine, KeepsDefinitionsAndCheckpointsAcrossRestarts) {
    World world;
    ASSERT_TRUE(world.engine->create(world.definition("kept")).ok());
    std::vector<std::string> sent;
    for (int life = 0; life < 4; ++life) {
        for (int i = 0; i < 10; ++i) {
            sent.push_back(std::to_string(life) + "." + std::to_string(i));
            world.put("kept", sent.back());
        }
        if (life % 2) ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
        world.restart();
    }
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    EXPECT_EQ(world.lines("kept/"), sent);
    EXPECT_EQ(world.engine->list(world.scope, std::nullopt, "", 10), std::vector<std::string>{"kept"});
}

TEST(Engine, NamesAreTakenOnceAndFreedByRemoval) {
    World world;
    const auto made = world.engine->create(world.definition("d"));
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(world.engine->create(world.definition("d")).error().code, ErrorCode::already_exists);
    world.put("d", "never delivered");
    ASSERT_TRUE(world.engine->remove(world.scope, "d").ok());
    EXPECT_FALSE(world.engine->find(world.scope, "d"));
    EXPECT_EQ(world.engine->remove(world.scope, "d").error().code, ErrorCode::not_found);
    EXPECT_EQ(world.engine->describe(world.scope, "d").error().code, ErrorCode::not_found);
    EXPECT_EQ(world.store.count("flow/progress/"), 0u);
    const auto again = world.engine->create(world.definition("d"));
    ASSERT_TRUE(again.ok());
    EXPECT_NE(again->id, made->id);
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    EXPECT_TRUE(world.lines("d/").empty());
    log::Batch batch{log::ShardKey(made->log_key)};
    batch.add("", "late");
    EXPECT_EQ(world.log->append_and_wait(std::move(batch)).error().code, ErrorCode::not_found);
}

TEST(Engine, ARemovalThatACrashCutShortIsFinishedAtStart) {
    World world;
    Definition definition = *world.engine->create(world.definition("half"));
    definition.deleting = true;
    ASSERT_TRUE(world.registry->put(delivery_kind, world.scope, "half", encode(definition)).ok());
    world.restart();
    EXPECT_FALSE(world.engine->find(world.scope, "half"));
    EXPECT_FALSE(world.registry->get(delivery_kind, world.scope, "half")->has_value());
    EXPECT_EQ(world.store.count("flow/progress/"), 0u);
}

TEST(Engine, UpdatesNeedTheCurrentVersion) {
    World world;
    const Definition first = *world.engine->create(world.definition("u"));
    Destination moved = first.destination;
    moved.prefix = "moved/";
    EXPECT_EQ(world.engine->update(world.scope, "u", 2, moved).error().code, ErrorCode::failed_precondition);
    world.put("u", "before");
    ASSERT_EQ(world.engine->update(world.scope, "u", 1, moved)->version, 2u);
    world.put("u", "after");
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    EXPECT_EQ(world.lines("moved/"), (std::vector<std::string>{"before", "after"}));
    world.restart();
    EXPECT_EQ(world.engine->describe(world.scope, "u")->definition.version, 2u);
}

TEST(Engine, ReadsAllShardsOfAStreamFromWhereTheyEnd) {
    World world;
    catalog::Stream stream;
    stream.name = "s";
    const log::ShardKey first = *world.log->create_shards(3);
    for (uint64_t i = 0; i < 3; ++i) {
        catalog::Shard shard;
        shard.log_key = first.value() + i;
        stream.shards.push_back(shard);
    }
    const auto put = [&](uint64_t shard, const std::string& data) {
        log::Batch batch{log::ShardKey(first.value() + shard)};
        batch.add("key", data);
        ASSERT_TRUE(world.log->append_and_wait(std::move(batch)).ok());
    };
    ASSERT_TRUE(world.registry->create(catalog::stream_kind, world.scope, "s", encode_stream(stream)).ok());
    put(0, "before");
    Definition definition = world.definition("k");
    definition.source = Source::kinesis;
    definition.kinesis_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/none";
    EXPECT_EQ(world.engine->create(definition).error().code, ErrorCode::not_found);
    definition.kinesis_arn = arn_of(stream);
    ASSERT_TRUE(world.engine->create(definition).ok());
    EXPECT_FALSE(world.engine->find(world.scope, "k")->direct_put);
    for (uint64_t i = 0; i < 9; ++i) put(i % 3, std::to_string(i));
    ASSERT_TRUE(world.engine->flush(flush_ms_max).ok());
    std::vector<std::string> lines = world.lines("k/");
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8"}));
    // The stream's records stay: it has other readers.
    EXPECT_EQ(world.log->read(first, *world.log->horizon(first), {})->records.size(), 4u);
}

}  // namespace
}  // namespace millrace::flow
