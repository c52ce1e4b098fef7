#include "src/vtl/json_path.h"

#include <gtest/gtest.h>

namespace millrace::vtl {
namespace {

// The store of the library's own documentation.
constexpr std::string_view store = R"({"store":{"book":[
  {"category":"reference","author":"Nigel Rees","price":8.95},
  {"category":"fiction","author":"Evelyn Waugh","price":12.99},
  {"category":"fiction","author":"Herman Melville","isbn":"0-553-21311-3","price":8.99},
  {"category":"fiction","author":"J. R. R. Tolkien","isbn":"0-395-19395-8","price":22.99}],
  "bicycle":{"color":"red","price":19.95}},"expensive":10})";

std::string find(std::string_view path, std::string_view json = store) {
    auto parsed = JsonPath::parse(path);
    if (!parsed.ok()) return parsed.error().message;
    const auto found = (*parsed)->find(*parse_json(json));
    if (!found) return "nothing";
    std::string out;
    found->append_json(&out);
    return out;
}

TEST(JsonPath, TheLibrarysExamples) {
    EXPECT_EQ(find("$.store.book[*].author"), R"(["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"])");
    EXPECT_EQ(find("$..author"), R"(["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"])");
    EXPECT_EQ(find("$.store..price"), "[8.95,12.99,8.99,22.99,19.95]");
    EXPECT_EQ(find("$..book[2].author"), R"(["Herman Melville"])");
    EXPECT_EQ(find("$.store.book[-1].price"), "22.99");
    EXPECT_EQ(find("$..book[0,1].price"), "[8.95,12.99]");
    EXPECT_EQ(find("$..book[:2].price"), "[8.95,12.99]");
    EXPECT_EQ(find("$.store.book[1:3].price"), "[12.99,8.99]");
    EXPECT_EQ(find("$..book[?(@.isbn)].price"), "[8.99,22.99]");
    EXPECT_EQ(find("$.store.book[?(@.price < 10)].author"), R"(["Nigel Rees","Herman Melville"])");
    EXPECT_EQ(find("$..book[?(@.price <= $['expensive'])].price"), "[8.95,8.99]");
    EXPECT_EQ(find("$.store.book[?(@.category == 'fiction' && (@.price > 20 || @.isbn))].price"), "[8.99,22.99]");
    EXPECT_EQ(find("$.store.book.length()"), "4");
    EXPECT_EQ(find("$..[?(@.isbn)].price"), "[8.99,22.99]");
    EXPECT_EQ(find("$.store.bicycle[?(@.color == 'red')].price"), "[19.95]") << "an object is asked itself";
    EXPECT_EQ(find("$.store.book[0]['author','price']"), R"({"author":"Nigel Rees","price":8.95})");
}

TEST(JsonPath, OperatorsAndFunctions) {
    EXPECT_EQ(find("$..book[?(@.author =~ /.*REES/i)].price"), "[8.95]");
    EXPECT_EQ(find("$..book[?(@.category in ['reference', 'x'])].price"), "[8.95]");
    EXPECT_EQ(find("$..book[?(@.category nin ['fiction'])].price"), "[8.95]");
    EXPECT_EQ(find("$..book[?(@.author contains 'Waugh')].price"), "[12.99]");
    EXPECT_EQ(find("$..book[?(@.author size 12)].price"), "[12.99]");
    constexpr std::string_view tagged = R"([{"n":1,"t":["a","b"]},{"n":2,"t":[]},{"n":3}])";
    EXPECT_EQ(find("$[?(@.t contains 'a')].n", tagged), "[1]");
    EXPECT_EQ(find("$[?('a' in @.t)].n", tagged), "[1]");
    EXPECT_EQ(find("$[?(@.t empty true)].n", tagged), "[2]");
    EXPECT_EQ(find("$[?(@.t subsetof ['a','b','c'])].n", tagged), "[1,2]");
    EXPECT_EQ(find("$[?(@.t anyof ['b'])].n", tagged), "[1]");
    EXPECT_EQ(find("$[?(@.t noneof ['b'])].n", tagged), "[2]");
    EXPECT_EQ(find("$.sum()", "[1,2]"), "3.0");
    EXPECT_EQ(find("$.a.stddev()", R"({"a":[1,2]})"), "0.5");
    EXPECT_EQ(find("$.min()", "[]"), "nothing");
    std::string many = "[0";
    for (int i = 1; i < 20'000; ++i) many += "," + std::to_string(i);
    EXPECT_EQ(find("$.a[?(@ in $.a)].length()", R"({"a":)" + many + "]}").substr(0, 1), "[") << "bounded";
}

TEST(JsonPath, DefiniteOnes) {
    EXPECT_EQ(find("$", "[1]"), "[1]");
    EXPECT_EQ(find("$['a b']['c']", R"({"a b":{"c":null}})"), "null");
    EXPECT_EQ(find("$.missing.x"), "nothing");
    EXPECT_EQ(find("$.store['bicycle'].color"), "\"red\"");
    EXPECT_EQ(find("$[0].a", R"([{"a":1}])"), "1");
    EXPECT_EQ(find("$.a[5]", R"({"a":[1]})"), "nothing");
}

TEST(JsonPath, WhatIsNoneIsRefused) {
    for (const std::string_view path :
         {"", "a", "$.", "$[", "$['a'", "$[?(@.a", "$.a b", "$[x]", "$[?(@.a =~ 1)]", "$[?(@.a == /x/)]",
          "$[?(@.a =~ /(/)]", "$[?(@.a in [1)]", "$[?(@.a in [[1]])]"}) {
        EXPECT_FALSE(JsonPath::parse(path).ok()) << path;
    }
    EXPECT_FALSE(JsonPath::parse("$[?(" + std::string(1000, '(') + "@.a").ok());
}

}  // namespace
}  // namespace millrace::vtl
