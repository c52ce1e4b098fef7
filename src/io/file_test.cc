#include "src/io/file.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/faulty_file_system.h"

namespace millrace::io {
namespace {

struct TemporaryDirectory {
    TemporaryDirectory() {
        char name[] = "/tmp/millrace-io-XXXXXX";
        path = mkdtemp(name);
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }
    std::string path;
};

TEST(PosixFiles, WriteThenReadBack) {
    TemporaryDirectory directory;
    FileSystem& files = posix_file_system();
    ASSERT_TRUE(files.make_directories(directory.path + "/a/b").ok());
    ASSERT_TRUE(files.make_directories(directory.path + "/a/b").ok());
    auto file = files.open(directory.path + "/a/b/f", {.mode = OpenMode::create_new});
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write_at(3, "hello").ok());
    ASSERT_TRUE((*file)->sync_data().ok());
    char out[16];
    EXPECT_EQ((*file)->read_at(3, out, 16).value(), 5u);
    EXPECT_EQ(std::string_view(out, 5), "hello");
    EXPECT_EQ((*file)->size().value(), 8u);
    ASSERT_TRUE((*file)->allocate(0, 8192, true).ok());
    EXPECT_EQ((*file)->size().value(), 8u);
    EXPECT_EQ(files.list(directory.path + "/a").value(), std::vector<std::string>{"b"});
}

TEST(PosixFiles, ErrorsAreNamed) {
    TemporaryDirectory directory;
    FileSystem& files = posix_file_system();
    EXPECT_EQ(files.open(directory.path + "/absent", {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(files.remove(directory.path + "/absent").error().code, ErrorCode::not_found);
    ASSERT_TRUE(write_file_atomically(files, directory.path + "/f", "one").ok());
    EXPECT_EQ(files.open(directory.path + "/f", {.mode = OpenMode::create_new}).error().code,
              ErrorCode::already_exists);
    EXPECT_EQ(files.make_directories(directory.path + "/f/g").ok(), false);
}

TEST(PosixFiles, AtomicWriteReplacesWhole) {
    TemporaryDirectory directory;
    FileSystem& files = posix_file_system();
    ASSERT_TRUE(write_file_atomically(files, directory.path + "/f", "a longer first text").ok());
    ASSERT_TRUE(write_file_atomically(files, directory.path + "/f", "short").ok());
    EXPECT_EQ(read_file(files, directory.path + "/f").value(), "short");
    EXPECT_FALSE(files.exists(directory.path + "/f.tmp"));
}

TEST(FaultyFiles, ACrashForgetsWhatWasNotSynced) {
    bool lost = false;
    for (uint64_t seed = 0; seed < 32; ++seed) {
        FaultyFileSystem files;
        files.put("/d/f", "");
        auto file = std::move(files.open("/d/f", {.mode = OpenMode::read_write})).value();
        ASSERT_TRUE(file->write_at(0, "kept").ok());
        ASSERT_TRUE(file->sync_data().ok());
        ASSERT_TRUE(file->write_at(4, "perhaps").ok());
        files.crash(seed);
        EXPECT_EQ(file->write_at(0, "x").error().code, ErrorCode::io);
        const std::string content = files.content("/d/f").value();
        EXPECT_TRUE(content == "kept" || content == "keptperhaps") << content;
        lost |= content == "kept";
    }
    EXPECT_TRUE(lost);
}

TEST(FaultyFiles, AnAtomicWriteIsWholeOrNotAtAllWhereverThePowerGoes) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        FaultyFileSystem files;
        ASSERT_TRUE(files.make_directories("/d").ok());
        ASSERT_TRUE(write_file_atomically(files, "/d/f", "old").ok());
        files.power_off_after(seed % 8);
        const bool acknowledged = write_file_atomically(files, "/d/f", "the new text").ok();
        files.crash(seed);
        const std::string content = files.content("/d/f").value();
        EXPECT_TRUE(content == "the new text" || (content == "old" && !acknowledged)) << seed << content;
    }
}

TEST(FaultyFiles, FailsTheNthWriteAndTheDiskFillsUp) {
    FaultyFileSystem files;
    auto file = std::move(files.open("/f", {.mode = OpenMode::create})).value();
    files.fail_write(2, EIO, 1);
    EXPECT_TRUE(file->write_at(0, "ab").ok());
    EXPECT_EQ(file->write_at(2, "cd").error().code, ErrorCode::io);
    EXPECT_EQ(files.content("/f").value(), "abc");
    files.set_capacity(4);
    EXPECT_EQ(file->write_at(0, "12345").error().code, ErrorCode::resource_exhausted);
    files.fail_sync(1);
    EXPECT_EQ(file->sync_data().error().code, ErrorCode::io);
    EXPECT_TRUE(file->sync_data().ok());  // it lies, as Linux does; callers must not come here
}

TEST(Clocks, AManualClockMovesWhenTold) {
    ManualClock clock(TimestampMs(1000));
    clock.advance_ms(5);
    EXPECT_EQ(clock.now(), TimestampMs(1005));
    clock.set_wall(TimestampMs(1));
    EXPECT_EQ(clock.now(), TimestampMs(1));
    EXPECT_EQ(clock.monotonic_ns(), 5'000'000);
    EXPECT_GT(system_clock().now().value(), 1'700'000'000'000);
}

}  // namespace
}  // namespace millrace::io
