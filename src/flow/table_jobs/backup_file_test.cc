#include "src/flow/table_jobs/backup_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "src/io/file.h"
#include "src/table/temporary_directory.h"

namespace millrace::flow {
namespace {

class BackupFile : public testing::Test {
  protected:
    io::FileSystem& files_ = io::posix_file_system();
    table::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/b";

    std::vector<std::string> write(size_t count) {
        auto writer = BackupWriter::create(files_, path_);
        EXPECT_TRUE(writer.ok());
        std::vector<std::string> items;
        for (size_t i = 0; i < count; ++i) {
            items.push_back(std::string(i % 5000, static_cast<char>('a' + i % 26)) + std::to_string(i));
            EXPECT_TRUE((*writer)->add(items.back(), 1).ok());
        }
        EXPECT_TRUE((*writer)->finish().ok());
        return items;
    }
    void put(const std::string& bytes) { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }
    Result<std::vector<std::string>> read() {
        std::vector<std::string> items;
        TRY(read_backup(files_, path_, [&](std::string_view item) -> Status {
            items.emplace_back(item);
            return {};
        }));
        return items;
    }
};

TEST_F(BackupFile, GivesBackWhatWasAddedInOrder) {
    for (const size_t count : {0, 1, 2000}) {
        const auto items = write(count);
        const auto read_back = read();
        ASSERT_TRUE(read_back.ok()) << read_back.error().message;
        EXPECT_EQ(*read_back, items);
    }
}

TEST_F(BackupFile, EveryFlippedByteAndEveryCutIsCorruption) {
    write(40);
    const std::string whole = *io::read_file(files_, path_);
    for (size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 0x40);
        put(changed);
        ASSERT_FALSE(read().ok()) << i;
        ASSERT_EQ(read().error().code, ErrorCode::corruption) << i;
    }
    for (size_t i = 0; i < whole.size(); ++i) {
        put(whole.substr(0, i));
        ASSERT_FALSE(read().ok()) << i;
    }
}

TEST_F(BackupFile, IsNotThereUnderItsNameBeforeItIsFinished) {
    auto writer = BackupWriter::create(files_, path_);
    ASSERT_TRUE((*writer)->add("item", 4).ok());
    EXPECT_FALSE(files_.exists(path_));
    ASSERT_TRUE((*writer)->finish().ok());
    EXPECT_TRUE(files_.exists(path_));
}

}  // namespace
}  // namespace millrace::flow
