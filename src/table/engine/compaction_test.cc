// Compacting a part of a family must not flush by itself: its flush may leave families out, and then table files hold a
// part of a commit (compaction.h).
#include "src/table/engine/compaction.h"

#include <rocksdb/write_batch.h>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

class CompactionTest : public TablesTest {
  protected:
    uint64_t in_memory(Family family) {
        uint64_t entries = 0;
        EXPECT_TRUE(database().operator->()->GetIntProperty(database().family(family),
                                                            "rocksdb.num-entries-active-mem-table", &entries));
        return entries;
    }
    Database& database() { return tables->database(); }
    void write(const std::function<void(rocksdb::WriteBatch&)>& fill) {
        rocksdb::WriteBatch batch;
        fill(batch);
        ASSERT_TRUE(database().write(batch).ok());
    }
};

TEST_F(CompactionTest, FlushesNothingOfWhatCameSince) {
    rocksdb::ColumnFamilyHandle* const history = database().family(Family::history);
    const std::string prefix = id_prefix(8), end = successor(prefix), after_end = successor(end);
    write([&](rocksdb::WriteBatch& batch) {
        for (int i = 0; i < 100; ++i) batch.Put(history, prefix + "key" + std::to_string(i), std::string(500, 'v'));
        batch.DeleteRange(history, prefix, end);
    });
    ASSERT_TRUE(compact_prefix(database(), Family::history, prefix).ok());
    // Neighbours on both sides, up to the very ends of the prefix.
    write([&](rocksdb::WriteBatch& batch) {
        batch.DeleteRange(history, end, after_end);
        batch.DeleteRange(history, id_prefix(7), prefix);
        batch.Put(history, end + "key", "");
        batch.Put(history, id_prefix(7) + std::string(20, '\xff'), "");
        batch.Put(database().family(Family::items), "key", "");
    });
    const uint64_t before = in_memory(Family::history);
    EXPECT_EQ(before, 4u);
    ASSERT_TRUE(compact_table_files(database(), Family::history, prefix).ok());
    EXPECT_EQ(in_memory(Family::history), before);
    EXPECT_EQ(in_memory(Family::items), 1u);
}

}  // namespace
}  // namespace millrace::table::engine
