// API keys, usage plans, throttles and quotas.
#include "src/gateway/access/access_testing.h"
#include "src/gateway/access/usage_counts.h"

namespace millrace::gateway {
namespace {

class AdmissionTest : public AccessTest {
  protected:
    void SetUp() override {
        AccessTest::SetUp();
        clock_.set_wall(TimestampMs(1'795'219'200'000));  // 2026-11-21T00:00:00Z, a Saturday
        ApiKey key;
        key.scope = owner;
        key.name = "k";
        key.value = "twenty-characters-long";
        key_ = apis_->create_key(key).value()->id;
        UsagePlan plan;
        plan.scope = owner;
        plan.name = "p";
        plan.stages.push_back({api_, "prod", {}});
        plan.key_ids = {key_};
        plan_ = apis_->create_plan(plan).value()->id;
    }

    void edit_plan(const std::function<void(UsagePlan&)>& edit) {
        ASSERT_TRUE(apis_
                        ->edit_plan(owner, plan_,
                                    [&](UsagePlan& plan) -> Status {
                                        edit(plan);
                                        return {};
                                    })
                        .ok());
    }
    void serve_keyed(const std::function<void(Stage&)>& edit_stage = {}) {
        serve([](RestApi&, Method& method) { method.api_key_required = true; }, edit_stage);
        head_.headers.set("x-api-key", "twenty-characters-long");
    }
    // How many of `count` requests are admitted.
    int admitted(int count) {
        int passed = 0;
        for (int i = 0; i < count; ++i) passed += outcome().empty();
        return passed;
    }
    std::vector<UsageOfDay> usage(std::string_view from, std::string_view to) {
        return access_->usage(*apis_->find_plan(owner, plan_).value(), "", from, to).value().at(key_);
    }

    std::string key_, plan_;
};

TEST_F(AdmissionTest, AKeyOfAPlanOfTheStageIsNeeded) {
    serve_keyed();
    const auto verdict = ask();
    ASSERT_TRUE(verdict && !verdict->refusal);
    EXPECT_EQ(verdict->identity.api_key_id, key_);
    EXPECT_EQ(verdict->identity.api_key, "twenty-characters-long");
    head_.headers.set("x-api-key", "another");
    EXPECT_EQ(outcome(), "INVALID_API_KEY");
    head_.headers.remove("x-api-key");
    EXPECT_EQ(outcome(), "INVALID_API_KEY");
    head_.headers.set("x-api-key", "twenty-characters-long");
    edit_plan([](UsagePlan& plan) { plan.stages.clear(); });
    EXPECT_EQ(outcome(), "INVALID_API_KEY") << "a key without a plan for the stage";
    edit_plan([this](UsagePlan& plan) { plan.stages.push_back({api_, "prod", {}}); });
    EXPECT_EQ(outcome(), "");
    ASSERT_TRUE(apis_
                    ->edit_key(owner, key_,
                               [](ApiKey& key) -> Status {
                                   key.enabled = false;
                                   return {};
                               })
                    .ok());
    EXPECT_EQ(outcome(), "INVALID_API_KEY") << "disabled";
}

TEST_F(AdmissionTest, AnAuthorizerMayNameTheKey) {
    serve([](RestApi& api, Method& method) {
        api.key_source = "AUTHORIZER";
        api.authorizers["auth1"] = authorizer("TOKEN", "method.request.header.Authorization", 0);
        method.authorization = "CUSTOM";
        method.authorizer_id = "auth1";
        method.api_key_required = true;
    });
    head_.headers.set("authorization", "a");
    answer_ = returned(answer("Allow", "*", R"(,"usageIdentifierKey":"twenty-characters-long")"));
    EXPECT_EQ(outcome(), "");
    answer_ = returned(answer("Allow", "*"));
    head_.headers.set("x-api-key", "twenty-characters-long");
    EXPECT_EQ(outcome(), "INVALID_API_KEY") << "the header is not asked then";
}

TEST_F(AdmissionTest, APlanThrottlesEachKey) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) { plan.throttle = Throttle{2, 5}; });
    EXPECT_EQ(admitted(10), 5);
    EXPECT_EQ(outcome(), "THROTTLED");
    clock_.advance_ms(1'000);
    EXPECT_EQ(admitted(10), 2);
    clock_.advance_ms(60'000);
    EXPECT_EQ(admitted(10), 5) << "a bucket holds no more than the burst";
}

TEST_F(AdmissionTest, APlansMethodThrottleStandsForThePlansOwn) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) {
        plan.throttle = Throttle{1, 1};
        plan.stages[0].throttle["//GET"] = Throttle{1, 3};
    });
    EXPECT_EQ(admitted(10), 3);
}

TEST_F(AdmissionTest, StageSettingsThrottleTheMethod) {
    serve([](RestApi&, Method&) {},
          [](Stage& stage) {
              stage.settings["*/*"].rate_limit = 1;
              stage.settings["*/*"].burst_limit = 9;
              stage.settings["~1/GET"].burst_limit = 4;
          });
    EXPECT_EQ(admitted(10), 4);
    clock_.advance_ms(2'000);
    EXPECT_EQ(admitted(10), 2);
}

TEST_F(AdmissionTest, AMethodMayBeWithoutTheStagesBound) {
    serve([](RestApi&, Method&) {},
          [](Stage& stage) {
              stage.settings["*/*"].rate_limit = 1;
              stage.settings["*/*"].burst_limit = 1;
              stage.settings["~1/GET"].rate_limit = -1;
              stage.settings["~1/GET"].burst_limit = -1;
          });
    EXPECT_EQ(admitted(10), 10);
}

TEST_F(AdmissionTest, TheAccountIsThrottledOverItsApis) {
    open({.requests_per_s = 100, .burst = 50});
    serve([](RestApi&, Method&) {});
    EXPECT_EQ(admitted(100), 50);
    serve([](RestApi&, Method&) {});
    EXPECT_EQ(admitted(10), 0) << "a new deployment fills no bucket";
    open({.requests_per_s = 0});
    EXPECT_EQ(admitted(20'000), 20'000);
}

TEST_F(AdmissionTest, ARateOfNothingLetsNothingPass) {
    serve([](RestApi&, Method&) {},
          [](Stage& stage) {
              stage.settings["*/*"].rate_limit = 0;
              stage.settings["*/*"].burst_limit = 0;
          });
    EXPECT_EQ(admitted(5), 0);
}

TEST_F(AdmissionTest, AQuotaIsUsedUpAndComesBackWithItsPeriod) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) { plan.quota = UsagePlan::Quota{3, 0, "DAY"}; });
    EXPECT_EQ(admitted(5), 3);
    EXPECT_EQ(outcome(), "QUOTA_EXCEEDED");
    EXPECT_EQ(ask()->refusal->message, "Limit Exceeded");
    clock_.advance_ms(86'400'000);
    EXPECT_EQ(admitted(5), 3);
    const auto days = usage("2026-11-20", "2026-11-23");
    ASSERT_EQ(days.size(), 4u);
    const int64_t used[] = {0, 3, 3, 0}, remaining[] = {3, 0, 0, 3};
    for (size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(days[i].used, used[i]) << i;
        EXPECT_EQ(days[i].remaining, remaining[i]) << i;
    }
}

TEST_F(AdmissionTest, WeeksBeginOnMondayAndMonthsOnTheFirst) {
    const auto day = [](std::string_view text) { return parse_day(text).value(); };
    EXPECT_EQ(period_start("WEEK", day("2026-11-21")), day("2026-11-16"));
    EXPECT_EQ(period_start("WEEK", day("2026-11-16")), day("2026-11-16"));
    EXPECT_EQ(period_start("WEEK", day("2026-11-15")), day("2026-11-09"));
    EXPECT_EQ(period_start("MONTH", day("2026-11-21")), day("2026-11-01"));
    EXPECT_EQ(period_start("MONTH", day("2024-02-29")), day("2024-02-01"));
    EXPECT_EQ(period_start("DAY", day("2026-11-21")), day("2026-11-21"));
    EXPECT_FALSE(parse_day("2026-02-30"));
    EXPECT_FALSE(parse_day("2026-2-03"));
}

TEST_F(AdmissionTest, TheFirstPeriodHasTheOffsetLess) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) { plan.quota = UsagePlan::Quota{5, 2, "WEEK"}; });
    EXPECT_EQ(admitted(9), 3);
    clock_.advance_ms(2 * 86'400'000);  // Monday
    EXPECT_EQ(admitted(9), 5);
}

TEST_F(AdmissionTest, WhatRemainsMayBeSet) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) { plan.quota = UsagePlan::Quota{3, 0, "MONTH"}; });
    EXPECT_EQ(admitted(2), 2);
    const auto plan = apis_->find_plan(owner, plan_).value();
    ASSERT_TRUE(access_->set_remaining(*plan, key_, 10).ok());
    EXPECT_EQ(usage("2026-11-21", "2026-11-21")[0].remaining, 10);
    EXPECT_EQ(usage("2026-11-21", "2026-11-21")[0].used, 2);
    EXPECT_EQ(admitted(20), 10);
    clock_.advance_ms(15 * int64_t{86'400'000});
    EXPECT_EQ(admitted(20), 3);
}

TEST_F(AdmissionTest, CountsSurviveARestart) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) { plan.quota = UsagePlan::Quota{10, 0, "DAY"}; });
    EXPECT_EQ(admitted(4), 4);
    open({});
    EXPECT_EQ(usage("2026-11-21", "2026-11-21")[0].used, 4);
    EXPECT_EQ(admitted(20), 6);
    ASSERT_TRUE(access_->forget_usage(*apis_->find_plan(owner, plan_).value(), "").ok());
    open({});
    EXPECT_EQ(usage("2026-11-21", "2026-11-21")[0].used, 0);
}

TEST_F(AdmissionTest, WhatIsRefusedUsesNothingUp) {
    serve_keyed();
    edit_plan([](UsagePlan& plan) {
        plan.throttle = Throttle{1, 2};
        plan.quota = UsagePlan::Quota{3, 0, "DAY"};
    });
    EXPECT_EQ(admitted(9), 2);
    EXPECT_EQ(usage("2026-11-21", "2026-11-21")[0].used, 2);
    clock_.advance_ms(10'000);
    EXPECT_EQ(admitted(9), 1) << "the quota's last";
    edit_plan([](UsagePlan& plan) { plan.quota->limit = 4; });
    EXPECT_EQ(admitted(9), 1) << "the throttle's token of the requests that the quota refused came back";
}

}  // namespace
}  // namespace millrace::gateway
