#include <fstream>
#include <random>

#include "src/table/engine/history_times.h"
#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

class HistoryTest : public TablesTest {
  protected:
    void SetUp() override {
        TablesTest::SetUp();
        create(definition_of("orders"));
        const auto on = tables->update({}, "orders", [](TableDefinition* now) -> Status {
            now->history = true;
            return {};
        });
        ASSERT_TRUE(on.ok());
        orders = table("orders");
    }
    static Item order(const std::string& sort, const std::string& state) {
        return item_of({{"p", text("a")}, {"s", text(sort)}, {"state", text(state)}});
    }
    void write(const std::string& sort, const std::string& state) { ASSERT_TRUE(put(orders, order(sort, state)).ok()); }
    void remove(const std::string& sort) {
        ASSERT_TRUE(erase(orders, item_of({{"p", text("a")}, {"s", text(sort)}})).ok());
    }
    void flush() { ASSERT_TRUE(tables->database().flush().ok()); }
    static std::string state_of(const std::optional<StoredItem>& image) {
        return image ? text_at(*image->item(), "state") : std::string("-");
    }
    // "SORT:BEFORE>AFTER@TIME " of each, or the error.
    std::string between(TimestampMs from, TimestampMs to) {
        std::string all;
        const Status read = tables->for_each_changed(orders, from, to, [&](const ChangedItem& item) {
            const Item any = *(item.after ? item.after : item.before)->item();
            all += text_at(any, "s") + ":" + state_of(item.before) + ">" + state_of(item.after) + "@" +
                   std::to_string(item.written.value() - begin.value()) + " ";
            return true;
        });
        return read.ok() ? all : std::string(name_of(read.error().code));
    }

    const TimestampMs begin = clock.now();
    TableRef orders;
};

TEST_F(HistoryTest, ShowsWhatASpanOfTimeChanged) {
    for (const char* sort : {"1", "2", "3"}) write(sort, "first");
    clock.advance_ms(1000);
    const TimestampMs from = clock.now();
    write("1", "second");
    remove("2");
    write("4", "short");
    remove("4");
    write("3", "other");
    write("3", "first");
    clock.advance_ms(500);
    write("1", "third");
    write("5", "new");
    clock.advance_ms(500);
    const TimestampMs to = clock.now();
    write("1", "fourth");
    write("6", "later");
    EXPECT_EQ(between(from, to), "1:first>third@1500 2:first>-@1000 3:first>first@1000 5:->new@1500 ");
    EXPECT_EQ(between(to, TimestampMs(to.value() + 1)), "out_of_range");  // that is to come
    clock.advance_ms(1000);
    EXPECT_EQ(between(to, clock.now()), "1:third>fourth@2000 6:->later@2000 ");
    EXPECT_EQ(between(clock.now(), clock.now()), "");
    EXPECT_EQ(between(TimestampMs(begin.value() - 1), to), "out_of_range");
}

TEST_F(HistoryTest, OfAnEarlierTimeOfRecoveryIsNotShown) {
    write("1", "first");
    const auto history = [&](bool on) {
        ASSERT_TRUE(tables
                        ->update({}, "orders",
                                 [on](TableDefinition* now) -> Status {
                                     now->history = on;
                                     return {};
                                 })
                        .ok());
        orders = table("orders");
    };
    flush();
    clock.advance_ms(10);
    history(false);
    EXPECT_EQ(between(begin, clock.now()), "out_of_range");
    write("1", "unseen");
    history(true);
    clock.advance_ms(10);
    write("2", "second");
    flush();
    clock.advance_ms(10);
    EXPECT_EQ(between(begin, clock.now()), "out_of_range");
    EXPECT_EQ(between(TimestampMs(begin.value() + 10), clock.now()), "2:->second@20 ");
}

TEST_F(HistoryTest, FilesOfOtherTimesAreNotRead) {
    write("1", "old");
    flush();
    clock.advance_ms(1000);
    const TimestampMs middle = clock.now();
    write("1", "new");
    flush();
    clock.advance_ms(1000);
    rocksdb::TablePropertiesCollection files;
    Database& database = tables->database();
    ASSERT_TRUE(database->GetPropertiesOfAllTables(database.family(Family::history), &files).ok());
    ASSERT_EQ(files.size(), 2u);
    const auto holding = [&](TimestampMs from, TimestampMs to) {
        return std::count_if(files.begin(), files.end(),
                             [&](const auto& file) { return may_hold(*file.second, from, to); });
    };
    EXPECT_EQ(holding(begin, clock.now()), 2);
    EXPECT_EQ(holding(begin, middle), 1);
    EXPECT_EQ(holding(middle, clock.now()), 1);
    EXPECT_EQ(holding(clock.now(), TimestampMs(clock.now().value() + 1)), 0);
    EXPECT_EQ(between(middle, clock.now()), "1:old>new@1000 ");
    EXPECT_EQ(between(begin, middle), "1:->old@0 ");
}

TEST_F(HistoryTest, TheOldestMomentThatIsOfferedCanBeReadToItsEnd) {
    write("1", "first");
    flush();
    clock.advance_ms(options().history_retention_ms + 60'000);  // a job waited for its turn
    Database& database = tables->database();
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(database->CompactRange(all, database.family(Family::history), nullptr, nullptr).ok());
    EXPECT_EQ(between(begin, clock.now()), "1:->first@0 ");
    clock.advance_ms(int64_t{24} * 3600 * 1000);
    EXPECT_EQ(between(begin, clock.now()), "out_of_range");
}

// The file that says that an item changed is whole; one that says what it was before is not.
TEST_F(HistoryTest, ADamagedFileIsAnErrorAndNotAChangeThatIsLeftOut) {
    write("1", "old");
    write("2", "old");
    flush();
    clock.advance_ms(1000);
    const TimestampMs middle = clock.now();
    write("1", "new");
    flush();
    rocksdb::TablePropertiesCollection files;
    Database& database = tables->database();
    ASSERT_TRUE(database->GetPropertiesOfAllTables(database.family(Family::history), &files).ok());
    ASSERT_EQ(files.size(), 2u);
    std::string path;
    for (const auto& [name, properties] : files) {
        if (!may_hold(*properties, middle, TimestampMs(middle.value() + 1))) path = name;
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file.write("damage", 6).flush().good()) << path;  // of its first block
    clock.advance_ms(1000);
    EXPECT_EQ(between(middle, clock.now()), "corruption");
}

// Writes at random, to some items often, in files and in memory; then spans at random.
TEST_F(HistoryTest, AgreesWithWhatWasWritten) {
    struct Write {
        int64_t time;
        std::string sort, state;  // "-" where it was deleted
    };
    std::mt19937 random(11);
    std::vector<Write> writes;
    for (int step = 0; step < 1500; ++step) {
        const std::string sort(1, static_cast<char>('a' + (random() % 2 == 0 ? 0 : random() % 12)));
        if (random() % 4 == 0) {
            const auto last =
                std::find_if(writes.rbegin(), writes.rend(), [&](const Write& w) { return w.sort == sort; });
            remove(sort);
            if (last != writes.rend() && last->state != "-") writes.push_back({clock.now().value(), sort, "-"});
        } else {
            write(sort, std::to_string(step));
            writes.push_back({clock.now().value(), sort, std::to_string(step)});
        }
        if (random() % 3 == 0) clock.advance_ms(static_cast<int64_t>(random() % 3));
        if (random() % 200 == 0) flush();
        if (random() % 500 == 0) {
            Database& database = tables->database();
            flush();
            ASSERT_TRUE(database->CompactRange({}, database.family(Family::history), nullptr, nullptr).ok());
        }
    }
    const int64_t length = clock.now().value() - begin.value() + 1;
    for (int round = 0; round < 500; ++round) {
        int64_t from = static_cast<int64_t>(random() % static_cast<uint64_t>(length)),
                to = static_cast<int64_t>(random() % static_cast<uint64_t>(length));
        if (from > to) std::swap(from, to);
        std::string wanted;
        for (char c = 'a'; c < 'a' + 12; ++c) {
            std::string before = "-", after = "-", written;
            for (const Write& one : writes) {
                const int64_t time = one.time - begin.value();
                if (one.sort[0] != c || time >= to) continue;
                (time < from ? before : after) = one.state;
                if (time >= from) written = std::to_string(time);
            }
            if (written.empty() || (before == "-" && after == "-")) continue;
            wanted += std::string(1, c) + ":" + before + ">" + after + "@" + written + " ";
        }
        ASSERT_EQ(between(TimestampMs(begin.value() + from), TimestampMs(begin.value() + to)), wanted);

        std::string then, read;
        for (char c = 'a'; c < 'a' + 12; ++c) {
            std::string state = "-";
            for (const Write& one : writes) {
                if (one.sort[0] == c && one.time - begin.value() <= to) state = one.state;
            }
            if (state != "-") then += std::string(1, c) + "=" + state + " ";
        }
        ASSERT_TRUE(tables->for_each(orders, TimestampMs(begin.value() + to), [&](const StoredItem& stored) {
            const Item item = *stored.item();
            read += text_at(item, "s") + "=" + text_at(item, "state") + " ";
            return true;
        }));
        ASSERT_EQ(read, then);
    }
}

}  // namespace
}  // namespace millrace::table::engine
