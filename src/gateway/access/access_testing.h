// What the tests of access share: an API that is served, an authorizer that answers as it is told.
#pragma once

#include <atomic>

#include <gtest/gtest.h>

#include "src/catalog/registry.h"
#include "src/function/functions.h"
#include "src/gateway/access/access.h"
#include "src/http/message.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::gateway {

inline const Scope owner{"111111111111", "us-east-1"};

class AccessTest : public testing::Test {
  protected:
    using Invoked = std::function<void(Result<function::InvocationResult>)>;

    void SetUp() override {
        RestApi api;
        api.scope = owner;
        api.name = "orders";
        api_ = apis_->create(api).value()->id;
        open({});
    }

    void open(AccessOptions options) {
        access_.reset();
        access_ = Access::open(options, {*apis_, *store_, clock_,
                                         [this](function::Invocation invocation, Invoked done) {
                                             payloads_.push_back(invocation.payload);
                                             functions_.push_back(invocation.function.name);
                                             if (answer_) return done(*answer_);
                                             waiting_.push_back(std::move(done));
                                         }})
                      .value();
        rules_.reset();
    }

    // Edits the API and its stage "prod", deploys, and serves it from now on.
    void serve(const std::function<void(RestApi&, Method&)>& edit, const std::function<void(Stage&)>& edit_stage = {}) {
        ASSERT_TRUE(apis_
                        ->edit(owner, api_,
                               [&](RestApi& api) -> Status {
                                   Resource& resource = api.resources[api.root_id];
                                   Method& method = resource.methods["GET"];
                                   method.http_method = "GET";
                                   edit(api, method);
                                   return {};
                               })
                        .ok());
        Stage stage;
        stage.name = "prod";
        stage.deployment_id = apis_->deploy(owner, api_, "").value().id;
        static_cast<void>(apis_->remove_stage(owner, api_, "prod").ok());
        if (edit_stage) edit_stage(stage);
        ASSERT_TRUE(apis_->create_stage(owner, api_, stage).ok());
        rules_ = nullptr;
    }

    static Authorizer authorizer(std::string type, std::string source, int32_t ttl_s = 300) {
        Authorizer authorizer;
        authorizer.id = "auth1";
        authorizer.type = std::move(type);
        authorizer.uri =
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:us-east-1:111111111111:function:judge/invocations";
        authorizer.identity_source = std::move(source);
        authorizer.result_ttl_s = ttl_s;
        return authorizer;
    }

    void serve_custom(Authorizer authorizer, const std::string& resource_policy = "") {
        serve([&](RestApi& api, Method& method) {
            api.policy = resource_policy;
            api.authorizers["auth1"] = authorizer;
            method.authorization = "CUSTOM";
            method.authorizer_id = "auth1";
        });
    }

    // nullopt: not answered yet.
    std::optional<AccessVerdict> ask() {
        const auto served = apis_->served(api_, "prod");
        if (!rules_) rules_ = access_->compile(served);
        const Resource& root = served->deployment->api.resources.at(served->deployment->api.root_id);
        AccessRequest request;
        request.rules = rules_;
        request.resource = &root;
        request.method = &root.methods.at("GET");
        request.head = &head_;
        request.path = path_;
        request.request_path = "/prod/";
        request.source_ip = source_ip_;
        request.request_id = "id";
        request.domain_name = "host";
        request.access_key = access_key_;
        request.parameters = &parameters_;
        request.verify = [this](std::string_view service) -> Result<std::string, SignatureRefusal> {
            EXPECT_EQ(service, "execute-api");
            if (signature_refusal_) return *signature_refusal_;
            return signer_;
        };
        auto verdict = std::make_shared<std::optional<AccessVerdict>>();
        last_ = verdict;
        answered_ = false;
        access_->check(std::move(request), [this, verdict](AccessVerdict given) {
            EXPECT_FALSE(verdict->has_value()) << "answered twice";
            *verdict = std::move(given);
            answered_ = true;
        });
        return *verdict;
    }
    // "": admitted; else the type of the refusal.
    std::string outcome() {
        const std::optional<AccessVerdict> verdict = ask();
        return !verdict ? "waits" : verdict->refusal ? verdict->refusal->type : "";
    }

    // What an authorizer's function returns.
    static function::InvocationResult returned(std::string payload, std::string error = "") {
        function::InvocationResult result;
        result.payload = std::move(payload);
        result.function_error = std::move(error);
        return result;
    }
    static std::string answer(std::string_view effect, std::string_view resource, std::string_view more = "") {
        return R"({"principalId":"ann","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":")" +
               std::string(effect) + R"(","Resource":")" + std::string(resource) + "\"}]}" + std::string(more) + '}';
    }
    std::string arn(std::string_view rest) const {
        return "arn:aws:execute-api:us-east-1:111111111111:" + api_ + '/' + std::string(rest);
    }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    const std::unique_ptr<table::KeyValueStore> store_ =
        table::open_rocksdb({.directory = directory_.path(), .sync = false}).value();
    const std::unique_ptr<catalog::Registry> registry_ = catalog::Registry::open(*store_);
    const std::unique_ptr<RestApis> apis_ = RestApis::open(*registry_, clock_).value();
    std::string api_;

    std::vector<std::string> payloads_, functions_;
    std::optional<Result<function::InvocationResult>> answer_;  // none: it does not answer yet
    std::vector<Invoked> waiting_;

    http::RequestHead head_{.method = "GET", .path = "/prod/"};
    std::string path_ = "/", source_ip_ = "192.0.2.7", access_key_, signer_ = owner.account;
    std::vector<std::pair<std::string, std::string>> parameters_;
    std::optional<SignatureRefusal> signature_refusal_;

    std::unique_ptr<Access> access_;
    std::shared_ptr<const AccessRules> rules_;
    std::shared_ptr<std::optional<AccessVerdict>> last_;
    std::atomic<bool> answered_{false};  // the last one; from another thread, where its time was over
};

}  // namespace millrace::gateway
