#include "src/cli/orphan_shards.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/definition.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/log/log.h"
#include "src/table/key_value_store.h"

namespace millrace::cli {
namespace {

class OrphanShards : public testing::Test {
  protected:
    OrphanShards() {
        store_ = table::open_rocksdb({.directory = directory_ + "/catalog", .sync = false}).value();
        registry_ = catalog::Registry::open(*store_);
        log::Options options;
        options.directory = directory_ + "/log";
        options.durability = log::Durability::os;
        options.segment_bytes = 1 << 20;
        log_ = log::Log::open(options, io::posix_file_system(), io::system_clock()).value();
    }
    ~OrphanShards() override { std::filesystem::remove_all(directory_); }

    bool lives(log::ShardKey shard) {
        const std::vector<log::ShardKey> all = log_->shards();
        return std::find(all.begin(), all.end(), shard) != all.end();
    }

    const std::string directory_ = testing::TempDir() + "orphans-" + random_uuid();
    std::unique_ptr<table::KeyValueStore> store_;
    std::unique_ptr<catalog::Registry> registry_;
    std::unique_ptr<log::Log> log_;
};

TEST_F(OrphanShards, OnlyWhatNobodyNamesGoes) {
    const log::ShardKey of_stream = log_->create_shard().value();
    const log::ShardKey of_delivery = log_->create_shard().value();
    const log::ShardKey orphan = log_->create_shard().value();
    catalog::Stream stream;
    stream.name = "orders";
    stream.shards.push_back({.id = "shardId-000000000000", .log_key = of_stream.value()});
    ASSERT_TRUE(registry_->create(catalog::stream_kind, {}, "orders", catalog::encode_stream(stream)).ok());
    flow::Definition delivery;
    delivery.name = "direct";
    delivery.log_key = of_delivery.value();
    ASSERT_TRUE(registry_->create(flow::delivery_kind, {}, "direct", flow::encode(delivery)).ok());

    EXPECT_EQ(drop_orphan_shards(*registry_, *log_).value(), 1u);

    EXPECT_TRUE(lives(of_stream));
    EXPECT_TRUE(lives(of_delivery));
    EXPECT_FALSE(lives(orphan));
    EXPECT_EQ(drop_orphan_shards(*registry_, *log_).value(), 0u);
}

// An interrupted creation leaves empty shards. One with records had a definition once: the catalog was lost, not it.
TEST_F(OrphanShards, RecordsThatNobodyNamesAreKeptAndSaid) {
    const log::ShardKey empty = log_->create_shard().value();
    const log::ShardKey full = log_->create_shard().value();
    log::Batch batch(full);
    batch.add("key", "acknowledged");
    ASSERT_TRUE(log_->append_and_wait(std::move(batch)).ok());
    testing::internal::CaptureStderr();

    EXPECT_EQ(drop_orphan_shards(*registry_, *log_).value(), 1u);

    EXPECT_NE(testing::internal::GetCapturedStderr().find("1 shard"), std::string::npos);
    EXPECT_FALSE(lives(empty));
    EXPECT_TRUE(lives(full));
    EXPECT_EQ(log_->read(full, log_->horizon(full).value(), {}).value().records.size(), 1u);
}

TEST_F(OrphanShards, NothingGoesWhereADefinitionIsDamaged) {
    const log::ShardKey perhaps = log_->create_shard().value();
    ASSERT_TRUE(registry_->create(catalog::stream_kind, {}, "orders", "{damaged").ok());

    const Result<size_t> dropped = drop_orphan_shards(*registry_, *log_);

    ASSERT_FALSE(dropped.ok());
    EXPECT_EQ(dropped.error().code, ErrorCode::corruption);
    EXPECT_TRUE(lives(perhaps));
}

}  // namespace
}  // namespace millrace::cli
