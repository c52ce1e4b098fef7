// A dispatcher on a real log and a real store, with a clock that is told and targets that answer what the test says.
#include "src/bus/dispatcher.h"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "src/bus/testing_store.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/table/temporary_directory.h"

namespace millrace::bus {
namespace {

using target::Outcome;

class FakeTargets final : public target::Deliverer {
  public:
    void deliver(const target::Target& target, std::vector<target::Item> items, Done done) override {
        const std::string name = target.arn.substr(target.arn.rfind('/') + 1);
        if (holds_all || holds == name) {
            held.push_back({std::move(items), std::move(done)});
            return;
        }
        std::vector<Outcome> outcomes(items.size());
        for (size_t i = 0; i < items.size(); ++i) {
            if (const auto bad = answers.find(name); bad != answers.end()) outcomes[i] = bad->second;
            ++tries[name];
            if (outcomes[i].ok()) got[name].push_back(items[i].body);
        }
        done(std::move(outcomes));
    }

    struct Held {
        std::vector<target::Item> items;
        Done done;
    };
    std::string holds;  // this target's answers are kept back
    bool holds_all = false;
    std::deque<Held> held;
    std::map<std::string, Outcome> answers;  // others are delivered
    std::map<std::string, std::vector<std::string>> got;
    std::map<std::string, size_t> tries;
};

class Dispatching : public testing::Test, public Surroundings {
  protected:
    void SetUp() override {
        bus_.name = "default";
        bus_.id = 1;
        open();
        bus_.log_key = log_->create_shard().value().value();
        start();
    }
    void open() {
        store_ = std::make_unique<FailingStore>(
            *table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false}));
        log_ = *log::Log::open({.directory = directory_.path() + "/log", .durability = log::Durability::os},
                               io::posix_file_system(), clock_);
        registry_ = catalog::Registry::open(*store_);
    }
    void start() {
        options_.retry_ms = 1000;
        dispatcher_ = *Dispatcher::open(bus_, rules_, options_, {*log_, *registry_, *store_, clock_}, targets_, *this);
    }
    // As after kill -9: what was in memory is gone.
    void die() {
        targets_.held.clear();
        dispatcher_.reset();
        registry_.reset();
        log_.reset();
        store_.reset();
        open();
        start();
    }
    void steps() {
        const std::atomic<bool> no{false};
        for (int i = 0; i < 20; ++i) dispatcher_->step(false, no);
    }
    void pass(int64_t ms) {
        clock_.advance_ms(ms);
        steps();
    }
    void put(int n) {
        log::Batch batch{log::ShardKey(bus_.log_key)};
        const std::string detail = "{\"n\":" + std::to_string(n) + "}";
        std::string event;
        append_event(
            {.id = "id", .detail_type = "t", .source = "s", .time = clock_.now(), .resources = {}, .detail = detail},
            {}, &event);
        batch.add("", event);
        ASSERT_TRUE(log_->append_and_wait(std::move(batch)).ok());
    }
    // A rule for all events, or a schedule, to one target.
    void rule(const std::string& to, const std::function<void(RuleDefinition&)>& change = {}) {
        RuleDefinition definition;
        definition.bus = definition.name = to;
        definition.pattern = R"({"source":["s"]})";
        definition.uid = ++uid_;
        definition.created = definition.scheduled_from = clock_.now();
        TargetDefinition target;
        target.id = "1";
        target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/" + to;
        target.input_path = "$.detail.n";
        target.uid = uid_;
        definition.targets.push_back(target);
        if (change) change(definition);
        rules_->put(*Rule::compile(definition));
    }
    std::vector<std::string> got(const std::string& name) {
        std::vector<std::string> out = targets_.got[name];
        std::sort(out.begin(), out.end());
        return out;
    }
    uint64_t end() { return log_->end(log::ShardKey(bus_.log_key)).value().value(); }

    std::optional<OtherBus> other_bus(std::string_view, const std::string&) override { return std::nullopt; }
    std::shared_ptr<const std::set<std::string>> rules_of_replay(const Scope&, const std::string&) override {
        return nullptr;
    }
    log::Position archived_until(const BusDefinition&, log::Position otherwise) override { return otherwise; }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    Options options_;
    BusDefinition bus_;
    std::shared_ptr<RuleTable> rules_ = std::make_shared<RuleTable>();
    FakeTargets targets_;
    std::unique_ptr<FailingStore> store_;
    std::unique_ptr<log::Log> log_;
    std::unique_ptr<catalog::Registry> registry_;
    std::shared_ptr<Dispatcher> dispatcher_;
    uint64_t uid_ = 0;
};

const Outcome later = {.kind = Outcome::Kind::retryable, .code = "Throttling", .message = "later"};
const Outcome never = {.kind = Outcome::Kind::permanent, .code = "ResourceNotFoundException", .message = "no"};

TEST_F(Dispatching, EveryRuleGetsTheEvent) {
    rule("a");
    rule("b");
    put(1);
    put(2);
    steps();
    EXPECT_EQ(got("a"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(got("b"), got("a"));
    EXPECT_EQ(dispatcher_->delivered_until().value(), end());
}

TEST_F(Dispatching, RetriesWaitLongerEachTime) {
    rule("a");
    targets_.answers["a"] = later;
    put(1);
    steps();
    EXPECT_EQ(targets_.tries["a"], 1u);
    pass(499);  // half a second at the least
    EXPECT_EQ(targets_.tries["a"], 1u);
    pass(502);
    EXPECT_EQ(targets_.tries["a"], 2u);
    pass(999);
    EXPECT_EQ(targets_.tries["a"], 2u);
    targets_.answers.clear();
    pass(1002);
    EXPECT_EQ(got("a"), std::vector<std::string>{"1"});
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

TEST_F(Dispatching, RetriesSurviveADeath) {
    rule("a");
    rule("b");
    targets_.answers["a"] = later;
    put(1);
    steps();
    pass(300);  // the checkpoint is saved
    die();
    targets_.answers.clear();
    pass(2000);
    EXPECT_EQ(got("a"), std::vector<std::string>{"1"});
    EXPECT_EQ(got("b"), std::vector<std::string>{"1"});  // not again
}

TEST_F(Dispatching, WhatWasUnderWayAtADeathComesAgain) {
    rule("a");
    targets_.holds = "a";
    put(1);
    steps();
    ASSERT_EQ(targets_.held.size(), 1u);
    die();
    targets_.holds.clear();
    steps();
    EXPECT_EQ(got("a"), std::vector<std::string>{"1"});
}

TEST_F(Dispatching, ATargetThatDoesNotAnswerHoldsUpNobody) {
    rule("a");
    rule("b");
    targets_.holds = "a";
    for (int i = 0; i < 10; ++i) {
        put(i);
        steps();
    }
    EXPECT_EQ(got("b").size(), 10u);
    EXPECT_LT(dispatcher_->delivered_until().value(), end());
    pass(6000);
    EXPECT_EQ(dispatcher_->delivered_until().value(), end());  // what waits for `a` is kept elsewhere
    EXPECT_EQ(dispatcher_->stats().parked, 10u);
    pass(300);
    die();
    targets_.holds.clear();
    steps();
    EXPECT_EQ(got("a").size(), 10u);
    EXPECT_EQ(got("b").size(), 10u);
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

TEST_F(Dispatching, AnAnswerThatComesLateEndsTheWait) {
    rule("a");
    targets_.holds = "a";
    put(1);
    steps();
    pass(3000);
    EXPECT_EQ(dispatcher_->stats().parked, 1u);
    targets_.held.front().done({Outcome{}});
    steps();
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
    targets_.holds.clear();
    die();
    pass(10'000);
    EXPECT_TRUE(got("a").empty());  // it was delivered by the answer; nothing brings it again
}

TEST_F(Dispatching, WhatIsGivenUpIsADeadLetter) {
    const auto with_letters = [](RuleDefinition& rule) {
        rule.targets[0].dead_letter_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/dead";
        rule.targets[0].retries_max = 1;
        rule.targets[0].age_s_max = 60;
    };
    rule("a", with_letters);
    targets_.answers["a"] = never;
    put(1);
    steps();
    ASSERT_EQ(got("dead").size(), 1u);
    EXPECT_NE(got("dead")[0].find("NO_RESOURCE"), std::string::npos);
    targets_.answers["a"] = later;
    put(2);
    steps();
    pass(1001);
    ASSERT_EQ(got("dead").size(), 2u);
    EXPECT_NE(targets_.got["dead"][1].find(R"("EXHAUSTED_RETRY_CONDITION":"MaximumRetryAttempts","RETRY_ATTEMPTS":1)"),
              std::string::npos);
}

TEST_F(Dispatching, EventsGrowTooOld) {
    rule("a", [](RuleDefinition& rule) { rule.targets[0].age_s_max = 60; });
    targets_.answers["a"] = later;
    put(1);
    for (int i = 0; i < 70; ++i) pass(1000);
    const size_t tries = targets_.tries["a"];
    EXPECT_LT(tries, 10u);
    EXPECT_EQ(dispatcher_->stats().dropped, 1u);
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

TEST_F(Dispatching, ATargetThatIsRemovedLeavesNothingBehind) {
    rule("a");
    targets_.answers["a"] = later;
    put(1);
    steps();
    EXPECT_EQ(dispatcher_->stats().parked, 1u);
    rules_->remove("a");
    steps();
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
    die();
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

// One byte and what keeping it costs.
constexpr uint64_t one = 129;

TEST_F(Dispatching, ABrokenTargetStopsNobodyAndKeepsNoLog) {
    options_.parked_bytes_max = 40 * one;
    die();
    rule("a", [](RuleDefinition& rule) {
        rule.targets[0].dead_letter_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/dead";
    });
    rule("b");
    rule("c");
    targets_.answers["a"] = targets_.answers["c"] = later;
    for (int i = 0; i < 100; ++i) {
        put(i % 10);
        steps();
    }
    EXPECT_EQ(got("b").size(), 100u);
    EXPECT_EQ(dispatcher_->delivered_until().value(), end());
    EXPECT_EQ(got("dead").size(), 90u);  // a quarter waits
    EXPECT_NE(got("dead")[0].find("MaximumWaitingBytes"), std::string::npos);
    EXPECT_EQ(dispatcher_->stats().dropped, 90u);  // of c, which has no place for them
    EXPECT_EQ(dispatcher_->stats().overflowed, 180u);
    EXPECT_EQ(dispatcher_->stats().parked, 20u);
    targets_.answers.clear();
    for (int i = 0; i < 5; ++i) pass(1000);
    EXPECT_EQ(got("a").size(), 10u);
    EXPECT_EQ(got("c").size(), 10u);
    EXPECT_EQ(dispatcher_->stats().parked_bytes, 0u);
}

TEST_F(Dispatching, HoweverManyAreBrokenThereIsABoundAndALittleForEach) {
    options_.parked_bytes_max = 160 * one;
    die();
    for (int i = 0; i < 20; ++i) {
        const std::string name = "r" + std::to_string(i);
        rule(name, [&](RuleDefinition& rule) {
            rule.pattern = R"({"source":["s"],"detail":{"n":[)" + std::to_string(i % 10) + "]}}";
        });
        targets_.answers[name] = later;
    }
    for (int i = 0; i < 1000; ++i) {
        put(i < 500 ? i % 5 : i % 10);  // half of them break later
        steps();
    }
    EXPECT_LE(dispatcher_->stats().parked_bytes, (160 + 20 * 10) * one);
    targets_.answers.clear();
    for (int i = 0; i < 5; ++i) pass(2000);
    for (int i = 0; i < 20; ++i) EXPECT_GE(got("r" + std::to_string(i)).size(), 2u) << i;
    EXPECT_EQ(dispatcher_->stats().parked_bytes, 0u);
    die();
    EXPECT_EQ(dispatcher_->stats().parked_bytes, 0u);
}

TEST_F(Dispatching, TargetsThatDoNotAnswerDoNotFillTheMemory) {
    for (int i = 0; i < 16; ++i) {
        const std::string name = "r" + std::to_string(i);
        rule(name, [](RuleDefinition& rule) {
            rule.targets[0].input_path.reset();
            rule.targets[0].input = std::string(1 << 20, '1');
        });
        targets_.answers[name] = later;
    }
    for (int i = 0; i < 8; ++i) {
        put(i);
        steps();
    }
    ASSERT_EQ(dispatcher_->stats().parked, 128u);
    targets_.holds_all = true;
    pass(600'000);  // all are tried again, and hang
    targets_.holds_all = false;
    rule("b");
    put(1);
    for (int i = 0; i < 4; ++i) pass(1000);
    EXPECT_EQ(got("b").size(), 1u);
}

TEST_F(Dispatching, WhatIsDamagedInTheRetryQueueIsDroppedAlone) {
    rule("a");
    targets_.answers["a"] = later;
    put(1);
    put(2);
    steps();
    pass(300);
    {
        const auto cursor = store_->cursor();
        cursor->seek("R");
        ASSERT_TRUE(cursor->valid() && cursor->key()[0] == 'R');
        table::WriteBatch batch;
        batch.put(std::string(cursor->key()), "rubbish");
        ASSERT_TRUE(store_->write(batch).ok());
    }
    die();
    targets_.answers.clear();
    for (int i = 0; i < 3; ++i) pass(1000);
    EXPECT_EQ(got("a").size(), 1u);
    EXPECT_EQ(dispatcher_->stats().dropped, 1u);
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

TEST_F(Dispatching, AStoreThatCanNotBeWrittenIsWaitedFor) {
    rule("a");
    targets_.answers["a"] = later;
    put(1);
    store_->fails = true;
    steps();
    pass(1000);
    EXPECT_LT(dispatcher_->delivered_until().value(), end());
    store_->fails = false;
    targets_.answers.clear();
    for (int i = 0; i < 5; ++i) pass(60'000);
    EXPECT_EQ(got("a").size(), 1u);
    put(2);
    steps();
    EXPECT_EQ(got("a").size(), 2u);
    EXPECT_EQ(dispatcher_->delivered_until().value(), end());
}

TEST_F(Dispatching, WhatIsNeverItsTurnGrowsTooOld) {
    rule("a", [](RuleDefinition& rule) { rule.targets[0].age_s_max = 60; });
    targets_.answers["a"] = later;
    targets_.answers["a"].attempted = false;  // a rate is kept
    put(1);
    for (int i = 0; i < 62; ++i) pass(1000);
    EXPECT_EQ(dispatcher_->stats().dropped, 1u);
    EXPECT_EQ(dispatcher_->stats().parked, 0u);
}

// Segments are freed oldest first: a bus that is quiet must not keep what everybody else writes.
TEST_F(Dispatching, AQuietBusLetsGoOfTheLog) {
    rule("a");
    put(1);
    steps();
    log::Batch batch{*log_->create_shard()};
    batch.add("key", "of somebody else");
    ASSERT_TRUE(log_->append_and_wait(std::move(batch)).ok());
    const std::atomic<bool> no{false};
    for (int i = 0; i < 5; ++i) {  // as the scheduler does
        const flow::Stepped::Next next = dispatcher_->step(false, no);
        if (next.more) continue;
        ASSERT_LT(next.due_ns, INT64_MAX);
        clock_.advance_ms((next.due_ns - clock_.monotonic_ns()) / 1'000'000 + 1);
    }
    EXPECT_EQ(log_->horizon(log::ShardKey(bus_.log_key)).value().value(), end());
}

TEST_F(Dispatching, SchedulesAreMadeUpForOnce) {
    rule("a", [](RuleDefinition& rule) {
        rule.pattern.clear();
        rule.schedule = "rate(5 minutes)";
        rule.targets[0].input_path = "$.detail-type";
    });
    steps();
    pass(299'999);
    EXPECT_TRUE(got("a").empty());
    pass(2);
    EXPECT_EQ(got("a"), std::vector<std::string>{"\"Scheduled Event\""});
    clock_.advance_ms(3'600'000);  // the server was down
    die();
    steps();
    EXPECT_EQ(got("a").size(), 2u);
    pass(300'001);
    EXPECT_EQ(got("a").size(), 3u);
}

// Rules that change while events come: no event misses a rule that was there before and after.
TEST_F(Dispatching, ARuleThatIsReplacedMissesNothing) {
    for (int i = 0; i < 200; ++i) {
        rule("other" + std::to_string(i), [](RuleDefinition& rule) { rule.pattern = R"({"source":["x"]})"; });
    }
    for (int i = 0; i < 50; ++i) {
        rule("a");
        put(i);
        steps();
    }
    EXPECT_EQ(got("a").size(), 50u);
}

}  // namespace
}  // namespace millrace::bus
