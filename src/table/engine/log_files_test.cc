// Logs that were laid out beforehand: what was acknowledged comes back from them as from others, also after a crash
// that left their zeroes, or half a record before them.
#include "src/table/engine/log_files.h"

#include <filesystem>
#include <fstream>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

namespace fs = std::filesystem;

class LogFilesTest : public TablesTest {
  protected:
    static constexpr uint64_t file_bytes = (1 << 20) + (1 << 19);  // of options()' write buffer
    void SetUp() override {
        TablesTest::SetUp();
        create(definition_of("t"));
    }
    void TearDown() override { tables.reset(); }
    LogFiles& logs() { return tables->database().log_files(); }
    static bool never() { return false; }
    static Item item(int n) {
        return item_of({{"p", text("p" + std::to_string(n))}, {"s", text("s")}, {"v", text(std::string(1000, 'v'))}});
    }
    void put_more(int count) {
        for (int i = 0; i < count; ++i) ASSERT_TRUE(put(table("t"), item(next_++)).ok());
    }
    // Until RocksDB's log is one that was laid ready.
    void write_into_a_spare() {
        put_more(300);
        logs().prepare(never);
        ASSERT_TRUE(logs().ready());
        for (int i = 0; i < 50 && logs().ready(); ++i) put_more(50);
        ASSERT_FALSE(logs().ready());
        put_more(100);
    }
    std::string directory_now() { return options().directory; }
    static fs::path newest_log(const std::string& directory) {
        fs::path newest;
        for (const auto& file : fs::directory_iterator(directory)) {
            if (file.path().extension() == ".log" && file.path() > newest) newest = file.path();
        }
        return newest;
    }
    // As a crash would leave it: the files as they are now.
    std::string crash(const char* name) {
        const std::string copy = directory.path() + "/" + name;
        rocksdb::DB* database = tables->database().get();
        EXPECT_TRUE(database->PauseBackgroundWork().ok());  // it moves files about
        fs::copy(directory_now(), copy);
        EXPECT_TRUE(database->ContinueBackgroundWork().ok());
        fs::remove(copy + "/LOCK");
        return copy;
    }
    // How many items of 0, 1, 2, ... are there, up to the first that is not; -1 where it does not open or has a gap.
    int items_in(const std::string& copy) {
        auto opened =
            TablesImpl::open({.directory = copy, .write_buffer_bytes = 1 << 20}, clock, {.background = false});
        if (!opened.ok()) return -1;
        const TableRef t = (*opened)->find({}, "t").value();
        int there = 0;
        while ((*opened)->get(t, keys(there)).value()) ++there;
        for (int i = there; i < next_; ++i) {
            if ((*opened)->get(t, keys(i)).value()) return -1;
        }
        return there;
    }
    static Item keys(int n) { return item_of({{"p", text("p" + std::to_string(n))}, {"s", text("s")}}); }
    int next_ = 0;
};

TEST_F(LogFilesTest, AreLaidReadyOnceALogIsWellUsed) {
    logs().prepare(never);
    EXPECT_FALSE(logs().ready());
    EXPECT_FALSE(fs::exists(directory_now() + "/spare"));
    put_more(300);
    logs().prepare([] { return true; });  // stopping
    EXPECT_FALSE(logs().ready());
    EXPECT_FALSE(fs::exists(directory_now() + "/spare.unfinished"));
    logs().prepare(never);
    EXPECT_FALSE(logs().ready()) << "not again at once";
    put_more(300);
    logs().prepare(never);
    EXPECT_TRUE(logs().ready());
    EXPECT_EQ(fs::file_size(directory_now() + "/spare"), file_bytes);
    open();  // one from before is not trusted
    EXPECT_FALSE(logs().ready());
    EXPECT_FALSE(fs::exists(directory_now() + "/spare"));
    EXPECT_EQ(items_in(crash("copy")), next_);
}

TEST_F(LogFilesTest, ACrashLeavesZeroesThatCostNothing) {
    write_into_a_spare();
    const std::string copy = crash("copy");
    EXPECT_EQ(fs::file_size(newest_log(copy)), file_bytes);
    EXPECT_EQ(items_in(copy), next_);
    EXPECT_EQ(items_in(copy), next_);  // and what that start made of it
    open();
    put_more(100);
    EXPECT_EQ(items_in(crash("again")), next_);
}

TEST_F(LogFilesTest, ATornRecordBeforeTheZeroesIsTheEnd) {
    write_into_a_spare();
    const std::string copy = crash("copy");
    const fs::path log = newest_log(copy);
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes(file_bytes, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const size_t end = bytes.find_last_not_of('\0') + 1;
    const std::string zeroes(300, '\0');
    file.seekp(static_cast<std::streamoff>(end - zeroes.size()));
    file.write(zeroes.data(), static_cast<std::streamsize>(zeroes.size()));
    file.close();
    EXPECT_EQ(items_in(copy), next_ - 1);
}

TEST_F(LogFilesTest, ManyInARow) {
    for (int i = 0; i < 5; ++i) write_into_a_spare();
    EXPECT_EQ(items_in(crash("copy")), next_);
    open();
    EXPECT_EQ(items_in(crash("again")), next_);
}

}  // namespace
}  // namespace millrace::table::engine
