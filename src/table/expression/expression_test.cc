// The sentences are AWS's, as its service has been seen to answer.
#include "src/table/expression/expression.h"

#include <gtest/gtest.h>

#include "src/table/expression/key_clauses.h"
#include "src/table/value/item_json.h"

namespace millrace::table {
namespace {

AttributeValue value(std::string_view json) {
    auto parsed = parse_value_json(json);
    EXPECT_TRUE(parsed) << json << ": " << parsed.error().message;
    return *parsed;
}

Item item(std::string_view json) {
    auto parsed = parse_item_json(json);
    EXPECT_TRUE(parsed) << json << ": " << parsed.error().message;
    return *parsed;
}

std::string json_of(const Item& of) {
    std::string json;
    append_json(of, &json);
    return json;
}

using Names = std::map<std::string, std::string, std::less<>>;

// {":a": {"N": "1"}} as an item.
Placeholders with(std::string_view values = "{}", Names names = {}) {
    Placeholders placeholders;
    placeholders.names = std::move(names);
    for (const auto& [name, v] : item(values)) placeholders.values[name] = v;
    return placeholders;
}

template <class T>
std::string refusal_of(const Result<T>& result) {
    return result ? "accepted" : result.error().message;
}

std::string filter_refusal(std::string_view text, Placeholders placeholders = {}) {
    std::string message = refusal_of(compile_condition("FilterExpression", text, placeholders));
    const std::string prefix = "Invalid FilterExpression: ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string update_refusal(std::string_view text, Placeholders placeholders = {}) {
    std::string message = refusal_of(compile_update(text, placeholders));
    const std::string prefix = "Invalid UpdateExpression: ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string projection_refusal(std::string_view text, Placeholders placeholders = {}) {
    std::string message = refusal_of(compile_projection(text, placeholders));
    const std::string prefix = "Invalid ProjectionExpression: ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

bool holds(std::string_view text, const Item& of, Placeholders placeholders = {}) {
    const auto condition = compile_condition("ConditionExpression", text, placeholders);
    EXPECT_TRUE(condition) << text << ": " << condition.error().message;
    return condition && (*condition)->holds(&of);
}

// --- syntax ---

TEST(Syntax, ErrorsNameTheTokenAndItsNeighbours) {
    const std::pair<const char*, const char*> updates[] = {
        {"INVALID SYNTAX HERE", R"(Syntax error; token: "INVALID", near: "INVALID SYNTAX")"},
        {"ADD hits : incr", R"(Syntax error; token: ":", near: "hits : incr")"},
        {"SET _123 = :v", R"(Syntax error; token: "_", near: "SET _123")"},
        {"SET a = :v,", R"(Syntax error; token: "<EOF>", near: ",")"},
        {"SET a = = :v", R"(Syntax error; token: "=", near: "= = :v")"},
        {"SET #a = :a, #, #b = :b", R"(Syntax error; token: "#", near: ", #,")"},
        {"", "The expression can not be empty;"},
        {"  ", R"(Syntax error; token: "<EOF>", near: "")"},
    };
    for (const auto& [text, message] : updates) EXPECT_EQ(update_refusal(text), message) << text;
    EXPECT_EQ(projection_refusal("!!"), R"(Syntax error; token: "!", near: "!!")");
    EXPECT_EQ(filter_refusal("a > \xc3\xbc"), "Syntax error; token: \"\xc3\xbc\", near: \"> \xc3\xbc\"");
}

TEST(Syntax, ConditionsThatAreNone) {
    for (const std::string text : {"things are not gonna be ok",
                                   "a > 4",
                                   "attribute_exists(Pictures-RearView)",
                                   "attribute_exists(a..b)",
                                   "attribute_exists(Pi#ctures.RearView)",
                                   "attribute_exists(asdf[a])",
                                   "a in b, c",
                                   "a > between",
                                   "a in b",
                                   "a in (b,c,)",
                                   "a in ()",
                                   "(a)between(b.(c.d))and(c)",
                                   "(a)between(b.c.d)and((c)",
                                   "#$.b > a",
                                   "a > :things.stuff",
                                   "b[:a] > a",
                                   "b[#_] > a",
                                   "(a)between(b.c[4.5].#d)and(:a)",
                                   "size(a).b > a",
                                   "(size(a)).b > a",
                                   "size(a)[0] > a",
                                   "(size(a))[0] > a",
                                   "a",
                                   ":val",
                                   "NOT a",
                                   "a AND :val",
                                   "a OR NOT :val",
                                   "(a = b) = c",
                                   "(a = b",
                                   "a = b)",
                                   "f()",
                                   "a = b c",
                                   "attribute_exists(a) = b AND"}) {
        EXPECT_TRUE(filter_refusal(text).starts_with("Syntax error; ")) << text << ": " << filter_refusal(text);
    }
}

TEST(Syntax, UpdatesThatAreNone) {
    for (const std::string text : {"whatever",
                                   "set a",
                                   "add a",
                                   "delete a",
                                   "set a=set",
                                   "remove a = b",
                                   "add a = b",
                                   "delete a b",
                                   "add a if_not_exist(b)",
                                   "remove a b",
                                   "set a b",
                                   "set :a = b",
                                   "add :a b",
                                   "remove :a",
                                   "set a = b / c",
                                   "set a[1] = \"eight\"",
                                   "set a[1] = 1",
                                   "SET a = if_not_exist(a, 100)",
                                   "SET if_not_exist(a, b) = a",
                                   "set (a = (b + c))",
                                   "set a = (b.c).d + e",
                                   "set a = (b.c)[0] + e",
                                   "set a = b + c + d",
                                   "set a = if_not_exists(a, b + c)",
                                   "set a[:x] = b",
                                   "set a[#x] = b"}) {
        EXPECT_TRUE(update_refusal(text).starts_with("Syntax error; ")) << text << ": " << update_refusal(text);
    }
    for (const std::string text : {"", "a,", ",a", "a,,b", "a..b", "a[b]", "(a.b).c", "(a)", "(a),(b)", "a-b", ":a"}) {
        EXPECT_NE(projection_refusal(text), "accepted") << text;
    }
    EXPECT_EQ(update_refusal("set a = (b + c)"), "accepted");
    EXPECT_EQ(update_refusal("set a = ((b.c.d)+(e))"), "accepted");
    EXPECT_EQ(update_refusal("sEt a = b ReMoVe c"), "accepted");
}

TEST(Syntax, RedundantParenthesesAreToldApartFromNeededOnes) {
    const char* redundant = "The expression has redundant parentheses;";
    for (const std::string text :
         {"a=b and c > ((d))", "(a)between(((b.c)).d)and(c)", "a > whatever((:things), ((a)))", "((a=b))",
          "a=b AND ((a=b AND a=c)) AND a=d", "a=b OR ((a=b OR a=c)) OR a=d", "a=b AND ((a=b AND (a=c AND a=d)))"}) {
        EXPECT_EQ(filter_refusal(text), redundant) << text;
    }
    for (const std::string text : {"(a=b)", "((a=b) and c=d)", "(a) = (b)", "((a) = (b))", "((a=b) AND (c=d))",
                                   "(a.b).c = d", "NOT (NOT (a = b))", "(attribute_exists(a))"}) {
        EXPECT_EQ(filter_refusal(text), "accepted") << text;
    }
}

TEST(Syntax, NamesAndFunctions) {
    EXPECT_EQ(filter_refusal("a=b and whatever((:things)) > a"), "Invalid function name; function: whatever");
    EXPECT_EQ(filter_refusal("attRIbute_exIsts((a), #a)"), "Invalid function name; function: attRIbute_exIsts");
    EXPECT_EQ(filter_refusal("list_append(a, b)"),
              "The function is not allowed in a condition expression; function: list_append");
    EXPECT_EQ(update_refusal("set a = size(b)"), "The function is not allowed in an update expression; function: size");
    const std::pair<const char*, const char*> misused[] = {
        {"a=b and attribute_exists((views), (#a)) > b", "attribute_exists"},
        {"begins_with(things, a) > b", "begins_with"},
        {"size(contains(a, b)) > a", "contains"},
        {"size(things)", "size"},
        {"a between b and attribute_exists(things)", "attribute_exists"},
        {"a in (b, attribute_exists(things))", "attribute_exists"},
    };
    for (const auto& [text, name] : misused) {
        EXPECT_EQ(filter_refusal(text),
                  std::string("The function is not allowed to be used this way in an expression; function: ") + name);
    }
    EXPECT_EQ(filter_refusal("attribute_exists(views, #a)"),
              "Attribute name is a reserved keyword; reserved keyword: views");
    EXPECT_EQ(filter_refusal(":a < abOrT"), "Attribute name is a reserved keyword; reserved keyword: abOrT");
    EXPECT_EQ(update_refusal(" set #c = :c set abOrt = true "),
              "Attribute name is a reserved keyword; reserved keyword: abOrt");
    EXPECT_EQ(projection_refusal("a.abORt"), "Attribute name is a reserved keyword; reserved keyword: abORt");
    EXPECT_EQ(projection_refusal("a[99999999999999]"),
              "List index is not within the allowable range; index: [99999999999999]");
    EXPECT_EQ(update_refusal("add #d :e set a = b add e :f"),
              "The \"ADD\" section can only be used once in an update expression;");
}

TEST(Syntax, HostileTextsEndSoonAndCleanly) {
    const auto repeat = [](std::string_view part, size_t times) {
        std::string text;
        for (size_t i = 0; i < times; ++i) text += part;
        return text;
    };
    EXPECT_EQ(filter_refusal(repeat("x", 4097)),
              "Expression size has exceeded the maximum allowed size; expression size: 4097");
    EXPECT_EQ(projection_refusal(repeat("x", 4096)), "accepted");
    EXPECT_NE(filter_refusal(repeat("(", 4096)), "accepted");
    EXPECT_EQ(filter_refusal(repeat("(", 2046) + "a<b" + repeat(")", 2046)),
              "The expression has redundant parentheses;");
    EXPECT_EQ(filter_refusal(repeat("not ", 1000) + "a<b"),
              "The expression contains too many operators; operator count: 301");
    EXPECT_EQ(filter_refusal("a < " + repeat("f(", 1000) + "b" + repeat(")", 1000)),
              "The expression contains too many operators; operator count: 301");
    EXPECT_EQ(filter_refusal("a<b " + repeat("or (a<b ", 149) + repeat(")", 149)), "accepted");
    EXPECT_EQ(filter_refusal("a<b " + repeat("or (a<b ", 150) + repeat(")", 150)),
              "The expression contains too many operators; operator count: 301");
    EXPECT_EQ(projection_refusal("a" + repeat(".b", 31)), "accepted");
    EXPECT_EQ(projection_refusal("a" + repeat(".b", 32)),
              "The document path has too many nesting levels; nesting levels: 33");
    EXPECT_EQ(filter_refusal("b IN (" + repeat("a,", 99) + "a)"), "accepted");
    EXPECT_EQ(filter_refusal("b IN (" + repeat("a,", 100) + "a)"),
              "The IN operator is provided with too many operands; number of operands: 101");
    EXPECT_NE(projection_refusal(repeat("a,", 2047) + "a"), "accepted");
}

// --- binding ---

TEST(Binding, UndefinedPlaceholders) {
    const std::pair<const char*, const char*> names[] = {
        {"attribute_exists(#Pictures.RearView, :a) and a=b", "#Pictures"},
        {"begins_with(Pictures.#RearView)", "#RearView"},
        {"(#P between :lo and :hi) and (#PC in (:cat1, :cat2))", "#P"},
        {"#4g > a", "#4g"},
        {"(a)between(b.c[45].#d)and(:a)", "#d"},
    };
    for (const auto& [text, name] : names) {
        EXPECT_EQ(
            filter_refusal(text),
            std::string("An expression attribute name used in the document path is not defined; attribute name: ") +
                name);
    }
    const std::pair<const char*, const char*> values[] = {
        {"begins_with(:hello, #a, #b)", ":hello"}, {":a < :b", ":a"}, {":_ > a", ":_"}};
    for (const auto& [text, name] : values) {
        EXPECT_EQ(
            filter_refusal(text),
            std::string("An expression attribute value used in expression is not defined; attribute value: ") + name);
    }
}

TEST(Binding, OperandsOfFunctions) {
    const std::tuple<const char*, const char*, int> counts[] = {
        {"attribute_exists(things, a) and a=b", "attribute_exists", 2},
        {"attribute_type(things)", "attribute_type", 1},
        {"begins_with(things, size(a), b)", "begins_with", 3},
        {"contains(things)", "contains", 1},
        {"size(things, a) > b", "size", 2},
    };
    for (const auto& [text, name, count] : counts) {
        EXPECT_EQ(filter_refusal(text),
                  std::string("Incorrect number of operands for operator or function; operator or function: ") + name +
                      ", number of operands: " + std::to_string(count));
    }
    const std::tuple<const char*, const char*, const char*> types[] = {
        {"attribute_type(a, size(a)) and a=b and a=:a", "attribute_type", R"({":a":{"N":"1"}})"},
        {"attribute_type(a, :a)", "attribute_type", R"({":a":{"BOOL":true}})"},
        {"begins_with(a, size(b)) and a=:a", "begins_with", R"({":a":{"N":"1"}})"},
        {"begins_with(:a, a)", "begins_with", R"({":a":{"SS":["1"]}})"},
        {"size(size(a)) > :a", "size", R"({":a":{"N":"1"}})"},
        {"attribute_not_exists(size(:a))", "size", R"({":a":{"N":"1"}})"},
        {"size(:a) > a", "size", R"({":a":{"NULL":true}})"},
        {"a < :a", "<", R"({":a":{"L":[]}})"},
        {":a >= a", ">=", R"({":a":{"BOOL":true}})"},
        {"a between :a and :a", "BETWEEN", R"({":a":{"M":{}}})"},
    };
    for (const auto& [text, name, values] : types) {
        const Placeholders placeholders = with(values);
        EXPECT_EQ(filter_refusal(text, placeholders),
                  std::string("Incorrect operand type for operator or function; operator or function: ") + name +
                      ", operand type: " + std::string(name_of(placeholders.values.at(":a").type())))
            << text;
    }
    EXPECT_EQ(filter_refusal("attribute_type(a, :a)", with(R"({":a":{"S":"DOG"}})")),
              "Invalid attribute type name found; type: DOG, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    EXPECT_EQ(filter_refusal("attribute_not_exists(size(:a))", with(R"({":a":{"S":"1"}})")),
              "Operator or function requires a document path; operator or function: attribute_not_exists");
    EXPECT_EQ(filter_refusal("a between :b and :a", with(R"({":a":{"S":"a"},":b":{"N":"1"}})")),
              "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
              "AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}");
    EXPECT_EQ(filter_refusal("a between :b and :a", with(R"({":a":{"S":"a"},":b":{"S":"b"}})")),
              "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
              "operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}");
}

TEST(Binding, TheFirstOperandIsAnother) {
    const std::tuple<const char*, const char*, const char*> cases[] = {
        {"a = a AND #a = b AND :views > a", "=", "[a]"},
        {"#a <> a", "<>", "[a]"},
        {"((a=a) OR (a=a))", "=", "[a]"},
        {"contains(ab.bc[1].a, ab.bc[1].#a)", "contains", "[ab, bc, [1], a]"},
        {"begins_with(ab.bc[1].a, ab.bc[1].#a)", "begins_with", "[ab, bc, [1], a]"},
    };
    for (const auto& [text, name, path] : cases) {
        EXPECT_EQ(filter_refusal(text, with("{}", {{"#a", "a"}})),
                  std::string("The first operand must be distinct from the remaining operands for this operator or "
                              "function; operator: ") +
                      name + ", first operand: " + path);
    }
}

TEST(Binding, PathsOfUpdatesAndProjections) {
    const Names names = {{"#a", "a"}, {"#b", "[3]"}, {"#c", "c"}, {"#d", "[3]"}};
    const auto clash = [](std::string how, std::string one, std::string two) {
        return "Two document paths " + how +
               " with each other; must remove or rewrite one of these paths; path one: " + one + ", path two: " + two;
    };
    EXPECT_EQ(update_refusal("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", with("{}", names)),
              clash("overlap", "[c, [1], a]", "[c]"));
    EXPECT_EQ(update_refusal("set #c[3].#d = a, #c[3] = a", with("{}", names)),
              clash("overlap", "[c, [3], [3]]", "[c, [3]]"));
    EXPECT_EQ(update_refusal("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", with("{}", names)),
              clash("conflict", "[c, [3], [3]]", "[c, [3], [3]]"));
    EXPECT_EQ(update_refusal("remove a.#c set a[1] = #d", with("{}", names)), clash("conflict", "[a, c]", "[a, [1]]"));
    EXPECT_EQ(projection_refusal("b[1], b.a, #a.b, a", with("{}", names)), clash("overlap", "[a, b]", "[a]"));
    EXPECT_EQ(projection_refusal("a.b, #a[1], #b", with("{}", names)), clash("conflict", "[a, b]", "[a, [1]]"));
    EXPECT_EQ(projection_refusal("a[3].b, #a.#b.b", with("{}", names)),
              clash("conflict", "[a, [3], b]", "[a, [3], b]"));
}

TEST(Binding, TypesOfUpdates) {
    EXPECT_EQ(
        update_refusal("set b = list_append(:a, a), c = if_not_exists(a) add a.b :a", with(R"({":a":{"S":"a"}})")),
        "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: "
        "ALLOWED_FOR_ADD_OPERAND");
    EXPECT_EQ(update_refusal("delete a.b :a", with(R"({":a":{"N":"1"}})")),
              "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: "
              "ALLOWED_FOR_DELETE_OPERAND");
    EXPECT_EQ(update_refusal("set a = list_append(:a, a)", with(R"({":a":{"S":"a"}})")),
              "Incorrect operand type for operator or function; operator or function: list_append, operand type: S");
    EXPECT_EQ(update_refusal("set a = a - :a", with(R"({":a":{"L":[]}})")),
              "Incorrect operand type for operator or function; operator or function: -, operand type: L");
    EXPECT_EQ(update_refusal("set a = if_not_exists(c)"),
              "Incorrect number of operands for operator or function; operator or function: if_not_exists, number of "
              "operands: 1");
    EXPECT_EQ(update_refusal("set a = if_not_exists(if_not_exists(a, b), c)"),
              "Operator or function requires a document path; operator or function: if_not_exists");
    EXPECT_EQ(update_refusal("SET a = list_append(list_append(:a, b), c)", with(R"({":a":{"L":[]}})")),
              "The function is not allowed to be used this way in an expression; function: list_append");
}

TEST(Binding, PlaceholdersAreCheckedAndCounted) {
    Placeholders placeholders = with(R"({":a":{"N":"1"},":b":{"N":"1"}})", {{"#a", "a"}, {"#b", "b"}});
    ASSERT_TRUE(check_placeholders(placeholders));
    ASSERT_TRUE(compile_condition("ConditionExpression", "#a = :a", placeholders));
    EXPECT_EQ(check_all_used(placeholders).error().message,
              "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}");
    placeholders.names.erase("#b");
    EXPECT_EQ(check_all_used(placeholders).error().message,
              "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}");
    EXPECT_EQ(check_placeholders(with("{}", {{"a", "a"}})).error().message,
              "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
    EXPECT_EQ(check_placeholders(with("{}", {{"#a", ""}})).error().message,
              "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a");
    EXPECT_EQ(check_placeholders(with(R"({":a-b":{"N":"1"}})")).error().message,
              "ExpressionAttributeValues contains invalid key: Syntax error; key: \":a-b\"");
}

// --- key conditions ---

std::string key_refusal(std::string_view text, std::string_view values = "{}",
                        KeyNames key = {"pk", Type::S, "sk", Type::N}) {
    Placeholders placeholders = with(values);
    return refusal_of(compile_key_condition(text, key, placeholders));
}

TEST(KeyConditions, AreRefusedWithTheWordsOfAws) {
    const char* two = R"({":a":{"S":"a"},":b":{"S":"b"}})";
    const std::pair<const char*, const char*> cases[] = {
        {"a > b and size(b) > c or a > c", "Invalid operator used in KeyConditionExpression: OR"},
        {"a in (b, size(c), d)", "Invalid operator used in KeyConditionExpression: IN"},
        {"attribute_exists(a)", "Invalid operator used in KeyConditionExpression: attribute_exists"},
        {"contains(a.d, b)", "Invalid operator used in KeyConditionExpression: contains"},
        {"not a > b", "Invalid operator used in KeyConditionExpression: NOT"},
        {"a <> b", "Invalid operator used in KeyConditionExpression: <>"},
        {":a between size(b) and size(a) and b > :b",
         "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first "
         "operand"},
        {"begins_with(:a, b) and a > :b",
         "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first "
         "operand"},
        {"size(b) > a AND a.b > b AND b > c", "KeyConditionExpressions cannot contain nested operations"},
        {"a between size(b) and size(a)", "KeyConditionExpressions cannot contain nested operations"},
        {"b > a.b", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"},
        {"a.d > :a", "KeyConditionExpressions cannot have conditions on nested attributes"},
        {":b > :a AND a < :b", "Invalid condition in KeyConditionExpression: No key attribute specified"},
        {"b > :a AND b < :a and c = :a",
         "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"},
        {"pk = :a and sk = :a and x = :a",
         "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"},
        {"sk = :a", "Query condition missed key schema element: pk"},
        {"pk = :a and x = :a", "Query condition missed key schema element: sk"},
        {"pk < :a", "Query key condition not supported"},
        {"pk = :a and sk = :b",
         "One or more parameter values were invalid: Condition parameter type does not match schema type"},
        {"pk = :a and begins_with(sk, :b)",
         "One or more parameter values were invalid: Condition parameter type does not match schema type"},
    };
    for (const auto& [text, message] : cases) EXPECT_EQ(key_refusal(text, two), message) << text;
    EXPECT_EQ(key_refusal("begins_with(sk, :n) AND pk = :missing", R"({":n":{"N":"1"}})"),
              "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
              "begins_with, operand type: N");
}

TEST(KeyConditions, BecomeRanges) {
    const auto range = [](std::string_view text) {
        Placeholders placeholders = with(R"({":p":{"S":"x"},":a":{"N":"1"},":b":{"N":"2"}})");
        const auto condition = compile_key_condition(text, {"pk", Type::S, "sk", Type::N}, placeholders);
        EXPECT_TRUE(condition) << text << ": " << condition.error().message;
        EXPECT_EQ(condition->partition, value(R"({"S":"x"})"));
        return condition->sort;
    };
    const AttributeValue one = value(R"({"N":"1"})");
    const AttributeValue two = value(R"({"N":"2"})");
    EXPECT_FALSE(range("pk = :p"));
    EXPECT_EQ(range("pk = :p AND sk = :a")->low, one);
    EXPECT_EQ(range("pk = :p AND sk = :a")->high, one);
    EXPECT_EQ(range("(:a < sk) AND (:p = pk)")->low, one);
    EXPECT_TRUE(range("pk = :p AND :a < sk")->low_open);
    EXPECT_FALSE(range("pk = :p AND sk >= :a")->low_open);
    EXPECT_EQ(range("pk = :p AND sk <= :a")->high, one);
    EXPECT_EQ(range("pk = :p AnD sk BeTwEeN :a aNd :b")->high, two);
}

KeyNames multiple() {
    return {.partition = "p",
            .sort = "s",
            .sort_type = Type::N,
            .more_partition = {{"q", Type::N}},
            .more_sort = {{"t"}, {"u", Type::N}}};
}

TEST(KeyConditions, OfSeveralAttributesAPartBoundTheSortKeyFromTheLeft) {
    const auto condition = [](std::string_view text) {
        Placeholders placeholders = with(R"({":a":{"S":"x"},":1":{"N":"1"},":2":{"N":"2"}})");
        const auto compiled = compile_key_condition(text, multiple(), placeholders);
        EXPECT_TRUE(compiled) << text << ": " << compiled.error().message;
        return compiled.ok() ? *compiled : KeyCondition();
    };
    const AttributeValue x = value(R"({"S":"x"})");
    const AttributeValue one = value(R"({"N":"1"})");
    const AttributeValue two = value(R"({"N":"2"})");
    KeyCondition found = condition("q = :2 AND p = :a");
    EXPECT_EQ(found.partition, x);
    EXPECT_EQ(found.more_partition, std::vector{two});
    EXPECT_TRUE(found.sort_equal.empty());
    EXPECT_FALSE(found.sort);
    found = condition("s > :1 AND p = :a AND q = :2");
    EXPECT_TRUE(found.sort_equal.empty());
    EXPECT_EQ(found.sort->low, one);
    EXPECT_TRUE(found.sort->low_open);
    found = condition("p = :a AND u BETWEEN :1 AND :2 AND q = :2 AND t = :a AND s = :1");
    EXPECT_EQ(found.sort_equal, (std::vector{one, x}));
    EXPECT_EQ(found.sort->low, one);
    EXPECT_EQ(found.sort->high, two);
}

TEST(KeyConditions, OfSeveralAttributesAPartLeaveNoneOut) {
    const char* values = R"({":a":{"S":"x"},":1":{"N":"1"}})";
    const auto hash = [](std::string name) {
        return "HASH key attributes " + name + " must have equality conditions specified in the query";
    };
    const auto range = [](std::string name, std::string later) {
        return "RANGE key attributes " + name +
               " must have equality conditions specified in the query because a condition is present on key "
               "attribute " +
               later;
    };
    const std::pair<const char*, std::string> cases[] = {
        {"p = :a", hash("q")},
        {"q = :1 AND s = :1", hash("p")},
        {"p = :a AND q > :1", hash("q")},
        {"p = :a AND q = :1 AND t = :a", range("s", "t")},
        {"p = :a AND q = :1 AND s < :1 AND u = :1", range("s, t", "u")},
        {"p = :a AND q = :1 AND s = :1 AND u = :1", range("t", "u")},
        {"p = :a AND q = :1 AND x = :1", "Query condition missed key schema element: s"},
        {"p = :a AND q = :a",
         "One or more parameter values were invalid: Condition parameter type does not match schema type"},
        {"p = :a AND q = :1 AND s = :1 AND t = :a AND u = :1 AND v = :1",
         "The number of query conditions (6) exceeds the number of key attributes defined in the schema (5)"},
    };
    for (const auto& [text, message] : cases) EXPECT_EQ(key_refusal(text, values, multiple()), message) << text;
}

// --- evaluation ---

const char* const sample =
    R"({"p":{"S":"key"},"n":{"N":"5"},"s":{"S":"hello"},"b":{"B":"gA=="},"t":{"BOOL":true},"z":{"NULL":true},)"
    R"("l":{"L":[{"N":"1"},{"S":"x"},{"SS":["q"]}]},"m":{"M":{"k":{"N":"7"},"deep":{"L":[{"M":{"y":{"S":"yo"}}}]}}},)"
    R"("ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA=="]},"same":{"S":"hello"}})";

TEST(Evaluation, OfComparisonsAndFunctions) {
    const Item of = item(sample);
    const auto test = [&](std::string_view text, std::string_view values = "{}") {
        return holds(text, of, with(values));
    };
    EXPECT_TRUE(test("n = :v", R"({":v":{"N":"5.0"}})"));
    EXPECT_FALSE(test("n = :v", R"({":v":{"S":"5"}})"));
    EXPECT_TRUE(test("n <> :v", R"({":v":{"S":"5"}})"));
    EXPECT_TRUE(test("absent <> :v", R"({":v":{"S":"5"}})"));
    EXPECT_TRUE(test("absent <> gone"));
    EXPECT_FALSE(test("absent = gone"));
    EXPECT_FALSE(test("absent < :v", R"({":v":{"N":"5"}})"));
    EXPECT_TRUE(test("s = same"));
    EXPECT_TRUE(test("ss = :v", R"({":v":{"SS":["b","a"]}})"));
    EXPECT_TRUE(test("n < :v AND :w < n", R"({":v":{"N":"10"},":w":{"N":"-10"}})"));
    EXPECT_TRUE(test("b > :v", R"({":v":{"B":"fw=="}})"));
    EXPECT_FALSE(test("l < :v", R"({":v":{"N":"5"}})"));
    EXPECT_TRUE(test("n BETWEEN m.k AND :v OR n <= m.k", R"({":v":{"N":"5"}})"));
    EXPECT_TRUE(test("n IN (:a, :b)", R"({":a":{"S":"5"},":b":{"N":"5"}})"));
    EXPECT_FALSE(test("absent IN (:a)", R"({":a":{"S":"5"}})"));
    EXPECT_TRUE(test("attribute_exists(m.deep[0].y)"));
    EXPECT_FALSE(test("attribute_exists(m.deep[1].y)"));
    EXPECT_TRUE(test("attribute_not_exists(l[3])"));
    EXPECT_TRUE(test("attribute_type(z, :v)", R"({":v":{"S":"NULL"}})"));
    EXPECT_TRUE(test("attribute_type(:v, :v)", R"({":v":{"S":"S"}})"));
    EXPECT_TRUE(test("begins_with(s, :v)", R"({":v":{"S":"hell"}})"));
    EXPECT_FALSE(test("begins_with(n, :v)", R"({":v":{"S":"5"}})"));
    EXPECT_TRUE(test("contains(s, :v)", R"({":v":{"S":"ell"}})"));
    EXPECT_TRUE(test("contains(ss, :v)", R"({":v":{"S":"b"}})"));
    EXPECT_TRUE(test("contains(ns, :v)", R"({":v":{"N":"2.00"}})"));
    EXPECT_TRUE(test("contains(bs, :v)", R"({":v":{"B":"AA=="}})"));
    EXPECT_TRUE(test("contains(l, :v)", R"({":v":{"SS":["q"]}})"));
    EXPECT_FALSE(test("contains(m, :v)", R"({":v":{"S":"k"}})"));
    EXPECT_TRUE(test("size(s) = :v AND size(l) < :v AND size(m) = size(ss)", R"({":v":{"N":"5"}})"));
    EXPECT_FALSE(test("size(n) = :v", R"({":v":{"N":"1"}})"));
    EXPECT_FALSE(test("size(absent) <= :v", R"({":v":{"N":"1"}})"));
}

TEST(Evaluation, PrecedenceIsNotThenAndThenOr) {
    const Item of = item(R"({"a":{"N":"1"},"b":{"N":"2"},"c":{"N":"3"}})");
    EXPECT_TRUE(holds("a = a1 AND a = a1 OR b < c", of));
    EXPECT_TRUE(holds("b < c OR a = a1 AND a = a1", of));
    EXPECT_FALSE(holds("(b < c OR a = a1) AND a = a1", of));
    EXPECT_TRUE(holds("NOT a = a1 AND b < c", of));
    EXPECT_FALSE(holds("NOT (NOT a = a1 AND b < c)", of));
    EXPECT_TRUE(holds("NOT NOT b < c", of));
    EXPECT_TRUE(holds("b BETWEEN a AND c AND a < b", of));
}

TEST(Evaluation, WithoutAnItemEverythingIsAbsent) {
    Placeholders placeholders = with(R"({":v":{"N":"5"}})");
    EXPECT_TRUE((*compile_condition("ConditionExpression", "attribute_not_exists(p)", placeholders))->holds(nullptr));
    EXPECT_TRUE((*compile_condition("ConditionExpression", "p <> :v", placeholders))->holds(nullptr));
    EXPECT_FALSE((*compile_condition("ConditionExpression", "p = :v", placeholders))->holds(nullptr));
}

TEST(Evaluation, ToldAttributesAndPaths) {
    Placeholders placeholders = with("{}", {{"#n", "n.m"}});
    const auto condition = compile_condition("FilterExpression", "a.b[1] = #n OR size(c) > d", placeholders);
    ASSERT_TRUE(condition);
    EXPECT_EQ((*condition)->attributes(), (std::set<std::string, std::less<>>{"a", "c", "d", "n.m"}));
    EXPECT_EQ((*condition)->paths().size(), 4u);
}

// --- updates ---

std::string updated(std::string_view text, std::string_view before, std::string_view values = "{}") {
    Placeholders placeholders = with(values);
    const auto update = compile_update(text, placeholders);
    if (!update) return update.error().message;
    Item of = item(before);
    const auto status = (*update)->apply(&of);
    return status ? json_of(of) : status.error().message;
}

TEST(Updates, SetComputesFromTheItemAsItWas) {
    EXPECT_EQ(updated("SET a = b, b = a", R"({"a":{"N":"1"},"b":{"N":"2"}})"), R"({"a":{"N":"2"},"b":{"N":"1"}})");
    EXPECT_EQ(updated("REMOVE a SET b = a", R"({"a":{"N":"1"}})"), R"({"b":{"N":"1"}})");
    EXPECT_EQ(updated("SET a = a + :v", R"({"a":{"N":"1"}})", R"({":v":{"N":"0.5"}})"), R"({"a":{"N":"1.5"}})");
    EXPECT_EQ(updated("SET a = if_not_exists(a, :v) - :w", "{}", R"({":v":{"N":"1"},":w":{"N":"3"}})"),
              R"({"a":{"N":"-2"}})");
    EXPECT_EQ(
        updated("SET a = list_append(if_not_exists(a, :e), :v)", "{}", R"({":e":{"L":[]},":v":{"L":[{"S":"x"}]}})"),
        R"({"a":{"L":[{"S":"x"}]}})");
    EXPECT_EQ(updated("SET a = a + :v", "{}", R"({":v":{"N":"1"}})"),
              "The provided expression refers to an attribute that does not exist in the item");
    EXPECT_EQ(updated("SET a = a + :v", R"({"a":{"S":"1"}})", R"({":v":{"N":"1"}})"),
              "An operand in the update expression has an incorrect data type");
    EXPECT_EQ(updated("SET a = :v + :w", "{}", R"({":v":{"N":"1E50"},":w":{"N":"1"}})"),
              "Number overflow. Attempting to store a number with magnitude larger than supported range");
}

TEST(Updates, PathsIntoMapsAndLists) {
    const char* bad = "The document path provided in the update expression is invalid for update";
    const char* v = R"({":v":{"N":"9"}})";
    EXPECT_EQ(updated("SET a.c = :v", R"({"a":{"M":{}}})", v), R"({"a":{"M":{"c":{"N":"9"}}}})");
    EXPECT_EQ(updated("SET a[1] = :v", R"({"a":{"L":[{"N":"1"},{"N":"2"}]}})", v),
              R"({"a":{"L":[{"N":"1"},{"N":"9"}]}})");
    for (const auto& [text, before] :
         std::vector<std::pair<std::string, std::string>>{{"SET a.c = :v", R"({"a":{"S":"x"}})"},
                                                          {"SET b.c = :v", R"({"b":{"L":[]}})"},
                                                          {"SET c.c = :v", "{}"},
                                                          {"SET a[0] = :v", R"({"a":{"M":{}}})"},
                                                          {"SET b[0] = :v", "{}"},
                                                          {"SET a[5].b = :v", R"({"a":{"L":[]}})"}}) {
        EXPECT_EQ(updated(text, before, v), bad) << text;
    }
    for (const auto& [text, before] : std::vector<std::pair<std::string, std::string>>{
             {"REMOVE a.c", R"({"a":{"S":"x"}})"}, {"REMOVE c.c", R"({"x":{"L":[]}})"}, {"REMOVE b[0]", "{}"}}) {
        EXPECT_EQ(updated(text, before), bad) << text;
    }
    const std::string unchanged = R"({"a":{"M":{"x":{"N":"3"}}},"b":{"L":[{"S":"hi"}]}})";
    for (const auto text : {"REMOVE a.y", "REMOVE b[7]", "REMOVE c"}) EXPECT_EQ(updated(text, unchanged), unchanged);
}

TEST(Updates, IndexesMeanTheListAsItWas) {
    const std::string numbers = R"({"a":{"L":[{"N":"2"},{"N":"3"},{"N":"4"},{"N":"5"},{"N":"6"}]}})";
    const std::string after = R"({"a":{"L":[{"N":"2"},{"N":"4"},{"N":"17"},{"N":"6"}]}})";
    const char* v = R"({":v":{"N":"17"}})";
    EXPECT_EQ(updated("REMOVE a[1] SET a[3] = :v", numbers, v), after);
    EXPECT_EQ(updated("SET a[3] = :v REMOVE a[1]", numbers, v), after);
    EXPECT_EQ(updated("REMOVE a[0], a[4], a[2]", numbers), R"({"a":{"L":[{"N":"3"},{"N":"5"}]}})");
    EXPECT_EQ(updated("SET a[84] = :a, a[37] = :b, a[17] = :c", R"({"a":{"L":[{"S":"one"}]}})",
                      R"({":a":{"S":"a"},":b":{"S":"b"},":c":{"S":"c"}})"),
              R"({"a":{"L":[{"S":"one"},{"S":"c"},{"S":"b"},{"S":"a"}]}})");
    EXPECT_EQ(updated("REMOVE a[0].x, a[1]", R"({"a":{"L":[{"M":{"x":{"N":"1"}}},{"N":"2"},{"N":"3"}]}})"),
              R"({"a":{"L":[{"M":{}},{"N":"3"}]}})");
}

TEST(Updates, AddAndDelete) {
    EXPECT_EQ(updated("ADD a :v", R"({"a":{"N":"3"}})", R"({":v":{"N":"4"}})"), R"({"a":{"N":"7"}})");
    EXPECT_EQ(updated("ADD a :v", "{}", R"({":v":{"N":"4"}})"), R"({"a":{"N":"4"}})");
    EXPECT_EQ(updated("ADD a :v", R"({"a":{"SS":["b","a"]}})", R"({":v":{"SS":["c","a"]}})"),
              R"({"a":{"SS":["a","b","c"]}})");
    EXPECT_EQ(updated("ADD a :v", R"({"a":{"L":[]}})", R"({":v":{"NS":["1"]}})"),
              "An operand in the update expression has an incorrect data type");
    EXPECT_EQ(updated("DELETE a :v", R"({"a":{"SS":["a","b"]}})", R"({":v":{"SS":["a","z"]}})"),
              R"({"a":{"SS":["b"]}})");
    EXPECT_EQ(updated("DELETE a :v", R"({"a":{"NS":["1"]}})", R"({":v":{"NS":["1.0"]}})"), "{}");
    EXPECT_EQ(updated("DELETE a :v", "{}", R"({":v":{"NS":["1"]}})"), "{}");
    EXPECT_EQ(updated("DELETE a :v", R"({"a":{"NS":["1"]}})", R"({":v":{"SS":["1"]}})"),
              "An operand in the update expression has an incorrect data type");
}

TEST(Projections, KeepTheShapeAndCloseGaps) {
    const Item of = item(
        R"({"a":{"M":{"b":{"L":[{"N":"2"},{"N":"4"},{"M":{"x":{"S":"hi"},"y":{"S":"yo"}}}]},"c":{"N":"5"}}},"b":{"S":"hello"}})");
    const auto picked = [&](std::string_view text) {
        Placeholders none;
        const auto paths = compile_projection(text, none);
        EXPECT_TRUE(paths) << text;
        return json_of(pick(of, *paths));
    };
    EXPECT_EQ(picked("a.b[2].y"), R"({"a":{"M":{"b":{"L":[{"M":{"y":{"S":"yo"}}}]}}}})");
    EXPECT_EQ(picked("a.b[2].x, a.b[0], b"),
              R"({"a":{"M":{"b":{"L":[{"N":"2"},{"M":{"x":{"S":"hi"}}}]}}},"b":{"S":"hello"}})");
    for (const auto text : {"x", "a.b[3]", "a.x.y", "a.b.x", "a[0]", "a.b[0].x", "a.b[0][0]", "a.b[3].x"}) {
        EXPECT_EQ(picked(text), "{}") << text;
    }
}

}  // namespace
}  // namespace millrace::table
