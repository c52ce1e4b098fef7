// Forward from a millrace of before the tables' log, back to it, and forward again: whatever was acknowledged is there,
// or the start says what is not.
#include "src/table/engine/older_tables.h"

#include <filesystem>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

namespace fs = std::filesystem;

class OlderTablesTest : public TablesTest {
  protected:
    void close() { tables.reset(); }
    // What is on the disk stays as it is now, and the tables end.
    void kill() {
        const std::string here = options().directory, kept = here + ".kept";
        ASSERT_TRUE(tables->database()->PauseBackgroundWork().ok());  // no file goes while it is copied
        fs::copy(here, kept, fs::copy_options::recursive);
        ASSERT_TRUE(tables->database()->ContinueBackgroundWork().ok());
        close();
        fs::remove_all(here);
        fs::rename(kept, here);
    }
    // As one from before the log does: RocksDB's own log, and no number.
    void write_as_older(const TableRef& table, const Item& item) {
        const auto database = Database::open(options(), clock).value();
        rocksdb::WriteBatch batch;
        put_item(*database, table, item, &batch);
        std::string newest = database->read(Family::meta, meta_key('s'), nullptr).value().value_or("");
        clock.advance_ms(1000);
        const uint64_t sequence = read_u64(newest);
        newest.clear();
        append_u64(sequence + 1, &newest);
        append_u64(static_cast<uint64_t>(clock.now().value()), &newest);
        batch.Put(database->family(Family::meta), meta_key('s'), newest);
        rocksdb::WriteOptions synced;
        synced.sync = true;
        ASSERT_TRUE((*database)->Write(synced, &batch).ok());
    }
    // Tables as one from before the log left them, closed.
    TableRef make_older() {
        const TableRef table = create(definition_of("t"));
        close();
        fs::remove_all(log_directory());
        write_as_older(table, item("old", "older"));
        const auto database = Database::open(options(), clock).value();
        EXPECT_TRUE((*database)->Delete({}, database->family(Family::meta), meta_key('l')).ok());
        return table;
    }
    static void put_item(const Database& database, const TableRef& table, const Item& item,
                         rocksdb::WriteBatch* batch) {
        const std::string key = item_key(table->data_id, table->key, item).value();
        batch->Put(database.family(Family::items), key, encode_item(item));
    }
    static Item item(const std::string& name, const std::string& value) {
        return item_of({{"p", text(name)}, {"s", text("s")}, {"v", text(value)}});
    }
    std::string value_of(const std::string& name) {
        const auto found = get(table("t"), item_of({{"p", text(name)}, {"s", text("s")}}));
        return found ? text_at(*found, "v") : "-";
    }
    std::string log_directory() const { return options().directory + "/log"; }
    Error refused(bool sync) {
        TablesOptions tried = options();
        tried.sync = sync;
        const auto opened = TablesImpl::open(tried, clock, {.background = false});
        EXPECT_FALSE(opened.ok());
        return opened.ok() ? Error{ErrorCode::internal, "opened"} : opened.error();
    }
};

TEST_F(OlderTablesTest, AreTakenOverAndKeepWhatIsAcknowledgedFromThenOn) {
    make_older();
    open();
    EXPECT_EQ(value_of("old"), "older");
    kill();
    open();
    ASSERT_TRUE(put(table("t"), item("new", "1")).ok());
    kill();
    open();
    EXPECT_EQ(value_of("old"), "older");
    EXPECT_EQ(value_of("new"), "1");
}

TEST_F(OlderTablesTest, AfterACloseTheOlderOnesWritesAreTheNewest) {
    const TableRef t = create(definition_of("t"));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(t, item("k" + std::to_string(i), "newer")).ok());
    close();
    write_as_older(t, item("k7", "older"));
    for (const bool killed : {true, false, true}) {
        open();
        EXPECT_EQ(value_of("k7"), "older");
        EXPECT_EQ(value_of("k8"), "newer");
        ASSERT_TRUE(put(table("t"), item("k9", "newest")).ok());
        killed ? kill() : close();
    }
    open();
    EXPECT_EQ(value_of("k7"), "older");
    EXPECT_EQ(value_of("k9"), "newest");
}

TEST_F(OlderTablesTest, AfterAKillNothingIsPutUnderTheOlderOnesWrites) {
    const TableRef t = create(definition_of("t"));
    ASSERT_TRUE(put(t, item("k1", "closed")).ok());
    for (int back_and_forth = 0; back_and_forth < 2; ++back_and_forth) {
        close();
        open();
        ASSERT_TRUE(put(table("t"), item("k1", "newer")).ok());
        ASSERT_TRUE(put(table("t"), item("k2", "newer")).ok());
        kill();
        write_as_older(t, item("k1", "older"));
        for (const bool sync : {true, false, true}) {
            const Error error = refused(sync);
            EXPECT_EQ(error.code, ErrorCode::failed_precondition);
            EXPECT_NE(error.message.find("up to 2 acknowledged commits"), std::string::npos) << error.message;
            EXPECT_NE(error.message.find("move " + log_directory() + " away"), std::string::npos) << error.message;
        }
        fs::remove_all(log_directory());
        open();
        EXPECT_EQ(value_of("k1"), "older");
        EXPECT_EQ(value_of("k2"), "-");
    }
}

TEST_F(OlderTablesTest, NothingIsRefusedWhereTheOlderOneWroteNothing) {
    const TableRef t = create(definition_of("t"));
    close();
    open();
    ASSERT_TRUE(put(table("t"), item("k", "newer")).ok());
    kill();
    ASSERT_TRUE(Database::open(options(), clock).ok());
    open();
    EXPECT_EQ(value_of("k"), "newer");
}

TEST_F(OlderTablesTest, OneThatWasTakenOverWithoutANumberIsTakenOverAgain) {
    make_older();
    fs::copy(options().directory, options().directory + ".older", fs::copy_options::recursive);
    open();
    ASSERT_TRUE(put(table("t"), item("k", "newer")).ok());
    close();
    fs::rename(log_directory(), options().directory + ".older/log");
    fs::remove_all(options().directory);
    fs::rename(options().directory + ".older", options().directory);
    open();
    EXPECT_EQ(value_of("old"), "older");
    EXPECT_EQ(value_of("k"), "newer");
    ASSERT_TRUE(put(table("t"), item("k", "newest")).ok());
    kill();
    open();
    EXPECT_EQ(value_of("k"), "newest");
}

}  // namespace
}  // namespace millrace::table::engine
