#include "src/gateway/schema/json_schema.h"

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

std::string first_problem(std::string_view schema, std::string_view body) {
    const auto lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "Money")
            return R"({"type":"object","required":["amount"],"properties":{"amount":{"type":"number"}}})";
        return std::nullopt;
    };
    const auto compiled = JsonSchema::compile(schema, lookup);
    if (!compiled.ok()) return "SCHEMA: " + compiled.error().message;
    const std::vector<std::string> problems = (*compiled)->problems(*vtl::parse_json(body));
    return problems.empty() ? "" : problems.front();
}

bool valid(std::string_view schema, std::string_view body) {
    return first_problem(schema, body).empty();
}

TEST(JsonSchema, Types) {
    EXPECT_TRUE(valid(R"({"type":"integer"})", "3"));
    EXPECT_TRUE(valid(R"({"type":"integer"})", "3.0"));
    EXPECT_FALSE(valid(R"({"type":"integer"})", "3.5"));
    EXPECT_TRUE(valid(R"({"type":"number"})", "3"));
    EXPECT_FALSE(valid(R"({"type":"number"})", "\"3\""));
    EXPECT_TRUE(valid(R"({"type":["string","null"]})", "null"));
    EXPECT_EQ(first_problem(R"({"type":"object"})", "[]"),
              "instance type (array) does not match any allowed primitive type (allowed: [\"object\"])");
    EXPECT_EQ(first_problem(R"({"type":"text"})", "1"), "SCHEMA: There is no type \"text\" in JSON Schema.");
}

TEST(JsonSchema, NumbersAndTexts) {
    EXPECT_TRUE(valid(R"({"minimum":1,"maximum":3})", "3"));
    EXPECT_FALSE(valid(R"({"maximum":3,"exclusiveMaximum":true})", "3"));
    EXPECT_TRUE(valid(R"({"multipleOf":0.01})", "19.99"));
    EXPECT_FALSE(valid(R"({"multipleOf":0.01})", "19.999"));
    EXPECT_TRUE(valid(R"({"minLength":2,"maxLength":2})", "\"\u00e9\u20ac\""));
    EXPECT_TRUE(valid(R"({"pattern":"^[a-z]+$"})", "\"abc\""));
    EXPECT_FALSE(valid(R"({"pattern":"^[a-z]+$"})", "\"ab1\""));
    EXPECT_TRUE(valid(R"({"enum":["a",1,null]})", "1"));
    EXPECT_FALSE(valid(R"({"enum":["a",1,null]})", "\"1\""));
    EXPECT_EQ(first_problem(R"x({"pattern":"(?=x)"})x", "1").substr(0, 7), "SCHEMA:");
}

TEST(JsonSchema, Objects) {
    const char* order = R"({"type":"object","required":["id","items"],"additionalProperties":false,
        "properties":{"id":{"type":"string"},"items":{"type":"array","minItems":1,"items":{"type":"integer"}},
                      "note":{}},"patternProperties":{"^x-":{"type":"string"}}})";
    EXPECT_TRUE(valid(order, R"({"id":"a","items":[1],"x-a":"b"})"));
    EXPECT_EQ(first_problem(order, R"({"items":[1]})"), "object has missing required properties ([\"id\"])");
    EXPECT_EQ(first_problem(order, R"({"id":"a","items":[]})"), "/items: array is too short");
    EXPECT_EQ(first_problem(order, R"({"id":"a","items":["b"]})").substr(0, 9), "/items/0:");
    EXPECT_EQ(first_problem(order, R"({"id":"a","items":[1],"more":1})"),
              "object instance has properties which are not allowed by the schema: [\"more\"]");
    EXPECT_FALSE(valid(order, R"({"id":"a","items":[1],"x-a":1})"));
    EXPECT_FALSE(valid(R"({"dependencies":{"a":["b"]}})", R"({"a":1})"));
    EXPECT_FALSE(valid(R"({"dependencies":{"a":{"required":["b"]}}})", R"({"a":1})"));
}

TEST(JsonSchema, Arrays) {
    EXPECT_FALSE(valid(R"({"uniqueItems":true})", R"([{"a":1},{"a":1.0}])"));
    EXPECT_TRUE(valid(R"({"uniqueItems":true})", R"([1,"1",true])"));
    EXPECT_FALSE(valid(R"({"items":[{"type":"string"}],"additionalItems":false})", R"(["a",1])"));
    EXPECT_FALSE(valid(R"({"items":[{"type":"string"}],"additionalItems":{"type":"string"}})", R"(["a",1])"));
}

TEST(JsonSchema, Combined) {
    EXPECT_TRUE(valid(R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "7"));
    EXPECT_FALSE(valid(R"({"anyOf":[{"type":"string"},{"type":"integer","minimum":5}]})", "3"));
    EXPECT_FALSE(valid(R"({"oneOf":[{"type":"integer"},{"minimum":5}]})", "7"));
    EXPECT_FALSE(valid(R"({"allOf":[{"type":"integer"},{"minimum":5}]})", "3"));
    EXPECT_FALSE(valid(R"({"not":{"type":"integer"}})", "3"));
}

TEST(JsonSchema, References) {
    const char* tree = R"({"definitions":{"node":{"properties":{"next":{"$ref":"#/definitions/node"},
        "v":{"type":"integer"}}}},"$ref":"#/definitions/node"})";
    EXPECT_TRUE(valid(tree, R"({"next":{"next":{"v":1}}})"));
    EXPECT_FALSE(valid(tree, R"({"next":{"next":{"v":"x"}}})"));
    EXPECT_FALSE(valid(R"({"properties":{"price":{"$ref":"Money"}}})", R"({"price":{}})"));
    EXPECT_TRUE(valid(R"({"properties":{"price":{"$ref":"Money"}}})", R"({"price":{"amount":1}})"));
    EXPECT_EQ(first_problem(R"({"$ref":"Other"})", "1"), "SCHEMA: The reference \"Other\" names no model.");
    EXPECT_EQ(first_problem(R"({"$ref":"#/nowhere"})", "1"), "SCHEMA: The reference \"#/nowhere\" leads nowhere.");
}

TEST(JsonSchema, EndsWhateverTheSchemaSays) {
    static_cast<void>(first_problem(R"({"$ref":"#"})", "{}"));
    static_cast<void>(first_problem(R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})", "{}"));
    static_cast<void>(first_problem(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "{}"));
    std::string many = "[0";
    for (int i = 1; i < 5000; ++i) many += "," + std::to_string(i);
    EXPECT_EQ(first_problem(R"({"uniqueItems":true})", many + "]"), "is too large to be validated");
    EXPECT_EQ(first_problem(R"({"not":{"uniqueItems":true}})", many + "]"), "is too large to be validated");
}

}  // namespace
}  // namespace millrace::gateway
