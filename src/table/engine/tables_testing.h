// What the engine's tests share: a store in a directory of its own, items in one line, writes that wait.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/table/engine/tables_impl.h"
#include "src/table/temporary_directory.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {

inline AttributeValue text(std::string value) {
    return {std::move(value)};
}
inline AttributeValue number(int64_t value) {
    return {Number::of(value)};
}
inline Item item_of(std::vector<std::pair<std::string, AttributeValue>> attributes) {
    Item item;
    for (auto& [name, value] : attributes) item.set(name, std::move(value));
    return item;
}
inline std::string text_at(const Item& item, std::string_view name) {
    const AttributeValue* value = item.find(name);
    if (value == nullptr) return "-";
    if (const auto* string = value->as<std::string>()) return *string;
    if (const auto* a_number = value->as<Number>()) return a_number->text();
    return "?";
}

class TestCondition final : public Condition {
  public:
    explicit TestCondition(std::function<bool(const Item*)> holds, std::set<std::string, std::less<>> names = {})
        : holds_(std::move(holds)), names_(std::move(names)) {}
    bool holds(const Item* item) const override { return holds_(item); }
    const std::set<std::string, std::less<>>& attributes() const override { return names_; }
    std::vector<Path> paths() const override { return {}; }

  private:
    std::function<bool(const Item*)> holds_;
    std::set<std::string, std::less<>> names_;
};
inline std::shared_ptr<const Condition> when(std::function<bool(const Item*)> holds,
                                             std::set<std::string, std::less<>> names = {}) {
    return std::make_shared<TestCondition>(std::move(holds), std::move(names));
}

class TestUpdate final : public Update {
  public:
    TestUpdate(std::function<Status(Item*)> apply, std::vector<std::string> names) : apply_(std::move(apply)) {
        for (auto& name : names) written_.push_back({PathElement{name}});
    }
    Status apply(Item* item) const override { return apply_(item); }
    const std::vector<Path>& written() const override { return written_; }

  private:
    std::function<Status(Item*)> apply_;
    std::vector<Path> written_;
};
inline std::shared_ptr<const Update> set_to(std::string name, AttributeValue value) {
    return std::make_shared<TestUpdate>(
        [name, value](Item* item) -> Status {
            item->set(name, value);
            return {};
        },
        std::vector{name});
}

inline TableDefinition definition_of(std::string name) {
    TableDefinition definition;
    definition.name = std::move(name);
    definition.key = {.partition = "p", .sort = "s"};
    return definition;
}
inline Index index_of(std::string name, std::string partition, std::string sort = "") {
    Index index;
    index.name = std::move(name);
    index.key = {.partition = std::move(partition), .sort = std::move(sort)};
    return index;
}

class TablesTest : public testing::Test {
  protected:
    void open(TestHooks hooks = {.background = false}) {
        tables.reset();
        auto opened = TablesImpl::open(options(), clock, hooks);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        tables = std::move(opened).value();
    }
    void SetUp() override { open(); }
    TablesOptions options() const {
        return {.directory = directory.path() + "/tables", .sync = false, .write_buffer_bytes = 1 << 20};
    }
    TableRef create(TableDefinition definition) {
        auto created = tables->create(std::move(definition));
        EXPECT_TRUE(created.ok()) << created.error().message;
        return created.value();
    }
    TableRef table(const std::string& name) { return tables->find({}, name).value(); }
    WriteResult put(const TableRef& table, Item item) {
        return tables->write_and_wait({.table = table, .item = std::move(item)});
    }
    WriteResult erase(const TableRef& table, Item key) {
        return tables->write_and_wait(
            {.kind = WriteOperation::Kind::erase, .table = table, .item = std::move(key), .want_old = true});
    }
    WriteResult update(const TableRef& table, Item key, std::shared_ptr<const Update> change) {
        return tables->write_and_wait({.kind = WriteOperation::Kind::update,
                                       .table = table,
                                       .item = std::move(key),
                                       .update = std::move(change),
                                       .want_new = true});
    }
    Result<TransactionOutcome> transact(std::vector<WriteOperation> operations, std::string token = "",
                                        std::string digest = "") {
        std::promise<Result<TransactionOutcome>> promise;
        tables->transact(std::move(operations), std::move(token), std::move(digest),
                         [&](Result<TransactionOutcome> outcome) { promise.set_value(std::move(outcome)); });
        return promise.get_future().get();
    }
    std::optional<Item> get(const TableRef& table, const Item& key) {
        auto found = tables->get(table, key);
        EXPECT_TRUE(found.ok()) << found.error().message;
        if (!found.ok() || !*found) return std::nullopt;
        return (*found)->item().value();
    }
    // "s" of each item, joined by spaces.
    std::string sorts(const Page& page) {
        std::string all;
        for (const StoredItem& stored : page.items) all += (all.empty() ? "" : " ") + text_at(*stored.item(), "s");
        return all;
    }

    TemporaryDirectory directory;
    io::ManualClock clock{TimestampMs(1'800'000'000'000)};
    std::unique_ptr<TablesImpl> tables;
};

}  // namespace millrace::table::engine
