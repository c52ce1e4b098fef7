// Every pair of settings, against a small model that knows nothing of lanes, ranges or checkpoints: it looks at the
// calls that a function saw and at what the destination got, and holds them to what the settings promise.
#include <gtest/gtest.h>

#include "src/flow/mapping/testing_world.h"

namespace millrace::flow::mapping {
namespace {

namespace json = boost::json;

// One line a setting: its values by name. The first is the default.
struct Choice {
    const char* name;
    std::vector<int> values;
};
const std::vector<Choice> choices{
    {"batch_size", {4, 1, 25}},
    {"batching_window_s", {0, 2}},
    {"start", {0, 1, 2}},  // TRIM_HORIZON, LATEST, AT_TIMESTAMP
    {"parallelization", {1, 3, 10}},
    {"retries_max", {-1, 0, 2}},
    {"record_age_s_max", {-1, 60}},
    {"bisect", {0, 1}},
    {"report", {0, 1}},
    {"tumbling_window_s", {0, 5}},
    {"filter", {0, 1}},
    {"destination", {0, 1}},
    {"shards", {1, 3}},
    {"event", {0, 1, 2, 3, 4}},  // nothing; restart; off and on; another batch size; a rewind to the start
    {"function", {0, 1, 2, 3, 4, 5, 6}},
};
enum Function { well, poison, flaky, throttled, slow, partial, malformed };
enum Event { nothing, restart, off_and_on, resize, rewound };

struct Case {
    std::map<std::string, int> at;
    int operator[](const std::string& name) const { return at.at(name); }
    std::string text() const {
        std::string out;
        for (const Choice& choice : choices) {
            if (at.at(choice.name) != choice.values[0])
                out += std::string(choice.name) + "=" + std::to_string(at.at(choice.name)) + " ";
        }
        return out;
    }
};

// A record says all that the model needs: {"id":7,"bad":true,"keep":true}; its key and shard are in the id.
struct Put {
    int id;
    size_t shard;
    int key;
    bool bad, keep;
    int64_t time_ms;
};

class Model {
  public:
    explicit Model(const Case& setup) : setup_(setup), world_(static_cast<size_t>(setup["shards"])) {
        Settings& settings = world_.definition.settings;
        settings.batch_size = static_cast<uint32_t>(setup["batch_size"]);
        settings.batching_window_s = static_cast<uint32_t>(setup["batching_window_s"]);
        settings.parallelization = static_cast<uint32_t>(setup["parallelization"]);
        settings.retries_max = setup["retries_max"];
        settings.record_age_s_max = setup["record_age_s_max"];
        settings.bisect_on_error = setup["bisect"] != 0;
        settings.report_item_failures = setup["report"] != 0;
        settings.tumbling_window_s = static_cast<uint32_t>(setup["tumbling_window_s"]);
        if (setup["filter"]) settings.filters = {R"({"data":{"keep":[true]}})"};
        if (setup["destination"]) settings.on_failure = "arn:aws:s3:::bucket";
        world_.function = [this](const Call& call) { return answer(call); };
    }

    void run() {
        put_records(20);
        world_.clock.advance_ms(1000);
        switch (setup_["start"]) {
            case 0:
                world_.definition.start = StartingPosition::trim_horizon;
                break;
            case 1:
                world_.definition.start = StartingPosition::latest;
                first_ = static_cast<int>(puts_.size());
                break;
            default:
                world_.definition.start = StartingPosition::at_timestamp;
                world_.definition.start_time = world_.clock.now();
                first_ = static_cast<int>(puts_.size());
        }
        world_.place();
        world_.start();
        put_records(20);
        world_.run_ms(700);
        happen();
        world_.run_ms(2'300);
        put_records(20);
        world_.run_ms(1'500);
        put_records(5);
        world_.run_ms(900'000);
        check();
    }

  private:
    void put_records(int count) {
        for (int i = 0; i < count; ++i) {
            const int id = static_cast<int>(puts_.size());
            Put put{id,          static_cast<size_t>(id % setup_["shards"]),
                    id % 7,      id % 13 == 5,
                    id % 4 != 3, world_.clock.now().value()};
            puts_.push_back(put);
            world_.put(json::serialize(json::object{{"id", id}, {"bad", put.bad}, {"keep", put.keep}}),
                       "key" + std::to_string(put.key), put.shard);
            if (i % 6 == 5) world_.clock.advance_ms(100);
        }
    }

    void happen() {
        switch (setup_["event"]) {
            case restart:
                world_.start();
                break;
            case off_and_on:
                world_.update([](Settings& settings) { settings.enabled = false; });
                world_.run_ms(10'000);
                EXPECT_EQ(world_.mapping->describe().state, "Disabled");
                world_.update([](Settings& settings) { settings.enabled = true; });
                break;
            case resize:
                world_.update([](Settings& settings) { settings.batch_size += 1; });
                break;
            case rewound:
                ++world_.definition.rewinds;
                world_.definition.rewind_to = TimestampMs(puts_[static_cast<size_t>(first_)].time_ms);
                world_.mapping->reconfigure(world_.definition);
                break;
            default:
                break;
        }
    }

    static std::vector<int> ids_of(const std::vector<std::string>& records) {
        std::vector<int> out;
        for (const std::string& record : records)
            out.push_back(static_cast<int>(json::parse(record).as_object().at("id").as_int64()));
        return out;
    }

    // --- the function ---

    Reply answer(const Call& call) {
        check_call(call);
        const std::vector<int> ids = ids_of(call.records);
        const auto bad =
            std::find_if(ids.begin(), ids.end(), [&](int id) { return puts_[static_cast<size_t>(id)].bad; });
        const bool has_bad = bad != ids.end();
        bool fails = false;
        size_t done = ids.size();
        Reply reply;
        std::string failures = "[]";
        switch (setup_["function"]) {
            case poison:
                // Without a limit of retries the poison heals, or nothing behind it would ever be seen.
                fails = has_bad && (setup_["retries_max"] >= 0 || ++poisoned_[ids] <= 2);
                break;
            case flaky:
                fails = has_bad && ++seen_bad_[*bad] == 1;
                break;
            case throttled:
                if (++calls_ % 3 == 0) return Reply::throttled();
                break;
            case slow:
                reply.after_ms = 400;
                break;
            case partial:
                if (!has_bad || (setup_["retries_max"] < 0 && ++seen_bad_[*bad] > 2)) break;
                failures = R"([{"itemIdentifier":")" + call.numbers[static_cast<size_t>(bad - ids.begin())] + "\"}]";
                if (setup_["report"]) done = static_cast<size_t>(bad - ids.begin());
                break;
            case malformed:
                if (!has_bad || (setup_["retries_max"] < 0 && ++poisoned_[ids] > 2)) break;
                failures = R"([{"itemIdentifier":""}])";
                fails = setup_["report"] != 0;
                break;
            default:
                break;
        }
        if (fails && setup_["function"] != malformed) {
            failed(ids);
            reply.result->function_error = "Unhandled";
            return reply;
        }
        if (fails) done = 0;
        if (done < ids.size()) failed(std::vector<int>(ids.begin() + static_cast<std::ptrdiff_t>(done), ids.end()));
        for (size_t i = 0; i < done; ++i) {
            ++well_[ids[i]];
            ended_.insert(ids[i]);
        }
        int64_t n = static_cast<int64_t>(done);
        if (setup_["tumbling_window_s"]) {
            if (const auto* state = call.event.at("state").as_object().if_contains("n")) n += state->as_int64();
        }
        reply.result->payload = R"({"state":{"n":)" + std::to_string(n) + R"(},"batchItemFailures":)" + failures + "}";
        return reply;
    }

    void failed(const std::vector<int>& ids) {
        for (const int id : ids) ++failed_[id];
    }

    // --- what every call has to be ---

    void check_call(const Call& call) {
        const std::vector<int> ids = ids_of(call.records);
        const int64_t now_ms = world_.clock.now().value();
        const bool windows = setup_["tumbling_window_s"] != 0;
        const bool final = windows && call.event.at("isFinalInvokeForWindow").as_bool();
        EXPECT_EQ(ids.empty(), final);
        EXPECT_LE(ids.size(), world_.definition.settings.batch_size);
        EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
        if (windows) check_window(call, ids, final, now_ms);
        for (const int id : ids) {
            const Put& put = puts_[static_cast<size_t>(id)];
            EXPECT_EQ(call.shard, world_.stream.shards[put.shard].id);
            EXPECT_GE(id, first_);
            if (setup_["filter"]) {
                EXPECT_TRUE(put.keep);
            }
            if (setup_["record_age_s_max"] >= 0) {
                EXPECT_LE(now_ms - put.time_ms, 60'000);
            }
            if (setup_["event"] == nothing) check_order(put, ids);
        }
        // A batch that is not full was waited for, unless it is one that is tried again, or its window ends.
        if (!ids.empty() && !windows && ids.size() < world_.definition.settings.batch_size &&
            setup_["batching_window_s"] && setup_["function"] == well && setup_["event"] == nothing) {
            EXPECT_GE(now_ms - puts_[static_cast<size_t>(ids[0])].time_ms, setup_["batching_window_s"] * 1000 - 1000);
        }
        size_t in_flight = 0;
        for (const auto& other : world_.calls) {
            if (other.get() != &call && !other->answered && other->shard == call.shard && !call.records.empty() &&
                !other->records.empty())
                ++in_flight;
        }
        if (setup_["event"] != restart) {
            EXPECT_LT(in_flight, static_cast<size_t>(setup_["parallelization"]));
        }
    }

    // Whatever came before it with the same key has ended, or comes with it.
    void check_order(const Put& put, const std::vector<int>& ids) {
        for (int id = first_; id < put.id; ++id) {
            const Put& earlier = puts_[static_cast<size_t>(id)];
            if (earlier.shard != put.shard || earlier.key != put.key || ended_.contains(id)) continue;
            if ((setup_["filter"] && !earlier.keep) || std::count(ids.begin(), ids.end(), id)) continue;
            const bool given_up = failed_[id] > 0 && setup_["retries_max"] >= 0;
            const bool too_old =
                setup_["record_age_s_max"] >= 0 && world_.clock.now().value() - earlier.time_ms > 60'000;
            EXPECT_TRUE(given_up || too_old) << put.id << " is called before " << id;
        }
    }

    void check_window(const Call& call, const std::vector<int>& ids, bool final, int64_t now_ms) {
        const int64_t window_ms = setup_["tumbling_window_s"] * 1000;
        std::set<int64_t> windows;
        for (const int id : ids) windows.insert(puts_[static_cast<size_t>(id)].time_ms / window_ms);
        EXPECT_LE(windows.size(), 1u);
        const std::string start(call.event.at("window").as_object().at("start").as_string());
        std::tm parts{};
        strptime(start.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
        const int64_t start_ms = int64_t{timegm(&parts)} * 1000;
        EXPECT_EQ(start_ms % window_ms, 0);
        if (!windows.empty()) EXPECT_EQ(start_ms, *windows.begin() * window_ms);
        if (final) EXPECT_GE(now_ms, start_ms + window_ms);
        if (final) finals_ += call.event.at("state").as_object().at("n").as_int64();
    }

    // --- what has to be true in the end ---

    void check() {
        const Description seen = world_.mapping->describe();
        EXPECT_EQ(seen.state, "Enabled");
        const bool repeats = setup_["event"] == restart || setup_["event"] == rewound || setup_["event"] == resize ||
                             setup_["event"] == off_and_on;
        const bool alone = setup_["bisect"] != 0;  // then poison is given up by itself
        const bool limited = setup_["retries_max"] >= 0;
        const int function = setup_["function"];
        const bool can_fail = function == poison || function == flaky ||
                              (setup_["report"] && (function == partial || function == malformed));
        std::set<int> given_up;
        for (const Put& put : puts_) {
            const bool wanted = put.id >= first_ && (!setup_["filter"] || put.keep);
            const int well_times = well_.contains(put.id) ? well_[put.id] : 0;
            const int failed_times = failed_.contains(put.id) ? failed_[put.id] : 0;
            if (!wanted) {
                EXPECT_EQ(well_times + failed_times, 0) << put.id;
                continue;
            }
            if (!repeats) {
                EXPECT_LE(well_times, 1) << put.id;
            }
            if (well_times > 0) continue;
            given_up.insert(put.id);
            // Nothing is skipped: what no call ended well for has failed as often as the settings allow, or is too old.
            EXPECT_TRUE(can_fail && (limited || setup_["record_age_s_max"] >= 0)) << put.id;
            if (limited && setup_["record_age_s_max"] < 0) {
                EXPECT_GE(failed_times, setup_["retries_max"] + 1) << put.id;
                // A record that failed once heals where it gets another try.
                if (function == flaky && setup_["retries_max"] > 0 && (alone || setup_["batch_size"] == 1))
                    ADD_FAILURE() << put.id;
                if (alone && !put.bad && !(function == flaky)) ADD_FAILURE() << put.id << " is no poison";
            }
        }
        if (function == poison && limited && (alone || setup_["batch_size"] == 1)) {
            for (const Put& put : puts_) {
                const bool wanted = put.id >= first_ && (!setup_["filter"] || put.keep);
                if (wanted && put.bad && setup_["event"] != resize) EXPECT_TRUE(given_up.contains(put.id)) << put.id;
            }
        }
        if (!repeats) EXPECT_EQ(seen.counts.given_up, given_up.size());
        for (const ShardDescription& shard : world_.mapping->shards()) EXPECT_EQ(shard.behind_ms, 0);
        check_destination(given_up, repeats);
        if (setup_["tumbling_window_s"] && !repeats && function != throttled) {
            int64_t all = 0;
            for (const auto& [id, times] : well_) all += times;
            EXPECT_EQ(finals_, all);  // each window's last call had counted every record of it
        }
    }

    void check_destination(const std::set<int>& given_up, bool repeats) {
        if (!setup_["destination"]) {
            EXPECT_TRUE(world_.objects.visible.empty());
            return;
        }
        std::multiset<int> told;
        for (const auto& object : world_.objects.visible) {
            const json::object record = json::parse(object.bytes).as_object();
            const json::object event = json::parse(record.at("payload").as_string()).as_object();
            EXPECT_EQ(record.at("KinesisBatchInfo").as_object().at("batchSize").as_int64(),
                      static_cast<int64_t>(event.at("Records").as_array().size()));
            for (const auto& each : event.at("Records").as_array()) {
                std::string data;
                EXPECT_TRUE(base64_decode(each.as_object().at("kinesis").as_object().at("data").as_string(), &data));
                told.insert(static_cast<int>(json::parse(data).as_object().at("id").as_int64()));
            }
        }
        for (const int id : given_up)
            EXPECT_EQ(told.count(id), 1u + (repeats && told.count(id) > 1 ? told.count(id) - 1 : 0)) << id;
        if (!repeats) EXPECT_EQ(told.size(), given_up.size());
    }

    const Case& setup_;
    World world_;
    std::vector<Put> puts_;
    int first_ = 0;  // the first record that is to come
    std::map<int, int> well_, failed_, seen_bad_;
    std::map<std::vector<int>, int> poisoned_;
    std::set<int> ended_;
    int calls_ = 0;
    int64_t finals_ = 0;
};

Case defaults() {
    Case out;
    for (const Choice& choice : choices) out.at[choice.name] = choice.values[0];
    return out;
}

TEST(MappingPairs, EachPairOfSettingsKeepsItsPromises) {
    size_t runs = 0;
    for (size_t a = 0; a + 1 < choices.size(); ++a) {
        for (size_t b = a + 1; b + 1 < choices.size(); ++b) {
            for (const int of_a : choices[a].values) {
                for (const int of_b : choices[b].values) {
                    for (const int function : choices.back().values) {
                        Case setup = defaults();
                        setup.at[choices[a].name] = of_a;
                        setup.at[choices[b].name] = of_b;
                        setup.at["function"] = function;
                        // Item failures mean nothing where nobody reports them.
                        if (function == partial || function == malformed) setup.at["report"] = 1;
                        SCOPED_TRACE(setup.text());
                        Model(setup).run();
                        ++runs;
                        if (testing::Test::HasFailure()) return;  // the first says enough
                    }
                }
            }
        }
    }
    EXPECT_GT(runs, 3000u);
}

}  // namespace
}  // namespace millrace::flow::mapping
