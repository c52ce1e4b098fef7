#include "src/catalog/tag_store.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/table/key_value_store.h"

namespace millrace::catalog {
namespace {

class TagStoreTest : public testing::Test {
  protected:
    ~TagStoreTest() override { std::filesystem::remove_all(directory_); }

    const std::string directory_ = testing::TempDir() + "tags-" + random_uuid();
    const std::unique_ptr<table::KeyValueStore> store_ =
        table::open_rocksdb({.directory = directory_, .sync = false}).value();
    const std::unique_ptr<Registry> registry_ = Registry::open(*store_);
    TagStore tags_{*registry_, "test.tags"};
};

TEST_F(TagStoreTest, TagsAreAddedReplacedRemovedAndForgotten) {
    EXPECT_TRUE(tags_.get({}, "arn:a").value().empty());
    ASSERT_TRUE(tags_.add({}, "arn:a", {{"team", "data"}, {"stage", "ci"}}).ok());
    ASSERT_TRUE(tags_.add({}, "arn:a", {{"stage", "\"live\""}}).ok());
    ASSERT_TRUE(tags_.remove({}, "arn:a", {"team", "never"}).ok());
    EXPECT_EQ(tags_.get({}, "arn:a").value(), (Tags{{"stage", "\"live\""}}));
    EXPECT_TRUE(tags_.get({}, "arn:b").value().empty());
    ASSERT_TRUE(tags_.forget({}, "arn:a").ok());
    ASSERT_TRUE(tags_.forget({}, "arn:a").ok());
    EXPECT_TRUE(tags_.get({}, "arn:a").value().empty());
}

TEST_F(TagStoreTest, MoreThanFiftyAreRefusedAndNoneOfThemKept) {
    Tags many;
    for (size_t i = 0; i <= tags_max; ++i) many["key" + std::to_string(i)] = "";
    EXPECT_EQ(tags_.add({}, "arn:a", many).error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(tags_.get({}, "arn:a").value().empty());
}

TEST_F(TagStoreTest, DamageIsNamed) {
    ASSERT_TRUE(registry_->put("test.tags", {}, "arn:a", "{").ok());
    EXPECT_EQ(tags_.get({}, "arn:a").error().code, ErrorCode::corruption);
    EXPECT_EQ(tags_.add({}, "arn:a", {{"a", "b"}}).error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::catalog
