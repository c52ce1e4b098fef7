#include "src/schedule/engine.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/schedule/keys.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::schedule {
namespace {

using Kind = target::Outcome::Kind;
constexpr int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;

// An engine on a real store, with a clock that is told and a target that answers what the test says.
class Schedules : public testing::Test {
  protected:
    void SetUp() override { start(); }
    void start() {
        store_ = *table::open_rocksdb({.directory = directory_.path(), .sync = false});
        engine_ = *Engine::open(options_, {*store_, clock_, [this](Call call, auto done) {
                                               called_.push_back(call);
                                               if (hold_) {
                                                   held_.push_back(done);
                                                   return;
                                               }
                                               target::Outcome outcome;
                                               outcome.kind = answer_;
                                               done(outcome);
                                           }});
    }
    // As after kill -9: nothing of the process is left but the store.
    void restart() {
        engine_.reset();
        store_.reset();
        held_.clear();
        start();
    }
    void steps() {
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(engine_->step().ok());
    }
    // Steps each `by` for `ms`.
    void pass(int64_t ms, int64_t by = minute) {
        for (int64_t passed = 0; passed < ms; passed += by) {
            clock_.advance_ms(by);
            steps();
        }
    }
    static ScheduleName named(const std::string& name, const std::string& group = "default") {
        return {Scope{}, group, name};
    }
    static Settings settings(const std::string& expression) {
        Settings out;
        out.expression = expression;
        out.target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
        out.target.partition_key = "k";
        out.target.input = "<aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>";
        return out;
    }
    std::vector<std::string> bodies() {
        std::vector<std::string> out;
        for (const Call& call : called_) out.push_back(call.item.body);
        called_.clear();
        return out;
    }
    size_t stored() {
        size_t count = 0;
        const auto cursor = store_->cursor();
        for (cursor->seek("schedule/"); cursor->valid(); cursor->next()) {
            count += !cursor->key().starts_with(keys::groups);
        }
        return count;
    }

    Options options_;
    table::TemporaryDirectory directory_;
    io::ManualClock clock_{TimestampMs(1'767'225'600'000)};  // 2026-01-01T00:00:00Z
    std::unique_ptr<table::KeyValueStore> store_;
    std::unique_ptr<Engine> engine_;
    std::vector<Call> called_;
    Kind answer_ = Kind::delivered;
    bool hold_ = false;
    std::vector<std::function<void(target::Outcome)>> held_;
};
using Lines = std::vector<std::string>;

TEST_F(Schedules, OneTimeIsCarriedOutOnceAndGoesWhereItIsToBeDeleted) {
    Settings once = settings("at(2026-01-01T00:05:00)");
    ASSERT_TRUE(engine_->create(named("kept"), once, "").ok());
    once.delete_after = true;
    ASSERT_TRUE(engine_->create(named("gone"), once, "").ok());
    pass(4 * minute);
    EXPECT_TRUE(called_.empty());
    pass(10 * minute);
    EXPECT_EQ(bodies(), (Lines{"2026-01-01T00:05:00Z 1", "2026-01-01T00:05:00Z 1"}));
    EXPECT_TRUE(engine_->find(named("kept")).ok());
    EXPECT_EQ(engine_->find(named("gone")).error().code, ErrorCode::not_found);
    EXPECT_EQ(stored(), 1u);  // the definition of the one that was kept
}

TEST_F(Schedules, OneTimeOfTheLastMinuteIsDueWhenItIsMade) {
    clock_.advance_ms(59'000);
    ASSERT_TRUE(engine_->create(named("late"), settings("at(2026-01-01T00:00:00)"), "").ok());
    ASSERT_TRUE(engine_->create(named("past"), settings("at(2025-12-31T23:59:58)"), "").ok());
    steps();
    EXPECT_EQ(bodies(), Lines{"2026-01-01T00:00:00Z 1"});
    // Made another one it is due again; switched off and on it is not.
    Settings changed = settings("at(2026-01-01T00:00:30)");
    ASSERT_TRUE(engine_->update(named("late"), changed).ok());
    steps();
    EXPECT_EQ(bodies(), Lines{"2026-01-01T00:00:30Z 1"});
    for (const bool enabled : {false, true}) {
        changed.enabled = enabled;
        ASSERT_TRUE(engine_->update(named("late"), changed).ok());
    }
    pass(5 * minute);
    EXPECT_TRUE(called_.empty());
}

TEST_F(Schedules, RatesBeginAtOnceOrAtTheirStartAndEnd) {
    ASSERT_TRUE(engine_->create(named("now"), settings("rate(5 minutes)"), "").ok());
    steps();
    EXPECT_EQ(bodies(), Lines{"2026-01-01T00:00:00Z 1"});
    ASSERT_TRUE(engine_->remove(named("now")).ok());
    Settings later = settings("rate(5 minutes)");
    later.start = TimestampMs(clock_.now().value() + 7 * minute);
    later.end = TimestampMs(clock_.now().value() + 17 * minute);
    ASSERT_TRUE(engine_->create(named("later"), later, "").ok());
    pass(30 * minute);
    EXPECT_EQ(bodies(), (Lines{"2026-01-01T00:07:00Z 1", "2026-01-01T00:12:00Z 1", "2026-01-01T00:17:00Z 1"}));
}

TEST_F(Schedules, TriesAgainUntilTheAttemptsAreSpent) {
    Settings flaky = settings("at(2026-01-01T00:01:00)");
    flaky.target.retries_max = 2;
    ASSERT_TRUE(engine_->create(named("flaky"), flaky, "").ok());
    answer_ = Kind::retryable;
    pass(hour);
    EXPECT_EQ(bodies(), (Lines{"2026-01-01T00:01:00Z 1", "2026-01-01T00:01:00Z 2", "2026-01-01T00:01:00Z 3"}));
    EXPECT_EQ(engine_->counts().given_up, 1u);
    answer_ = Kind::permanent;
    ASSERT_TRUE(engine_->create(named("refused"), settings("at(2026-01-01T02:00:00)"), "").ok());
    pass(2 * hour);
    EXPECT_EQ(bodies().size(), 1u);
    EXPECT_EQ(stored(), 2u);
}

TEST_F(Schedules, DefaultAttemptsTakeAboutADay) {
    Settings once = settings("at(2026-01-01T00:01:00)");
    ASSERT_TRUE(engine_->create(named("once"), once, "").ok());
    answer_ = Kind::retryable;
    pass(3 * day, 10 * minute);
    EXPECT_GT(called_.size(), 100u);
    EXPECT_LE(called_.size(), 186u);
    EXPECT_EQ(engine_->counts().given_up, 1u);
}

TEST_F(Schedules, WhatWasUnderWayAtAKillIsCarriedOutAgain) {
    ASSERT_TRUE(engine_->create(named("once"), settings("at(2026-01-01T00:01:00)"), "").ok());
    hold_ = true;
    pass(2 * minute);
    ASSERT_EQ(bodies().size(), 1u);
    restart();
    hold_ = false;
    steps();
    EXPECT_EQ(bodies(), Lines{"2026-01-01T00:01:00Z 1"});
    restart();
    steps();
    EXPECT_TRUE(bodies().empty());
}

TEST_F(Schedules, WhatWasDueWhileOffIsLateUnlessItIsTooOld) {
    Settings hourly = settings("cron(0 * * * ? *)");
    hourly.target.age_s_max = 3 * 3600;
    ASSERT_TRUE(engine_->create(named("hourly"), hourly, "").ok());
    Settings once = settings("at(2026-01-01T10:30:00)");
    ASSERT_TRUE(engine_->create(named("once"), once, "").ok());
    once.target.age_s_max = 60;
    once.delete_after = true;
    ASSERT_TRUE(engine_->create(named("impatient"), once, "").ok());
    clock_.advance_ms(12 * hour + 10 * minute);
    restart();
    steps();
    EXPECT_EQ(bodies(), (Lines{"2026-01-01T10:30:00Z 1", "2026-01-01T10:00:00Z 1", "2026-01-01T11:00:00Z 1",
                               "2026-01-01T12:00:00Z 1"}));
    EXPECT_EQ(engine_->counts().skipped, 2u);
    EXPECT_EQ(engine_->find(named("impatient")).error().code, ErrorCode::not_found);
    pass(hour);
    EXPECT_EQ(bodies(), Lines{"2026-01-01T13:00:00Z 1"});
}

TEST_F(Schedules, AFlexibleWindowSpreadsRunsAndKeepsTheirTime) {
    Settings flexible = settings("at(2026-01-01T01:00:00)");
    flexible.window_minutes = 60;
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(engine_->create(named("s" + std::to_string(i)), flexible, "").ok());
    pass(80 * minute);
    const size_t early = called_.size();
    EXPECT_GT(early, 5u);
    EXPECT_LT(early, 45u);
    pass(60 * minute);
    const Lines all = bodies();
    EXPECT_EQ(all.size(), 50u);
    for (const std::string& body : all) EXPECT_EQ(body, "2026-01-01T01:00:00Z 1");
}

TEST_F(Schedules, UpdatesDisableAndReplace) {
    ASSERT_TRUE(engine_->create(named("a"), settings("rate(1 hour)"), "").ok());
    steps();
    EXPECT_EQ(bodies().size(), 1u);
    Settings off = settings("rate(1 hour)");
    off.enabled = false;
    ASSERT_TRUE(engine_->update(named("a"), off).ok());
    pass(3 * hour, hour);
    EXPECT_TRUE(bodies().empty());
    ASSERT_TRUE(engine_->update(named("a"), settings("at(2026-01-01T05:00:00)")).ok());
    pass(6 * hour, hour);
    EXPECT_EQ(bodies(), Lines{"2026-01-01T05:00:00Z 1"});
    EXPECT_EQ(engine_->update(named("b"), off).error().code, ErrorCode::not_found);
    EXPECT_EQ(engine_->create(named("c"), settings("cron(1)"), "").error().code, ErrorCode::invalid_argument);
}

TEST_F(Schedules, TheSameTokenMakesTheSameScheduleOnce) {
    const Settings same = settings("rate(1 hour)");
    ASSERT_TRUE(engine_->create(named("a"), same, "token").ok());
    EXPECT_TRUE(engine_->create(named("a"), same, "token").ok());
    EXPECT_EQ(engine_->create(named("a"), same, "other").error().code, ErrorCode::already_exists);
    EXPECT_EQ(engine_->create(named("a"), settings("rate(2 hours)"), "token").error().code, ErrorCode::already_exists);
}

TEST_F(Schedules, GroupsAreListedAndGoWithTheirSchedules) {
    ASSERT_TRUE(engine_->create_group(Scope{}, "g", {{"k", "v"}}, "").ok());
    for (int i = 0; i < 1'200; ++i) {
        ASSERT_TRUE(engine_->create(named("s" + std::to_string(i), "g"), settings("rate(1 day)"), "").ok());
    }
    ASSERT_TRUE(engine_->create(named("other"), settings("cron(0 0 1 1 ? 2199)"), "").ok());
    EXPECT_EQ(engine_->create(named("x", "absent"), settings("rate(1 day)"), "").error().code, ErrorCode::not_found);

    size_t count = 0;
    std::string after;
    do {
        const SchedulePage page = *engine_->list(Scope{}, {"g", "s1", std::nullopt}, after, 100);
        count += page.schedules.size();
        after = page.next;
    } while (!after.empty());
    EXPECT_EQ(count, 311u);  // s1, s1x, s1xx, s10xx, s11xx
    EXPECT_EQ(engine_->list(Scope{}, {}, "", 10'000)->schedules.size(), 1'201u);
    EXPECT_EQ(engine_->list(Scope{"111111111111", "us-east-1"}, {}, "", 10)->schedules.size(), 0u);

    ASSERT_TRUE(engine_->remove_group(Scope{}, "g").ok());
    EXPECT_TRUE(engine_->find_group(Scope{}, "g")->deleting);
    EXPECT_EQ(engine_->create(named("x", "g"), settings("rate(1 day)"), "").error().code,
              ErrorCode::failed_precondition);
    ASSERT_TRUE(engine_->step().ok());
    restart();  // half-way
    steps();
    EXPECT_EQ(engine_->find_group(Scope{}, "g").error().code, ErrorCode::not_found);
    EXPECT_EQ(engine_->list_groups(Scope{}, "", "", 10)->groups.size(), 1u);
    EXPECT_EQ(stored(), 3u);  // the definition, the next time and the index entry of the other one
    EXPECT_FALSE(engine_->remove_group(Scope{}, "default").ok());
}

TEST_F(Schedules, MoreIsDueThanMayBeUnderWay) {
    options_.in_flight_max = 3;
    options_.waiting_max = 10;
    options_.moved_max = 4;
    restart();
    for (int i = 0; i < 60; ++i) {
        ASSERT_TRUE(engine_->create(named("s" + std::to_string(i)), settings("at(2026-01-01T00:01:00)"), "").ok());
    }
    hold_ = true;
    pass(2 * minute);
    EXPECT_EQ(called_.size(), 3u);
    for (int round = 0; round < 60; ++round) {
        auto held = std::move(held_);
        held_.clear();
        for (auto& done : held) done({});
        steps();
    }
    EXPECT_EQ(called_.size(), 60u);
    EXPECT_EQ(stored(), 60u);
}

TEST_F(Schedules, ARecurringOneIsDeletedAfterAllItsRuns) {
    Settings some = settings("rate(1 minute)");
    some.end = TimestampMs(clock_.now().value() + 3 * minute);
    some.delete_after = true;
    hold_ = true;
    ASSERT_TRUE(engine_->create(named("some"), some, "").ok());
    pass(10 * minute);
    ASSERT_EQ(held_.size(), 4u);
    target::Outcome later;
    later.kind = Kind::retryable;
    held_[0](later);
    held_[1]({});
    held_[3]({});  // the last one before the others
    steps();
    EXPECT_TRUE(engine_->find(named("some")).ok());
    held_[2]({});
    hold_ = false;
    pass(10 * minute);
    EXPECT_EQ(engine_->find(named("some")).error().code, ErrorCode::not_found);
    EXPECT_EQ(bodies(), (Lines{"2026-01-01T00:00:00Z 1", "2026-01-01T00:01:00Z 1", "2026-01-01T00:02:00Z 1",
                               "2026-01-01T00:03:00Z 1", "2026-01-01T00:00:00Z 2"}));
    EXPECT_EQ(stored(), 0u);
}

// Two that are given up in one write, of which one hands on to the other that it is the last, are forgotten once each.
TEST_F(Schedules, RunsThatAreGivenUpTogetherLeaveRoomForOthers) {
    Settings some = settings("rate(1 minute)");
    some.end = TimestampMs(clock_.now().value() + 3 * minute);
    some.delete_after = true;
    some.target.age_s_max = 600;
    ASSERT_TRUE(engine_->create(named("some"), some, "").ok());
    hold_ = true;
    pass(4 * minute);
    ASSERT_EQ(held_.size(), 4u);
    clock_.advance_ms(day);
    restart();
    hold_ = false;
    steps();
    EXPECT_EQ(engine_->counts().given_up, 4u);
    EXPECT_EQ(engine_->find(named("some")).error().code, ErrorCode::not_found);
    EXPECT_EQ(stored(), 0u);
    called_.clear();
    ASSERT_TRUE(engine_->create(named("other"), settings("rate(1 hour)"), "").ok());
    steps();
    EXPECT_EQ(called_.size(), 1u);
}

// The last one ends in the same write in which an earlier one is put off.
TEST_F(Schedules, WhatIsTriedAgainOutlivesTheLastRun) {
    Settings some = settings("rate(1 minute)");
    some.end = TimestampMs(clock_.now().value() + minute);
    some.delete_after = true;
    target::Outcome later;
    later.kind = Kind::retryable;
    for (const bool last_first : {true, false}) {
        some.end = TimestampMs(clock_.now().value() + minute);
        hold_ = true;
        held_.clear();
        ASSERT_TRUE(engine_->create(named("some"), some, "").ok());
        pass(2 * minute);
        ASSERT_EQ(held_.size(), 2u);
        if (last_first) held_[1]({});
        held_[0](later);
        if (!last_first) held_[1]({});
        hold_ = false;
        called_.clear();
        pass(10 * minute);
        EXPECT_EQ(called_.size(), 1u);
        EXPECT_EQ(engine_->find(named("some")).error().code, ErrorCode::not_found);
        EXPECT_EQ(stored(), 0u);
    }
}

// A zone may leave with an update of the system: others are carried out all the same.
TEST_F(Schedules, AnEndThatCanNotBeReckonedStopsNobody) {
    Settings once = settings("at(2026-01-01T00:05:00)");
    once.delete_after = true;
    hold_ = true;
    ASSERT_TRUE(engine_->create(named("once"), once, "").ok());
    pass(6 * minute);
    ASSERT_EQ(held_.size(), 1u);
    Schedule damaged = *engine_->find(named("once"));
    damaged.settings.zone = "Atlantis/Poseidonis";
    table::WriteBatch batch;
    batch.put(keys::definition_key(named("once")), encode(damaged));
    ASSERT_TRUE(store_->write(batch).ok());
    held_[0]({});
    steps();
    EXPECT_EQ(stored(), 0u);
}

// An occurrence that is due and was not carried out yet is not lost to a change of its target.
TEST_F(Schedules, AChangeKeepsWhatIsLate) {
    Settings once = settings("at(2026-01-01T00:05:00)");
    ASSERT_TRUE(engine_->create(named("once"), once, "").ok());
    clock_.advance_ms(10 * minute);
    once.target.partition_key = "other";
    ASSERT_TRUE(engine_->update(named("once"), once).ok());
    steps();
    ASSERT_EQ(called_.size(), 1u);
    EXPECT_EQ(called_[0].item.partition_key, "other");
    ASSERT_TRUE(engine_->update(named("once"), once).ok());
    steps();
    EXPECT_EQ(called_.size(), 1u);
}

TEST_F(Schedules, AnotherExpressionDropsNothingThatIsLate) {
    ASSERT_TRUE(engine_->create(named("a"), settings("rate(1 minute)"), "").ok());
    ASSERT_TRUE(engine_->create(named("once"), settings("at(2026-01-01T00:01:00)"), "").ok());
    ASSERT_TRUE(engine_->create(named("off"), settings("rate(1 minute)"), "").ok());
    steps();
    called_.clear();
    clock_.advance_ms(3 * minute);  // and nobody has looked since
    ASSERT_TRUE(engine_->update(named("a"), settings("rate(1 hour)")).ok());
    ASSERT_TRUE(engine_->update(named("once"), settings("at(2026-01-01T05:00:00)")).ok());
    Settings off = settings("rate(1 minute)");
    off.enabled = false;
    ASSERT_TRUE(engine_->update(named("off"), off).ok());
    restart();
    steps();
    Lines got = bodies();
    std::sort(got.begin(), got.end());
    // The hour is counted from now on, and begins now, as every rate that is made.
    EXPECT_EQ(got, (Lines{"2026-01-01T00:01:00Z 1", "2026-01-01T00:01:00Z 1", "2026-01-01T00:02:00Z 1",
                          "2026-01-01T00:03:00Z 1", "2026-01-01T00:03:00Z 1"}));
    pass(6 * hour);
    got = bodies();
    EXPECT_EQ(std::count(got.begin(), got.end(), "2026-01-01T05:00:00Z 1"), 1);
}

TEST_F(Schedules, TheDefaultNotificationSaysWhatIsDue) {
    Settings plain = settings("at(2026-01-01T00:01:00)");
    plain.target.input.reset();
    ASSERT_TRUE(engine_->create(named("plain"), plain, "").ok());
    pass(2 * minute);
    const std::string body = bodies().at(0);
    EXPECT_NE(body.find(R"("detail-type":"Scheduled Event","source":"aws.scheduler","account":"000000000000")"),
              std::string::npos);
    EXPECT_NE(body.find(R"("resources":["arn:aws:scheduler:us-east-1:000000000000:schedule/default/plain"])"),
              std::string::npos);
}

}  // namespace
}  // namespace millrace::schedule
