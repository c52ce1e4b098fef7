#include "src/flow/pattern/pattern.h"

#include <gtest/gtest.h>

namespace millrace::flow::pattern {
namespace {

bool matches(std::string_view pattern, std::string_view event) {
    auto compiled = Pattern::compile(pattern);
    EXPECT_TRUE(compiled.ok()) << pattern << ": " << compiled.error().message;
    auto parsed = parse_json(event);
    EXPECT_TRUE(parsed.ok()) << event << ": " << parsed.error().message;
    return compiled.ok() && parsed.ok() && compiled->matches(*parsed);
}

std::string refusal(std::string_view pattern) {
    auto compiled = Pattern::compile(pattern);
    return compiled.ok() ? "compiles" : compiled.error().message;
}

struct Case {
    const char* pattern;
    const char* event;
    bool match;
};

class Operators : public testing::TestWithParam<Case> {};

TEST_P(Operators, Matches) {
    EXPECT_EQ(matches(GetParam().pattern, GetParam().event), GetParam().match)
        << GetParam().pattern << " against " << GetParam().event;
}

INSTANTIATE_TEST_SUITE_P(
    Pattern, Operators,
    testing::Values(
        // equal values, of their own types
        Case{R"({"a":["x"]})", R"({"a":"x","b":1})", true}, Case{R"({"a":["x"]})", R"({"a":"X"})", false},
        Case{R"({"a":["1"]})", R"({"a":1})", false}, Case{R"({"a":[1]})", R"({"a":"1"})", false},
        Case{R"({"a":[1]})", R"({"a":1})", true}, Case{R"({"a":[300]})", R"({"a":3.0e2})", true},
        Case{R"({"a":[123456789012345678]})", R"({"a":123456789012345679})", false},
        Case{R"({"a":[null]})", R"({"a":null})", true}, Case{R"({"a":[null]})", R"({})", false},
        Case{R"({"a":[""]})", R"({"a":""})", true}, Case{R"({"a":[true]})", R"({"a":true})", true},
        Case{R"({"a":["true"]})", R"({"a":true})", false}, Case{R"({"a":["x","y"]})", R"({"a":"y"})", true},
        // and
        Case{R"({"a":[1],"b":[2]})", R"({"a":1,"b":2})", true}, Case{R"({"a":[1],"b":[2]})", R"({"a":1})", false},
        // nested
        // a field that is named twice: the last counts
        Case{R"({"a":["x"],"a":["y"]})", R"({"a":"y"})", true}, Case{R"({"a":["x"],"a":["y"]})", R"({"a":"x"})", false},
        Case{R"({"a":{"b":{"c":["x"]}}})", R"({"a":{"b":{"c":"x"}}})", true},
        Case{R"({"a":{"b":["x"]}})", R"({"a":"x"})", false}, Case{R"({"a":["x"]})", R"({"a":{"a":"x"}})", false},
        // arrays: any element, and the same element for all that is asked of it
        Case{R"({"a":["x"]})", R"({"a":["y","x"]})", true}, Case{R"({"a":["x"]})", R"({"a":[]})", false},
        Case{R"({"a":["x"]})", R"({"a":[["x"]]})", true},
        Case{R"({"a":{"b":[1],"c":[2]}})", R"({"a":[{"b":1,"c":2}]})", true},
        Case{R"({"a":{"b":[1],"c":[2]}})", R"({"a":[{"b":1},{"c":2}]})", false},
        // prefix, suffix, case
        Case{R"({"a":[{"prefix":"us-"}]})", R"({"a":"us-east-1"})", true},
        Case{R"({"a":[{"prefix":"us-"}]})", R"({"a":"u"})", false},
        Case{R"({"a":[{"prefix":""}]})", R"({"a":"x"})", true}, Case{R"({"a":[{"prefix":"1"}]})", R"({"a":12})", false},
        Case{R"({"a":[{"prefix":{"equals-ignore-case":"US-"}}]})", R"({"a":"us-east-1"})", true},
        Case{R"({"a":[{"suffix":".png"}]})", R"({"a":"x.png"})", true},
        Case{R"({"a":[{"suffix":".png"}]})", R"({"a":"x.PNG"})", false},
        Case{R"({"a":[{"suffix":{"equals-ignore-case":".png"}}]})", R"({"a":"x.PNG"})", true},
        Case{R"({"a":[{"equals-ignore-case":"Alice"}]})", R"({"a":"aLICE"})", true},
        // wildcard
        Case{R"({"a":[{"wildcard":"dir/*.png"}]})", R"({"a":"dir/x.png"})", true},
        Case{R"({"a":[{"wildcard":"*a*b*"}]})", R"({"a":"xxbxxaxxbxx"})", true},
        Case{R"({"a":[{"wildcard":"*ab*ab"}]})", R"({"a":"ab"})", false},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"a*b"})", true},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"axb"})", false},
        Case{R"({"a":[{"wildcard":"a\\\\*"}]})", R"({"a":"a\\x"})", true},
        Case{R"({"a":[{"wildcard":"x"}]})", R"({"a":"xy"})", false},
        // numeric
        Case{R"({"a":[{"numeric":["=",100]}]})", R"({"a":100.0})", true},
        Case{R"({"a":[{"numeric":[">",10,"<=",20]}]})", R"({"a":20})", true},
        Case{R"({"a":[{"numeric":[">",10,"<=",20]}]})", R"({"a":10})", false},
        Case{R"({"a":[{"numeric":["<",0]}]})", R"({"a":-0.5})", true},
        Case{R"({"a":[{"numeric":["<",0]}]})", R"({"a":"-1"})", false},
        Case{R"({"a":[{"numeric":[">=",5]}]})", R"({"a":[1,7]})", true},
        // exists: of leaves alone
        Case{R"({"a":[{"exists":true}]})", R"({"a":null})", true}, Case{R"({"a":[{"exists":true}]})", R"({})", false},
        Case{R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})", false},
        Case{R"({"a":[{"exists":false}]})", R"({"b":1})", true},
        Case{R"({"a":[{"exists":false}]})", R"({"a":1})", false},
        Case{R"({"a":{"b":[{"exists":false}]}})", R"({})", true},
        Case{R"({"a":{"b":[{"exists":false}]}})", R"({"a":[{"c":1},{"b":1}]})", false},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"x"})", true},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"y"})", false},
        // anything-but
        Case{R"({"a":[{"anything-but":"x"}]})", R"({"a":"y"})", true},
        Case{R"({"a":[{"anything-but":"x"}]})", R"({"a":"x"})", false},
        Case{R"({"a":[{"anything-but":"x"}]})", R"({})", false},
        Case{R"({"a":[{"anything-but":"x"}]})", R"({"a":5})", true},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":["x","y"]})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":["x","z"]})", true},
        Case{R"({"a":[{"anything-but":[1,2]}]})", R"({"a":1.0})", false},
        Case{R"({"a":[{"anything-but":{"prefix":"us-"}}]})", R"({"a":"eu-west-1"})", true},
        Case{R"({"a":[{"anything-but":{"prefix":["us-","eu-"]}}]})", R"({"a":"eu-west-1"})", false},
        Case{R"({"a":[{"anything-but":{"suffix":".png"}}]})", R"({"a":"x.png"})", false},
        Case{R"({"a":[{"anything-but":{"equals-ignore-case":["A"]}}]})", R"({"a":"a"})", false},
        Case{R"({"a":[{"anything-but":{"wildcard":"*/lib/*"}}]})", R"({"a":"/usr/lib/x"})", false},
        // addresses
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.0.255"})", true},
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.1.0"})", false},
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"no address"})", false},
        Case{R"({"a":[{"cidr":"0.0.0.0/0"}]})", R"({"a":"9.9.9.9"})", true},
        Case{R"({"a":[{"cidr":"10.0.0.128/25"}]})", R"({"a":"10.0.0.127"})", false},
        Case{R"({"a":[{"cidr":"2001:db8::/33"}]})", R"({"a":"2001:db8:1::1"})", true},
        // or
        Case{R"({"$or":[{"a":[1]},{"b":[2]}]})", R"({"b":2})", true},
        Case{R"({"$or":[{"a":[1]},{"b":[2]}]})", R"({"b":1})", false},
        Case{R"({"c":[3],"$or":[{"a":[1]},{"b":[2]}]})", R"({"b":2})", false},
        Case{R"({"d":{"$or":[{"a":[1]},{"$or":[{"b":[2]},{"c":[3]}]}]}})", R"({"d":{"c":3}})", true},
        Case{R"({"$or":[{"a":[1]},{"b":[{"exists":false}]}]})", R"({"a":2})", true}));

TEST(Pattern, RefusesWithAwsSentences) {
    EXPECT_EQ(refusal("{"), "Invalid JSON");
    EXPECT_EQ(refusal(R"({"a":[1]} x)"), "Invalid JSON");
    EXPECT_EQ(refusal("[]"), "Filter is not an object");
    EXPECT_EQ(refusal("{}"), "Empty objects are not allowed");
    EXPECT_EQ(refusal(R"({"a":{}})"), "Empty objects are not allowed");
    EXPECT_EQ(refusal(R"({"a":[]})"), "Empty arrays are not allowed");
    EXPECT_EQ(refusal(R"({"a":"x"})"), "\"a\" must be an object or an array");
    EXPECT_EQ(refusal(R"({"a":[["x"]]})"), "Match value must be String, number, true, false, or null");
    EXPECT_EQ(refusal(R"({"a":[{"foo":"x"}]})"), "Unrecognized match type foo");
    EXPECT_EQ(refusal(R"({"a":[{}]})"), "Match expression name not found");
    EXPECT_EQ(refusal(R"({"a":[{"prefix":"x","suffix":"y"}]})"), "Only one key allowed in match expression");
    EXPECT_EQ(refusal(R"({"a":[{"prefix":1}]})"), "prefix match pattern must be a string");
    EXPECT_EQ(refusal(R"({"a":[{"exists":1}]})"), "exists match pattern must be either true or false.");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":1}]})"), "Value of numeric must be an array.");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":["!",1]}]})"), "Unrecognized numeric range operator: !");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":["="]}]})"), "Value of equals must be numeric");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":["=",1,2]}]})"), "Too many elements in numeric expression");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":[">",1,">",2]}]})"), "Bad numeric range operator: >");
    EXPECT_EQ(refusal(R"({"a":[{"numeric":[">",2,"<",1]}]})"), "Bottom must be less than top");
    EXPECT_EQ(refusal(R"({"a":[{"anything-but":["x",1]}]})"),
              "Inside anything but list, either all values are number or string, mixed type is not supported");
    EXPECT_EQ(refusal(R"({"a":[{"anything-but":null}]})"),
              "Value of anything-but must be an array or single string/number value.");
    EXPECT_EQ(refusal(R"({"a":[{"anything-but":{"numeric":["=",1]}}]})"), "Unsupported anything-but pattern: numeric");
    EXPECT_EQ(refusal(R"({"a":[{"anything-but":{"prefix":""}}]})"), "Null prefix/suffix not allowed");
    EXPECT_EQ(refusal(R"({"a":[{"wildcard":"a**b"}]})"), "Consecutive wildcard characters at pos 2");
    EXPECT_EQ(refusal(R"({"a":[{"wildcard":"a\\b"}]})"), "Invalid escape character at pos 1");
    EXPECT_EQ(refusal(R"({"a":[{"cidr":"10.0.0.0"}]})"), "Malformed CIDR, one '/' required");
    EXPECT_EQ(refusal(R"({"a":[{"cidr":"x/bad"}]})"), "Malformed CIDR, mask bits must be an integer");
    EXPECT_EQ(refusal(R"({"a":[{"cidr":"10.0.0.0/33"}]})"), "Malformed CIDR, mask bits must not be > 32");
    EXPECT_EQ(refusal(R"({"$or":{}})"), "It must be an Array followed with $or.");
    EXPECT_EQ(refusal(R"({"$or":[{"a":[1]}]})"), "There must have at least 2 Objects in $or relationship.");
    EXPECT_EQ(refusal(R"({"$or":[{"prefix":[1]},{"a":[1]}]})"),
              "prefix is Ruler reserved fieldName which cannot be used inside $or.");
}

TEST(Pattern, HostileOnesAreBounded) {
    EXPECT_NE(refusal(std::string(100'000, '[')), "compiles");
    std::string deep = "[1]";
    for (int i = 0; i < 200; ++i) deep = "{\"a\":" + deep + "}";
    EXPECT_EQ(refusal(deep), "Invalid JSON");
    std::string ors;
    for (int i = 0; i < 20; ++i)
        ors += (i ? "," : "") + std::string(R"("k)") + std::to_string(i) + R"(":{"$or":[{"a":[1]},{"b":[1]}]})";
    EXPECT_EQ(refusal("{" + ors + "}"), "The number of $or combinations exceeds 1000");
}

TEST(Pattern, KnowsWhichMembersItLooksAt) {
    auto pattern = Pattern::compile(R"({"a":[1],"$or":[{"data":{"x":[1]}},{"b":["y"]}]})");
    ASSERT_TRUE(pattern.ok());
    EXPECT_TRUE(pattern->mentions("a"));
    EXPECT_TRUE(pattern->mentions("data"));
    EXPECT_FALSE(pattern->mentions("x"));
    EXPECT_TRUE(pattern->asks_for_value("b"));
    EXPECT_FALSE(pattern->asks_for_value("data"));
}

TEST(Json, IsExactlyOneValue) {
    for (const char* good : {"1", " \"x\" ", "null", "-0.5e-3", "[1,{\"a\":[]}]", "{}", "1e400"})
        EXPECT_TRUE(parse_json(good).ok()) << good;
    for (const char* bad : {"", " ", "1 2", "{\"a\":1}}", "[1,]", "{\"a\"}", "tru", "01", "1.", "nul", "\"x",
                            "{\"a\":1,}", "\xff", "\"\xff\"", "true x", "[1] [2]"})
        EXPECT_FALSE(parse_json(bad).ok()) << bad;
}

}  // namespace
}  // namespace millrace::flow::pattern
