#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <duckdb.h>

#include "src/query/test_lake.h"

namespace millrace::query {
namespace {

struct ParquetTest : TestLake {
    // What a SELECT gives, as the bytes of a Parquet file.
    std::string parquet(const std::string& select) {
        const std::string path = directory_.path() + "/made.parquet";
        duckdb_database database;
        duckdb_connection connection;
        EXPECT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
        EXPECT_EQ(duckdb_connect(database, &connection), DuckDBSuccess);
        EXPECT_EQ(duckdb_query(connection, ("COPY (" + select + ") TO '" + path + "'").c_str(), nullptr),
                  DuckDBSuccess);
        duckdb_disconnect(&connection);
        duckdb_close(&database);
        std::ifstream file(path, std::ios::binary);
        std::stringstream bytes;
        bytes << file.rdbuf();
        return bytes.str();
    }
};

TEST_F(ParquetTest, the_catalogs_schema_holds_whatever_the_files_have) {
    put("t/a.parquet", parquet("SELECT 1::INTEGER AS \"Id\", 'x' AS name, 9 AS unknown"));
    put("t/b.parquet", parquet("SELECT 2::BIGINT AS id, TIMESTAMPTZ '2021-01-01 00:00:00+00' AS seen, {'a': 1} AS s"));
    ASSERT_EQ(
        ask("CREATE EXTERNAL TABLE t (id bigint, name string, seen timestamp, s struct<a:int,b:string>) STORED AS "
            "PARQUET LOCATION 's3://lake/t'"),
        "");
    EXPECT_EQ(ask("SELECT * FROM t ORDER BY id"),
              "\"id\",\"name\",\"seen\",\"s\"\n\"1\",\"x\",,\n\"2\",,\"2021-01-01 00:00:00.000\",\"{a=1, b=null}\"\n");
    EXPECT_EQ(ask("SELECT count(*) c FROM t"), "\"c\"\n\"2\"\n");
    EXPECT_EQ(ask("SELECT s.a FROM t WHERE id = 2"), "\"a\"\n\"1\"\n");
}

TEST_F(ParquetTest, partitions_are_pruned_before_a_byte_is_read) {
    const std::string file = parquet("SELECT range AS n FROM range(1000)");
    for (const char* day : {"2021-01-01", "2021-01-02", "2021-01-03"})
        put("p/day=" + std::string(day) + "/x.parquet", file);
    ASSERT_EQ(
        ask("CREATE EXTERNAL TABLE p (n bigint) PARTITIONED BY (day string) STORED AS PARQUET LOCATION 's3://lake/p/'"),
        "");
    ASSERT_EQ(run("MSCK REPAIR TABLE p").state, QueryState::succeeded);
    const QueryExecution all = run("SELECT day, sum(n) s FROM p GROUP BY day ORDER BY day");
    EXPECT_EQ(text(all),
              "\"day\",\"s\"\n\"2021-01-01\",\"499500\"\n\"2021-01-02\",\"499500\"\n\"2021-01-03\",\"499500\"\n");
    const QueryExecution one = run("SELECT sum(n) s FROM p WHERE day = '2021-01-02'");
    EXPECT_EQ(text(one), "\"s\"\n\"499500\"\n");
    EXPECT_EQ(one.statistics.scanned_bytes * 3, all.statistics.scanned_bytes);
    EXPECT_EQ(ask("SELECT count(*) c FROM p WHERE day > '2021-01-01' AND n < 10"), "\"c\"\n\"20\"\n");
}

}  // namespace
}  // namespace millrace::query
