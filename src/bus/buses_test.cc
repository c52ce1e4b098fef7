// Buses as the service sees them, on a real log and a real store: what their archives hold whatever becomes of the bus.
#include "src/bus/buses.h"

#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "src/bus/event.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::bus {
namespace {

class AllGoesWell final : public target::Deliverer {
  public:
    void deliver(const target::Target& target, std::vector<target::Item> items, Done done) override {
        {
            const std::lock_guard lock(mutex_);
            got_[target.arn.substr(target.arn.rfind('/') + 1)] += items.size();
        }
        done(std::vector<target::Outcome>(items.size()));
    }
    size_t got(const std::string& name) {
        const std::lock_guard lock(mutex_);
        return got_[name];
    }

  private:
    std::mutex mutex_;
    std::map<std::string, size_t> got_;
};

class WholeBuses : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(buses_->run(targets_).ok());
        make("orders");
        ASSERT_TRUE(
            buses_->create_archive({.scope = {}, .name = "all", .bus = "orders", .description = "", .pattern = ""})
                .ok());
    }
    void TearDown() override { buses_->stop(); }
    // As a restart. Nothing is delivered before run().
    void open() {
        buses_.reset();
        buses_ = *Buses::open({}, {*log_, *registry_, *store_, clock_});
    }
    void make(const std::string& name) {
        BusDefinition bus;
        bus.name = name;
        ASSERT_TRUE(buses_->create(bus).ok());
    }
    void rule(const std::string& name) {
        ASSERT_TRUE(buses_
                        ->change_rule({}, "orders", name, true,
                                      [&](RuleDefinition& rule) {
                                          rule.pattern = R"({"source":["s"]})";
                                          TargetDefinition target;
                                          target.id = "1";
                                          target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/" + name;
                                          target.uid = buses_->next_uid().value();
                                          rule.targets.push_back(target);
                                          return Status();
                                      })
                        .ok());
    }
    void put(TimestampMs time, const Origin& origin = {}) {
        log::Batch batch{log::ShardKey((*buses_->find({}, "orders"))->log_key)};
        std::string event;
        append_event({.id = "id", .detail_type = "t", .source = "s", .time = time, .resources = {}, .detail = "{}"}, {},
                     &event);
        batch.add(encode(origin), event);
        ASSERT_TRUE(log_->append_and_wait(std::move(batch)).ok());
    }
    uint64_t archived() { return buses_->archive({}, "all")->state.events; }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    AllGoesWell targets_;
    std::unique_ptr<table::KeyValueStore> store_ =
        *table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false});
    std::unique_ptr<log::Log> log_ = *log::Log::open(
        {.directory = directory_.path() + "/log", .durability = log::Durability::os}, io::posix_file_system(), clock_);
    std::unique_ptr<catalog::Registry> registry_ = catalog::Registry::open(*store_);
    std::unique_ptr<Buses> buses_ = *Buses::open({}, {*log_, *registry_, *store_, clock_});
};

// Deleting a bus lets its archives read to the end, so nothing here waits.
TEST_F(WholeBuses, AnArchiveOutlivesItsBusAndGoesOnWithTheNextOfItsName) {
    put(clock_.now());
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_EQ(archived(), 1u);
    make("orders");
    put(clock_.now());
    put(clock_.now());
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_EQ(archived(), 3u);
}

TEST_F(WholeBuses, ABusMayBeDeletedWhileTheServerStops) {
    put(clock_.now());
    buses_->stop();
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_EQ(archived(), 1u);
}

TEST_F(WholeBuses, ABusMayBeDeletedBeforeItRuns) {
    open();
    put(clock_.now());
    open();
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_EQ(archived(), 1u);
}

// Between the two writes of a deletion: the shard goes with the next start, or the bus is as it was.
TEST_F(WholeBuses, ADeletionThatADeathCutShortIsFinished) {
    put(clock_.now());
    const uint64_t shard = (*buses_->find({}, "orders"))->log_key;
    const auto has = [&] { return log_->end(log::ShardKey(shard)).ok(); };
    ASSERT_TRUE(registry_->put(gone_kind, {}, std::to_string(shard), "").ok());
    open();
    EXPECT_TRUE(buses_->find({}, "orders").ok());
    EXPECT_TRUE(has());
    ASSERT_TRUE(registry_->remove(bus_kind, {}, "orders").ok());
    open();
    EXPECT_TRUE(has()) << "nobody said that it is gone";
    ASSERT_TRUE(registry_->put(gone_kind, {}, std::to_string(shard), "").ok());
    open();
    EXPECT_FALSE(has());
    open();
    make("orders");
    const uint64_t next = (*buses_->find({}, "orders"))->log_key;
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_FALSE(log_->end(log::ShardKey(next)).ok());
    size_t notes = 0;
    ASSERT_TRUE(registry_->for_each(gone_kind, [&](const Scope&, const catalog::Entry&) { ++notes; }).ok());
    EXPECT_EQ(notes, 0u);
}

TEST_F(WholeBuses, EventsFromBeforeTheEpochAreReplayedLikeOthers) {
    put(TimestampMs(-86'400'000));
    ASSERT_TRUE(buses_->remove({}, "orders").ok());
    EXPECT_EQ(archived(), 1u);
    size_t found = 0;
    const auto cursor = store_->cursor();
    for (cursor->seek("A"); cursor->valid() && cursor->key()[0] == 'A'; cursor->next()) {
        found += static_cast<unsigned char>(cursor->key()[9]) == 0;  // of the time
    }
    EXPECT_EQ(found, 1u);
}

TEST_F(WholeBuses, AnArchiveIsNotDeletedUnderAReplay) {
    ReplayDefinition replay;
    replay.name = "again";
    replay.archive = "all";
    replay.bus = "orders";
    put(clock_.now());
    buses_->stop();  // it does not come to its end
    ASSERT_TRUE(buses_->start_replay(replay).ok());
    EXPECT_EQ(buses_->remove_archive({}, "all").error().code, ErrorCode::failed_precondition);
    open();
    ASSERT_TRUE(buses_->run(targets_).ok());
    while (buses_->replay({}, "again")->state != ReplayState::completed) {
        clock_.advance_ms(1000);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(buses_->remove_archive({}, "all").ok());
}

// A replay that a death interrupted: what it has put into the log is for its rules alone, also after the restart.
TEST_F(WholeBuses, AReplayIsForItsRulesAfterARestart) {
    open();
    rule("a");
    rule("b");
    ReplayDefinition replay;
    replay.archive = "all";
    replay.bus = "orders";
    replay.rules = {"a"};
    for (int i = 0; i < 990; ++i) {  // it takes a while until they are all known
        replay.name = "r" + std::to_string(1000 + i);
        ASSERT_TRUE(buses_->start_replay(replay).ok());
    }
    put(clock_.now(), Origin{.replay = replay.name});
    open();
    ASSERT_TRUE(buses_->run(targets_).ok());
    while (targets_.got("a") == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    buses_->stop();
    EXPECT_EQ(targets_.got("a"), 1u);
    EXPECT_EQ(targets_.got("b"), 0u);
}

TEST(RuleTargets, ALongPartitionKeyIsCutBetweenCharacters) {
    RuleDefinition rule;
    TargetDefinition definition;
    definition.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    definition.partition_key_path = "$.k";
    const auto target = RuleTarget::compile(rule, definition).value();
    std::string key = "a";
    for (int i = 0; i < 200; ++i) key += "\u00e9";  // two bytes each
    EXPECT_EQ(target->item_of(R"({"id":"1","k":")" + key + R"("})", TimestampMs())->partition_key, key.substr(0, 255));
}

}  // namespace
}  // namespace millrace::bus
