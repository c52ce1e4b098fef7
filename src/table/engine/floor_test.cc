#include "src/table/engine/floor.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include "src/table/engine/keys.h"
#include "src/table/temporary_directory.h"

namespace millrace::table::engine {
namespace {

class Rewritten final : public rocksdb::EventListener {
  public:
    void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
        if (job.compaction_reason == rocksdb::CompactionReason::kBottommostFiles) ++count;
    }
    std::atomic<int> count{0};
};

class FloorTest : public testing::Test {
  protected:
    void open() {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.listeners.push_back(rewritten_);
        options.level_compaction_dynamic_level_bytes = false;
        options.level0_file_num_compaction_trigger = 2;
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, directory_.path(), &opened).ok());
        database_.reset(opened);
    }
    // A file of changes, and no snapshot is older.
    void write_file(uint64_t from) {
        const rocksdb::Snapshot* snapshot = database_->GetSnapshot();
        for (uint64_t i = from; i < from + 100; ++i) {
            ASSERT_TRUE(database_->Put({}, change_key(1, i), "a change").ok());
        }
        ASSERT_TRUE(database_->Flush({}).ok());
        ASSERT_TRUE(database_->Put({}, change_key(2, from), "").ok());  // snapshots are of what was written since
        database_->ReleaseSnapshot(snapshot);
        database_->ReleaseSnapshot(database_->GetSnapshot());
    }
    void wait_for_compactions() {
        const auto number = [&](const std::string& of) {
            uint64_t value = 1;
            EXPECT_TRUE(database_->GetIntProperty(of, &value));
            return value;
        };
        while (number(rocksdb::DB::Properties::kCompactionPending) != 0 ||
               number(rocksdb::DB::Properties::kNumRunningCompactions) != 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    TemporaryDirectory directory_;
    const std::shared_ptr<Rewritten> rewritten_ = std::make_shared<Rewritten>();
    std::unique_ptr<rocksdb::DB> database_;
};

TEST_F(FloorTest, FilesAreWrittenOnce) {
    open();
    ASSERT_TRUE(lay_floor(*database_, database_->DefaultColumnFamily(), directory_.path()).ok());
    for (uint64_t file = 0; file < 6; ++file) {
        write_file(file * 100);
        wait_for_compactions();
    }
    EXPECT_EQ(rewritten_->count, 0);
    std::string value;
    EXPECT_TRUE(database_->Get({}, change_key(1, 599), &value).ok());
}

TEST_F(FloorTest, AnOlderStoreGoesOnWithoutOne) {
    open();
    write_file(0);
    ASSERT_TRUE(lay_floor(*database_, database_->DefaultColumnFamily(), directory_.path()).ok());
    wait_for_compactions();
    EXPECT_EQ(rewritten_->count, 1);
    database_.reset();
    open();
    std::string value;
    EXPECT_TRUE(database_->Get({}, change_key(1, 99), &value).ok());
    EXPECT_TRUE(database_->Get({}, std::string(16, '\0'), &value).IsNotFound());
}

TEST_F(FloorTest, ItIsLaidOnce) {
    open();
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(lay_floor(*database_, database_->DefaultColumnFamily(), directory_.path()).ok());
    }
    std::vector<rocksdb::LiveFileMetaData> files;
    database_->GetLiveFilesMetaData(&files);
    EXPECT_EQ(files.size(), 1U);
}

// Of a first start that the power cut short: the file that was written, and its link in the database.
TEST_F(FloorTest, WhatACutStartLeftIsNotInTheWay) {
    open();
    database_.reset();
    for (int number = 1; number < 60; ++number) {
        char name[16];
        std::snprintf(name, sizeof name, "/%06d.sst", number);
        if (number == 1) {
            std::ofstream(directory_.path() + "/floor") << "torn";
        }
        std::error_code taken;
        std::filesystem::create_hard_link(directory_.path() + "/floor", directory_.path() + name, taken);
    }
    open();
    const Status laid = lay_floor(*database_, database_->DefaultColumnFamily(), directory_.path());
    ASSERT_TRUE(laid.ok()) << laid.error().message;
    std::vector<rocksdb::LiveFileMetaData> files;
    database_->GetLiveFilesMetaData(&files);
    ASSERT_EQ(files.size(), 1U);
    std::filesystem::create_hard_link(files[0].directory + files[0].name, directory_.path() + "/floor");  // cut here
    write_file(0);
    database_.reset();
    open();
    EXPECT_TRUE(lay_floor(*database_, database_->DefaultColumnFamily(), directory_.path()).ok());
    std::string value;
    EXPECT_TRUE(database_->Get({}, change_key(1, 99), &value).ok());
    EXPECT_TRUE(database_->VerifyChecksum().ok());
}

}  // namespace
}  // namespace millrace::table::engine
