// Random writes against a reference of a few lines: after every round the items, every index both ways page by page,
// the sizes and the stream are what the reference says, also over restarts and while indexes come and go.
#include <algorithm>
#include <map>
#include <random>

#include "src/table/engine/tables_testing.h"
#include "src/table/expression/condition.h"

namespace millrace::table::engine {
namespace {

using Place = std::pair<std::string, std::string>;
using Model = std::map<Place, Item>;

class ModelTest : public TablesTest, public testing::WithParamInterface<int> {
  protected:
    uint64_t roll(uint64_t below) { return random_() % below; }
    std::string name(const char* of, uint64_t below) { return of + std::to_string(roll(below)); }
    static Item key(const Place& place) { return item_of({{"p", text(place.first)}, {"s", text(place.second)}}); }

    Item random_item(const Place& place) {
        Item item = key(place);
        if (roll(4) != 0) item.set("g", text(name("g", 4)));
        if (roll(3) != 0) item.set("h", text(name("h", 2)));
        if (roll(3) != 0) item.set("n", number(static_cast<int64_t>(roll(6)) - 3));
        if (roll(3) != 0) item.set("w", text(name("w", 3)));
        if (roll(2) != 0) item.set("v", text(std::string(roll(300), 'v')));
        return item;
    }

    WriteOperation random_write(const Place& place) {
        WriteOperation operation{.table = table("t"), .item = key(place), .want_old = true, .want_new = true};
        switch (roll(4)) {
            case 0:
                operation.kind = WriteOperation::Kind::erase;
                break;
            case 1: {
                operation.kind = WriteOperation::Kind::update;
                const bool removes = roll(3) == 0;
                const AttributeValue value = text(name("g", 4));
                operation.update = std::make_shared<TestUpdate>(
                    [removes, value](Item* item) -> Status {
                        removes ? static_cast<void>(item->erase("g")) : static_cast<void>(item->set("g", value));
                        return {};
                    },
                    std::vector<std::string>{"g"});
                break;
            }
            default:
                operation.item = random_item(place);
        }
        if (roll(4) == 0) {
            const bool wants_item = roll(2) == 0;
            operation.condition = when([wants_item](const Item* item) { return (item != nullptr) == wants_item; });
        }
        return operation;
    }

    // What the operation does to the model; false where its condition does not hold.
    bool holds(const WriteOperation& operation) const {
        const auto found = model_.find(place_of_item(operation.item));
        return operation.condition == nullptr ||
               operation.condition->holds(found == model_.end() ? nullptr : &found->second);
    }
    static Place place_of_item(const Item& item) { return {text_at(item, "p"), text_at(item, "s")}; }
    void apply(const WriteOperation& operation) {
        const Place place = place_of_item(operation.item);
        std::optional<Item> before, after;
        if (const auto found = model_.find(place); found != model_.end()) before = found->second;
        if (operation.kind == WriteOperation::Kind::put) after = operation.item;
        if (operation.kind == WriteOperation::Kind::update) {
            after = before ? *before : operation.item;
            ASSERT_TRUE(operation.update->apply(&*after).ok());
            if (!before && *after == operation.item) after.reset();  // what only takes away makes no item
        }
        if (after) {
            model_[place] = *after;
        } else {
            model_.erase(place);
        }
        if (before != after) changes_.push_back({place, before, after});
    }

    void write_some() {
        std::vector<WriteOperation> operations;
        for (uint64_t i = 0; i <= roll(20); ++i) operations.push_back(random_write({name("p", 5), name("s", 8)}));
        std::promise<std::vector<WriteResult>> promise;
        tables->write_each(operations,
                           [&](std::vector<WriteResult> results) { promise.set_value(std::move(results)); });
        const auto results = promise.get_future().get();
        for (size_t i = 0; i < operations.size(); ++i) {
            const bool expected = holds(operations[i]);
            ASSERT_EQ(results[i].ok(), expected);
            const auto found = model_.find(place_of_item(operations[i].item));
            const auto& old_item = expected ? results[i]->old_item : results[i].error().item;
            ASSERT_EQ(old_item.has_value(), found != model_.end());
            if (old_item) ASSERT_EQ(*old_item->item(), found->second);
            if (!expected) continue;
            apply(operations[i]);
            const auto now = model_.find(place_of_item(operations[i].item));
            if (results[i]->new_item) ASSERT_EQ(*results[i]->new_item->item(), now->second);
        }
    }

    void transact_some() {
        std::map<Place, WriteOperation> chosen;  // no item twice
        for (uint64_t i = 0; i <= roll(6); ++i) {
            const Place place{name("p", 5), name("s", 8)};
            chosen.emplace(place, random_write(place));
        }
        std::vector<WriteOperation> operations;
        bool all = true;
        for (auto& [place, operation] : chosen) {
            all = all && holds(operation);
            operations.push_back(operation);
        }
        const auto outcome = transact(operations);
        ASSERT_TRUE(outcome.ok());
        ASSERT_EQ(outcome->committed, all);
        for (size_t i = 0; i < operations.size(); ++i) {
            if (!all) ASSERT_EQ(outcome->reasons[i].has_value(), !holds(operations[i]));
        }
        if (!all) return;
        for (const auto& operation : operations) apply(operation);
    }

    Index random_index() {
        Index index = index_of("i" + std::to_string(next_index_++), "g", roll(2) == 0 ? "n" : "");
        index.key.sort_type = Type::N;
        if (roll(2) == 0) index.key.more_partition = {{"h"}};
        if (!index.key.sort.empty() && roll(2) == 0) index.key.more_sort = {{"w"}};
        index.projection.kind = roll(2) == 0 ? Projection::Kind::all : Projection::Kind::keys_only;
        return index;
    }

    void change_indexes() {
        ASSERT_TRUE(tables
                        ->update({}, "t",
                                 [&](TableDefinition* now) -> Status {
                                     if (now->indexes.size() > 1 && roll(2) == 0) {
                                         now->indexes.erase(now->indexes.begin() +
                                                            static_cast<ptrdiff_t>(roll(now->indexes.size())));
                                     } else {
                                         now->indexes.push_back(random_index());
                                     }
                                     return {};
                                 })
                        .ok());
    }

    void check_items() {
        const TableRef now = table("t");
        std::map<Place, Item> found;
        uint64_t bytes = 0;
        ASSERT_TRUE(tables
                        ->for_each(now, std::nullopt,
                                   [&](const StoredItem& stored) {
                                       const Item item = *stored.item();
                                       found[place_of_item(item)] = item;
                                       bytes += counted_bytes(item);
                                       return true;
                                   })
                        .ok());
        ASSERT_EQ(found, model_);
        ASSERT_EQ(tables->size(now, nullptr)->items, model_.size());
        ASSERT_EQ(tables->size(now, nullptr)->bytes, bytes);
    }

    // In the order of the index's sort key.
    static bool in_order(const Item& before, const Item& after, const KeyNames& key) {
        for (size_t i = key.partitions(); i < key.size(); ++i) {
            std::strong_ordering order = std::strong_ordering::equal;
            EXPECT_TRUE(order_of(*before.find(key.at(i).name), *after.find(key.at(i).name), &order));
            if (order != 0) return order < 0;
        }
        return true;
    }

    std::vector<Item> walk(QueryRequest request) {
        std::vector<Item> walked;
        while (true) {
            const Page page = *tables->query(request);
            for (const StoredItem& stored : page.items) walked.push_back(*stored.item());
            if (!page.last_key) return walked;
            request.start_after = page.last_key;
        }
    }

    // Every item that the reference has in the partition, of which `sort_equal` and `sort` bound the sort key.
    std::vector<Item> expected_of(const KeyNames& key, const KeyCondition& condition) const {
        std::vector<AttributeValue> wanted = {condition.partition};
        wanted.insert(wanted.end(), condition.more_partition.begin(), condition.more_partition.end());
        wanted.insert(wanted.end(), condition.sort_equal.begin(), condition.sort_equal.end());
        if (condition.sort) wanted.push_back(*condition.sort->low);
        std::vector<Item> expected;
        for (const auto& [place, item] : model_) {
            bool is_in = true;
            for (size_t i = 0; i < key.size(); ++i) {
                const AttributeValue* value = item.find(key.at(i).name);
                is_in = is_in && value != nullptr && (i >= wanted.size() || *value == wanted[i]);
            }
            if (is_in) expected.push_back(item);
        }
        return expected;
    }

    void check_query(const TableRef& now, const Index& index, const KeyCondition& condition, uint64_t* all) {
        const std::vector<Item> expected = expected_of(index.key, condition);
        const bool forward = roll(2) == 0;
        const std::vector<Item> walked = walk(
            {.table = now, .index = &index, .condition = condition, .forward = forward, .evaluated_max = 1 + roll(5)});
        ASSERT_EQ(walked.size(), expected.size());
        *all += walked.size();
        for (size_t i = 0; i < walked.size(); ++i) {
            const Item& whole = model_.at(place_of_item(walked[i]));
            ASSERT_NE(std::find(expected.begin(), expected.end(), whole), expected.end());
            if (index.projection.kind == Projection::Kind::all) ASSERT_EQ(walked[i], whole);
            ASSERT_EQ(walked[i].find("v") != nullptr,
                      index.projection.kind == Projection::Kind::all && whole.find("v") != nullptr);
            if (i == 0) continue;
            ASSERT_TRUE(forward ? in_order(walked[i - 1], walked[i], index.key)
                                : in_order(walked[i], walked[i - 1], index.key));
        }
    }

    void check_index(const TableRef& now, const Index& index) {
        uint64_t all = 0;
        for (int g = 0; g < 4; ++g) {
            for (int h = 0; h < (index.key.more_partition.empty() ? 1 : 2); ++h) {
                KeyCondition condition{.partition = text("g" + std::to_string(g))};
                if (!index.key.more_partition.empty()) condition.more_partition = {text("h" + std::to_string(h))};
                ASSERT_NO_FATAL_FAILURE(check_query(now, index, condition, &all));
                if (index.key.sorts() == 0) continue;
                const AttributeValue n = number(static_cast<int64_t>(roll(6)) - 3);
                const AttributeValue w = text(name("w", 3));
                uint64_t some = 0;
                condition.sort = SortKeyRange{.low = n, .high = n};
                ASSERT_NO_FATAL_FAILURE(check_query(now, index, condition, &some));
                if (index.key.sorts() == 1) continue;
                condition.sort_equal = {n};
                condition.sort = SortKeyRange{.low = w, .high = w};
                ASSERT_NO_FATAL_FAILURE(check_query(now, index, condition, &some));
            }
        }
        ASSERT_EQ(tables->size(now, &index)->items, all);
    }

    void check_stream() {
        const uint64_t stream = table("t")->stream->id;
        ChangeSequence from = tables->changes_begin(stream, 0);
        size_t at = 0;
        while (true) {
            const Changes some = *tables->changes(stream, 0, from, 1 + roll(50), 1 << 20);
            for (const Change& change : some.changes) {
                ASSERT_LT(at, changes_.size());
                const Expected& expected = changes_[at++];
                ASSERT_EQ(change.keys, key(expected.place));
                ASSERT_EQ(change.old_image.has_value(), expected.before.has_value());
                ASSERT_EQ(change.new_image.has_value(), expected.after.has_value());
                if (change.old_image) ASSERT_EQ(*change.old_image->item(), *expected.before);
                if (change.new_image) ASSERT_EQ(*change.new_image->item(), *expected.after);
            }
            from = some.next;
            if (some.at_end) break;
        }
        ASSERT_EQ(at, changes_.size());
    }

    struct Expected {
        Place place;
        std::optional<Item> before, after;
    };
    std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
    Model model_;
    std::vector<Expected> changes_;
    int next_index_ = 0;
};

TEST_P(ModelTest, AgreesWithTheReference) {
    TableDefinition definition = definition_of("t");
    definition.stream.emplace();
    create(definition);
    for (int round = 0; round < 150; ++round) {
        ASSERT_NO_FATAL_FAILURE(write_some());
        ASSERT_NO_FATAL_FAILURE(transact_some());
        if (roll(12) == 0) ASSERT_NO_FATAL_FAILURE(change_indexes());
        if (roll(5) == 0) tables->background().run_once();
        if (roll(20) == 0) open();
        if (roll(6) != 0) continue;
        ASSERT_NO_FATAL_FAILURE(check_items());
        const TableRef now = table("t");
        for (const Index& index : now->indexes) {
            if (index.state == IndexState::active) ASSERT_NO_FATAL_FAILURE(check_index(now, index));
        }
    }
    tables->background().run_once();
    check_items();
    const TableRef now = table("t");
    for (const Index& index : now->indexes) {
        EXPECT_EQ(index.state, IndexState::active);
        check_index(now, index);
    }
    check_stream();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range(1, 9));

}  // namespace
}  // namespace millrace::table::engine
