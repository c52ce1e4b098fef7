// Writes that do not look at what they replace: a large table, next to no cache. What is stored is right at every
// moment, its size nearly, and after a count exactly.
#include <map>
#include <random>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

class BlindTest : public TablesTest {
  protected:
    static constexpr int items = 4000;
    void reopen() {
        tables.reset();
        auto opened = TablesImpl::open({.directory = directory.path() + "/tables",
                                        .sync = false,
                                        .cache_bytes = 256 << 10,
                                        .write_buffer_bytes = 1 << 20,
                                        .blind_from_bytes = 100'000,
                                        .recount_ms = 1000},
                                       clock, {.background = false});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        tables = std::move(opened).value();
    }
    void SetUp() override {
        reopen();
        TableDefinition definition;
        definition.name = "big";
        definition.key.partition = "p";
        create(definition);
        for (int i = 0; i < items; ++i) put_some(i, 50 + i % 100);
        flush();
    }
    void flush() { ASSERT_TRUE(tables->database()->Flush({}, tables->database().family(Family::items)).ok()); }
    static Item key(int i) { return item_of({{"p", text("item-" + std::to_string(i))}}); }
    static Item item(int i, int bytes) {
        Item made = key(i);
        made.set("v", text(std::string(static_cast<size_t>(bytes), 'v')));
        return made;
    }
    WriteOutcome write(WriteOperation operation) {
        operation.table = table("big");
        operation.sizes_unused = true;
        const WriteResult result = tables->write_and_wait(std::move(operation));
        EXPECT_TRUE(result.ok());
        return result.ok() ? *result : WriteOutcome();
    }
    void put_some(int i, int bytes) {
        write({.item = item(i, bytes)});
        model_[i] = bytes;
    }
    void erase_some(int i) {
        write({.kind = WriteOperation::Kind::erase, .item = key(i)});
        model_.erase(i);
    }
    TableSize size() { return tables->size(table("big"), nullptr).value(); }
    TableSize real_size() {
        TableSize sum;
        for (const auto& [i, bytes] : model_) {
            ++sum.items;
            sum.bytes += counted_bytes(item(i, bytes));
        }
        return sum;
    }
    uint64_t uncounted() {
        const std::string saved =
            tables->database().read(Family::meta, meta_key('c', table("big")->data_id), nullptr).value().value();
        return saved.size() > 16 ? read_u64(std::string_view(saved).substr(16)) : 0;
    }
    void expect_items_right() {
        std::map<int, int> found;
        ASSERT_TRUE(tables
                        ->for_each(table("big"), std::nullopt,
                                   [&](const StoredItem& stored) {
                                       const Item one = stored.item().value();
                                       const int i = std::stoi(text_at(one, "p").substr(5));
                                       found[i] = static_cast<int>(text_at(one, "v").size());
                                       return true;
                                   })
                        .ok());
        EXPECT_EQ(found, model_);
    }
    void expect_size_right() {
        EXPECT_EQ(size().items, real_size().items);
        EXPECT_EQ(size().bytes, real_size().bytes);
    }
    void count() {
        tables->background().run_once();
        clock.advance_ms(2000);
        tables->background().run_once();
    }
    std::map<int, int> model_;  // bytes of "v"
    std::mt19937 random_{7};
};

TEST_F(BlindTest, ReplacesAddsAndErases) {
    for (int round = 0; round < 3; ++round) {
        for (int n = 0; n < 3000; ++n) {
            const int i = static_cast<int>(random_() % (2 * items));
            random_() % 4 == 0 ? erase_some(i) : put_some(i, static_cast<int>(random_() % 300));
        }
        flush();
        expect_items_right();
    }
    EXPECT_GT(uncounted(), 1000u);  // or the test shows nothing
    const double real = static_cast<double>(real_size().items), thought = static_cast<double>(size().items);
    EXPECT_NEAR(thought / real, 1, 0.25);
    count();
    EXPECT_EQ(uncounted(), 0u);
    expect_size_right();
}

TEST_F(BlindTest, WritesDuringACountKeepTheirSay) {
    for (int i = 0; i < items; ++i) put_some(i, 200);
    EXPECT_GT(uncounted(), 1000u);
    count();
    expect_size_right();
    // Known to the cache of items: counted as it is.
    const uint64_t before = uncounted();
    put_some(0, 10);
    put_some(0, 20);
    EXPECT_LE(uncounted(), before + 1);
}

TEST_F(BlindTest, ASizeThatIsNotExactIsKnownToBeAfterARestart) {
    for (int i = 0; i < items; ++i) put_some(i, 200);
    const uint64_t before = uncounted();
    EXPECT_GT(before, 1000u);
    reopen();
    EXPECT_EQ(uncounted(), before);
    count();
    EXPECT_EQ(uncounted(), 0u);
    expect_size_right();
}

TEST_F(BlindTest, WhoNeedsTheOldItemGetsIt) {
    const uint64_t filled = uncounted();
    for (int i = 0; i < items; i += 100) {
        const WriteResult old =
            tables->write_and_wait({.table = table("big"), .item = item(i, 5), .want_old = true, .sizes_unused = true});
        ASSERT_TRUE(old.ok() && old->old_item);
        EXPECT_EQ(*old->old_item->item(), item(i, model_[i]));
        const WriteResult sized = tables->write_and_wait({.table = table("big"), .item = item(i + 1, 5)});
        ASSERT_TRUE(sized.ok());
        EXPECT_EQ(sized->old_bytes, counted_bytes(item(i + 1, model_[i + 1])));
        const auto absent = when([](const Item* there) { return there == nullptr; });
        const WriteResult refused = tables->write_and_wait(
            {.table = table("big"), .item = item(i + 2, 5), .condition = absent, .sizes_unused = true});
        EXPECT_FALSE(refused.ok());
    }
    EXPECT_EQ(uncounted(), filled);
}

TEST_F(BlindTest, AStreamHasTheOldImages) {
    const uint64_t filled = uncounted();
    ASSERT_TRUE(tables
                    ->update({}, "big",
                             [](TableDefinition* now) -> Status {
                                 now->stream.emplace();
                                 return {};
                             })
                    .ok());
    for (int i = 0; i < items; i += 100) write({.item = item(i, 5)});
    const uint64_t stream = table("big")->stream->id;
    const auto changes = tables->changes(stream, 0, tables->changes_begin(stream, 0), items, size_t{1} << 30);
    ASSERT_TRUE(changes.ok());
    ASSERT_EQ(changes->changes.size(), items / 100u);
    for (size_t n = 0; n < changes->changes.size(); ++n) {
        EXPECT_EQ(changes->changes[n].kind, ChangeKind::modify);
        EXPECT_EQ(*changes->changes[n].old_image->item(),
                  item(static_cast<int>(n) * 100, model_[static_cast<int>(n) * 100]));
    }
    EXPECT_EQ(uncounted(), filled);
}

}  // namespace
}  // namespace millrace::table::engine
