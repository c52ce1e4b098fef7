// An archive that can not be written, on a real log and a store that a test makes fail.
#include "src/bus/archive.h"

#include <gtest/gtest.h>

#include "src/bus/event.h"
#include "src/bus/testing_store.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/table/temporary_directory.h"

namespace millrace::bus {
namespace {

class Archiving : public testing::Test {
  protected:
    void SetUp() override {
        bus_.log_key = log_->create_shard().value().value();
        archive_.id = 1;
        open();
    }
    void open() { archiver_ = *Archiver::open(archive_, bus_, {}, {*log_, *registry_, store_, clock_}); }
    void put() {
        log::Batch batch{log::ShardKey(bus_.log_key)};
        std::string event;
        append_event(
            {.id = "id", .detail_type = "t", .source = "s", .time = clock_.now(), .resources = {}, .detail = "{}"}, {},
            &event);
        batch.add("", event);
        ASSERT_TRUE(log_->append_and_wait(std::move(batch)).ok());
    }
    flow::Stepped::Next step() {
        const std::atomic<bool> no{false};
        return archiver_->step(false, no);
    }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    FailingStore store_{*table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false})};
    std::unique_ptr<catalog::Registry> registry_ = catalog::Registry::open(store_);
    std::unique_ptr<log::Log> log_ = *log::Log::open(
        {.directory = directory_.path() + "/log", .durability = log::Durability::os}, io::posix_file_system(), clock_);
    BusDefinition bus_;
    ArchiveDefinition archive_;
    std::shared_ptr<Archiver> archiver_;
};

TEST_F(Archiving, WhatCanNotBeWrittenIsTriedAgain) {
    put();
    store_.fails = true;
    const flow::Stepped::Next next = step();
    EXPECT_EQ(next.due_ns, clock_.monotonic_ns() + 1'000'000'000);
    EXPECT_EQ(archiver_->problem(), "no space left");
    EXPECT_TRUE(archiver_->holds_log());
    EXPECT_EQ(archiver_->state().events, 0u);
    store_.fails = false;
    clock_.advance_ms(1001);
    step();
    EXPECT_EQ(archiver_->problem(), "");
    EXPECT_EQ(archiver_->state().events, 1u);
    open();
    EXPECT_EQ(archiver_->state().events, 1u);
}

TEST_F(Archiving, AfterADayTheLogIsNoLongerKeptForIt) {
    put();
    store_.fails = true;
    step();
    for (int i = 0; i < 24 * 60; ++i) {
        EXPECT_TRUE(archiver_->holds_log());
        clock_.advance_ms(60'000);
        step();
    }
    EXPECT_FALSE(archiver_->holds_log());
    const log::ShardKey shard(bus_.log_key);
    ASSERT_TRUE(log_->trim_to(shard, *log_->end(shard)).ok());
    put();
    store_.fails = false;
    clock_.advance_ms(60'001);
    step();
    EXPECT_TRUE(archiver_->holds_log());
    EXPECT_EQ(archiver_->state().events, 1u);
}

}  // namespace
}  // namespace millrace::bus
