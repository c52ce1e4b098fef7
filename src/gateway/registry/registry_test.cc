#include "src/catalog/registry.h"

#include <gtest/gtest.h>

#include "src/gateway/rest_apis.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::gateway {
namespace {

class RegistryTest : public testing::Test {
  protected:
    void SetUp() override { reopen(); }
    void reopen() { apis_ = RestApis::open(*registry_, clock_).value(); }

    std::string api_with_method() {
        RestApi api;
        api.name = "orders";
        const std::string id = apis_->create(api).value()->id;
        const auto edited = apis_->edit({}, id, [](RestApi& it) -> Status {
            Method& method = it.resources[it.root_id].methods["POST"];
            method.http_method = "POST";
            method.integration.emplace().type = "MOCK";
            method.integration->templates["application/json"] = "{\"statusCode\": 200}";
            method.integration->responses["200"].selection_pattern = "";
            method.responses["200"].parameters["method.response.header.X"] = false;
            it.authorizers["a"].result_ttl_s = 0;
            return {};
        });
        EXPECT_TRUE(edited.ok());
        return id;
    }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    const std::unique_ptr<table::KeyValueStore> store_ =
        table::open_rocksdb({.directory = directory_.path(), .sync = false}).value();
    const std::unique_ptr<catalog::Registry> registry_ = catalog::Registry::open(*store_);
    std::unique_ptr<RestApis> apis_;
};

TEST_F(RegistryTest, EverythingOfAnApiIsThereAfterARestart) {
    const std::string id = api_with_method();
    reopen();
    const auto api = apis_->find({}, id).value();
    const Method& method = api->resources.at(api->root_id).methods.at("POST");
    EXPECT_EQ(method.integration->type, "MOCK");
    EXPECT_EQ(method.integration->passthrough, "WHEN_NO_MATCH");
    EXPECT_EQ(method.integration->responses.at("200").selection_pattern, "");
    EXPECT_TRUE(method.responses.at("200").parameters.contains("method.response.header.X"));
    EXPECT_EQ(api->authorizers.at("a").result_ttl_s, 0);
    EXPECT_EQ(api->models.size(), 2u);
    EXPECT_EQ(apis_->find({"111111111111", "us-east-1"}, id).error().code, ErrorCode::not_found);
}

TEST_F(RegistryTest, AStageServesTheSnapshotAndNotWhatIsEditedSince) {
    const std::string id = api_with_method();
    const std::string deployment = apis_->deploy({}, id, "first").value().id;
    Stage stage;
    stage.name = "prod";
    stage.deployment_id = deployment;
    ASSERT_TRUE(apis_->create_stage({}, id, stage).ok());
    EXPECT_EQ(apis_->create_stage({}, id, stage).error().code, ErrorCode::already_exists);
    ASSERT_TRUE(apis_
                    ->edit({}, id,
                           [](RestApi& it) -> Status {
                               it.resources[it.root_id].methods.clear();
                               return {};
                           })
                    .ok());
    const auto before = apis_->served(id, "prod");
    EXPECT_EQ(before->deployment->api.resources.at(before->deployment->api.root_id).methods.size(), 1u);
    const std::string second = apis_->deploy({}, id, "second").value().id;
    ASSERT_TRUE(apis_
                    ->edit_stage({}, id, "prod",
                                 [&](Stage& it) -> Status {
                                     it.deployment_id = second;
                                     return {};
                                 })
                    .ok());
    const auto after = apis_->served(id, "prod");
    EXPECT_TRUE(after->deployment->api.resources.at(after->deployment->api.root_id).methods.empty());
    EXPECT_NE(after->generation, before->generation);
    EXPECT_EQ(apis_->remove_deployment({}, id, second).error().code, ErrorCode::failed_precondition);
    EXPECT_TRUE(apis_->remove_deployment({}, id, deployment).ok());
    reopen();
    EXPECT_EQ(apis_->served(id, "prod")->deployment->description, "second");
    EXPECT_EQ(apis_->served(id, "test"), nullptr);
}

TEST_F(RegistryTest, AStageNeedsADeployment) {
    const std::string id = api_with_method();
    Stage stage;
    stage.name = "prod";
    stage.deployment_id = "nosuch";
    EXPECT_EQ(apis_->create_stage({}, id, stage).error().code, ErrorCode::invalid_argument);
}

TEST_F(RegistryTest, AnApiGoesWithAllThatHangsOnIt) {
    const std::string id = api_with_method();
    Stage stage;
    stage.name = "prod";
    stage.deployment_id = apis_->deploy({}, id, "").value().id;
    ASSERT_TRUE(apis_->create_stage({}, id, stage).ok());
    // As a crash in the middle leaves it.
    ASSERT_TRUE(registry_->remove("gateway.api", {}, id).ok());
    reopen();
    EXPECT_EQ(apis_->served(id, "prod"), nullptr);
    EXPECT_TRUE(registry_->list("gateway.stage", {}, "", 10).value().empty());
    EXPECT_TRUE(registry_->list("gateway.deployment", {}, "", 10).value().empty());
}

TEST_F(RegistryTest, AKeyIsFoundByItsValueAndLeadsToItsPlan) {
    ApiKey key;
    key.value = "a-secret-of-twenty-characters";
    const std::string key_id = apis_->create_key(key).value()->id;
    EXPECT_EQ(apis_->create_key(key).error().code, ErrorCode::already_exists);
    UsagePlan plan;
    plan.stages.push_back({"api1", "prod", {}});
    plan.quota = UsagePlan::Quota{100, 0, "DAY"};
    const std::string plan_id = apis_->create_plan(plan).value()->id;
    EXPECT_EQ(apis_->plan_of({}, key_id, "api1", "prod"), nullptr);
    ASSERT_TRUE(apis_
                    ->edit_plan({}, plan_id,
                                [&](UsagePlan& it) -> Status {
                                    it.key_ids.push_back(key_id);
                                    return {};
                                })
                    .ok());
    reopen();
    EXPECT_EQ(apis_->find_key_value({}, key.value)->id, key_id);
    EXPECT_EQ(apis_->plan_of({}, key_id, "api1", "prod")->id, plan_id);
    EXPECT_EQ(apis_->plan_of({}, key_id, "api1", "test"), nullptr);
    ASSERT_TRUE(apis_->remove_key({}, key_id).ok());
    EXPECT_EQ(apis_->plan_of({}, key_id, "api1", "prod"), nullptr);
    EXPECT_TRUE(apis_->find_plan({}, plan_id).value()->key_ids.empty());
    EXPECT_EQ(apis_->find_key_value({}, key.value), nullptr);
}

TEST_F(RegistryTest, ADomainIsFoundByItsHost) {
    DomainName domain;
    domain.name = "api.example.com";
    domain.base_paths["(none)"] = {"(none)", "api1", "prod"};
    ASSERT_TRUE(apis_->create_domain(domain).ok());
    domain.scope.region = "eu-west-1";
    EXPECT_EQ(apis_->create_domain(domain).error().code, ErrorCode::already_exists);
    reopen();
    EXPECT_EQ(apis_->domain_of_host("api.example.com")->base_paths.at("(none)").api_id, "api1");
    EXPECT_EQ(apis_->domain_of_host("example.com"), nullptr);
}

TEST_F(RegistryTest, WhatAnEditRefusesChangesNothing) {
    const std::string id = api_with_method();
    const auto refused = apis_->edit({}, id, [](RestApi& it) -> Status {
        it.name = "changed";
        return {ErrorCode::invalid_argument, "no"};
    });
    EXPECT_EQ(refused.error().message, "no");
    EXPECT_EQ(apis_->find({}, id).value()->name, "orders");
}

}  // namespace
}  // namespace millrace::gateway
