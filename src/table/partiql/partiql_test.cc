// The sentences are AWS's, as its service has been seen to answer.
#include <gtest/gtest.h>

#include "src/table/partiql/plan.h"
#include "src/table/value/item_json.h"

namespace millrace::table::partiql {
namespace {

std::vector<AttributeValue> values(const std::vector<std::string>& jsons) {
    std::vector<AttributeValue> made;
    for (const auto& json : jsons) made.push_back(parse_value_json(json).value());
    return made;
}

Statement statement(std::string_view text, const std::vector<std::string>& parameters = {}) {
    auto parsed = parse_statement(text, values(parameters));
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
    return parsed ? *parsed : Statement();
}

std::string refusal(std::string_view text, const std::vector<std::string>& parameters = {}) {
    const auto parsed = parse_statement(text, values(parameters));
    return parsed ? "accepted" : parsed.error().message;
}

std::string json_of(const Item& item) {
    std::string json;
    append_json(item, &json);
    return json;
}

std::shared_ptr<const TableDefinition> orders() {
    auto table = std::make_shared<TableDefinition>();
    table->name = "orders";
    table->key = {"pk", Type::S, "sk", Type::N};
    Index global;
    global.name = "by_state";
    global.key = {"state", Type::S, "sk", Type::N};
    global.projection = {Projection::Kind::include, {"total"}};
    Index local;
    local.name = "by_total";
    local.global = false;
    local.key = {"pk", Type::S, "total", Type::N};
    local.projection = {Projection::Kind::keys_only, {}};
    table->indexes = {global, local};
    return table;
}

bool matches(std::string_view condition, std::string_view item) {
    const auto made = make_condition(statement("SELECT * FROM orders WHERE " + std::string(condition)).where);
    const Item of = parse_item_json(item).value();
    return made->holds(&of);
}

TEST(PartiQl, MalformedStatementsAreToldSo) {
    const std::string malformed = "Statement wasn't well formed, can't be processed: ";
    const std::string left_over = malformed + "Unexpected token after expression";
    const std::pair<std::string, std::string> cases[] = {
        {"SLECT * FROM t", malformed + "Expected data manipulation"},
        {"SELECT * FROM orders WHERE pk = 1 foo", left_over},
        {"SELECT * FROM orders WHERE pk = 1 e5", left_over},
        {"SELECT * FROM orders WHERE pk = 1)", left_over},
        {"INSERT INTO orders VALUE {'pk': 1} foo", left_over},
        {"INSERT INTO orders t VALUE {'pk': 'x'}", left_over},
        {"DELETE FROM orders WHERE pk = 1 ORDER BY pk", left_over},
        {"SELECT * FROM orders ORDER BY pk WHERE pk = 1", left_over},
        {"SELECT * FROM orders WHERE pk = 1e2147483648", malformed},
        {"SELECT * FROM orders WHERE pk = 1.5e-2147483647", malformed},
        {"SELECT * FROM orders WHERE pk = 1 # note", malformed},
        {"SELECT * FROM orders WHERE pk = 1 /* note", malformed},
        {"SELECT * FROM \"orders", malformed},
        {"SELECT * FROM orders t WHERE pk = 'x'", "Aliasing is not supported"},
        {"SELECT * FROM orders AS t WHERE pk = 'x'", "Aliasing is not supported"},
        {"UPDATE orders t SET a = 3 WHERE pk = 'x'", "Aliasing is not supported"},
        {"DELETE FROM orders t WHERE pk = 'x'", "Aliasing is not supported"},
        {"SELECT * FROM a.b.c", "A path may contain at most 2 components in the FROM clause"},
        {"SELECT * FROM \"\" WHERE pk = 'x'", "Path component cannot be an empty string"},
        {"SELECT * FROM a.\"\"", "Path component cannot be an empty string"},
        {"SELECT l[-1] FROM orders", "List index is not within the allowable range; index: [-1] at 1:11:1"},
    };
    for (const auto& [text, message] : cases) EXPECT_EQ(refusal(text), message) << text;
    EXPECT_EQ(refusal("SELECT * FROM t WHERE a = " + std::string(5000, '(')),
              malformed + "The statement nests too deeply");
    EXPECT_NE(refusal("INSERT INTO t VALUE {'a': " + std::string(5000, '[')), "accepted");
}

TEST(PartiQl, LiteralsOfEveryType) {
    const Statement insert = statement(
        "INSERT INTO \"orders\" VALUE {'pk': 'it''s', 'n': -7.31e2, 'm': .5, 'b': true, 'z': null, 'l': [1, 'x', []], "
        "'map': {'k': ?}, 'ss': <<'b', 'a'>>, 'ns': <<2, 1>>} -- done",
        {R"({"B":"AQ=="})"});
    EXPECT_EQ(json_of(insert.item),
              R"({"b":{"BOOL":true},"l":{"L":[{"N":"1"},{"S":"x"},{"L":[]}]},"m":{"N":"0.5"},)"
              R"("map":{"M":{"k":{"B":"AQ=="}}},"n":{"N":"-731"},"ns":{"NS":["1","2"]},"pk":{"S":"it's"},)"
              R"("ss":{"SS":["a","b"]},"z":{"NULL":true}})");
    const std::string overflow =
        "Number overflow. Attempting to store a number with magnitude larger than supported range";
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'pk': 1e126}"), overflow + " under root");
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'m': {'x': 1e126}}"), overflow + " under root.x");
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'l': [1, 1e126]}"), overflow + " under root[1]");
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'s': <<>>}"), "Empty bags are not supported");
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'s': <<'x', 'x'>>}"),
              "One or more parameter values were invalid: Input collection [x, x] contains duplicates.");
    EXPECT_EQ(refusal("INSERT INTO t VALUE {'s': set_add(a, b)}"),
              "Unsupported data type: set_add under key root at 1:27:7");
    EXPECT_EQ(refusal("SELECT * FROM t WHERE pk = ?"), "Number of parameters in request and statement don't match.");
    EXPECT_EQ(refusal("SELECT * FROM t", {R"({"S":"x"})"}),
              "Number of parameters in request and statement don't match.");
}

TEST(PartiQl, ConditionsHoldAsInExpressions) {
    const char* item = R"({"pk":{"S":"x"},"n":{"N":"5"},"s":{"S":"hello"},"flag":{"BOOL":true},"nul":{"NULL":true},)"
                       R"("m":{"M":{"k":{"L":[{"N":"1"}]}}}})";
    for (const auto condition : {"n = 5",
                                 "n <> 6 AND n != 7",
                                 "n BETWEEN 1 AND 5",
                                 "n NOT BETWEEN 6 AND 7",
                                 "n IN [1, 5]",
                                 "n IN (1, 5)",
                                 "n NOT IN [1]",
                                 "NOT n IN [1, 2]",
                                 "m.k[0] = 1",
                                 "m['k'][0] = 1",
                                 "\"n\" >= 5",
                                 "s IS NOT MISSING",
                                 "absent IS MISSING",
                                 "nul IS NULL",
                                 "flag IS BOOL",
                                 "s IS STRING",
                                 "n IS NOT STRING",
                                 "attribute_exists(s)",
                                 "ATTRIBUTE_EXISTS(s) = true",
                                 "attribute_exists(absent) = false",
                                 "size(s) = 5",
                                 "begins_with(s, 'he')",
                                 "contains(s, 'ell')",
                                 "attribute_type(m, 'M')",
                                 "(n = 1 OR n = 5) AND NOT (n = 6)",
                                 "flag",
                                 "5 = n",
                                 "n = 1 OR n = 2 AND s = 'x' OR s = 'hello'"}) {
        EXPECT_TRUE(matches(condition, item)) << condition;
    }
    for (const auto condition : {"n = '5'", "n < 5", "absent = 1", "nul IS NOT NULL", "NOT flag", "s IS MISSING"}) {
        EXPECT_FALSE(matches(condition, item)) << condition;
    }
}

TEST(PartiQl, ConditionsAreCheckedAsInExpressions) {
    const auto where = [](std::string condition) { return refusal("SELECT * FROM t WHERE " + condition); };
    EXPECT_EQ(refusal("SELECT * FROM t WHERE val < ?", {R"({"BOOL":true})"}),
              "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL");
    EXPECT_EQ(where("attribute_exists('s')"),
              "Operator or function requires a document path; operator or function: attribute_exists");
    EXPECT_EQ(
        where("attribute_exists()"),
        "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of "
        "operands: 0");
    EXPECT_EQ(where("EXISTS(ss)"), "Unrecognized function: exists at 1:23:6");
    EXPECT_EQ(where("m.inner = 1"), "Statement wasn't well formed, can't be processed: Invalid path dot component");
    EXPECT_EQ(where("a = MISSING"), "MISSING must be compared using IS operator");
    EXPECT_EQ(refusal("SELECT attribute_exists(ss) FROM t"), "Unexpected path component at 1:8:16");
}

TEST(PartiQl, UpdatesBecomeTrees) {
    const Statement update = statement(
        "UPDATE orders SET a = a + 1, b = list_append(b, ['x']) SET c = if_not_exists(c, 0) REMOVE d, e[1] "
        "SET ss = set_add(ss, <<'q'>>) SET ns = SET_DELETE(ns, <<1>>) WHERE pk = 'x' AND sk = 1 AND n > 3 "
        "RETURNING ALL NEW *");
    EXPECT_EQ(update.update.sets.size(), 3u);
    EXPECT_EQ(update.update.removes.size(), 2u);
    EXPECT_EQ(update.update.adds.size(), 1u);
    EXPECT_EQ(update.update.deletes.size(), 1u);
    EXPECT_EQ(update.returning, Returning::all_new);
    const auto write = plan_write(update, orders());
    ASSERT_TRUE(write);
    EXPECT_EQ(json_of(write->item), R"({"pk":{"S":"x"},"sk":{"N":"1"}})");
    const Item fits = parse_item_json(R"({"pk":{"S":"x"},"sk":{"N":"1"},"n":{"N":"4"}})").value();
    EXPECT_TRUE(write->condition->holds(&fits));
    EXPECT_FALSE(write->condition->holds(nullptr));
    EXPECT_EQ(statement("from orders where pk = 'x' and sk = 1 set c = 2 remove a").update.removes.size(), 1u);

    const auto changes = [](std::string text) { return refusal("UPDATE t SET " + text + " WHERE pk = 'x'"); };
    EXPECT_EQ(changes("t = set_add(ss, <<'x'>>)"),
              "The first argument to SET_ADD must equal the assignment value at 1:18:7");
    EXPECT_EQ(changes("ss = set_add(ss, 'x')"),
              "The second argument to SET_ADD must be a value with type SET at 1:27:2");
    EXPECT_EQ(changes("ss = set_delete(ss)"), "SET_DELETE must have exactly two arguments at 1:19:10");
    EXPECT_EQ(changes("a = 1, a = 2"),
              "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], "
              "path two: [a]");
    EXPECT_EQ(refusal("DELETE FROM t WHERE pk = 'x' RETURNING MODIFIED OLD *"),
              "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE "
              "statements.");
}

TEST(PartiQl, WritesNameOneItem) {
    const auto planned = [](std::string text) {
        const auto write = plan_write(statement(text), orders());
        return write ? "planned" : write.error().message;
    };
    const std::string no_key = "Where clause does not contain a mandatory equality on all key attributes";
    EXPECT_EQ(planned("DELETE FROM orders WHERE pk = 'x'"), no_key);
    EXPECT_EQ(planned("DELETE FROM orders WHERE pk = 'x' AND sk = 1 OR n = 1"), no_key);
    EXPECT_EQ(planned("DELETE FROM orders WHERE pk = 'x' AND sk > 1"), no_key);
    EXPECT_EQ(planned("DELETE FROM orders WHERE pk = 'x' AND pk = 'y' AND sk = 1"),
              "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported");
    EXPECT_EQ(planned("DELETE FROM orders.by_state WHERE pk = 'x' AND sk = 1"),
              "This operation is not supported on an index");
    EXPECT_EQ(planned("EXISTS(SELECT * FROM orders WHERE pk = 'x' AND sk = 1)"),
              "EXISTS() must contain a single item read with additional condition");
    EXPECT_EQ(planned("EXISTS(SELECT * FROM orders WHERE pk = 'x' AND sk = 1 AND n = 1)"), "planned");
    EXPECT_EQ(planned("DELETE FROM orders WHERE sk = 1 AND 'x' = pk"), "planned");
}

TEST(PartiQl, ReadsUseTheKeyTheyName) {
    const auto plan = [](std::string text) {
        const auto table = orders();
        auto made = plan_read(statement(text), *table);
        EXPECT_TRUE(made) << text << ": " << made.error().message;
        return made ? std::move(made).value() : ReadPlan();
    };
    EXPECT_TRUE(plan("SELECT * FROM orders").ranges.empty());
    EXPECT_TRUE(plan("SELECT * FROM orders WHERE pk = 'x' OR pk = 'y'").ranges.empty());
    EXPECT_TRUE(plan("SELECT * FROM orders WHERE sk = 1").ranges.empty());
    EXPECT_EQ(plan("SELECT * FROM orders WHERE pk = 'x'").ranges.size(), 1u);
    EXPECT_FALSE(plan("SELECT * FROM orders WHERE pk = 'x'").whole_key);
    EXPECT_TRUE(plan("SELECT * FROM orders WHERE sk = 1 AND pk = 'x'").whole_key);
    EXPECT_EQ(plan("SELECT * FROM orders WHERE pk IN ['x', 'y', 'x'] AND sk > 1").ranges.size(), 2u);
    EXPECT_TRUE(plan("SELECT * FROM orders WHERE pk = 'x' AND sk > 1 AND sk < 5").filter);
    EXPECT_FALSE(plan("SELECT * FROM orders WHERE pk = 'x' AND sk BETWEEN 1 AND 5").filter);
    EXPECT_FALSE(plan("SELECT * FROM orders WHERE pk = 'x' ORDER BY sk DESC").forward);
    EXPECT_TRUE(plan("SELECT pk, n FROM orders.by_total WHERE pk = 'x'").fetch_from_table);
    EXPECT_FALSE(plan("SELECT pk, total FROM orders.by_total WHERE pk = 'x'").fetch_from_table);

    const auto refused = [](std::string text) {
        const auto made = plan_read(statement(text), *orders());
        return made ? "planned" : made.error().message;
    };
    EXPECT_EQ(refused("SELECT * FROM orders.nothing"), "The table does not have the specified index");
    EXPECT_EQ(refused("SELECT n, total, m FROM orders.by_state"),
              "One or more parameter values were invalid: Global secondary index by_state does not project [n, m]");
    EXPECT_EQ(refused("SELECT pk FROM orders.by_state WHERE state = 'x' AND n = 1"),
              "One or more parameter values were invalid: Secondary index by_state does not project one or more filter "
              "attributes: [n]");
    EXPECT_EQ(refused("SELECT pk FROM orders.by_state WHERE n = 1"), "planned");
    EXPECT_EQ(refused("SELECT * FROM orders ORDER BY sk"),
              "Must have WHERE clause in the statement when using ORDER BY clause.");
    EXPECT_EQ(refused("SELECT * FROM orders WHERE n = 1 ORDER BY sk"),
              "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
    EXPECT_EQ(refused("SELECT * FROM orders WHERE pk = 1"),
              "One or more parameter values were invalid: Condition parameter type does not match schema type");
}

TEST(PartiQl, AKeyOfSeveralAttributesAPartIsNamedFromTheLeft) {
    auto table = std::make_shared<TableDefinition>(*orders());
    KeyNames& key = table->indexes[0].key;
    key = {.partition = "a", .sort = "c", .more_partition = {{"b"}}, .more_sort = {{"d", Type::N}}};
    table->indexes[0].projection = {};
    const auto plan = [&](std::string rest) {
        return plan_read(statement("SELECT * FROM orders.by_state " + rest), *table);
    };

    EXPECT_TRUE(plan("WHERE a = 'x'")->ranges.empty());
    EXPECT_TRUE(plan("WHERE a = 'x' AND c = 'z'")->filter->attributes().contains("a"));
    EXPECT_EQ(plan("WHERE b = 'y' AND a = 'x'")->ranges.size(), 1u);
    EXPECT_EQ(plan("WHERE b IN ['y', 'z'] AND a IN ['x', 'w'] AND c = 'z'")->ranges.size(), 4u);
    const auto whole = plan("WHERE d > 1 AND c = 'z' AND b = 'y' AND a = 'x'");
    EXPECT_FALSE(whole->filter);
    EXPECT_FALSE(whole->whole_key);
    EXPECT_EQ(whole->ranges[0].sort_equal.size(), 1u);
    const auto gap = plan("WHERE a = 'x' AND b = 'y' AND d = 1");
    EXPECT_TRUE(gap->filter->attributes().contains("d"));
    EXPECT_FALSE(gap->ranges[0].sort);
    const auto before_last = plan("WHERE a = 'x' AND b = 'y' AND c > 'z' AND d = 1");
    EXPECT_TRUE(before_last->filter->attributes().contains("d"));
    EXPECT_TRUE(before_last->ranges[0].sort->low_open);

    const std::string two = "WHERE a = 'x' AND b IN ['y', 'z'] ORDER BY ";
    const auto down = plan(two + "b DESC, c, d");
    EXPECT_EQ(down->ranges[0].more_partition[0], AttributeValue{std::string("z")});
    EXPECT_TRUE(down->forward);
    EXPECT_FALSE(plan(two + "a, b, c DESC")->forward);
    EXPECT_FALSE(plan("WHERE a = 'x' AND b = 'y' AND c = 'z' ORDER BY d DESC")->forward);
    EXPECT_EQ(plan(two + "c").error().message,
              "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.");
    for (const char* order : {"b, d", "b, c, d DESC", "c, b"}) {
        EXPECT_TRUE(plan(two + order).error().message.starts_with("ORDER BY clause must name")) << order;
    }
}

TEST(PartiQl, ColumnsAreCalledByTheirLastName) {
    const Item item = parse_item_json(R"({"a":{"M":{"b":{"L":[{"S":"x"},{"S":"y"}]}}},"c":{"N":"1"}})").value();
    EXPECT_EQ(json_of(columns_of(item, statement("SELECT a.b[1], c, d FROM t").columns)),
              R"({"b[1]":{"S":"y"},"c":{"N":"1"}})");
    EXPECT_EQ(columns_of(item, {}), item);
}

}  // namespace
}  // namespace millrace::table::partiql
