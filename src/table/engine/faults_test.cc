// A disk that fails, fills up or lies: writes stop for good, reads go on with what was durable, and a damaged block is
// an error, never a missing item.
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "src/io/faulty_file_system.h"
#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

enum class Fault { append, sync, full };

// The log lies in memory, in files that fail when told; RocksDB's files on the disk.
class FaultsTest : public TablesTest, public testing::WithParamInterface<Fault> {
  protected:
    void open_faulty(bool sync = true) {
        tables.reset();
        TablesOptions with_log = options();
        with_log.sync = sync;
        auto opened = TablesImpl::open(with_log, clock, {.log_files = &files_, .background = false});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        tables = std::move(opened).value();
    }
    void fail(Fault fault) {
        if (fault == Fault::append) files_.fail_write(1, EIO);
        if (fault == Fault::sync) files_.fail_sync(1);
        if (fault == Fault::full) files_.fail_write(1, ENOSPC);
    }
    void TearDown() override { tables.reset(); }  // before files_
    static Item item(int n, size_t bytes = 500) {
        return item_of({{"p", text("p" + std::to_string(n))}, {"s", text("s")}, {"v", text(std::string(bytes, 'v'))}});
    }
    // Returns what was there.
    static std::string replace(const std::string& path, std::streamoff at, std::string_view bytes) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        std::string before(bytes.size(), '\0');
        file.seekg(at).read(before.data(), static_cast<std::streamsize>(before.size()));
        file.seekp(at).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        EXPECT_TRUE(file.flush().good());
        return before;
    }
    static Item key(int n) { return item_of({{"p", text("p" + std::to_string(n))}, {"s", text("s")}}); }

    io::FaultyFileSystem files_;
};

TEST_P(FaultsTest, AfterAFailedWriteNothingIsWrittenAndReadsGoOn) {
    open_faulty();
    const TableRef t = create(definition_of("t"));
    ASSERT_TRUE(put(t, item(1)).ok());
    fail(GetParam());
    testing::internal::CaptureStderr();
    const WriteResult failed = put(t, item(2));
    EXPECT_TRUE(
        testing::internal::GetCapturedStderr().starts_with("millrace: the tables take no more writes until a "));
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().error.code, ErrorCode::unavailable);
    EXPECT_EQ(put(t, item(3)).error().error.code, ErrorCode::unavailable);
    EXPECT_FALSE(tables->create(definition_of("other")).ok());
    EXPECT_EQ(get(t, key(1)), item(1));
    EXPECT_EQ(get(t, key(2)), std::nullopt) << "not durable, so not shown";
    EXPECT_EQ(get(t, key(3)), std::nullopt);
    open_faulty();  // a restart sorts it out
    EXPECT_EQ(get(table("t"), key(1)), item(1));
    EXPECT_EQ(get(table("t"), key(3)), std::nullopt);
    ASSERT_TRUE(put(table("t"), item(3)).ok());
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultsTest, testing::Values(Fault::append, Fault::sync, Fault::full));

TEST_F(FaultsTest, WhatWaitsBehindAFailedWriteFailsToo) {
    open_faulty();
    const TableRef t = create(definition_of("t"));
    fail(Fault::sync);
    std::atomic<int> failed{0}, answered{0};
    for (int i = 0; i < 200; ++i) {
        tables->write({.table = t, .item = item(i)}, [&](const WriteResult& result) {
            failed += result.ok() ? 0 : 1;
            ++answered;
        });
    }
    tables.reset();
    EXPECT_EQ(answered, 200);
    EXPECT_EQ(failed, 200);
}

TEST_F(FaultsTest, WithoutSyncALogThatThePowerTookStopsNoStart) {
    open_faulty(/*sync=*/false);
    ASSERT_TRUE(tables->create(definition_of("t")).ok());
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(table("t"), item(100 * round + i)).ok());
        tables.reset();  // what RocksDB has is in its files
        files_.crash(static_cast<uint64_t>(round));
        open_faulty(/*sync=*/false);
        for (int i = 0; i < 20; ++i) EXPECT_EQ(get(table("t"), key(100 * round + i)), item(100 * round + i));
    }
}

TEST_F(FaultsTest, WithoutSyncNoChangeGetsTheNumberOfOneThatWasLost) {
    open_faulty(/*sync=*/false);
    TableDefinition definition = definition_of("t");
    definition.stream.emplace();
    ASSERT_TRUE(tables->create(definition).ok());
    int lost = 0;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        open_faulty(/*sync=*/false);  // all of before is in table files
        const std::string kept = directory.path() + "/kept";
        ASSERT_TRUE(tables->database()->PauseBackgroundWork().ok());  // no file goes while it is copied
        std::filesystem::copy(options().directory, kept, std::filesystem::copy_options::recursive);
        ASSERT_TRUE(tables->database()->ContinueBackgroundWork().ok());
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(put(table("t"), item(static_cast<int>(100 * seed) + i)).ok());
        const uint64_t stream = table("t")->stream->id;
        const ChangeSequence shown = tables->changes_end(stream, 0);
        tables.reset();
        std::filesystem::remove_all(options().directory);
        std::filesystem::rename(kept, options().directory);
        files_.crash(seed);
        open_faulty(/*sync=*/false);
        if (tables->changes_end(stream, 0) == shown) continue;
        ++lost;
        EXPECT_GT(tables->changes_end(stream, 0), shown);
    }
    EXPECT_GT(lost, 3);
}

TEST_F(FaultsTest, ADamagedBlockIsAnErrorAndNotAMissingItem) {
    const TableRef t = create(definition_of("t"));
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(put(t, item(i)).ok());
    rocksdb::DB* database = tables->database().get();
    ASSERT_TRUE(database->Flush(rocksdb::FlushOptions(), tables->database().family(Family::items)).ok());
    tables.reset();
    std::filesystem::path largest;
    for (const auto& file : std::filesystem::directory_iterator(options().directory)) {
        if (file.path().extension() != ".sst") continue;
        if (largest.empty() || file.file_size() > std::filesystem::file_size(largest)) largest = file.path();
    }
    replace(largest, static_cast<std::streamoff>(std::filesystem::file_size(largest) / 2), "damage");

    open();
    int there = 0, damaged = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto found = tables->get(table("t"), key(i));
        if (found.ok()) {
            ASSERT_TRUE(found->has_value());
            ++there;
        } else {
            EXPECT_EQ(found.error().code, ErrorCode::corruption);
            const WriteResult refused = put(table("t"), item(i));
            EXPECT_EQ(refused.error().error.code, ErrorCode::corruption);
            ++damaged;
        }
    }
    EXPECT_GT(damaged, 0);
    EXPECT_GT(there, 900);
    ScanRequest request{.table = table("t")};
    EXPECT_EQ(tables->scan(request).error().code, ErrorCode::corruption);
    ASSERT_TRUE(put(table("t"), item(2000)).ok()) << "others go on";
}

TEST_F(FaultsTest, TheOperatorIsToldOnceThatTheLogGrows) {
    tables.reset();
    TablesOptions roomy = options();
    roomy.write_buffer_bytes = 64 << 20;  // no flush: it would write what can not be read anew
    tables = TablesImpl::open(roomy, clock, {.background = false}).value();
    const TableRef t = create(definition_of("t"));
    ASSERT_TRUE(tables->database().flush().ok());
    ASSERT_TRUE(tables->database()->PauseBackgroundWork().ok());  // nor a compaction, which would end writing
    auto put_10_mb = [&, n = 0]() mutable {
        testing::internal::CaptureStderr();
        for (int i = 0; i < 40; ++i) EXPECT_TRUE(put(t, item(++n, 250'000)).ok());
        return testing::internal::GetCapturedStderr();
    };
    std::vector<rocksdb::LiveFileMetaData> files;
    tables->database()->GetLiveFilesMetaData(&files);
    std::string newest;
    for (const auto& file : files) {
        const std::string path = file.directory + "/" + file.relative_filename;
        if (file.column_family_name == "default") newest = std::max(newest, path);
    }
    const std::string whole = replace(newest, 0, "damage");
    EXPECT_TRUE(put_10_mb().starts_with("millrace: the tables' log grows, as what of it is in table files can not be"));
    EXPECT_EQ(put_10_mb(), "");
    replace(newest, 0, whole);
    EXPECT_EQ(put_10_mb(), "millrace: the tables' log gives its space back again\n");
    ASSERT_TRUE(tables->database()->ContinueBackgroundWork().ok());
}

}  // namespace
}  // namespace millrace::table::engine
