#include "src/query/engine.h"

#include "src/query/result_objects.h"
#include "src/query/test_lake.h"

namespace millrace::query {
namespace {

struct EngineTest : TestLake {
    void json_table() {
        put("orders/a.json",
            "{\"InvoiceNo\":\"1\",\"Quantity\":2,\"UnitPrice\":1.5,\"InvoiceDate\":\"2021-01-02 "
            "03:04:05\",\"Tags\":[\"a\","
            "\"b\"]}\n{\"invoiceno\":\"2\",\"quantity\":null,\"unitprice\":1e10,\"Other\":1}\n");
        EXPECT_EQ(ask("CREATE EXTERNAL TABLE orders (InvoiceNo string, quantity int, unitprice double, invoicedate "
                      "timestamp, "
                      "tags array<string>) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
                      "LOCATION 's3://lake/orders/'"),
                  "");
    }
};

TEST_F(EngineTest, a_constant_comes_back_as_athena_writes_it) {
    const QueryExecution query = run("SELECT 1 AS a, 'x\"y' b, NULL c, '' d, 1.5e0 e, true, count(*)");
    EXPECT_EQ(query.state, QueryState::succeeded) << query.state_change_reason;
    EXPECT_EQ(text(query),
              "\"a\",\"b\",\"c\",\"d\",\"e\",\"_col5\",\"_col6\"\n\"1\",\"x\"\"y\",,\"\",\"1.5\",\"true\",\"1\"\n");
    ASSERT_EQ(query.columns.size(), 7u);
    EXPECT_EQ(query.columns[0].type, "integer");
    EXPECT_EQ(query.columns[4].type, "double");
    EXPECT_EQ(query.columns[6].type, "bigint");
}

TEST_F(EngineTest, json_keys_are_found_whatever_their_case) {
    json_table();
    EXPECT_EQ(ask("SELECT * FROM orders ORDER BY invoiceno"),
              "\"invoiceno\",\"quantity\",\"unitprice\",\"invoicedate\",\"tags\"\n"
              "\"1\",\"2\",\"1.5\",\"2021-01-02 03:04:05.000\",\"[a, b]\"\n\"2\",,\"1.0E10\",,\n");
    EXPECT_EQ(ask("SELECT sum(quantity * unitprice) s FROM \"shop\".\"orders\" o WHERE o.InvoiceNo = '1'"),
              "\"s\"\n\"3.0\"\n");
    EXPECT_EQ(ask("SELECT \"$path\" p FROM orders LIMIT 1"), "\"p\"\n\"s3://lake/orders/a.json\"\n");
}

TEST_F(EngineTest, statistics_count_the_bytes_that_were_read) {
    json_table();
    const QueryExecution query = run("SELECT count(*) FROM awsdatacatalog.shop.orders");
    EXPECT_EQ(text(query), "\"_col0\"\n\"2\"\n");
    EXPECT_EQ(query.statistics.scanned_bytes, objects->head("lake", "orders/a.json")->size);
    EXPECT_EQ(query.statistics.output_rows, 1u);
}

TEST_F(EngineTest, csv_with_quotes_escapes_and_a_header) {
    put("csv/a.csv", "n,d,v\n1,\"say \"\"hi\"\", ok\",2.5\n2,\"back\\\"slash\",\n3,short\n");
    EXPECT_EQ(ask("CREATE EXTERNAL TABLE c (n int, d string, v double) ROW FORMAT SERDE "
                  "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://lake/csv' "
                  "TBLPROPERTIES ('skip.header.line.count'='1')"),
              "");
    EXPECT_EQ(ask("SELECT * FROM c ORDER BY n"),
              "\"n\",\"d\",\"v\"\n\"1\",\"say \"\"hi\"\", ok\",\"2.5\"\n\"2\",\"back\"\"slash\",\n\"3\",\"short\",\n");
}

TEST_F(EngineTest, delimited_text_has_nulls_and_no_quotes) {
    put("tsv/a.tsv", "1\t\"x\"\t2021-01-01\n\\N\ty\tnot a date\n3\t\\N\t\textra\n");
    EXPECT_EQ(ask("CREATE EXTERNAL TABLE t (n int, s string, d date) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' "
                  "STORED AS TEXTFILE LOCATION 's3://lake/tsv/'"),
              "");
    EXPECT_EQ(ask("SELECT * FROM t"), "\"n\",\"s\",\"d\"\n\"1\",\"\"\"x\"\"\",\"2021-01-01\"\n,\"y\",\n\"3\",,\n");
}

TEST_F(EngineTest, partitions_prune_and_may_lie_anywhere) {
    put("p/day=2021-01-01/a.json", "{\"n\":1}\n");
    put("p/day=2021-01-02/a.json", "{\"n\":2}\n");
    put("elsewhere/x.json", "{\"n\":3}\n");
    EXPECT_EQ(ask("CREATE EXTERNAL TABLE p (n int) PARTITIONED BY (day date) ROW FORMAT SERDE "
                  "'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/p/'"),
              "");
    EXPECT_EQ(ask("SELECT count(*) c FROM p"), "\"c\"\n\"0\"\n");
    EXPECT_EQ(run("MSCK REPAIR TABLE p").state, QueryState::succeeded);
    EXPECT_EQ(ask("ALTER TABLE p ADD PARTITION (day = '2021-01-03') LOCATION 's3://lake/elsewhere/'"), "");
    EXPECT_EQ(ask("SHOW PARTITIONS p"), "day=2021-01-01\nday=2021-01-02\nday=2021-01-03\n");
    EXPECT_EQ(ask("SELECT day, n FROM p ORDER BY n"),
              "\"day\",\"n\"\n\"2021-01-01\",\"1\"\n\"2021-01-02\",\"2\"\n\"2021-01-03\",\"3\"\n");
    EXPECT_EQ(run("SELECT sum(n) FROM p").statistics.scanned_bytes, 24u);
    EXPECT_EQ(run("SELECT sum(n) FROM p WHERE day = date '2021-01-03'").statistics.scanned_bytes, 8u);
    const QueryExecution pruned = run("SELECT n FROM p WHERE day = date '2021-01-03'");
    EXPECT_EQ(text(pruned), "\"n\"\n\"3\"\n");
    const std::string plan = ask("EXPLAIN SELECT n FROM p WHERE day = date '2021-01-03'");
    EXPECT_NE(plan.find("Scanning Files: 1/3"), std::string::npos) << plan;
}

TEST_F(EngineTest, views_run_in_their_own_database) {
    json_table();
    EXPECT_EQ(ask("CREATE OR REPLACE VIEW shop.v AS SELECT invoiceno AS id FROM orders WHERE quantity > 1"), "");
    QueryRequest wanted = request("SELECT * FROM shop.v");
    wanted.database = "elsewhere";
    EXPECT_EQ(text(run(std::move(wanted))), "\"id\"\n\"1\"\n");
    EXPECT_EQ(ask("DROP VIEW v"), "");
    EXPECT_NE(ask("SELECT * FROM v").find("TABLE_NOT_FOUND"), std::string::npos);
}

TEST_F(EngineTest, parameters_are_literals_and_nothing_else) {
    QueryRequest wanted = request("SELECT ? AS a, ? AS b");
    wanted.parameters = {"'it''s'", "-2"};
    EXPECT_EQ(text(run(wanted)), "\"a\",\"b\"\n\"it's\",\"-2\"\n");
    wanted.parameters = {"1", "(SELECT 1)"};
    EXPECT_EQ(run(wanted).state, QueryState::failed);
    wanted.parameters = {"1"};
    EXPECT_EQ(run(wanted).state, QueryState::failed);
}

TEST_F(EngineTest, results_come_in_pages_with_the_header_first) {
    const QueryExecution query = run("SELECT i, NULL n, 'a\"b,\nc' t FROM (SELECT * FROM unnest(sequence(1, 5)) u(i))");
    ASSERT_EQ(query.state, QueryState::succeeded) << query.state_change_reason;
    auto page = engine->results(scope, query.id, "", 3);
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(page->rows.size(), 3u);
    EXPECT_EQ(page->rows[0].values[0], "i");
    EXPECT_EQ(page->rows[1].values[1], std::nullopt);
    EXPECT_EQ(page->rows[1].values[2], "a\"b,\nc");
    page = engine->results(scope, query.id, page->next, 3);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->rows.size(), 3u);
    EXPECT_EQ(page->rows[2].values[0], "5");
    EXPECT_EQ(page->next, "");
    EXPECT_EQ(engine->results(scope, query.id, "x", 3).error().code, ErrorCode::invalid_argument);
}

TEST_F(EngineTest, history_and_results_survive_a_restart) {
    const QueryExecution query = run("SELECT 1 AS one");
    open_engine();
    EXPECT_EQ(engine->execution(scope, query.id)->state, QueryState::succeeded);
    const auto page = engine->results(scope, query.id, "", 10);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->columns[0].name, "one");
    EXPECT_EQ(engine->executions(scope, "primary", "", 10)->ids, std::vector{query.id});
    EXPECT_TRUE(engine->executions(scope, "other", "", 10)->ids.empty());
}

TEST_F(EngineTest, what_ran_when_the_engine_stopped_is_failed_after) {
    const auto id = engine->start(
        request("SELECT count(*) FROM unnest(sequence(1, 100000)) a(x), unnest(sequence(1, 100000)) b(y)"));
    ASSERT_TRUE(id.ok());
    open_engine();
    const auto query = engine->execution(scope, *id);
    ASSERT_TRUE(query.ok());
    EXPECT_EQ(query->state, QueryState::failed);
}

TEST_F(EngineTest, a_query_can_be_cancelled) {
    const auto id = engine->start(
        request("SELECT count(*) FROM unnest(sequence(1, 1000000)) a(x), unnest(sequence(1, 1000000)) b(y)"));
    ASSERT_TRUE(id.ok());
    EXPECT_TRUE(engine->cancel(scope, *id).ok());
    EXPECT_EQ(engine->wait(scope, *id, 60'000)->state, QueryState::cancelled);
}

TEST_F(EngineTest, the_same_token_starts_one_query) {
    QueryRequest wanted = request("SELECT 1");
    wanted.client_request_token = "a token of at least thirty-two characters";
    const auto first = engine->start(wanted);
    const auto second = engine->start(wanted);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(*first, *second);
    wanted.sql = "SELECT 2";
    EXPECT_EQ(engine->start(wanted).error().code, ErrorCode::invalid_argument);
}

TEST_F(EngineTest, metadata_lies_beside_the_result) {
    const QueryExecution query = run("SELECT 1 AS a, ARRAY[1] AS b, DECIMAL '1.25' AS d");
    const std::string key = query.output_object.substr(std::string("s3://results/").size()) + ".metadata";
    auto reader = objects->open_object("results", key);
    ASSERT_TRUE(reader.ok());
    std::string bytes((*reader)->info().size, '\0');
    ASSERT_TRUE((*reader)->read_at(0, bytes).ok());
    const auto columns = decode_metadata(bytes);
    ASSERT_TRUE(columns.ok());
    EXPECT_EQ(*columns, query.columns);
}

}  // namespace
}  // namespace millrace::query
