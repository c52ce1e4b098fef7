// Trino's answers, from https://trino.io/docs/current/functions.html, asked of real children. Many expressions share a
// query: a child's start is most of a test's time.
#include "src/query/test_lake.h"

namespace millrace::query {
namespace {

struct DialectTest : TestLake {
    // Each expression's text, in one query.
    void expect(const std::vector<std::pair<std::string, std::string>>& cases) {
        std::string sql;
        for (const auto& [expression, wanted] : cases) sql += (sql.empty() ? "SELECT " : ", ") + expression;
        const QueryExecution query = run(sql);
        ASSERT_EQ(query.state, QueryState::succeeded) << query.state_change_reason;
        const auto page = engine->results(scope, query.id, "", 2);
        ASSERT_TRUE(page.ok());
        ASSERT_EQ(page->rows.size(), 2u);
        for (size_t i = 0; i < cases.size(); ++i) {
            EXPECT_EQ(page->rows[1].values[i].value_or("NULL"), cases[i].second) << cases[i].first;
        }
    }
};

TEST_F(DialectTest, dates_and_times) {
    expect({{"date_add('day', 1, DATE '2020-02-28')", "2020-02-29"},
            {"date_add('month', -1, TIMESTAMP '2020-03-31 01:02:03')", "2020-02-29 01:02:03.000"},
            {"date_diff('month', DATE '2020-01-31', DATE '2020-02-28')", "0"},
            {"date_diff('hour', TIMESTAMP '2020-01-01 00:30:00', TIMESTAMP '2020-01-01 03:00:00')", "2"},
            {"date_format(TIMESTAMP '2020-01-02 13:04:05', '%Y-%m-%d %H:%i:%s %M %W')",
             "2020-01-02 13:04:05 January Thursday"},
            {"date_parse('02/01/2020 13:04', '%d/%m/%Y %H:%i')", "2020-01-02 13:04:00.000"},
            {"format_datetime(TIMESTAMP '2020-01-02 13:04:05', 'yyyy/MM/dd HH:mm')", "2020/01/02 13:04"},
            {"from_unixtime(0)", "1970-01-01 00:00:00.000 UTC"},
            {"to_unixtime(TIMESTAMP '1970-01-01 00:01:00')", "60.0"},
            {"from_iso8601_timestamp('2020-01-01T02:00:00+01:00')", "2020-01-01 01:00:00.000 UTC"},
            {"year(DATE '2020-05-06')", "2020"},
            {"day_of_week(DATE '2020-01-05')", "7"},
            {"date_trunc('month', DATE '2020-05-06')", "2020-05-01"},
            {"date_trunc('hour', TIMESTAMP '2020-05-06 07:08:09')", "2020-05-06 07:00:00.000"},
            {"CAST(TIMESTAMP '2020-01-01 00:00:00' AS varchar)", "2020-01-01 00:00:00.000"},
            {"DATE '2020-01-01' + INTERVAL '1' DAY > DATE '2020-01-01'", "true"}});
}

TEST_F(DialectTest, json) {
    expect({{"json_extract_scalar('{\"a\":{\"b\":\"x\"}}', '$.a.b')", "x"},
            {"json_extract_scalar('{\"a\":{\"b\":\"x\"}}', '$.a')", "NULL"},
            {"json_extract_scalar('not json', '$.a')", "NULL"},
            {"json_extract('{\"a\":[1,2]}', '$.a')", "[1,2]"},
            {"json_array_length('[1,2,3]')", "3"},
            {"json_format(json_parse('{\"a\":1}'))", "{\"a\":1}"}});
}

TEST_F(DialectTest, text) {
    expect({{"regexp_like('abc', 'b')", "true"},
            {"regexp_extract('abc', 'x')", "NULL"},
            {"regexp_extract('a1b', '([a-z])(\\d)', 2)", "1"},
            {"regexp_replace('aXbX', 'X', '-')", "a-b-"},
            {"regexp_replace('ab', '(a)(b)', '$2$1')", "ba"},
            {"split_part('a,b,c', ',', 2)", "b"},
            {"strpos('abc', 'c')", "3"},
            {"concat('a', 'b', 'c')", "abc"},
            {"concat('a', CAST(NULL AS varchar))", "NULL"},
            {"url_extract_host('https://u:p@example.com:8080/a/b?x=1&y=2#f')", "example.com"},
            {"url_extract_path('https://example.com/a/b?x=1')", "/a/b"},
            {"url_extract_parameter('https://example.com/?x=1&y=2', 'y')", "2"},
            {"lower('ABC') || upper('def')", "abcDEF"}});
}

TEST_F(DialectTest, arrays_and_maps) {
    expect({{"cardinality(ARRAY[1, 2])", "2"},
            {"cardinality(MAP(ARRAY['a'], ARRAY[1]))", "1"},
            {"element_at(ARRAY['x', 'y'], 2)", "y"},
            {"element_at(MAP(ARRAY['a'], ARRAY[1]), 'a')", "1"},
            {"element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", "NULL"},
            {"contains(ARRAY[1, 2], 2)", "true"},
            {"array_join(ARRAY[1, NULL, 2], '-')", "1-2"},
            {"array_join(ARRAY[1, NULL], ',', '?')", "1,?"},
            {"sequence(1, 3)", "[1, 2, 3]"},
            {"transform(ARRAY[1, 2], x -> x * 2)", "[2, 4]"},
            {"filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]"},
            {"reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s * 10)", "60"},
            {"any_match(ARRAY[1, 2], x -> x = 2)", "true"},
            {"slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]"},
            {"CAST(ARRAY[1, 2] AS array(varchar))", "[1, 2]"},
            {"MAP(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}"},
            {"CAST(ROW(1, 'x') AS row(a bigint, b varchar))", "{a=1, b=x}"}});
}

TEST_F(DialectTest, numbers_and_conditions) {
    expect({{"7 / 2", "3"},
            {"7e0 / 2", "3.5"},
            {"7 / 2e0", "3.5"},
            {"try(1 / 0)", "NULL"},
            {"CAST(NULL AS bigint) / 0", "NULL"},
            {"sum(10) / count(*)", "10"},
            {"CAST(1 AS double)", "1.0"},
            {"CAST(1e10 AS varchar)", "1.0E10"},
            {"1e-4", "1.0E-4"},
            {"CAST(1.5 AS decimal(10, 3))", "1.500"},
            {"try(CAST('x' AS bigint))", "NULL"},
            {"try_cast('12' AS integer)", "12"},
            {"if(1 > 2, 'a', 'b')", "b"},
            {"bitwise_and(6, 3)", "2"},
            {"round(2.5e0)", "3.0"},
            {"truncate(2.9e0)", "2.0"},
            {"to_utf8('hi')", "68 69"},
            {"nullif(1, 1)", "NULL"}});
}

TEST_F(DialectTest, aggregates_unnest_and_values) {
    EXPECT_EQ(ask("SELECT approx_distinct(x) a, count_if(x > 1) b, arbitrary(1) c, max_by(x, y) d, min_by(x, y) e, "
                  "bool_and(x > 0) f, sum(x) g, avg(x) h, map_agg(x, y) i FROM (VALUES (1, 9), (2, 8)) t(x, y)"),
              "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"\n"
              "\"2\",\"1\",\"1\",\"1\",\"2\",\"true\",\"3\",\"1.5\",\"{1=9, 2=8}\"\n");
    EXPECT_EQ(ask("SELECT x, n FROM (VALUES ARRAY['a', 'b']) t(l) CROSS JOIN UNNEST(l) WITH ORDINALITY AS u(x, n) "
                  "ORDER BY n"),
              "\"x\",\"n\"\n\"a\",\"1\"\n\"b\",\"2\"\n");
    EXPECT_EQ(ask("SELECT approx_percentile(x, 0.5) p FROM unnest(sequence(1, 5)) t(x)"), "\"p\"\n\"3\"\n");
}

TEST_F(DialectTest, errors_carry_athenas_codes) {
    EXPECT_NE(ask("SELECT nope FROM (SELECT 1 a) t").find("COLUMN_NOT_FOUND"), std::string::npos);
    EXPECT_NE(ask("SELECT * FROM nope").find("TABLE_NOT_FOUND: Table 'awsdatacatalog.shop.nope' does not exist"),
              std::string::npos);
    EXPECT_NE(ask("SELECT * FROM nope.t").find("SCHEMA_NOT_FOUND"), std::string::npos);
    EXPECT_NE(ask("SELECT nope(1)").find("FUNCTION_NOT_FOUND"), std::string::npos);
    EXPECT_NE(ask("SELECT CAST('x' AS bigint)").find("INVALID_CAST_ARGUMENT"), std::string::npos);
    EXPECT_NE(ask("SELECT 1 / 0").find("DIVISION_BY_ZERO"), std::string::npos);
    EXPECT_NE(ask("SELECT 6 / x FROM (VALUES 1, 0) t(x)").find("DIVISION_BY_ZERO"), std::string::npos);
    EXPECT_EQ(ask("SELECT CASE WHEN x = 0 THEN -1 ELSE 6 / x END y FROM (VALUES 2, 0) t(x) ORDER BY 1"),
              "\"y\"\n\"-1\"\n\"3\"\n");
    EXPECT_NE(ask("SELEC 1").find("mismatched input 'SELEC'"), std::string::npos);
    EXPECT_EQ(ask("SELECT table_name n FROM information_schema.tables WHERE table_schema = 'shop'"), "\"n\"\n");
}

}  // namespace
}  // namespace millrace::query
