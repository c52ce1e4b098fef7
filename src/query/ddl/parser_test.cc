#include <gtest/gtest.h>

#include "src/query/ddl/executor.h"
#include "src/query/ddl/lexer.h"
#include "src/query/ddl/statement.h"

namespace millrace::query {
namespace {

DdlStatement parsed(const std::string& sql) {
    auto statement = parse_ddl(sql);
    EXPECT_TRUE(statement.ok()) << sql << "\n" << (statement.ok() ? "" : statement.error().message);
    return statement.ok() ? *statement : DdlStatement{};
}

TEST(DdlParser, create_table_with_everything) {
    const DdlStatement s = parsed(R"(
        -- orders
        CREATE EXTERNAL TABLE IF NOT EXISTS `my-db`.`Orders` (
          `id` bigint COMMENT 'the ''id''', tags array<struct<`K`:string,v:map<string,int>>>, price decimal(10, 2))
        COMMENT 'all of them'
        PARTITIONED BY (dt string, hour int)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
        STORED AS INPUTFORMAT 'in' OUTPUTFORMAT 'out'
        LOCATION 's3://b/p/' TBLPROPERTIES ('a'='1', "b"="2");)");
    EXPECT_EQ(s.kind, DdlKind::create_table);
    EXPECT_EQ(s.database, "my-db");
    EXPECT_EQ(s.name, "orders");
    EXPECT_TRUE(s.if_not_exists);
    ASSERT_EQ(s.columns.size(), 3u);
    EXPECT_EQ(s.columns[0].comment, "the 'id'");
    EXPECT_EQ(s.columns[1].type, "array<struct<k:string,v:map<string,int>>>");
    EXPECT_EQ(s.columns[2].type, "decimal(10,2)");
    ASSERT_EQ(s.partition_keys.size(), 2u);
    EXPECT_EQ(s.storage.serde_library, "org.openx.data.jsonserde.JsonSerDe");
    EXPECT_EQ(s.storage.serde_parameters.at("ignore.malformed.json"), "true");
    EXPECT_EQ(s.storage.input_format, "in");
    EXPECT_EQ(s.properties.at("b"), "2");
}

TEST(DdlParser, delimited_rows_keep_their_delimiters) {
    const DdlStatement s = parsed(
        "create external table t (a string) row format delimited fields terminated by '\\t' lines terminated by '\\n' "
        "null defined as '' location 's3://b/'");
    EXPECT_EQ(s.storage.serde_parameters.at("field.delim"), "\t");
    EXPECT_EQ(s.storage.serde_parameters.at("line.delim"), "\n");
    EXPECT_EQ(s.storage.serde_library, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
    EXPECT_EQ(parsed("create external table t (a string) row format delimited fields terminated by '\\001' location "
                     "'s3://b/'")
                  .storage.serde_parameters.at("field.delim"),
              "\x01");
}

TEST(DdlParser, partitions) {
    const DdlStatement s = parsed(
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (dt='2021-01-01', h=5) LOCATION 's3://b/x/' PARTITION (dt='b', "
        "h=-6)");
    ASSERT_EQ(s.partitions.size(), 2u);
    EXPECT_EQ(s.partitions[0].location, "s3://b/x/");
    EXPECT_EQ(s.partitions[1].values[1].second, "-6");
    EXPECT_EQ(parsed("ALTER TABLE t DROP PARTITION (dt='a'), PARTITION (dt='b')").partitions.size(), 2u);
    EXPECT_EQ(parsed("msck repair table d.t").kind, DdlKind::repair_table);
}

TEST(DdlParser, show_and_describe) {
    EXPECT_EQ(parsed("SHOW TABLES IN d 'a*'").pattern, "a*");
    EXPECT_EQ(parsed("SHOW SCHEMAS LIKE 'x'").kind, DdlKind::show_databases);
    EXPECT_EQ(parsed("SHOW COLUMNS IN t").name, "t");
    EXPECT_EQ(parsed("SHOW COLUMNS FROM t IN d").database, "d");
    EXPECT_EQ(parsed("SHOW TBLPROPERTIES t('k')").property, "k");
    EXPECT_TRUE(parsed("DESCRIBE FORMATTED d.t").formatted);
    EXPECT_EQ(parsed("CREATE OR REPLACE VIEW v AS SELECT 1 -- end\n;").query, "SELECT 1 -- end\n");
}

TEST(DdlParser, what_is_not_served_is_refused_by_name) {
    for (const char* sql :
         {"CREATE TABLE t AS SELECT 1", "CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (a) INTO 4 BUCKETS",
          "CREATE EXTERNAL TABLE t (a int) STORED AS ORC LOCATION 's3://b/'"}) {
        const auto statement = parse_ddl(sql);
        ASSERT_FALSE(statement.ok()) << sql;
        EXPECT_EQ(statement.error().code, ErrorCode::unsupported) << sql;
    }
    EXPECT_EQ(runner_of("INSERT INTO t VALUES (1)").error().code, ErrorCode::unsupported);
}

TEST(DdlParser, mistakes_say_where) {
    EXPECT_EQ(parse_ddl("DROP\n TABEL t").error().message,
              "line 2:2: mismatched input 'TABEL'. Expecting: 'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'");
    for (const char* sql : {"", "CREATE", "DROP TABLE", "DROP TABLE t x", "SHOW", "CREATE EXTERNAL TABLE t (a)",
                            "CREATE EXTERNAL TABLE t (a in)", "ALTER TABLE t ADD PARTITION (a=)", "DROP TABLE 'open"}) {
        EXPECT_FALSE(parse_ddl(sql).ok()) << sql;
    }
}

TEST(DdlExecutor, patterns_and_paths) {
    EXPECT_TRUE(matches_pattern("orders", "ord*"));
    EXPECT_TRUE(matches_pattern("orders", "x|ORDERS"));
    EXPECT_FALSE(matches_pattern("orders", "order"));
    EXPECT_EQ(partition_path({{.name = "a"}, {.name = "b"}}, {"x/y", "2021-01-01 00:00"}),
              "a=x%2Fy/b=2021-01-01 00%3A00");
}

}  // namespace
}  // namespace millrace::query
