// Tables after AWS's documented examples:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
#include "src/policy/policy.h"

#include <gtest/gtest.h>

namespace millrace::policy {
namespace {

const Grammar resource_policy{.keys = {"aws:sourceip", "aws:currenttime", "aws:epochtime", "aws:useragent",
                                       "aws:securetransport", "aws:sourcevpc", "aws:principalarn", "aws:tagkeys",
                                       "s3:max-keys", "aws:multifactorauthage"}};

constexpr std::string_view api = "arn:aws:execute-api:us-east-1:111111111111:abc123/prod/GET/orders/17";

Decision decide(std::string_view text, Request request, const Grammar& grammar = resource_policy) {
    const auto policy = Policy::parse(text, grammar);
    EXPECT_TRUE(policy.ok()) << (policy.ok() ? "" : policy.error().message) << " in " << text;
    if (!policy.ok()) return Decision::neither;
    return (*policy)->evaluate(request);
}

Request from(std::string_view address) {
    return {"execute-api:Invoke", api, "", {{"aws:sourceip", {std::string(address)}}}};
}

std::string statement(std::string_view effect, std::string_view resource, std::string_view condition) {
    std::string text = R"({"Effect":")" + std::string(effect) +
                       R"(","Principal":"*","Action":"execute-api:Invoke","Resource":")" + std::string(resource) + '"';
    if (!condition.empty()) text += R"(,"Condition":)" + std::string(condition);
    return text + '}';
}

std::string document(std::initializer_list<std::string> statements) {
    std::string text = R"({"Version":"2012-10-17","Statement":[)";
    for (const std::string& one : statements) text += (text.back() == '[' ? "" : ",") + one;
    return text + "]}";
}

// A condition alone decides.
Decision with(std::string_view condition, ContextKeys keys) {
    return decide(document({statement("Allow", "*", condition)}), {"execute-api:Invoke", api, "", std::move(keys)});
}

TEST(Policy, DeniesAddressesOutsideAList) {
    const std::string text =
        document({statement("Allow", "arn:aws:execute-api:us-east-1:111111111111:abc123/*", ""),
                  statement("Deny", "arn:aws:execute-api:us-east-1:111111111111:abc123/*",
                            R"({"IpAddress":{"aws:SourceIp":["192.0.2.0/24","198.51.100.0/24"]}})")});
    EXPECT_EQ(decide(text, from("192.0.2.77")), Decision::deny);
    EXPECT_EQ(decide(text, from("198.51.100.1")), Decision::deny);
    EXPECT_EQ(decide(text, from("203.0.113.9")), Decision::allow);
    EXPECT_EQ(decide(text, from("::ffff:192.0.2.77")), Decision::deny)
        << "the same address, as a dual-stack socket has it";
}

TEST(Policy, AllowsAListOfAddressesOnly) {
    const std::string text = document({statement("Allow", "*", R"({"IpAddress":{"aws:SourceIp":"2001:db8::/32"}})")});
    EXPECT_EQ(decide(text, from("2001:db8:1::9")), Decision::allow);
    EXPECT_EQ(decide(text, from("2001:db9::9")), Decision::neither);
    EXPECT_EQ(decide(text, from("10.0.0.1")), Decision::neither);
    EXPECT_EQ(decide(text, {"execute-api:Invoke", api, "", {}}), Decision::neither);
}

TEST(Policy, AnExplicitDenialWinsWhereverItStands) {
    const std::string allow = statement("Allow", "*", ""), deny = statement("Deny", "*/orders/*", "");
    EXPECT_EQ(decide(document({allow, deny}), from("::1")), Decision::deny);
    EXPECT_EQ(decide(document({deny, allow}), from("::1")), Decision::deny);
    EXPECT_EQ(decide(document({allow}), from("::1")), Decision::allow);
}

TEST(Policy, ResourcesAndActionsMatchByWildcards) {
    const auto resource = [](std::string_view pattern) {
        return decide(document({statement("Allow", pattern, "")}), from("::1")) == Decision::allow;
    };
    EXPECT_TRUE(resource("arn:aws:execute-api:us-east-1:111111111111:abc123/prod/GET/orders/17"));
    EXPECT_TRUE(resource("arn:aws:execute-api:*:*:*/prod/GET/*"));
    EXPECT_TRUE(resource("arn:aws:execute-api:us-east-1:111111111111:abc123/*/GET/orders/??"));
    EXPECT_TRUE(resource("*"));
    EXPECT_FALSE(resource("arn:aws:execute-api:us-east-1:111111111111:abc123/prod/GET/orders/?"));
    EXPECT_FALSE(resource("arn:aws:execute-api:us-east-1:111111111111:abc123/prod/POST/*"));
    EXPECT_FALSE(resource("arn:aws:execute-api:us-east-1:111111111111:abc123/prod/get/*")) << "ARNs keep their case";

    const auto action = [](std::string_view element) {
        return decide(
                   R"({"Statement":{"Effect":"Allow","Principal":"*",)" + std::string(element) + R"(,"Resource":"*"}})",
                   from("::1")) == Decision::allow;
    };
    EXPECT_TRUE(action(R"("Action":"EXECUTE-API:invoke")"));
    EXPECT_TRUE(action(R"("Action":["s3:*","execute-api:*"])"));
    EXPECT_TRUE(action(R"("NotAction":"s3:*")"));
    EXPECT_FALSE(action(R"("NotAction":"*:Invoke")"));
    EXPECT_FALSE(action(R"("Action":"execute-api:ManageConnections")"));
}

TEST(Policy, NotResourceTurnsTheListAround) {
    const auto decision = [](std::string_view not_resource) {
        return decide(R"({"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","NotResource":)" +
                          std::string(not_resource) + "}]}",
                      from("::1"));
    };
    EXPECT_EQ(decision(R"(["*/prod/GET/*","*/prod/POST/*"])"), Decision::neither);
    EXPECT_EQ(decision(R"(["*/prod/POST/*"])"), Decision::deny);
}

TEST(Policy, PrincipalsAreAccounts) {
    const auto asks = [](std::string_view principal, std::string_view account) {
        Request request = from("::1");
        request.account = account;
        return decide(R"({"Statement":[{"Effect":"Allow",)" + std::string(principal) +
                          R"(,"Action":"*","Resource":"*"}]})",
                      request) == Decision::allow;
    };
    EXPECT_TRUE(asks(R"("Principal":{"AWS":"222222222222"})", "222222222222"));
    EXPECT_TRUE(asks(R"("Principal":{"AWS":["arn:aws:iam::222222222222:root"]})", "222222222222"));
    EXPECT_FALSE(asks(R"("Principal":{"AWS":"222222222222"})", "333333333333"));
    EXPECT_FALSE(asks(R"("Principal":{"AWS":"222222222222"})", "")) << "who does not sign is nobody";
    EXPECT_TRUE(asks(R"("Principal":{"AWS":"*"})", ""));
    const std::string only =
        R"({"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"222222222222"},"Action":"*","Resource":"*"}]})";
    Request request = from("::1");
    request.account = "222222222222";
    EXPECT_EQ(decide(only, request), Decision::neither);
    request.account = "333333333333";
    EXPECT_EQ(decide(only, request), Decision::deny);
}

TEST(Policy, ConditionOperators) {
    struct Row {
        std::string_view condition;
        ContextKeys keys;
        bool holds;
    };
    const Row rows[] = {
        {R"({"StringEquals":{"aws:UserAgent":"curl"}})", {{"aws:useragent", {"curl"}}}, true},
        {R"({"StringEquals":{"aws:UserAgent":"curl"}})", {{"aws:useragent", {"Curl"}}}, false},
        {R"({"StringEquals":{"AWS:useragent":["a","curl"]}})", {{"aws:useragent", {"curl"}}}, true},
        {R"({"StringEquals":{"aws:UserAgent":"curl"}})", {}, false},
        {R"({"StringEqualsIfExists":{"aws:UserAgent":"curl"}})", {}, true},
        {R"({"StringEqualsIfExists":{"aws:UserAgent":"curl"}})", {{"aws:useragent", {"x"}}}, false},
        {R"({"StringEqualsIgnoreCase":{"aws:UserAgent":"CURL"}})", {{"aws:useragent", {"curl"}}}, true},
        {R"({"StringNotEquals":{"aws:UserAgent":["a","b"]}})", {{"aws:useragent", {"c"}}}, true},
        {R"({"StringNotEquals":{"aws:UserAgent":["a","b"]}})", {{"aws:useragent", {"b"}}}, false},
        {R"({"StringNotEquals":{"aws:SourceVpc":"vpc-1"}})", {}, true},
        {R"({"StringLike":{"aws:UserAgent":"Mozilla/*"}})", {{"aws:useragent", {"Mozilla/5.0"}}}, true},
        {R"({"StringLike":{"aws:UserAgent":"Mozilla/?"}})", {{"aws:useragent", {"Mozilla/5.0"}}}, false},
        {R"({"StringNotLike":{"aws:UserAgent":"*bot*"}})", {{"aws:useragent", {"a bot b"}}}, false},
        {R"({"NumericLessThanEquals":{"s3:max-keys":"10"}})", {{"s3:max-keys", {"10"}}}, true},
        {R"({"NumericLessThanEquals":{"s3:max-keys":10}})", {{"s3:max-keys", {"11"}}}, false},
        {R"({"NumericGreaterThan":{"s3:max-keys":"1.5"}})", {{"s3:max-keys", {"2"}}}, true},
        {R"({"NumericEquals":{"s3:max-keys":"1"}})", {{"s3:max-keys", {"one"}}}, false},
        {R"({"NumericNotEquals":{"s3:max-keys":"1"}})", {{"s3:max-keys", {"2"}}}, true},
        {R"({"DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"}})",
         {{"aws:currenttime", {"2020-04-01T00:00:01Z"}}},
         true},
        {R"({"DateLessThan":{"aws:CurrentTime":"2020-06-30T23:59:59Z"}})",
         {{"aws:currenttime", {"2020-07-01T00:00:00Z"}}},
         false},
        {R"({"DateGreaterThan":{"aws:EpochTime":"2020-04-01"}})", {{"aws:epochtime", {"1600000000"}}}, true},
        {R"({"DateLessThan":{"aws:CurrentTime":"2020-04-01T02:00:00+02:00"}})",
         {{"aws:currenttime", {"2020-04-01T00:00:00Z"}}},
         false},
        {R"({"Bool":{"aws:SecureTransport":"false"}})", {{"aws:securetransport", {"false"}}}, true},
        {R"({"Bool":{"aws:SecureTransport":true}})", {{"aws:securetransport", {"false"}}}, false},
        {R"({"BoolIfExists":{"aws:SecureTransport":"true"}})", {}, true},
        {R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", {{"aws:sourceip", {"203.0.113.255"}}}, true},
        {R"({"IpAddress":{"aws:SourceIp":"203.0.113.8/29"}})", {{"aws:sourceip", {"203.0.113.16"}}}, false},
        {R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", {{"aws:sourceip", {"203.0.113.16"}}}, true},
        {R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", {{"aws:sourceip", {"::1"}}}, false},
        {R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", {{"aws:sourceip", {"no address"}}}, false},
        {R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", {{"aws:sourceip", {"203.0.113.1"}}}, false},
        {R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", {{"aws:sourceip", {"10.1.1.1"}}}, true},
        {R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app-*"}})",
         {{"aws:principalarn", {"arn:aws:iam::111111111111:role/app-1"}}},
         true},
        {R"({"ArnLike":{"aws:PrincipalArn":"arn:*"}})", {{"aws:principalarn", {"arn:aws:iam::1:root"}}}, false},
        {R"({"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:root"}})",
         {{"aws:principalarn", {"arn:aws:iam::111111111111:root"}}},
         false},
        {R"({"Null":{"aws:MultiFactorAuthAge":"true"}})", {}, true},
        {R"({"Null":{"aws:MultiFactorAuthAge":"false"}})", {}, false},
        {R"({"Null":{"aws:MultiFactorAuthAge":"false"}})", {{"aws:multifactorauthage", {"1"}}}, true},
        {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})", {{"aws:tagkeys", {"a", "b"}}}, true},
        {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})", {{"aws:tagkeys", {"a", "c"}}}, false},
        {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})", {}, true},
        {R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}})", {{"aws:tagkeys", {"c", "b"}}}, true},
        {R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}})", {}, false},
        {R"({"ForAnyValue:StringNotEquals":{"aws:TagKeys":"a"}})", {}, false},
        // Keys of an operator, and operators, all have to hold.
        {R"({"StringEquals":{"aws:UserAgent":"curl","aws:SourceVpc":"v"}})", {{"aws:useragent", {"curl"}}}, false},
        {R"({"StringEquals":{"aws:UserAgent":"curl"},"Bool":{"aws:SecureTransport":"true"}})",
         {{"aws:useragent", {"curl"}}, {"aws:securetransport", {"true"}}},
         true},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(with(row.condition, row.keys), row.holds ? Decision::allow : Decision::neither) << row.condition;
    }
}

TEST(Policy, WhatIsNotUnderstoodIsRefusedByName) {
    struct Row {
        std::string text;
        std::string_view says;
    };
    const std::string plain = R"("Principal":"*","Action":"*","Resource":"*")";
    const auto one = [](const std::string& elements) {
        return R"({"Statement":[{"Effect":"Allow",)" + elements + "}]}";
    };
    const Row rows[] = {
        {"", "not JSON"},
        {"[]", "not a JSON object"},
        {"{}", "no Statement"},
        {R"({"Statement":[]})", "no statement"},
        {R"({"Version":"2012-10-18","Statement":[]})", "Version"},
        {R"({"Statement":[],"Statements":[]})", "Statements"},
        {R"({"Statement":[{"Effect":"allow",)" + plain + "}]}", "Effect"},
        {one(plain + R"(,"Conditions":{})"), "Conditions"},
        {one(plain + R"(,"NotAction":"*")"), "NotAction"},
        {one(R"("Principal":"*","Resource":"*")"), "Action"},
        {one(R"("Principal":"*","Action":"*")"), "Resource"},
        {one(R"("Action":"*","Resource":"*")"), "Principal"},
        {one(R"("Principal":{"AWS":"arn:aws:iam::111111111111:user/alice"},"Action":"*","Resource":"*")"), "alice"},
        {one(R"("Principal":{"Service":"lambda.amazonaws.com"},"Action":"*","Resource":"*")"), "Service"},
        {one(R"("NotPrincipal":{"AWS":"111111111111"},"Action":"*","Resource":"*")"), "NotPrincipal"},
        {one(R"("Principal":"*","Action":[],"Resource":"*")"), "Action"},
        {one(R"("Principal":"*","Action":"*","Resource":"arn:aws:s3:::${aws:username}/*")"), "aws:username"},
        {one(plain + R"(,"Condition":{"StringMatches":{"aws:SourceIp":"x"}})"), "StringMatches"},
        {one(plain + R"(,"Condition":{"StringEquals":{"aws:Mystery":"x"}})"), "aws:Mystery"},
        {one(plain + R"(,"Condition":{"NullIfExists":{"aws:SourceIp":"true"}})"), "NullIfExists"},
        {one(plain + R"(,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}})"), "10.0.0.0/33"},
        {one(plain + R"(,"Condition":{"DateEquals":{"aws:CurrentTime":"2026-02-30"}})"), "2026-02-30"},
        {one(plain + R"(,"Condition":{"NumericEquals":{"s3:max-keys":"1x"}})"), "1x"},
        {one(plain + R"(,"Condition":{"Bool":{"aws:SecureTransport":"yes"}})"), "yes"},
        {std::string(20'481, ' '), "larger"},
        {std::string(200, '[') + std::string(200, ']'), "not JSON"},
    };
    for (const Row& row : rows) {
        const auto policy = Policy::parse(row.text, resource_policy);
        ASSERT_FALSE(policy.ok()) << row.text;
        EXPECT_EQ(policy.error().code, ErrorCode::invalid_argument);
        EXPECT_NE(policy.error().message.find(row.says), std::string::npos) << policy.error().message << "\n"
                                                                            << row.text;
    }
}

TEST(Policy, WhatAnAuthorizerReturnsNamesNobody) {
    Grammar grammar = resource_policy;
    grammar.principals = false;
    const std::string text =
        R"({"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]})";
    EXPECT_EQ(decide(text, from("::1"), grammar), Decision::allow);
    EXPECT_FALSE(Policy::parse(document({statement("Allow", "*", "")}), grammar).ok());
}

TEST(Policy, ManyStarsTakeBoundedTime) {
    std::string pattern;
    for (int i = 0; i < 5000; ++i) pattern += "*a";
    const std::string text = document({statement("Allow", pattern + "b", "")});
    Request request = from("::1");
    const std::string resource(20'000, 'a');
    request.resource = resource;
    EXPECT_EQ(decide(text, request), Decision::neither);
}

}  // namespace
}  // namespace millrace::policy
