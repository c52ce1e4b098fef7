// A death before or after any step that a real crash could fall between: reads, checkpoints, the objects of what is
// given up. Whatever the settings, the next life skips nothing: every record ends well in some call, or is told to the
// destination.
#include <set>

#include <gtest/gtest.h>

#include "src/flow/mapping/testing_world.h"

namespace millrace::flow::mapping {
namespace {

namespace json = boost::json;
using Configure = std::function<void(Settings&)>;

// Two shards, the second of which is split in the middle of it; "bad" records fail for ever.
struct Life {
    World world{2};
    std::set<std::string> put, well, told;

    explicit Life(const Configure& configure) {
        Settings& settings = world.definition.settings;
        settings.batch_size = 3;
        settings.retries_max = 1;
        settings.on_failure = "arn:aws:s3:::bucket";
        configure(settings);
        world.function = [this](const Call& call) {
            if (std::count(call.records.begin(), call.records.end(), "bad") > 0) return Reply::error();
            well.insert(call.records.begin(), call.records.end());
            return Reply::ok(R"({"state":{}})");
        };
        world.place();
        add(0, 5, 0);
        add(5, 8, 1);
        world.put("bad", "key", 0);
        world.close_shard(1);
        const size_t child = world.add_shard(world.stream.shards[1].id);
        add(8, 11, child);
    }
    void add(int from, int to, size_t shard) {
        for (int i = from; i < to; ++i) {
            put.insert("r" + std::to_string(i));
            world.put("r" + std::to_string(i), "key" + std::to_string(i % 4), shard);
        }
    }
    void live(int64_t ms) {
        world.start();
        world.run_ms(ms);
    }
    void check() {
        for (const auto& object : world.objects.visible) {
            const json::object record = json::parse(object.bytes).as_object();
            const json::object event = json::parse(record.at("payload").as_string()).as_object();
            for (const auto& each : event.at("Records").as_array()) {
                std::string data;
                EXPECT_TRUE(base64_decode(each.as_object().at("kinesis").as_object().at("data").as_string(), &data));
                told.insert(data);
            }
        }
        for (const std::string& each : put) EXPECT_TRUE(well.contains(each) || told.contains(each)) << each;
        EXPECT_TRUE(told.contains("bad"));
        for (const ShardDescription& shard : world.mapping->shards()) EXPECT_EQ(shard.behind_ms, 0) << shard.id;
    }
};

class MappingCrash : public testing::TestWithParam<size_t> {};

const std::vector<std::pair<const char*, Configure>> configurations{
    {"plain", [](Settings&) {}},
    {"lanes", [](Settings& settings) { settings.parallelization = 4; }},
    {"bisecting", [](Settings& settings) { settings.bisect_on_error = true; }},
    {"windows", [](Settings& settings) { settings.tumbling_window_s = 2; }},
    {"batching", [](Settings& settings) { settings.batching_window_s = 3; }},
    {"filtered", [](Settings& settings) { settings.filters = {R"({"partitionKey":[{"prefix":"key"}]})"}; }},
};

TEST_P(MappingCrash, SkipsNothing) {
    const auto& [name, configure] = configurations[GetParam()];
    SCOPED_TRACE(name);
    int64_t steps = 0;
    {
        Life whole(configure);
        whole.world.fate.steps = 0;
        whole.live(60'000);
        steps = whole.world.fate.steps;
        whole.check();
    }
    ASSERT_GT(steps, 10);
    for (int64_t at = 0; at < std::min<int64_t>(steps, 400); ++at) {
        for (const bool after : {false, true}) {
            Life life(configure);
            life.world.fate.steps_left = at;
            life.world.fate.after = after;
            life.live(60'000);
            life.world.fate = {};
            life.live(60'000);
            life.check();
            if (HasFailure()) {
                ADD_FAILURE() << "died at step " << at << (after ? ", after its effect" : "");
                return;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AnyStep, MappingCrash, testing::Range<size_t>(0, 6));

TEST(MappingCrash, APoweredOffStoreIsWaitedFor) {
    Life life([](Settings&) {});
    life.world.survives = true;
    life.world.fate.steps_left = 6;
    life.live(5'000);
    const size_t well = life.well.size();
    life.world.fate = {};  // the same process: the disk is back
    life.world.run_ms(60'000);
    EXPECT_GT(life.well.size(), well);
    life.check();
}

}  // namespace
}  // namespace millrace::flow::mapping
