#include "src/query/record_converter.h"

#include <filesystem>

#include <duckdb.h>
#include <gtest/gtest.h>

#include "src/catalog/lake.h"
#include "src/table/temporary_directory.h"

namespace millrace::query {
namespace {

catalog::Table table_of(std::vector<std::pair<std::string, std::string>> columns) {
    catalog::Table table{.database = "d", .name = "t"};
    for (auto& [name, type] : columns) table.storage.columns.push_back({.name = name, .type = type});
    return table;
}

struct ConverterTest : testing::Test {
    // Every row of a query as text, columns apart by "|", rows by "\n".
    std::string ask(const std::string& sql) {
        duckdb_database database;
        duckdb_connection connection;
        duckdb_result result;
        EXPECT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
        EXPECT_EQ(duckdb_connect(database, &connection), DuckDBSuccess);
        std::string text;
        if (duckdb_query(connection, sql.c_str(), &result) != DuckDBSuccess) text = duckdb_result_error(&result);
        for (idx_t row = 0; row < duckdb_row_count(&result); ++row) {
            if (row > 0) text += "\n";
            for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
                char* value = duckdb_value_varchar(&result, column, row);
                text += (column > 0 ? "|" : "") + std::string(value == nullptr ? "NULL" : value);
                duckdb_free(value);
            }
        }
        duckdb_destroy_result(&result);
        duckdb_disconnect(&connection);
        duckdb_close(&database);
        return text;
    }
    std::string rows(const std::string& what = "COLUMNS(*)::VARCHAR") {
        return ask("SELECT " + what + " FROM read_parquet('" + path + "')");
    }

    Converted convert(const catalog::Table& table, std::vector<std::string_view> records,
                      ConversionOptions options = {}) {
        options.temporary_directory = directory.path();
        auto converter = RecordConverter::make(table, options);
        EXPECT_TRUE(converter.ok()) << (converter.ok() ? "" : converter.error().message);
        if (!converter.ok()) return {};
        auto converted = (*converter)->convert(records, path);
        EXPECT_TRUE(converted.ok()) << (converted.ok() ? "" : converted.error().message);
        return converted.ok() ? std::move(converted).value() : Converted{};
    }
    // The value of a one-column table's only row, or the failure.
    std::string one(const std::string& type, std::string_view value, ConversionOptions options = {}) {
        const std::string record = "{\"c\":" + std::string(value) + "}";
        const Converted converted = convert(table_of({{"c", type}}), {record}, options);
        if (!converted.failures.empty()) return converted.failures[0].code + ": " + converted.failures[0].message;
        return rows();
    }
    std::string hive(const std::string& type, std::string_view value, std::vector<std::string> formats = {}) {
        return one(
            type, value,
            {.deserializer = ConversionOptions::Deserializer::hive_json, .timestamp_formats = std::move(formats)});
    }

    table::TemporaryDirectory directory;
    std::string path = directory.path() + "/out.parquet";
};

constexpr std::string_view mismatch = "DataFormatConversion.MalformedData: Data does not match the schema. ";

TEST_F(ConverterTest, RetailOrdersBecomeTypedColumns) {
    const Converted converted = convert(
        table_of({{"invoiceno", "string"},
                  {"quantity", "int"},
                  {"invoicedate", "timestamp"},
                  {"unitprice", "double"},
                  {"customerid", "bigint"}}),
        {R"({"InvoiceNo":"536365","StockCode":"85123A","Quantity":6,"InvoiceDate":"2010-12-01 08:26:00","UnitPrice":2.55,"CustomerID":17850.0})",
         R"({"InvoiceNo":"C536379","Quantity":-1,"InvoiceDate":"2010-12-01 09:41:00","UnitPrice":27.5,"CustomerID":null})",
         "{\"InvoiceNo\":\"x\\u00a3 \\\"q\\\"\",\"CustomerID\":\"12\"}\n"});
    EXPECT_EQ(converted.rows, 3u);
    EXPECT_TRUE(converted.failures.empty());
    EXPECT_EQ(converted.file_bytes, std::filesystem::file_size(path));
    EXPECT_EQ(rows(),
              "536365|6|2010-12-01 08:26:00|2.55|17850\n"
              "C536379|-1|2010-12-01 09:41:00|27.5|NULL\n"
              "x\xc2\xa3 \"q\"|NULL|NULL|NULL|12");
    EXPECT_EQ(ask("SELECT string_agg(type, ',') FROM parquet_schema('" + path + "') WHERE name <> 'duckdb_schema'"),
              "BYTE_ARRAY,INT32,INT64,DOUBLE,INT64");
}

TEST_F(ConverterTest, EachTypeTakesWhatOpenXTakes) {
    EXPECT_EQ(one("boolean", "true"), "true");
    EXPECT_EQ(one("boolean", "\"FALSE\""), "false");
    EXPECT_EQ(one("tinyint", "-128"), "-128");
    EXPECT_EQ(one("smallint", "\"007\""), "7");
    EXPECT_EQ(one("bigint", "9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(one("float", "1.5"), "1.5");
    EXPECT_EQ(one("double", "\"1e308\""), "1e+308");
    EXPECT_EQ(one("decimal(4,2)", "12.345"), "12.35");
    EXPECT_EQ(one("decimal(9,3)", "\"-1.5\""), "-1.500");
    EXPECT_EQ(one("decimal(18,0)", "123456789012345678"), "123456789012345678");
    EXPECT_EQ(one("decimal(38,2)", "-123456789012345678901234567890123456.78"),
              "-123456789012345678901234567890123456.78");
    EXPECT_EQ(one("string", "12.50"), "12.50");
    EXPECT_EQ(one("string", "true"), "true");
    EXPECT_EQ(one("string", R"({"A b":[1 , "x\n"],"N":null})"), R"({"a b":[1,"x\n"],"n":null})");
    EXPECT_EQ(one("varchar(2)", "\"\xc3\xa9\xc3\xa9\""), "\xc3\xa9\xc3\xa9");
    EXPECT_EQ(one("binary", "\"aGk=\""), "hi");
    EXPECT_EQ(one("date", "\"2010-2-3\""), "2010-02-03");
    EXPECT_EQ(one("timestamp", "1291190760123"), "2010-12-01 08:06:00.123");
    EXPECT_EQ(one("timestamp", "\"2010-12-01T08:06:00Z\""), "2010-12-01 08:06:00");
    EXPECT_EQ(one("int", "null"), "NULL");
}

TEST_F(ConverterTest, WhatDoesNotFitFailsInFirehosesWords) {
    EXPECT_EQ(one("double", "\"oops\""), std::string(mismatch) + "For input string: \"oops\"");
    EXPECT_EQ(one("int", "1.5"), std::string(mismatch) + "For input string: \"1.5\"");
    EXPECT_EQ(one("tinyint", "128"), std::string(mismatch) + "Value 128 is out of range for type tinyint");
    EXPECT_EQ(one("decimal(4,2)", "12345.67"),
              std::string(mismatch) + "Value 12345.67 is out of range for type decimal(4,2)");
    EXPECT_EQ(one("decimal(38,2)", "\"1e1000000000\""),
              std::string(mismatch) + "Value 1e1000000000 is out of range for type decimal(38,2)");
    EXPECT_EQ(one("double", "1e999"), std::string(mismatch) + "Value 1e999 is out of range for type double");
    EXPECT_EQ(one("struct<a:int>", "42"),
              std::string(mismatch) + "Data is not JSONObject  but java.lang.Long with value 42");
    for (const auto& [type, value] : std::vector<std::pair<std::string, std::string>>{{"varchar(2)", "\"abc\""},
                                                                                      {"binary", "\"?\""},
                                                                                      {"date", "\"01/02/2010\""},
                                                                                      {"timestamp", "\"noon\""},
                                                                                      {"boolean", "1"},
                                                                                      {"int", "true"},
                                                                                      {"int", "[1]"},
                                                                                      {"map<string,int>", "[1]"},
                                                                                      {"array<int>", "[1,\"x\"]"},
                                                                                      {"bigint", "9223372036854775808"},
                                                                                      {"date", "3"}}) {
        EXPECT_TRUE(one(type, value).starts_with(mismatch)) << type << " " << value << ": " << one(type, value);
    }
}

TEST_F(ConverterTest, WhatIsNotJsonIsAParseError) {
    for (const char* record :
         {"this is not json at all", "{\"c\":1", "{\"c\":01}", "{\"c\":1}}", "{\"c\":1 \"d\":2}", "{\"other\":[1 2]}",
          "{\"other\":tru}", "{\"c\":nul}", "{\"c\":\"\\x\"}", "{\"c\":1} and then some", "{\"c\":\"\xff\"}", "{c:1}",
          "{\"other\":1.}", "nonsense\"", "{\"c\":1}{\"c\":2"}) {
        const Converted converted = convert(table_of({{"c", "int"}}), {record, "{\"c\":5}"});
        ASSERT_EQ(converted.failures.size(), 1u) << record;
        EXPECT_EQ(converted.failures[0].code, "DataFormatConversion.ParseError") << record;
        EXPECT_TRUE(converted.failures[0].message.starts_with("Encountered malformed JSON. ")) << record;
        EXPECT_EQ(converted.failures[0].record, 0u);
        EXPECT_EQ(rows(), "5") << record;
    }
}

TEST_F(ConverterTest, EmptyRecordsAndPrimitivesAreMalformedData) {
    const Converted converted = convert(table_of({{"c", "int"}}), {"", " \n", "42", "\"text\"", "true", "[{\"c\":1}]"});
    ASSERT_EQ(converted.failures.size(), 6u);
    for (const auto& failure : converted.failures) EXPECT_EQ(failure.code, "DataFormatConversion.MalformedData");
    EXPECT_EQ(converted.failures[1].message, "The record was empty or contained only whitespace.");
    EXPECT_TRUE(converted.failures[2].message.starts_with("The input JSON contained a primitive at the top level."));
    EXPECT_EQ(converted.failures[3].message, converted.failures[2].message);
    EXPECT_EQ(converted.rows, 0u);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ConverterTest, ARecordOfSeveralObjectsBecomesThatManyRowsOrNone) {
    const Converted converted = convert(table_of({{"c", "int"}, {"l", "array<int>"}}),
                                        {"{\"c\":1}{\"c\":2,\"l\":[7]}\n{\"c\":3}\n",
                                         "{\"c\":4,\"l\":[1]}{\"c\":\"bad\"}", "{\"c\":\"}\"}", "{\"c\":5}"});
    EXPECT_EQ(rows(), "1|NULL\n2|[7]\n3|NULL\n5|NULL");
    ASSERT_EQ(converted.failures.size(), 2u);
    EXPECT_EQ(converted.failures[0].record, 1u);
    EXPECT_EQ(converted.failures[1].record, 2u);
}

TEST_F(ConverterTest, ManyObjectsInOneRecordSpanChunksInOrder) {
    std::string record;
    for (int i = 0; i < 10'000; ++i) record += "{\"c\":" + std::to_string(i) + ",\"l\":[" + std::to_string(i) + "]}";
    const std::string bad = record + "{\"c\":\"x\"}";
    const Converted converted =
        convert(table_of({{"c", "int"}, {"l", "array<int>"}}), {"{\"c\":-1}", record, bad, "{\"c\":-2}"});
    EXPECT_EQ(converted.rows, 10'002u);
    ASSERT_EQ(converted.failures.size(), 1u);
    EXPECT_EQ(converted.failures[0].record, 2u);
    EXPECT_EQ(rows("count(*), sum(c), sum(l[1])"), "10002|49994997|49995000");
    EXPECT_EQ(ask("SELECT count(*) FROM (SELECT c, file_row_number n FROM read_parquet('" + path +
                  "', file_row_number=true)) WHERE c >= 0 AND c <> n - 1"),
              "0");
}

TEST_F(ConverterTest, MoreFailuresThanAChunkHoldDoNotEndTheFile) {
    const std::string big = "{\"c\":\"" + std::string(1'000'000, 'x') + "\"}";
    std::vector<std::string_view> records(10, big);
    for (int i = 0; i < 5000; ++i) records.push_back("{");
    records.push_back("{\"c\":1}");
    const Converted converted = convert(table_of({{"c", "int"}}), records);
    EXPECT_EQ(converted.failures.size(), 5010u);
    EXPECT_EQ(rows(), "1");
}

TEST_F(ConverterTest, NestedValuesKeepTheirShape) {
    const auto table = table_of({{"id", "string"},
                                 {"tags", "array<string>"},
                                 {"person", "struct<name:string,age:int,at:array<date>>"},
                                 {"items", "array<struct<sku:string,qty:int>>"},
                                 {"attrs", "map<string,array<string>>"}});
    const Converted converted = convert(
        table,
        {R"({"id":"1","tags":["a",null,3],"PERSON":{"NAME":"Bob","age":"41","at":["2010-12-01"],"extra":{}},"items":[{"sku":"s","QTY":2},null,{}],"attrs":{"K1":["v"],"k2":null,"k1":["w"]}})",
         R"({"id":"2","tags":"one","person":["Zoe",9,[],"ignored"],"items":{"sku":"x"},"attrs":{}})",
         R"({"id":"bad","tags":["gone"],"items":[{"qty":"oops"}]})",
         R"({"id":"3","tags":[],"person":{},"person":{"age":5}})", R"({"id":"4"})"});
    ASSERT_EQ(converted.failures.size(), 1u);
    EXPECT_EQ(converted.failures[0].record, 2u);
    EXPECT_EQ(rows(),
              "1|[a, NULL, 3]|{'name': Bob, 'age': 41, 'at': [2010-12-01]}|"
              "[{'sku': s, 'qty': 2}, NULL, {'sku': NULL, 'qty': NULL}]|{k1=[w], k2=NULL}\n"
              "2|[one]|{'name': Zoe, 'age': 9, 'at': []}|[{'sku': x, 'qty': NULL}]|{}\n"
              "3|[]|{'name': NULL, 'age': 5, 'at': NULL}|NULL|NULL\n"
              "4|NULL|NULL|NULL|NULL");
}

TEST_F(ConverterTest, LongListsGrowAcrossChunks) {
    std::string record = R"({"n":[)";
    for (int i = 0; i < 9000; ++i) record += (i > 0 ? ",[" : "[") + std::to_string(i) + ",null,{\"k\":\"v\"}]";
    record += "]}";
    const Converted converted =
        convert(table_of({{"n", "array<array<string>>"}}), std::vector<std::string_view>(30, record));
    EXPECT_EQ(converted.rows, 30u);
    EXPECT_EQ(rows("sum(len(n)), sum(len(n[9000])), count(DISTINCT n)"), "270000|90|1");
    EXPECT_EQ(rows("n[8999][1], n[8999][2], n[8999][3]").substr(0, 21), "8998|NULL|{\"k\":\"v\"}\n8");
}

TEST_F(ConverterTest, OpenXOptionsChooseTheKeys) {
    const auto table = table_of({{"ts", "string"}, {"a_b", "string"}});
    ConversionOptions options;
    options.column_to_json_key = {{"ts", "Timestamp"}};
    options.convert_dots = true;
    convert(table, {R"({"TIMESTAMP":"1","A.b":"2","ts":"not this"})"}, options);
    EXPECT_EQ(rows(), "1|2");
    options.case_insensitive = false;
    convert(table, {R"({"Timestamp":"1","a.b":"2"})", R"({"timestamp":"1","A.b":"2"})"}, options);
    EXPECT_EQ(rows(), "1|2\nNULL|NULL");
}

TEST_F(ConverterTest, TheHiveSerDeIsStricter) {
    EXPECT_EQ(hive("array<string>", "\"x\""), std::string(mismatch) + "java.io.IOException: Start of Array expected");
    EXPECT_EQ(hive("struct<a:int>", "[1]"), std::string(mismatch) + "java.io.IOException: Start of Object expected");
    EXPECT_EQ(hive("int", "\"1\""),
              std::string(mismatch) + "Current token (VALUE_STRING) not numeric, can not use numeric value accessors");
    EXPECT_EQ(hive("string", "{}"),
              "DataFormatConversion.MalformedData: One or more fields have incorrect format. Exception when validating "
              "field (root)");
    EXPECT_EQ(hive("string", "5"), "5");
    EXPECT_EQ(hive("map<string,int>", "{\"MixedKey\":1}"), "{MixedKey=1}");
    EXPECT_EQ(hive("struct<a:int>", "{\"A\":1}"), "{'a': 1}");
    EXPECT_EQ(hive("timestamp", "\"2010-12-01 08:06:00\""), "2010-12-01 08:06:00");
    EXPECT_EQ(hive("timestamp", "1291190760123", {"yyyy", "millis"}), "2010-12-01 08:06:00.123");
    EXPECT_EQ(hive("timestamp", "\"1/12/2010 8:06\"", {"d/M/yyyy H:mm"}), "2010-12-01 08:06:00");
    EXPECT_TRUE(hive("timestamp", "\"2010-12-01T08:06:00Z\"").starts_with(mismatch));
}

TEST_F(ConverterTest, PartitionKeysAreNoColumnsOfTheFile) {
    auto table = table_of({{"c", "int"}});
    table.partition_keys.push_back({.name = "dt", .type = "string"});
    convert(table, {R"({"c":1,"dt":"2010-12-01"})"});
    EXPECT_EQ(ask("SELECT string_agg(name, ',') FROM parquet_schema('" + path + "') WHERE type IS NOT NULL"), "c");
}

TEST_F(ConverterTest, TheSerializersOptionsAreHonoured) {
    for (const auto& [name, stored] : std::vector<std::pair<std::string, std::string>>{
             {"SNAPPY", "SNAPPY"}, {"GZIP", "GZIP"}, {"ZSTD", "ZSTD"}, {"UNCOMPRESSED", "UNCOMPRESSED"}}) {
        ConversionOptions options;
        options.compression = name;
        convert(table_of({{"c", "string"}}), {R"({"c":"x"})"}, options);
        EXPECT_EQ(ask("SELECT DISTINCT compression FROM parquet_metadata('" + path + "')"), stored);
    }
    const std::vector<std::string_view> same(1000, R"({"c":"the same text in every row"})");
    for (const bool dictionary : {true, false}) {
        ConversionOptions options;
        options.enable_dictionary_compression = dictionary;
        convert(table_of({{"c", "string"}}), same, options);
        EXPECT_EQ(ask("SELECT DISTINCT encodings LIKE '%DICTIONARY%' FROM parquet_metadata('" + path + "')"),
                  dictionary ? "true" : "false");
    }
    ConversionOptions options;
    options.writer_version = "V2";
    options.enable_dictionary_compression = false;
    convert(table_of({{"c", "int"}}), {R"({"c":1})"}, options);
    EXPECT_EQ(ask("SELECT encodings FROM parquet_metadata('" + path + "')"), "DELTA_BINARY_PACKED");
}

TEST_F(ConverterTest, WhatCannotBeHonouredIsRefusedByName) {
    const auto refused = [](ConversionOptions options, std::string type = "int") {
        auto made = RecordConverter::make(table_of({{"c", type}}), std::move(options));
        EXPECT_FALSE(made.ok());
        return made.ok() ? Error{} : made.error();
    };
    EXPECT_EQ(refused({.page_size_bytes = 65536}).code, ErrorCode::unsupported);
    EXPECT_NE(refused({.page_size_bytes = 65536}).message.find("PageSizeBytes"), std::string::npos);
    EXPECT_EQ(refused({.block_size_bytes = 1}).code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused({.compression = "LZO"}).code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused({.writer_version = "V3"}).code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused({}, "uniontype<int,string>").code, ErrorCode::unsupported);
    EXPECT_NE(refused({}, "nonsense").message.find("column c"), std::string::npos);
    EXPECT_EQ(RecordConverter::make(table_of({}), {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(RecordConverter::make(table_of({{"a", "int"}, {"A", "int"}}), {}).error().code,
              ErrorCode::invalid_argument);
}

TEST_F(ConverterTest, AFileThatCannotBeWrittenIsAnErrorAndLeavesNothing) {
    auto converter = RecordConverter::make(table_of({{"c", "int"}}), {.temporary_directory = directory.path()});
    ASSERT_TRUE(converter.ok());
    const std::string_view record = "{\"c\":1}";
    auto converted = (*converter)->convert({&record, 1}, directory.path() + "/no/such/directory/x.parquet");
    ASSERT_FALSE(converted.ok());
    EXPECT_EQ(converted.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace millrace::query
