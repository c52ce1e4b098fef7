// Glue's handlers over a real catalog. What clients see end to end is in tests/glue.
#include "src/service/glue/glue.h"

#include <gtest/gtest.h>

#include "src/catalog/lake.h"
#include "src/catalog/registry.h"
#include "src/catalog/test_support.h"
#include "src/service/glue/operations.h"
#include "src/service/glue/table_pattern.h"

namespace millrace::service::glue {
namespace {

using namespace aws::glue;

struct GlueTest : testing::Test {
    catalog::TestStore store;
    catalog::SteppedClock clock;
    std::unique_ptr<catalog::Lake> lake = catalog::Lake::open(*store, clock);
    std::unique_ptr<catalog::Registry> registry = catalog::Registry::open(*store);
    Glue glue{*lake, *registry};
    aws::CallContext context;

    GlueTest() { EXPECT_TRUE(glue.create_database(context, {.DatabaseInput = {.Name = "d"}}).ok()); }
    void make_table(std::string name, std::vector<Column> keys = {}) {
        const auto made = glue.create_table(
            context, {.DatabaseName = "d", .TableInput = TableInput{.Name = std::move(name), .PartitionKeys = keys}});
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    }
    template <class T>
    static std::string failure(const aws::Outcome<T>& outcome) {
        return outcome.ok() ? "ok" : outcome.error().code + ": " + outcome.error().message;
    }
    static std::string names(const std::optional<std::vector<Table>>& tables) {
        std::string out;
        for (const Table& table : *tables) out += table.Name + " ";
        return out;
    }
};

TEST_F(GlueTest, TheTableOfOperationsAgreesWithTheModel) {
    EXPECT_EQ(operations(glue).operations.size(), 29u);
}

TEST_F(GlueTest, ErrorsAreGluesOwn) {
    EXPECT_EQ(failure(glue.create_database(context, {.DatabaseInput = {.Name = "D"}})),
              "AlreadyExistsException: Database already exists.");
    EXPECT_EQ(failure(glue.get_database(context, {.Name = "x"})), "EntityNotFoundException: Database x not found.");
    EXPECT_EQ(failure(glue.get_table(context, {.DatabaseName = "d", .Name = "x"})),
              "EntityNotFoundException: Table x not found.");
    EXPECT_EQ(failure(glue.get_database(context, {.CatalogId = "999999999999", .Name = "d"})),
              "EntityNotFoundException: Catalog 999999999999 not found.");
    make_table("t", {{.Name = "dt", .Type = "string"}});
    EXPECT_EQ(failure(glue.get_partition(context, {.DatabaseName = "d", .TableName = "t", .PartitionValues = {"1"}})),
              "EntityNotFoundException: Cannot find partition.");
    EXPECT_EQ(failure(glue.create_partition(
                  context, {.DatabaseName = "d", .TableName = "t", .PartitionInput = {.Values = {{"1", "2"}}}})),
              "InvalidInputException: The number of partition keys do not match the number of partition values");
    EXPECT_EQ(failure(glue.update_table(
                  context, {.DatabaseName = "d", .TableInput = TableInput{.Name = "t"}, .VersionId = "7"})),
              "ConcurrentModificationException: Update table failed due to concurrent modifications.");
    EXPECT_EQ(failure(glue.get_partitions(context, {.DatabaseName = "d", .TableName = "t", .Expression = "x = 1"}))
                  .substr(0, 21),
              "InvalidInputException");
    EXPECT_EQ(failure(glue.get_tables(context, {.DatabaseName = "d", .NextToken = "?"})),
              "InvalidInputException: Invalid NextToken");
}

TEST_F(GlueTest, WhatTheCatalogDoesNotReadComesBackAsSent) {
    TableInput input{.Name = "T"};
    input.LastAccessTime = TimestampMs(1'700'000'000'000);
    input.StorageDescriptor.emplace();
    input.StorageDescriptor->AdditionalLocations = {{"s3://a/", "s3://b/"}};
    input.StorageDescriptor->SkewedInfo = SkewedInfo{.SkewedColumnNames = {{"x"}}};
    input.StorageDescriptor->Columns = {{{.Name = "a", .Type = "int", .Comment = "\xc3\xa9"}}};
    input.StorageDescriptor->SortColumns = {{{.Column = "a", .SortOrder = 1}}};
    ASSERT_TRUE(glue.create_table(context, {.DatabaseName = "d", .TableInput = input}).ok());
    auto got = glue.get_table(context, {.DatabaseName = "D", .Name = "t"});
    ASSERT_TRUE(got.ok());
    const Table& table = *got->Table;
    EXPECT_EQ(table.Name, "t");
    EXPECT_EQ(table.VersionId, "0");
    EXPECT_EQ(table.LastAccessTime, TimestampMs(1'700'000'000'000));
    EXPECT_EQ(table.StorageDescriptor->AdditionalLocations->at(1), "s3://b/");
    EXPECT_EQ(table.StorageDescriptor->SkewedInfo->SkewedColumnNames->at(0), "x");
    EXPECT_EQ(table.StorageDescriptor->Columns->at(0).Comment, "\xc3\xa9");
    EXPECT_EQ(table.StorageDescriptor->SortColumns->at(0).SortOrder, 1);

    make_table("bare");
    EXPECT_FALSE(glue.get_table(context, {.DatabaseName = "d", .Name = "bare"})->Table->StorageDescriptor);

    DatabaseInput database{.Name = "p"};
    database.CreateTableDefaultPermissions.emplace();
    ASSERT_TRUE(glue.create_database(context, {.DatabaseInput = database}).ok());
    EXPECT_TRUE(glue.get_database(context, {.Name = "p"})->Database->CreateTableDefaultPermissions->empty());
    EXPECT_EQ(glue.get_database(context, {.Name = "d"})->Database->CreateTableDefaultPermissions->size(), 1u);
}

TEST_F(GlueTest, PartitionsAreFilteredPagedAndSegmented) {
    make_table("t", {{.Name = "year", .Type = "int"}, {.Name = "month", .Type = "string"}});
    BatchCreatePartitionInput batch{.DatabaseName = "d", .TableName = "t"};
    for (int year = 2000; year < 2010; ++year) {
        for (const char* month : {"01", "02", "03"}) {
            PartitionInput partition;
            partition.Values = {{std::to_string(year), month}};
            partition.StorageDescriptor = StorageDescriptor{.Columns = {{{.Name = "a"}}}, .Location = "s3://b/"};
            batch.PartitionInputList.push_back(std::move(partition));
        }
    }
    auto made = glue.batch_create_partition(context, batch);
    ASSERT_TRUE(made.ok());
    EXPECT_TRUE(made->Errors->empty());
    made = glue.batch_create_partition(
        context, {.DatabaseName = "d", .TableName = "t", .PartitionInputList = {batch.PartitionInputList[0]}});
    ASSERT_EQ(made->Errors->size(), 1u);
    EXPECT_EQ(made->Errors->at(0).ErrorDetail->ErrorCode, "AlreadyExistsException");

    GetPartitionsInput input{.DatabaseName = "d", .TableName = "t", .Expression = "year >= 2005 AND month = '02'"};
    input.MaxResults = 2;
    std::string seen;
    int pages = 0;
    do {
        auto page = glue.get_partitions(context, input);
        ASSERT_TRUE(page.ok());
        for (const Partition& partition : *page->Partitions) seen += partition.Values->at(0) + " ";
        input.NextToken = page->NextToken;
        ++pages;
    } while (input.NextToken);
    EXPECT_EQ(seen, "2005 2006 2007 2008 2009 ");
    EXPECT_GE(pages, 3);

    size_t in_segments = 0;
    for (int32_t segment = 0; segment < 4; ++segment) {
        auto page = glue.get_partitions(
            context,
            {.DatabaseName = "d", .TableName = "t", .Segment = Segment{segment, 4}, .ExcludeColumnSchema = true});
        ASSERT_TRUE(page.ok());
        in_segments += page->Partitions->size();
        for (const Partition& partition : *page->Partitions) EXPECT_FALSE(partition.StorageDescriptor->Columns);
    }
    EXPECT_EQ(in_segments, 30u);
    EXPECT_EQ(failure(glue.get_partitions(context, {.DatabaseName = "d", .TableName = "t", .Segment = Segment{4, 4}}))
                  .substr(0, 21),
              "InvalidInputException");

    auto got = glue.batch_get_partition(context,
                                        {.DatabaseName = "d",
                                         .TableName = "t",
                                         .PartitionsToGet = {{.Values = {"2001", "01"}}, {.Values = {"1999", "01"}}}});
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->Partitions->size(), 1u);
    ASSERT_TRUE(glue.update_partition(context, {.DatabaseName = "d",
                                                .TableName = "t",
                                                .PartitionValueList = {"2001", "01"},
                                                .PartitionInput = {.Parameters = {{{"k", "v"}}}}})
                    .ok());
    EXPECT_EQ(glue.get_partition(context, {.DatabaseName = "d", .TableName = "t", .PartitionValues = {"2001", "01"}})
                  ->Partition->Parameters->at("k"),
              "v");
    auto deleted = glue.batch_delete_partition(
        context, {.DatabaseName = "d",
                  .TableName = "t",
                  .PartitionsToDelete = {{.Values = {"2001", "01"}}, {.Values = {"1999", "01"}}}});
    ASSERT_TRUE(deleted.ok());
    ASSERT_EQ(deleted->Errors->size(), 1u);
    EXPECT_EQ(deleted->Errors->at(0).PartitionValues->at(0), "1999");
}

TEST_F(GlueTest, TablesAreFoundByPatternAndBySearch) {
    for (const char* name : {"orders", "orders_2010", "customer-link", "xxlinkyy"}) make_table(name);
    const auto found = [&](std::string expression) {
        auto page = glue.get_tables(context, {.DatabaseName = "d", .Expression = expression, .MaxResults = 100});
        return page.ok() ? names(page->TableList) : page.error().code;
    };
    EXPECT_EQ(found("orders*"), "orders orders_2010 ");
    EXPECT_EQ(found("orders"), "orders ");
    EXPECT_EQ(found("*LINK*"), "customer-link xxlinkyy ");
    EXPECT_EQ(found("^orders_....$|xx.*"), "orders_2010 xxlinkyy ");
    EXPECT_EQ(found("orders[0-9]"), "InvalidInputException");
    GetTablesInput paged{.DatabaseName = "d", .Expression = "*link*"};
    paged.MaxResults = 1;
    auto page = glue.get_tables(context, paged);
    EXPECT_EQ(names(page->TableList), "customer-link ");
    paged.NextToken = page->NextToken;
    EXPECT_EQ(names(glue.get_tables(context, paged)->TableList), "xxlinkyy ");

    SearchTablesInput search;
    search.Filters = {{{.Key = "Name", .Value = "link"}}};
    EXPECT_EQ(names(glue.search_tables(context, search)->TableList), "customer-link ");
    search = {};
    search.SearchText = "link";
    search.SortCriteria = {{{.FieldName = "Name", .Sort = "DESC"}}};
    EXPECT_EQ(names(glue.search_tables(context, search)->TableList), "xxlinkyy customer-link ");
    search.MaxResults = 1;
    auto first = glue.search_tables(context, search);
    search.NextToken = first->NextToken;
    EXPECT_EQ(names(glue.search_tables(context, search)->TableList), "customer-link ");
    search = {};
    search.SearchText = "\"orders\"";
    EXPECT_EQ(names(glue.search_tables(context, search)->TableList), "orders ");
    search = {};
    search.Filters = {{{.Key = "CreateTime", .Value = "0.5", .Comparator = "LESS_THAN"}}};
    EXPECT_EQ(names(glue.search_tables(context, search)->TableList), "");
}

TEST_F(GlueTest, VersionsAreKeptAndDeleted) {
    make_table("t");
    for (int i = 1; i <= 3; ++i) {
        ASSERT_TRUE(
            glue.update_table(context, {.DatabaseName = "d",
                                        .TableInput = TableInput{.Name = "t", .Description = std::to_string(i)}})
                .ok());
    }
    auto versions = glue.get_table_versions(context, {.DatabaseName = "d", .TableName = "t"});
    ASSERT_TRUE(versions.ok());
    EXPECT_EQ(versions->TableVersions->size(), 4u);
    EXPECT_EQ(versions->TableVersions->at(0).VersionId, "3");
    EXPECT_EQ(glue.get_table_version(context, {.DatabaseName = "d", .TableName = "t", .VersionId = "1"})
                  ->TableVersion->Table->Description,
              "1");
    auto deleted = glue.batch_delete_table_version(
        context, {.DatabaseName = "d", .TableName = "t", .VersionIds = {"0", "3", "9"}});
    ASSERT_TRUE(deleted.ok());
    ASSERT_EQ(deleted->Errors->size(), 2u);
    EXPECT_EQ(deleted->Errors->at(0).ErrorDetail->ErrorCode, "InvalidInputException");
    EXPECT_EQ(deleted->Errors->at(1).ErrorDetail->ErrorCode, "EntityNotFoundException");
}

TEST_F(GlueTest, TagsBelongToDatabasesAndGoWithThem) {
    const std::string arn = "arn:aws:glue:us-east-1:000000000000:database/d";
    ASSERT_TRUE(glue.tag_resource(context, {.ResourceArn = arn, .TagsToAdd = {{"a", "1"}, {"b", "2"}}}).ok());
    ASSERT_TRUE(glue.untag_resource(context, {.ResourceArn = arn, .TagsToRemove = {"a"}}).ok());
    EXPECT_EQ(glue.get_tags(context, {.ResourceArn = arn})->Tags, (std::map<std::string, std::string>{{"b", "2"}}));
    EXPECT_EQ(failure(glue.get_tags(context, {.ResourceArn = arn + "x"})).substr(0, 23), "EntityNotFoundException");
    EXPECT_EQ(
        failure(glue.get_tags(context, {.ResourceArn = "arn:aws:glue:us-east-1:000000000000:job/j"})).substr(0, 21),
        "InvalidInputException");
    ASSERT_TRUE(glue.delete_database(context, {.Name = "d"}).ok());
    ASSERT_TRUE(glue.create_database(context, {.DatabaseInput = {.Name = "d"}}).ok());
    EXPECT_TRUE(glue.get_tags(context, {.ResourceArn = arn})->Tags->empty());
}

TEST(TablePattern, ManyWildcardsCostLittle) {
    std::string stars;
    for (int i = 0; i < 32; ++i) stars += "a*";
    const auto pattern = TablePattern::parse(stars + "b");
    ASSERT_TRUE(pattern.ok());
    EXPECT_FALSE(pattern->matches(std::string(255, 'a')));
    EXPECT_FALSE(TablePattern::parse(stars + "*").ok());
}

}  // namespace
}  // namespace millrace::service::glue
