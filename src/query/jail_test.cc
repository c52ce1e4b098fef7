// Hostile SQL against real children: each attempt ends as that query's error, and the next query runs.
#include <fstream>

#include "src/query/test_lake.h"

namespace millrace::query {
namespace {

struct JailTest : TestLake {
    void refuses(const std::string& sql) {
        const QueryExecution query = run(sql);
        EXPECT_EQ(query.state, QueryState::failed) << sql << "\n" << text(query);
    }
    void still_serves() { EXPECT_EQ(value("1 + 1"), "2"); }
};

TEST_F(JailTest, only_select_runs) {
    for (const char* sql :
         {"COPY (SELECT 1) TO '/tmp/x'", "ATTACH '/tmp/x.db'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 1",
          "PRAGMA version", "CALL pragma_version()", "EXPORT DATABASE '/tmp/x'", "USE system", "VACUUM", "CHECKPOINT",
          "CREATE TABLE x AS SELECT 1", "CREATE MACRO m() AS 1", "SELECT 1; SELECT 2",
          "EXPLAIN COPY (SELECT 1) TO '/tmp/x'", "WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a", "BEGIN",
          "PREPARE p AS SELECT 1", "RESET threads"}) {
        refuses(sql);
    }
    still_serves();
}

TEST_F(JailTest, no_file_can_be_read) {
    for (const char* sql :
         {"SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/passwd\"", "SELECT * FROM read_text('/etc/passwd')",
          "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM read_csv('/etc/passwd')",
          "SELECT * FROM glob('/etc/*')", "SELECT * FROM (SELECT * FROM read_csv_auto('/etc/passwd')) x",
          "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))", "SELECT * FROM parquet_scan('lake://0/0')",
          "SELECT * FROM lake_parquet(['lake://0/0'])",
          "WITH x AS (SELECT * FROM read_json('/etc/passwd')) SELECT * FROM x",
          "SELECT 1 WHERE EXISTS (SELECT * FROM read_text('/etc/passwd'))", "SELECT * FROM sniff_csv('/etc/passwd')",
          "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('x')"}) {
        refuses(sql);
    }
    still_serves();
}

TEST_F(JailTest, nothing_of_the_process_shows) {
    for (const char* sql :
         {"SELECT getenv('PATH')", "SELECT current_setting('memory_limit')", "SELECT * FROM duckdb_settings()",
          "SELECT * FROM duckdb_settings", "SELECT * FROM duckdb_secrets()", "SELECT * FROM pg_catalog.pg_class",
          "SELECT * FROM sqlite_master", "SELECT * FROM system.main.duckdb_tables",
          "SELECT * FROM pragma_database_list"}) {
        refuses(sql);
    }
    still_serves();
}

TEST_F(JailTest, too_much_is_an_error_of_that_query) {
    options.query_seconds_max = 5;
    open_engine();
    std::string deep(20'000, '(');
    deep = "SELECT " + deep + "1" + std::string(20'000, ')');
    refuses(deep);
    refuses("SELECT length(repeat('x', 2000000000)) + length(repeat('y', 2000000000))");
    refuses(
        "SELECT array_agg(x) FROM (SELECT repeat('x', 1000) || CAST(a AS varchar) x FROM unnest(sequence(1, 10000000)) "
        "t(a))");
    refuses("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r");
    still_serves();
}

TEST_F(JailTest, a_query_past_its_deadline_ends) {
    options.query_seconds_max = 1;
    open_engine();
    const QueryExecution query = run(
        "SELECT count(*) FROM unnest(sequence(1, 1000000)) a(x), unnest(sequence(1, 1000000)) b(y) WHERE x * y = 7");
    EXPECT_EQ(query.state, QueryState::failed);
    EXPECT_TRUE(query.error_code == ErrorCode::deadline_exceeded || query.error_code == ErrorCode::resource_exhausted)
        << query.state_change_reason;
}

TEST_F(JailTest, a_result_is_bounded) {
    options.result_bytes_max = 1 << 20;
    open_engine();
    const QueryExecution query = run("SELECT repeat('x', 1000) FROM unnest(sequence(1, 100000)) t(a)");
    EXPECT_EQ(query.state, QueryState::failed);
    EXPECT_NE(query.state_change_reason.find("EXCEEDED_RESULT_SIZE_LIMIT"), std::string::npos)
        << query.state_change_reason;
    EXPECT_TRUE(objects->list("results", {})->objects.empty()) << "nothing of it is left";
    still_serves();
}

// The result lies where its user may write.
TEST_F(JailTest, a_row_without_an_end_is_not_read_into_memory) {
    const QueryExecution query = run("SELECT 1 AS x");
    ASSERT_EQ(query.state, QueryState::succeeded) << query.state_change_reason;
    ASSERT_TRUE(objects->put("results", query.id + ".csv", "\"" + std::string(100 << 20, 'x'), {}).ok());
    const auto page = engine->results(scope, query.id, "", 10);
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().code, ErrorCode::resource_exhausted);
    ASSERT_TRUE(objects->put("results", query.id + ".csv", std::string(8 << 20, ','), {}).ok());
    EXPECT_FALSE(engine->results(scope, query.id, "", 10).ok());
}

TEST_F(JailTest, nobodys_queries_push_out_anothers) {
    options.history_max = 2;
    open_engine();
    const Scope another{scope.account, "us-west-2"};
    QueryRequest theirs = request("SHOW DATABASES");
    theirs.scope = another;
    const std::string kept = engine->start(theirs).value();
    ASSERT_TRUE(engine->wait(another, kept, 60'000).ok());
    std::vector<std::string> ours;
    for (int i = 0; i < 4; ++i) {
        QueryRequest wanted = request("SHOW DATABASES");
        wanted.client_request_token = "token-" + std::to_string(i);
        ours.push_back(engine->start(wanted).value());
        ASSERT_TRUE(engine->wait(scope, ours.back(), 60'000).ok());
    }
    EXPECT_TRUE(engine->execution(another, kept).ok());
    EXPECT_TRUE(engine->execution(scope, ours.back()).ok());
    EXPECT_TRUE(engine->execution(scope, ours[2]).ok());
    EXPECT_FALSE(engine->execution(scope, ours[1]).ok());
}

TEST_F(JailTest, a_work_groups_scan_limit_holds) {
    put("big/a.json", [] {
        std::string lines;
        for (int i = 0; i < 20'000; ++i) lines += "{\"n\":1}\n";
        return lines;
    }());
    ASSERT_EQ(ask("CREATE EXTERNAL TABLE big (n int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION "
                  "'s3://lake/big/'"),
              "");
    QueryRequest wanted = request("SELECT sum(n) FROM big");
    wanted.scanned_bytes_max = 1000;
    const QueryExecution query = run(wanted);
    EXPECT_EQ(query.state, QueryState::failed);
    EXPECT_NE(query.state_change_reason.find("Bytes scanned limit"), std::string::npos) << query.state_change_reason;
    EXPECT_EQ(ask("SELECT sum(n) s FROM big"), "\"s\"\n\"20000\"\n");
}

}  // namespace
}  // namespace millrace::query
