// Many writers of few items at once: nobody's write is lost between the look of its caller and its turn, readers never
// see what goes back, and the stream tells the story in order.
#include <atomic>
#include <map>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

constexpr int counters = 10;
constexpr int writers = 4;
constexpr int writes_each = 1500;

class TablesStress : public TablesTest {
  protected:
    static Item key(int n) { return item_of({{"p", text("c" + std::to_string(n))}, {"s", text("s")}}); }
    static int64_t count_of(const StoredItem& stored) {
        int64_t count = -1;
        stored.item()->find("n")->as<Number>()->to_int64(&count);
        return count;
    }
    static std::shared_ptr<const Update> add_one() {
        return std::make_shared<TestUpdate>(
            [](Item* item) -> Status {
                const AttributeValue* value = item->find("n");
                TRY_ASSIGN(const Number after,
                           Number::add(value != nullptr ? *value->as<Number>() : Number(), Number::of(1)));
                item->set("n", {after});
                return {};
            },
            std::vector<std::string>{"n"});
    }
};

TEST_F(TablesStress, EveryIncrementCountsOnceAndInOrder) {
    TableDefinition definition = definition_of("counters");
    definition.stream.emplace();
    definition.indexes = {index_of("by_n", "p", "n")};
    definition.indexes[0].key.sort_type = Type::N;
    const TableRef table = create(definition);
    std::atomic<int> answered{0}, failed{0};
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0; i < writes_each; ++i) {
                tables->write({.kind = WriteOperation::Kind::update,
                               .table = table,
                               .item = key((i * 7 + writer) % counters),
                               .update = add_one()},
                              [&](const WriteResult& result) {
                                  failed += result.ok() ? 0 : 1;
                                  ++answered;
                              });
            }
        });
    }
    std::map<int, int64_t> seen;
    while (answered < writers * writes_each) {
        for (int n = 0; n < counters; ++n) {
            const auto found = tables->get(table, key(n));
            if (!found.ok() || !*found) continue;
            const int64_t count = count_of(**found);
            ASSERT_GE(count, seen[n]);
            seen[n] = count;
        }
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
    int64_t sum = 0;
    for (int n = 0; n < counters; ++n) sum += count_of(**tables->get(table, key(n)));
    EXPECT_EQ(sum, writers * writes_each);
    EXPECT_EQ(tables->size(table, &table->indexes[0])->items, uint64_t{counters});

    const uint64_t stream = table->stream->id;
    const Changes all = *tables->changes(stream, 0, tables->changes_begin(stream, 0), SIZE_MAX, SIZE_MAX);
    ASSERT_EQ(all.changes.size(), static_cast<size_t>(writers * writes_each));
    std::map<std::string, int64_t> last;
    for (const Change& change : all.changes) {
        int64_t& before = last[text_at(change.keys, "p")];
        if (before > 0) EXPECT_EQ(count_of(*change.old_image), before);
        EXPECT_EQ(count_of(*change.new_image), before + 1);
        ++before;
    }
}

TEST_F(TablesStress, IndexesComeAndGoUnderWriters) {
    create(definition_of("t"));
    open({.background = true});
    const TableRef before = table("t");  // writers go on with the definition they know
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int writer = 0; writer < 2; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0; !stop; ++i) {
                Item item = key(i * 13 % 700);
                if (i % 5 == writer) {
                    EXPECT_TRUE(erase(before, item).ok());
                    continue;
                }
                item.set("g", text("g" + std::to_string(i % 7)));
                EXPECT_TRUE(put(before, item).ok());
            }
        });
    }
    for (int round = 0; round < 8; ++round) {
        ASSERT_TRUE(tables
                        ->update({}, "t",
                                 [&](TableDefinition* now) -> Status {
                                     if (round % 3 == 2) now->indexes.erase(now->indexes.begin());
                                     now->indexes.push_back(index_of("i" + std::to_string(round), "g", "p"));
                                     return {};
                                 })
                        .ok());
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto filling = [&] {
        const TableRef now = table("t");
        for (const Index& index : now->indexes) {
            if (index.state != IndexState::active) return true;
        }
        return false;
    };
    while (filling()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    stop = true;
    for (std::thread& thread : threads) thread.join();
    const TableRef after = table("t");
    const auto items = [&](const Index* index) {
        std::map<std::string, Item> all;
        ScanRequest request{.table = after, .index = index};
        const Page page = *tables->scan(request);
        for (const StoredItem& stored : page.items) {
            const Item item = *stored.item();
            all[text_at(item, "p")] = item;
        }
        return all;
    };
    for (const Index& index : after->indexes) {
        EXPECT_EQ(items(&index), items(nullptr));
        EXPECT_EQ(tables->size(after, &index)->items, tables->size(after, nullptr)->items);
    }
}

TEST_F(TablesStress, TooMuchThatWaitsIsRefusedAndTheRestIsKept) {
    tables.reset();
    TablesOptions small = options();
    small.waiting_bytes_max = 100 << 10;
    tables = TablesImpl::open(small, clock, {.background = false}).value();
    const TableRef table = create(definition_of("t"));
    std::atomic<int> kept{0}, refused{0};
    for (int i = 0; i < 2000; ++i) {
        Item item = key(i);
        item.set("v", text(std::string(2000, 'v')));
        tables->write({.table = table, .item = item}, [&](const WriteResult& result) {
            if (result.ok()) ++kept;
            if (!result.ok() && result.error().error.code == ErrorCode::resource_exhausted) ++refused;
        });
    }
    tables.reset();  // finishes what waits
    EXPECT_EQ(kept + refused, 2000);
    open();
    EXPECT_EQ(tables->size(this->table("t"), nullptr)->items, static_cast<uint64_t>(kept));
}

}  // namespace
}  // namespace millrace::table::engine
