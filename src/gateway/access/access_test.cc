// Policies, signatures and authorizers; keys, plans and throttles are admission_test.cc's.
#include "src/gateway/access/access.h"

#include <thread>

#include "src/gateway/access/access_testing.h"

namespace millrace::gateway {
namespace {

std::string policy_for(std::string_view effect, std::string_view resource, std::string_view more = "",
                       std::string_view principal = "\"*\"") {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + std::string(effect) + R"(","Principal":)" +
           std::string(principal) + R"(,"Action":"execute-api:Invoke","Resource":")" + std::string(resource) + '"' +
           std::string(more) + "}]}";
}
constexpr std::string_view from_192 = R"(,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}})";

TEST_F(AccessTest, AnOpenMethodIsOpen) {
    serve([](RestApi&, Method&) {});
    EXPECT_EQ(outcome(), "");
}

TEST_F(AccessTest, AResourcePolicyAloneHasToAllow) {
    serve([](RestApi& api, Method&) { api.policy = policy_for("Allow", "execute-api:/prod/GET/*", from_192); });
    EXPECT_EQ(outcome(), "");
    source_ip_ = "203.0.113.1";
    const auto verdict = ask();
    ASSERT_TRUE(verdict && verdict->refusal);
    EXPECT_EQ(verdict->refusal->type, "ACCESS_DENIED");
    EXPECT_EQ(verdict->refusal->status, 403);
    EXPECT_EQ(verdict->refusal->message,
              "User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
              "arn:aws:execute-api:us-east-1:********1111:" +
                  api_ + "/prod/GET/");
    serve([](RestApi& api, Method&) { api.policy = policy_for("Deny", "execute-api:/*"); });
    EXPECT_TRUE(ask()->refusal->message.ends_with(" with an explicit deny"));
}

TEST_F(AccessTest, APolicyThatCanNotBeEvaluatedRefusesAll) {
    serve([](RestApi& api, Method&) { api.policy = policy_for("Deny", "*", R"(,"Condition":{"X":{"y":"z"}})"); });
    EXPECT_EQ(outcome(), "AUTHORIZER_CONFIGURATION_ERROR");
    EXPECT_FALSE(check_resource_policy(policy_for("Deny", "*", R"(,"Condition":{"X":{"y":"z"}})")).ok());
    EXPECT_TRUE(check_resource_policy(policy_for("Deny", "execute-api:/*")).ok());
}

TEST_F(AccessTest, ADenialHoldsHoweverThePathIsWritten) {
    serve([](RestApi& api, Method&) {
        api.policy = R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
                       {"Effect":"Deny","Principal":"*","Action":"*","Resource":"execute-api:/prod/GET/admin"}]})";
    });
    for (const char* path : {"/admin", "/%61dmin", "/adm%69%6E", "/admin/", "/admin//"}) {
        path_ = path;
        EXPECT_EQ(outcome(), "ACCESS_DENIED") << path;
    }
    path_ = "/admin%2F";
    EXPECT_EQ(outcome(), "");
}

TEST_F(AccessTest, SignaturesOfTheOwnAccountMayCall) {
    serve([](RestApi&, Method& method) { method.authorization = "AWS_IAM"; });
    EXPECT_EQ(outcome(), "MISSING_AUTHENTICATION_TOKEN");
    access_key_ = "AKIDEXAMPLE";
    const auto verdict = ask();
    ASSERT_TRUE(verdict && !verdict->refusal);
    EXPECT_EQ(verdict->identity.account, owner.account);
    EXPECT_EQ(verdict->identity.access_key, "AKIDEXAMPLE");
    EXPECT_EQ(verdict->identity.user_arn, "arn:aws:iam::111111111111:root");
    signature_refusal_ = SignatureRefusal{"InvalidSignatureException", "does not match"};
    EXPECT_EQ(outcome(), "INVALID_SIGNATURE");
    signature_refusal_ = SignatureRefusal{"ExpiredTokenException", "expired"};
    EXPECT_EQ(outcome(), "EXPIRED_TOKEN");
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, tables A and B
TEST_F(AccessTest, SignaturesAndResourcePoliciesTogether) {
    access_key_ = "AKIDEXAMPLE";
    struct Row {
        std::string policy, signer, outcome;
    };
    const Row rows[] = {
        {"", owner.account, ""},
        {policy_for("Allow", "*", "", R"({"AWS":"222222222222"})"), owner.account, ""},  // says nothing of the owner
        {policy_for("Deny", "*"), owner.account, "ACCESS_DENIED"},
        {policy_for("Deny", "*", from_192), owner.account, "ACCESS_DENIED"},
        {"", "222222222222", "ACCESS_DENIED"},
        {policy_for("Allow", "*", "", R"({"AWS":"222222222222"})"), "222222222222", ""},
        {policy_for("Allow", "*", "", R"({"AWS":"222222222222"})"), "333333333333", "ACCESS_DENIED"},
        {policy_for("Allow", "*"), "333333333333", ""},
    };
    for (const Row& row : rows) {
        serve([&](RestApi& api, Method& method) {
            method.authorization = "AWS_IAM";
            api.policy = row.policy;
        });
        signer_ = row.signer;
        EXPECT_EQ(outcome(), row.outcome) << row.signer << " " << row.policy;
    }
}

TEST_F(AccessTest, ATokenAuthorizerSeesTheTokenAndDecides) {
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization"));
    EXPECT_EQ(outcome(), "UNAUTHORIZED") << "no token";
    EXPECT_TRUE(payloads_.empty()) << "and so its function was not asked";
    head_.headers.set("authorization", "allow me");
    answer_ = returned(answer("Allow", arn("prod/GET/"), R"(,"context":{"tenant":"blue","n":1,"b":true,"none":null})"));
    const auto verdict = ask();
    ASSERT_TRUE(verdict && !verdict->refusal);
    EXPECT_EQ(payloads_.at(0),
              R"({"type":"TOKEN","methodArn":")" + arn("prod/GET/") + R"(","authorizationToken":"allow me"})");
    EXPECT_EQ(functions_.at(0), "judge");
    EXPECT_EQ(verdict->identity.principal, "ann");
    EXPECT_EQ(verdict->identity.authorizer,
              (std::map<std::string, std::string>{{"tenant", "blue"}, {"n", "1"}, {"b", "true"}}));
}

TEST_F(AccessTest, AnswersAreKeptForTheirTimeAndTheirToken) {
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization", 60));
    answer_ = returned(answer("Allow", arn("*/GET/*")));
    head_.headers.set("authorization", "a");
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(outcome(), "");
    path_ = "/elsewhere";
    EXPECT_EQ(outcome(), "") << "the policy is kept, not the decision";
    EXPECT_EQ(payloads_.size(), 1u);
    head_.headers.set("authorization", "b");
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(payloads_.size(), 2u);
    clock_.advance_ms(60'000);
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(payloads_.size(), 3u);
    access_->forget_policies(api_, "prod");
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(payloads_.size(), 4u);
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization", 60));
    EXPECT_EQ(outcome(), "") << "another deployment asks anew";
    EXPECT_EQ(payloads_.size(), 5u);
}

TEST_F(AccessTest, AKeptPolicyDoesNotCoverWhatItDoesNotName) {
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization", 60));
    answer_ = returned(answer("Allow", arn("prod/GET/a")));
    head_.headers.set("authorization", "a");
    path_ = "/a";
    EXPECT_EQ(outcome(), "");
    path_ = "/b";
    const auto verdict = ask();
    ASSERT_TRUE(verdict && verdict->refusal);
    EXPECT_EQ(verdict->refusal->message, "User is not authorized to access this resource");
    EXPECT_EQ(payloads_.size(), 1u);
}

TEST_F(AccessTest, TheTokenHasToMatchTheExpression) {
    Authorizer checked = authorizer("TOKEN", "method.request.header.Authorization", 0);
    checked.validation_expression = "Bearer [a-z]+";
    serve_custom(checked);
    answer_ = returned(answer("Allow", "*"));
    head_.headers.set("authorization", "Bearer abc");
    EXPECT_EQ(outcome(), "");
    head_.headers.set("authorization", "Bearer abc1");
    EXPECT_EQ(outcome(), "UNAUTHORIZED");
    EXPECT_EQ(payloads_.size(), 1u);
}

TEST_F(AccessTest, ARequestAuthorizerSeesTheRequest) {
    serve_custom(authorizer("REQUEST",
                            "method.request.header.X-Tenant, method.request.querystring.k,"
                            "context.identity.sourceIp"));
    answer_ = returned(answer("Allow", "*"));
    head_.headers.set("x-tenant", "blue");
    EXPECT_EQ(outcome(), "UNAUTHORIZED") << "one of its sources is missing";
    parameters_ = {{"k", "1"}, {"k", "2"}};
    EXPECT_EQ(outcome(), "");
    ASSERT_EQ(payloads_.size(), 1u);
    for (const char* part :
         {R"("type":"REQUEST")", R"("httpMethod":"GET")", R"("queryStringParameters":{"k":"2"})",
          R"("multiValueQueryStringParameters":{"k":["1","2"]})", R"("headers":{"X-Tenant":"blue"})",
          R"("sourceIp":"192.0.2.7")", R"("resource":"/")", R"("stage":"prod")", R"("accountId":"111111111111")"}) {
        EXPECT_NE(payloads_[0].find(part), std::string::npos) << part << " in " << payloads_[0];
    }
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(payloads_.size(), 1u);
    parameters_ = {{"k", "1"}};
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(payloads_.size(), 2u) << "another value of a source, another answer";
}

TEST_F(AccessTest, WhatAFunctionMayAnswer) {
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization", 0));
    head_.headers.set("authorization", "a");
    struct Row {
        Result<function::InvocationResult> answer;
        std::string_view outcome;
    };
    const Row rows[] = {
        {returned(answer("Allow", "*")), ""},
        {returned(answer("Deny", "*")), "ACCESS_DENIED"},
        {returned(answer("Allow", "arn:aws:execute-api:us-east-1:111111111111:other/*")), "ACCESS_DENIED"},
        {returned(R"({"errorMessage":"Unauthorized"})", "Unhandled"), "UNAUTHORIZED"},
        {returned(R"({"errorMessage":"unauthorized"})", "Unhandled"), "AUTHORIZER_FAILURE"},
        {returned("not json", "Unhandled"), "AUTHORIZER_FAILURE"},
        {returned("null"), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned("\"Unauthorized\""), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned(R"({"principalId":"ann"})"), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned(R"({"principalId":"ann","policyDocument":{}})"), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned(answer("Maybe", "*")), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned(answer("Allow", "*", R"(,"context":{"list":[]})")), "AUTHORIZER_CONFIGURATION_ERROR"},
        {returned(answer("Allow", "*", R"(,"usageIdentifierKey":7)")), "AUTHORIZER_CONFIGURATION_ERROR"},
        {Error{ErrorCode::not_found, "no such function"}, "AUTHORIZER_CONFIGURATION_ERROR"},
        {Error{ErrorCode::resource_exhausted, "busy"}, "AUTHORIZER_FAILURE"},
    };
    for (const Row& row : rows) {
        answer_ = row.answer;
        EXPECT_EQ(outcome(), row.outcome) << (row.answer.ok() ? row.answer->payload : row.answer.error().message);
    }
}

TEST_F(AccessTest, AuthorizerAndResourcePolicyTogether) {
    head_.headers.set("authorization", "a");
    const std::string nothing = answer("Allow", "arn:of:something:else");
    struct Row {
        std::string answer, policy;
        std::string_view outcome;
        size_t calls;
    };
    const Row rows[] = {
        {answer("Allow", "*"), policy_for("Allow", "*"), "", 1},
        {answer("Allow", "*"), policy_for("Allow", "arn:x"), "", 1},
        {answer("Allow", "*"), policy_for("Deny", "*"), "ACCESS_DENIED", 0},
        {nothing, policy_for("Allow", "*"), "", 1},
        {nothing, policy_for("Allow", "arn:x"), "ACCESS_DENIED", 1},
        {answer("Deny", "*"), policy_for("Allow", "*"), "ACCESS_DENIED", 1},
        {answer("Deny", "*"), policy_for("Deny", "*"), "ACCESS_DENIED", 0},
    };
    for (const Row& row : rows) {
        payloads_.clear();
        serve_custom(authorizer("TOKEN", "method.request.header.Authorization", 0), row.policy);
        answer_ = returned(row.answer);
        EXPECT_EQ(outcome(), row.outcome) << row.answer << row.policy;
        EXPECT_EQ(payloads_.size(), row.calls) << "an explicit denial comes before the function";
    }
}

TEST_F(AccessTest, AnAuthorizerThatIsLateOrNeverAnswersIsAFailure) {
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization"));
    head_.headers.set("authorization", "a");
    EXPECT_EQ(outcome(), "waits");
    const auto first = last_;
    waiting_.at(0)(returned(answer("Allow", "*")));
    ASSERT_TRUE(first->has_value());
    EXPECT_FALSE((*first)->refusal);

    head_.headers.set("authorization", "b");
    EXPECT_EQ(outcome(), "waits");
    const auto second = last_;
    access_->stop();
    ASSERT_TRUE(second->has_value());
    EXPECT_EQ((*second)->refusal->type, "AUTHORIZER_FAILURE");
    access_.reset();
    waiting_.at(1)(returned(answer("Allow", "*")));  // nobody is there any more; nothing happens
}

TEST_F(AccessTest, AnAuthorizerHasItsTimeAndNoMore) {
    open({.authorizer_ms_max = 1'000});
    serve_custom(authorizer("TOKEN", "method.request.header.Authorization"));
    head_.headers.set("authorization", "a");
    EXPECT_EQ(outcome(), "waits");
    clock_.advance_ms(1'001);
    for (int i = 0; i < 1200 && !answered_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(answered_);
    access_->stop();  // what is under way is done
    ASSERT_TRUE(last_->has_value());
    EXPECT_EQ((*last_)->refusal->type, "AUTHORIZER_FAILURE");
    EXPECT_EQ((*last_)->identity.authorizer_error, "the authorizer took too long");
    waiting_.at(0)(returned(answer("Allow", "*")));  // too late: not answered twice, and nothing is kept
}

TEST_F(AccessTest, AnAuthorizerThatCanNotBeAskedIsRefusedAtThePut) {
    Authorizer good = authorizer("TOKEN", "method.request.header.Authorization");
    EXPECT_TRUE(check_authorizer(good).ok());
    const auto refused = [&](const std::function<void(Authorizer&)>& edit) {
        Authorizer bad = good;
        edit(bad);
        const Status status = check_authorizer(bad);
        serve_custom(bad);
        EXPECT_EQ(outcome(), "AUTHORIZER_CONFIGURATION_ERROR");
        return !status.ok();
    };
    EXPECT_TRUE(refused([](Authorizer& it) { it.uri = "arn:aws:lambda:us-east-1:1:function:f"; }));
    EXPECT_TRUE(refused([](Authorizer& it) { it.identity_source = ""; }));
    EXPECT_TRUE(refused([](Authorizer& it) { it.identity_source = "method.request.body"; }));
    EXPECT_TRUE(refused([](Authorizer& it) { it.validation_expression = "(?<=lookbehind)x"; }));
    EXPECT_TRUE(refused([](Authorizer& it) { it.result_ttl_s = 3601; }));
    EXPECT_TRUE(refused([](Authorizer& it) { it.type = "COGNITO_USER_POOLS"; }));
    good.uri =
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:111111111111:function:${stageVariables.judge}/invocations";
    EXPECT_TRUE(check_authorizer(good).ok());
}

TEST_F(AccessTest, AStageVariableNamesTheFunction) {
    serve(
        [](RestApi& api, Method& method) {
            api.authorizers["auth1"] = authorizer("REQUEST", "", 0);
            api.authorizers["auth1"].uri =
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
                "arn:aws:lambda:us-east-1:111111111111:function:${stageVariables.judge}/invocations";
            method.authorization = "CUSTOM";
            method.authorizer_id = "auth1";
        },
        [](Stage& stage) { stage.variables["judge"] = "dredd"; });
    answer_ = returned(answer("Allow", "*"));
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(functions_.at(0), "dredd");
}

}  // namespace
}  // namespace millrace::gateway
