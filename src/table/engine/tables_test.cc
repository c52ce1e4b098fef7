#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

Item order(const std::string& p, const std::string& s, const std::string& state = "open") {
    return item_of({{"p", text(p)}, {"s", text(s)}, {"state", text(state)}});
}
Item key(const std::string& p, const std::string& s) {
    return item_of({{"p", text(p)}, {"s", text(s)}});
}

TEST_F(TablesTest, WhatWasPutIsReadBackAlsoAfterAReopen) {
    const TableRef orders = create(definition_of("orders"));
    ASSERT_TRUE(put(orders, order("a", "1")).ok());
    open();
    EXPECT_EQ(get(table("orders"), key("a", "1")), order("a", "1"));
    EXPECT_EQ(get(table("orders"), key("a", "2")), std::nullopt);
    EXPECT_EQ(tables->size(table("orders"), nullptr)->items, 1u);
    EXPECT_EQ(tables->size(table("orders"), nullptr)->bytes, counted_bytes(order("a", "1")));
}

// RocksDB opens a few files at its start and the others when they are needed; of a value in one of those it says that
// it was found, and gives nothing, where it may not look at the disk.
TEST_F(TablesTest, WhatIsInFilesThatAreNotOpenYetIsNotTakenForEmpty) {
    const TableRef orders = create(definition_of("orders"));
    rocksdb::DB* database = tables->database().get();
    rocksdb::ColumnFamilyHandle* items = tables->database().family(Family::items);
    ASSERT_TRUE(database->SetOptions(items, {{"disable_auto_compactions", "true"}}).ok());
    constexpr int files = 19;
    for (int i = 0; i < files; ++i) {
        ASSERT_TRUE(put(orders, order("a", std::to_string(i))).ok());
        ASSERT_TRUE(database->Flush(rocksdb::FlushOptions(), items).ok());
    }
    open();
    for (int i = 0; i < files; ++i) {
        Result<std::optional<StoredItem>> found = std::optional<StoredItem>();
        if (tables->try_get(table("orders"), key("a", std::to_string(i)), &found)) {
            EXPECT_EQ(*(*found)->item(), order("a", std::to_string(i)));
        }
        EXPECT_TRUE(put(table("orders"), order("a", std::to_string(i), "again")).ok());
    }
    EXPECT_EQ(tables->size(table("orders"), nullptr)->items, static_cast<uint64_t>(files));
}

TEST_F(TablesTest, AConditionThatDoesNotHoldWritesNothingAndShowsTheItem) {
    const TableRef orders = create(definition_of("orders"));
    const auto absent = when([](const Item* item) { return item == nullptr; });
    WriteOperation once{.table = orders, .item = order("a", "1"), .condition = absent, .want_old = true};
    ASSERT_TRUE(tables->write_and_wait(once).ok());
    once.item = order("a", "1", "other");
    const WriteResult again = tables->write_and_wait(once);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().error.code, ErrorCode::failed_precondition);
    EXPECT_EQ(*again.error().item->item(), order("a", "1"));
    EXPECT_EQ(get(orders, key("a", "1")), order("a", "1"));
}

TEST_F(TablesTest, WritesOfOneCommitSeeEachOther) {
    const TableRef counters = create(definition_of("counters"));
    const auto add_one = std::make_shared<TestUpdate>(
        [](Item* item) -> Status {
            const AttributeValue* value = item->find("n");
            const Number before = value != nullptr ? *value->as<Number>() : Number();
            TRY_ASSIGN(const Number after, Number::add(before, Number::of(1)));
            item->set("n", {after});
            return {};
        },
        std::vector<std::string>{"n"});
    std::vector<WriteOperation> operations;
    for (int i = 0; i < 100; ++i) {
        operations.push_back(
            {.kind = WriteOperation::Kind::update, .table = counters, .item = key("a", "1"), .update = add_one});
    }
    std::promise<void> done;
    tables->write_each(operations, [&](std::vector<WriteResult>) { done.set_value(); });
    done.get_future().get();
    EXPECT_EQ(text_at(*get(counters, key("a", "1")), "n"), "100");
}

TEST_F(TablesTest, ATransactionIsWholeOrAbsentAndSaysWhy) {
    const TableRef orders = create(definition_of("orders"));
    ASSERT_TRUE(put(orders, order("a", "1")).ok());
    const auto absent = when([](const Item* item) { return item == nullptr; });
    auto outcome = transact({{.table = orders, .item = order("a", "2")},
                             {.table = orders, .item = order("a", "1", "new"), .condition = absent}});
    ASSERT_TRUE(outcome.ok());
    EXPECT_FALSE(outcome->committed);
    EXPECT_FALSE(outcome->reasons[0].has_value());
    EXPECT_EQ(outcome->reasons[1]->error.code, ErrorCode::failed_precondition);
    EXPECT_EQ(get(orders, key("a", "2")), std::nullopt);

    outcome = transact({{.table = orders, .item = order("a", "2")},
                        {.kind = WriteOperation::Kind::erase, .table = orders, .item = key("a", "1")}});
    ASSERT_TRUE(outcome->committed);
    EXPECT_TRUE(get(orders, key("a", "2")).has_value());
    EXPECT_EQ(get(orders, key("a", "1")), std::nullopt);
}

TEST_F(TablesTest, ATokenIsCommittedOnceForTenMinutesAlsoOverARestart) {
    create(definition_of("orders"));
    const auto try_it = [&](const std::string& state, const std::string& digest) {
        return transact({{.table = table("orders"), .item = order("a", "1", state)}}, "token", digest);
    };
    EXPECT_FALSE(try_it("first", "one")->repeated);
    EXPECT_TRUE(try_it("second", "one")->repeated);
    open();
    EXPECT_TRUE(try_it("second", "one")->repeated);
    EXPECT_EQ(try_it("second", "two").error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(text_at(*get(table("orders"), key("a", "1")), "state"), "first");
    clock.advance_ms(10 * 60 * 1000 + 1);
    tables->background().run_once();
    EXPECT_FALSE(try_it("third", "two")->repeated);
}

TEST_F(TablesTest, QueryWalksARangeBothWaysPageByPage) {
    const TableRef orders = create(definition_of("orders"));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(put(orders, order("a", std::to_string(i))).ok());
    ASSERT_TRUE(put(orders, order("b", "5")).ok());
    QueryRequest request{.table = orders, .condition = {.partition = text("a")}};
    EXPECT_EQ(sorts(*tables->query(request)), "0 1 2 3 4 5 6 7 8 9");
    request.forward = false;
    EXPECT_EQ(sorts(*tables->query(request)), "9 8 7 6 5 4 3 2 1 0");
    request.condition.sort = SortKeyRange{.low = text("2"), .high = text("6"), .low_open = true};
    request.evaluated_max = 2;
    Page page = *tables->query(request);
    EXPECT_EQ(sorts(page), "6 5");
    request.start_after = page.last_key;
    page = *tables->query(request);
    EXPECT_EQ(sorts(page), "4 3");
    request.start_after = page.last_key;
    page = *tables->query(request);
    EXPECT_EQ(sorts(page), "");
    EXPECT_FALSE(page.last_key.has_value());
    request = {.table = orders, .condition = {.partition = text("a"), .sort = SortKeyRange{.prefix = text("3")}}};
    EXPECT_EQ(sorts(*tables->query(request)), "3");
}

TEST_F(TablesTest, AFilterLooksAtNamedAttributesOnly) {
    const TableRef orders = create(definition_of("orders"));
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(put(orders, order("a", std::to_string(i), i % 2 == 0 ? "x" : "y")).ok());
    const auto is_x =
        when([](const Item* item) { return item->size() == 1 && text_at(*item, "state") == "x"; }, {"state"});
    const Page page = *tables->query({.table = orders, .condition = {.partition = text("a")}, .filter = is_x});
    EXPECT_EQ(sorts(page), "0 2 4");
    EXPECT_EQ(page.matched, 3u);
    EXPECT_EQ(page.evaluated, 6u);
}

TEST_F(TablesTest, SegmentsOfAScanTogetherAreTheTable) {
    const TableRef orders = create(definition_of("orders"));
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(put(orders, order("p" + std::to_string(i), std::to_string(i))).ok());
    size_t all = 0;
    for (uint32_t segment = 0; segment < 7; ++segment) {
        ScanRequest request{.table = orders, .segment = segment, .segments = 7, .evaluated_max = 10};
        size_t in_segment = 0;
        while (true) {
            const Page page = *tables->scan(request);
            in_segment += page.items.size();
            if (!page.last_key) break;
            request.start_after = page.last_key;
        }
        EXPECT_GT(in_segment, 5u);
        all += in_segment;
    }
    EXPECT_EQ(all, 200u);
}

TEST_F(TablesTest, IndexEntriesFollowTheirItem) {
    TableDefinition definition = definition_of("orders");
    definition.indexes = {index_of("by_state", "state", "s")};
    definition.indexes[0].projection.kind = Projection::Kind::keys_only;
    const TableRef orders = create(definition);
    const auto in_state = [&](const std::string& state) {
        const Page page =
            *tables->query({.table = orders, .index = &orders->indexes[0], .condition = {.partition = text(state)}});
        return sorts(page);
    };
    ASSERT_TRUE(put(orders, order("a", "1", "open")).ok());
    ASSERT_TRUE(put(orders, order("b", "2", "open")).ok());
    ASSERT_TRUE(put(orders, key("c", "3")).ok());  // sparse
    EXPECT_EQ(in_state("open"), "1 2");
    EXPECT_EQ(tables->size(orders, &orders->indexes[0])->items, 2u);
    ASSERT_TRUE(update(orders, key("a", "1"), set_to("state", text("closed"))).ok());
    EXPECT_EQ(in_state("open"), "2");
    EXPECT_EQ(in_state("closed"), "1");
    ASSERT_TRUE(erase(orders, key("b", "2")).ok());
    EXPECT_EQ(in_state("open"), "");
    EXPECT_EQ(tables->size(orders, &orders->indexes[0])->items, 1u);
}

TEST_F(TablesTest, AnIndexKeyOfAWrongTypeIsRefusedInAwsWords) {
    TableDefinition definition = definition_of("orders");
    definition.indexes = {index_of("by_state", "state")};
    const TableRef orders = create(definition);
    const auto refused = put(orders, item_of({{"p", text("a")}, {"s", text("1")}, {"state", number(5)}}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().error.message,
              "One or more parameter values were invalid: Type mismatch for Index Key state Expected: S Actual: N "
              "IndexName: by_state");
    const auto empty = update(orders, key("a", "1"), set_to("state", text("")));
    ASSERT_FALSE(empty.ok());
    EXPECT_EQ(empty.error().error.message,
              "One or more parameter values are not valid. The update expression attempted to update a secondary index "
              "key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty "
              "string value.");
}

TEST_F(TablesTest, AnItemOver400KilobytesIsRefused) {
    const TableRef orders = create(definition_of("orders"));
    const auto refused = put(orders, order("a", "1", std::string(item_bytes_max, 'x')));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().error.message, "Item size has exceeded the maximum allowed size");
    const auto grown = update(orders, key("a", "1"), set_to("state", text(std::string(item_bytes_max, 'x'))));
    ASSERT_FALSE(grown.ok());
    EXPECT_EQ(grown.error().error.message, "Item size to update has exceeded the maximum allowed size");
}

TEST_F(TablesTest, ANewIndexIsFilledWhileWritesGoOn) {
    create(definition_of("orders"));
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(
            put(table("orders"), order("p" + std::to_string(i), std::to_string(i), "s" + std::to_string(i % 3))).ok());
    }
    ASSERT_TRUE(tables
                    ->update({}, "orders",
                             [](TableDefinition* now) -> Status {
                                 now->indexes.push_back(index_of("by_state", "state"));
                                 return {};
                             })
                    .ok());
    EXPECT_EQ(table("orders")->indexes[0].state, IndexState::creating);
    // Before, in the middle of and after the back-fill: some move, some go, some come.
    for (int i = 0; i < 1000; i += 7) {
        ASSERT_TRUE(
            update(table("orders"), key("p" + std::to_string(i), std::to_string(i)), set_to("state", text("moved")))
                .ok());
    }
    open({.background = true});  // as after a crash: goes on by itself
    for (int i = 1; i < 1000; i += 7)
        ASSERT_TRUE(erase(table("orders"), key("p" + std::to_string(i), std::to_string(i))).ok());
    while (table("orders")->indexes[0].state != IndexState::active)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const TableRef orders = table("orders");
    uint64_t found = 0;
    for (const std::string state : {"s0", "s1", "s2", "moved"}) {
        const Page page =
            *tables->query({.table = orders, .index = &orders->indexes[0], .condition = {.partition = text(state)}});
        found += page.items.size();
        for (const StoredItem& stored : page.items) {
            const Item item = *stored.item();
            EXPECT_EQ(get(orders, key(text_at(item, "p"), text_at(item, "s"))), item);
        }
    }
    EXPECT_EQ(found, tables->size(orders, nullptr)->items);
    EXPECT_EQ(found, tables->size(orders, &orders->indexes[0])->items);
}

TEST_F(TablesTest, AStreamHoldsEachChangeOnceAndNothingThatChangedNothing) {
    TableDefinition definition = definition_of("orders");
    definition.stream.emplace();
    const TableRef orders = create(definition);
    const uint64_t stream = orders->stream->id;
    int woken = 0;
    auto token = tables->subscribe(stream, [&] { ++woken; });
    ASSERT_TRUE(put(orders, order("a", "1", "x")).ok());
    ASSERT_TRUE(put(orders, order("a", "1", "x")).ok());  // the same again
    ASSERT_TRUE(put(orders, order("a", "1", "y")).ok());
    ASSERT_TRUE(erase(orders, key("a", "1")).ok());
    ASSERT_TRUE(erase(orders, key("a", "1")).ok());  // nothing there
    tables->write_and_wait({.kind = WriteOperation::Kind::check, .table = orders, .item = key("a", "1")}).ok();
    token.reset();
    const Changes all = *tables->changes(stream, 0, tables->changes_begin(stream, 0), 100, 1 << 20);
    ASSERT_EQ(all.changes.size(), 3u);
    EXPECT_TRUE(all.at_end);
    EXPECT_EQ(all.next, tables->changes_end(stream, 0));
    EXPECT_EQ(all.changes[0].kind, ChangeKind::insert);
    EXPECT_FALSE(all.changes[0].old_image.has_value());
    EXPECT_EQ(all.changes[1].kind, ChangeKind::modify);
    EXPECT_EQ(*all.changes[1].old_image->item(), order("a", "1", "x"));
    EXPECT_EQ(*all.changes[1].new_image->item(), order("a", "1", "y"));
    EXPECT_EQ(all.changes[2].kind, ChangeKind::remove);
    EXPECT_EQ(all.changes[2].keys, key("a", "1"));
    EXPECT_EQ(woken, 3);
}

TEST_F(TablesTest, ACopiedStreamHasBothImagesWhateverTheUsersStreamShows) {
    TableDefinition definition = definition_of("orders");
    definition.stream = ChangeStream{.view = StreamView::keys_only};
    definition.copied_stream.emplace();
    const TableRef orders = create(definition);
    ASSERT_TRUE(put(orders, order("a", "1", "x")).ok());
    ASSERT_TRUE(put(orders, order("a", "1", "y")).ok());
    const auto read = [&](uint64_t stream) {
        return tables->changes(stream, 0, tables->changes_begin(stream, 0), 100, 1 << 20)->changes;
    };
    const auto mine = read(orders->stream->id), copied = read(orders->copied_stream->id);
    ASSERT_EQ(mine.size(), 2u);
    ASSERT_EQ(copied.size(), 2u);
    EXPECT_FALSE(mine[1].old_image.has_value());
    EXPECT_FALSE(mine[1].new_image.has_value());
    EXPECT_EQ(*copied[1].old_image->item(), order("a", "1", "x"));
    EXPECT_EQ(*copied[1].new_image->item(), order("a", "1", "y"));
}

TEST_F(TablesTest, AStreamIsReadByTimeAndTrimmedAfterItsRetention) {
    TableDefinition definition = definition_of("orders");
    definition.stream.emplace();
    const TableRef orders = create(definition);
    const uint64_t stream = orders->stream->id;
    for (int hour = 0; hour < 40; ++hour) {
        ASSERT_TRUE(put(orders, order("a", std::to_string(hour))).ok());
        clock.advance_ms(3600 * 1000);
    }
    const TimestampMs at(1'800'000'000'000 + 30 * 3600 * 1000);
    Changes late = *tables->changes(stream, 0, *tables->changes_at(stream, 0, at), 100, 1 << 20);
    ASSERT_EQ(late.changes.size(), 10u);
    EXPECT_EQ(late.changes[0].time, at);
    tables->background().run_once();
    const ChangeSequence begin = tables->changes_begin(stream, 0);
    late = *tables->changes(stream, 0, begin, 100, 1 << 20);
    EXPECT_EQ(late.changes.size(), 24u);
    EXPECT_EQ(tables->changes(stream, 0, ChangeSequence(begin.value() - 1), 100, 1 << 20).error().code,
              ErrorCode::out_of_range);
}

TEST_F(TablesTest, AStreamSwitchedOffOrOfARemovedTableIsReadableForADay) {
    TableDefinition definition = definition_of("orders");
    definition.stream.emplace();
    const uint64_t first = create(definition)->stream->id;
    ASSERT_TRUE(put(table("orders"), order("a", "1")).ok());
    ASSERT_TRUE(tables
                    ->update({}, "orders",
                             [](TableDefinition* now) -> Status {
                                 now->stream->enabled = false;
                                 return {};
                             })
                    .ok());
    ASSERT_TRUE(put(table("orders"), order("a", "2")).ok());
    ASSERT_TRUE(tables
                    ->update({}, "orders",
                             [](TableDefinition* now) -> Status {
                                 now->stream = ChangeStream{.view = StreamView::keys_only};
                                 return {};
                             })
                    .ok());
    ASSERT_TRUE(put(table("orders"), order("a", "3")).ok());
    const uint64_t second = table("orders")->stream->id;
    EXPECT_NE(first, second);
    ASSERT_EQ(table("orders")->old_streams.size(), 1u);
    ASSERT_TRUE(tables->remove({}, "orders").ok());
    tables->background().run_once();
    open();
    ASSERT_EQ(tables->removed().size(), 1u);
    for (const uint64_t stream : {first, second}) {
        EXPECT_EQ(tables->changes(stream, 0, tables->changes_begin(stream, 0), 100, 1 << 20)->changes.size(), 1u);
    }
    clock.advance_ms(25 * 3600 * 1000);
    tables->background().run_once();
    EXPECT_TRUE(tables->removed().empty());
    EXPECT_EQ(tables->changes(first, 0, ChangeSequence(0), 100, 1 << 20).error().code, ErrorCode::not_found);
}

TEST_F(TablesTest, ARemovedTableIsGoneAndANewOneOfItsNameIsEmpty) {
    const TableRef old = create(definition_of("orders"));
    ASSERT_TRUE(put(old, order("a", "1")).ok());
    ASSERT_TRUE(tables->remove({}, "orders").ok());
    EXPECT_EQ(tables->find({}, "orders").error().code, ErrorCode::not_found);
    EXPECT_EQ(put(old, order("a", "2")).error().error.code, ErrorCode::not_found);
    create(definition_of("orders"));
    EXPECT_EQ(get(table("orders"), key("a", "1")), std::nullopt);
    tables->background().run_once();
    std::string count;
    EXPECT_EQ(tables->size(table("orders"), nullptr)->items, 0u);
}

TEST_F(TablesTest, ExpiredItemsGoAndTheStreamSaysWho) {
    TableDefinition definition = definition_of("orders");
    definition.stream.emplace();
    create(definition);
    const int64_t now_s = clock.now().value() / 1000;
    const auto expiring = [&](const std::string& s, int64_t second) {
        return item_of({{"p", text("a")}, {"s", text(s)}, {"until", number(second)}});
    };
    ASSERT_TRUE(put(table("orders"), expiring("1", now_s - 10)).ok());  // before TTL is on: back-filled
    ASSERT_TRUE(tables
                    ->update({}, "orders",
                             [](TableDefinition* now) -> Status {
                                 now->ttl_attribute = "until";
                                 return {};
                             })
                    .ok());
    const TableRef orders = table("orders");
    ASSERT_TRUE(put(orders, expiring("2", now_s + 100)).ok());
    ASSERT_TRUE(put(orders, expiring("3", now_s + 100)).ok());
    ASSERT_TRUE(put(orders, expiring("4", now_s - int64_t{6} * 365 * 24 * 3600)).ok());  // too old to be meant
    ASSERT_TRUE(put(orders, order("a", "5")).ok());
    const auto left = [&] { return sorts(*tables->query({.table = orders, .condition = {.partition = text("a")}})); };
    tables->background().run_once();
    EXPECT_EQ(left(), "2 3 4 5");
    ASSERT_TRUE(update(orders, key("a", "3"), set_to("until", number(now_s + 1000))).ok());
    clock.advance_ms(200'000);
    tables->background().run_once();
    EXPECT_EQ(left(), "3 4 5");
    ASSERT_TRUE(put(orders, expiring("6", now_s - 50)).ok());  // expired before the last sweep
    Item fraction = expiring("7", 0);
    fraction.set("until", {*Number::parse(std::to_string(now_s - 50) + ".25")});
    ASSERT_TRUE(put(orders, std::move(fraction)).ok());
    clock.advance_ms(20'000);
    tables->background().run_once();
    EXPECT_EQ(left(), "3 4 5");
    const Changes all =
        *tables->changes(orders->stream->id, 0, tables->changes_begin(orders->stream->id, 0), 100, 1 << 20);
    int by_ttl = 0;
    for (const Change& change : all.changes) by_ttl += change.by_ttl ? 1 : 0;
    EXPECT_EQ(by_ttl, 4);
}

TEST_F(TablesTest, HistoryShowsTheTableAsItWas) {
    create(definition_of("orders"));
    ASSERT_TRUE(put(table("orders"), order("a", "1", "before")).ok());
    ASSERT_TRUE(tables
                    ->update({}, "orders",
                             [](TableDefinition* now) -> Status {
                                 now->history = true;
                                 return {};
                             })
                    .ok());
    const TableRef orders = table("orders");
    const TimestampMs start = clock.now();
    clock.advance_ms(1000);
    ASSERT_TRUE(put(orders, order("a", "1", "second")).ok());
    ASSERT_TRUE(put(orders, order("a", "2", "first")).ok());
    const TimestampMs middle = clock.now();
    clock.advance_ms(1000);
    ASSERT_TRUE(put(orders, order("a", "1", "third")).ok());
    ASSERT_TRUE(erase(orders, key("a", "2")).ok());
    ASSERT_TRUE(put(orders, order("a", "3")).ok());
    const auto as_of = [&](TimestampMs time) {
        std::string all;
        const Status read = tables->for_each(orders, time, [&](const StoredItem& stored) {
            const Item item = *stored.item();
            all += text_at(item, "s") + "=" + text_at(item, "state") + " ";
            return true;
        });
        return read.ok() ? all : std::string(name_of(read.error().code));
    };
    EXPECT_EQ(as_of(start), "1=before ");
    EXPECT_EQ(as_of(middle), "1=second 2=first ");
    EXPECT_EQ(as_of(clock.now()), "1=third 3=open ");
    EXPECT_EQ(as_of(TimestampMs(start.value() - 1)), "out_of_range");
}

TEST_F(TablesTest, LoadedItemsAreInTheIndexesAndInNoStream) {
    TableDefinition definition = definition_of("orders");
    definition.stream.emplace();
    definition.indexes = {index_of("by_state", "state")};
    const TableRef orders = create(definition);
    std::vector<Item> items;
    for (int i = 0; i < 2500; ++i) items.push_back(order("p" + std::to_string(i), "1"));
    ASSERT_TRUE(tables->load(orders, std::move(items)).ok());
    EXPECT_EQ(tables->size(orders, nullptr)->items, 2500u);
    EXPECT_EQ(tables->size(orders, &orders->indexes[0])->items, 2500u);
    EXPECT_EQ(tables->changes_begin(orders->stream->id, 0).value() + 2500,
              tables->changes_end(orders->stream->id, 0).value());
    EXPECT_TRUE(tables->changes(orders->stream->id, 0, tables->changes_begin(orders->stream->id, 0), 10, 1 << 20)
                    ->changes.empty());
}

TEST_F(TablesTest, DefinitionsAreFoundListedAndKept) {
    TableDefinition definition = definition_of("b");
    definition.settings = "{}";
    definition.indexes = {index_of("one", "x", "y")};
    definition.indexes[0].projection = {Projection::Kind::include, {"z"}};
    create(definition);
    create(definition_of("a"));
    EXPECT_EQ(tables->create(definition_of("a")).error().code, ErrorCode::already_exists);
    open();
    ASSERT_EQ(tables->list({}, "", 10).size(), 2u);
    EXPECT_EQ(tables->list({}, "a", 10).at(0)->name, "b");
    EXPECT_TRUE(tables->list({.region = "eu-west-1"}, "", 10).empty());
    const TableRef b = table("b");
    EXPECT_EQ(b->settings, "{}");
    EXPECT_EQ(b->indexes.at(0).projection.attributes, std::vector<std::string>{"z"});
    EXPECT_EQ(b->indexes.at(0).key.sort, "y");
    EXPECT_EQ(b->uuid.size(), 36u);
}

}  // namespace
}  // namespace millrace::table::engine
