#include "src/flow/mapping/mapping.h"

#include <gtest/gtest.h>

#include "src/catalog/consumers.h"
#include "src/flow/mapping/testing_world.h"

namespace millrace::flow::mapping {
namespace {

namespace json = boost::json;
using Records = std::vector<std::string>;

Records numbered(int first, int last) {
    Records out;
    for (int i = first; i <= last; ++i) out.push_back(std::to_string(i));
    return out;
}

void put_numbered(World& world, int first, int last) {
    for (const std::string& each : numbered(first, last)) world.put(each);
}

std::vector<Records> batches(const World& world) {
    std::vector<Records> out;
    for (const auto& call : world.calls) out.push_back(call->records);
    return out;
}

Reply fails_on(const Call& call, const std::string& poison) {
    return std::count(call.records.begin(), call.records.end(), poison) > 0 ? Reply::error() : Reply::ok();
}

TEST(Mapping, SendsWhatKinesisEventsLookLike) {
    World world;
    world.place();
    world.start();
    world.put("Hello", "key \"1\"");
    world.run_ms(100);
    ASSERT_EQ(world.calls.size(), 1u);
    const json::value expected = json::parse(R"({"Records":[{
        "kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"key \"1\"",
                   "sequenceNumber":"49600000000000000000000000000000000000000000000000000001",
                   "data":"SGVsbG8=","approximateArrivalTimestamp":1700000000.000},
        "eventSource":"aws:kinesis","eventVersion":"1.0",
        "eventID":"shardId-000000000000:49600000000000000000000000000000000000000000000000000001",
        "eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::000000000000:role/r",
        "awsRegion":"us-east-1","eventSourceARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders"}]})");
    EXPECT_EQ(json::value(world.calls[0]->event), expected);
    EXPECT_EQ(world.mapping->describe().result, "OK");
    EXPECT_EQ(world.mapping->describe().state, "Enabled");
}

TEST(Mapping, FillsBatches) {
    World world;
    world.definition.settings.batch_size = 3;
    world.place();
    world.start();
    put_numbered(world, 1, 7);
    world.run_ms(100);
    EXPECT_EQ(batches(world), (std::vector<Records>{{"1", "2", "3"}, {"4", "5", "6"}, {"7"}}));
    world.run_ms(60'000);
    EXPECT_EQ(world.calls.size(), 3u);
}

TEST(Mapping, WaitsForTheBatchingWindowOrAFullBatch) {
    World world;
    world.definition.settings.batch_size = 3;
    world.definition.settings.batching_window_s = 10;
    world.place();
    world.start();
    world.put("1");
    world.run_ms(4'000);
    world.put("2");
    world.run_ms(5'900);
    EXPECT_TRUE(world.calls.empty());
    world.run_ms(200);
    EXPECT_EQ(batches(world), (std::vector<Records>{{"1", "2"}}));
    put_numbered(world, 3, 5);
    world.run_ms(10);
    EXPECT_EQ(world.calls.size(), 2u);
}

TEST(Mapping, KeepsEventsWithinTheirLimit) {
    World world;
    world.options.event_bytes_max = 4000;
    world.place();
    world.start();
    for (int i = 0; i < 4; ++i) world.put(std::string(900, static_cast<char>('a' + i)));
    world.run_ms(1'000);
    EXPECT_EQ(world.calls.size(), 2u);
    EXPECT_EQ(world.seen().size(), 4u);
}

TEST(Mapping, ARecordThatNoEventCanHoldIsGivenUp) {
    World world;
    world.options.event_bytes_max = 4000;
    world.definition.settings.on_failure = "arn:aws:s3:::bucket";
    world.place();
    world.start();
    world.put("1");
    world.put(std::string(4000, 'x'));
    world.put("2");
    world.run_ms(1'000);
    EXPECT_EQ(world.seen(), (Records{"1", "2"}));
    EXPECT_EQ(world.objects.visible.size(), 1u);
}

TEST(Mapping, TriesAFailedBatchAgainAndStaysInOrder) {
    World world;
    world.definition.settings.batch_size = 2;
    world.place();
    world.start();
    int failures = 3;
    world.function = [&](const Call&) { return failures-- > 0 ? Reply::error() : Reply::ok(); };
    put_numbered(world, 1, 4);
    world.run_ms(60'000);
    EXPECT_EQ(batches(world), (std::vector<Records>{{"1", "2"}, {"1", "2"}, {"1", "2"}, {"1", "2"}, {"3", "4"}}));
    // 100, 200, 400 ms apart
    EXPECT_EQ(world.calls[3]->time_ms - world.calls[0]->time_ms, 700);
}

TEST(Mapping, GivesUpAfterItsRetriesAndTellsTheDestination) {
    World world;
    world.definition.settings.batch_size = 2;
    world.definition.settings.retries_max = 1;
    world.definition.settings.on_failure = "arn:aws:s3:::bucket";
    world.place();
    world.start();
    world.function = [](const Call& call) { return fails_on(call, "2"); };
    put_numbered(world, 1, 4);
    world.run_ms(10'000);
    EXPECT_EQ(batches(world), (std::vector<Records>{{"1", "2"}, {"1", "2"}, {"3", "4"}}));
    ASSERT_EQ(world.objects.visible.size(), 1u);
    const auto& object = world.objects.visible[0];
    EXPECT_EQ(object.bucket, "bucket");
    const std::string prefix =
        "aws/lambda/11111111-2222-3333-4444-555555555555/shardId-000000000000/2023/11/14/2023-11-14T22.13.20-";
    EXPECT_EQ(object.key.substr(0, prefix.size()), prefix);
    EXPECT_EQ(object.key.size(), prefix.size() + 36);
    const json::object record = json::parse(object.bytes).as_object();
    EXPECT_EQ(record.at("version"), "1.0");
    EXPECT_EQ(record.at("requestContext"), json::parse(R"({"requestId":"request","functionArn":
                  "arn:aws:lambda:us-east-1:000000000000:function:consume","condition":"RetryAttemptsExhausted",
                  "approximateInvokeCount":2})"));
    EXPECT_EQ(record.at("responseContext"),
              json::parse(R"({"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"})"));
    const json::object info = record.at("KinesisBatchInfo").as_object();
    EXPECT_EQ(info.at("shardId"), "shardId-000000000000");
    EXPECT_EQ(info.at("batchSize"), 2);
    EXPECT_EQ(info.at("startSequenceNumber").as_string(), world.calls[0]->numbers[0]);
    EXPECT_EQ(info.at("endSequenceNumber").as_string(), world.calls[0]->numbers[1]);
    EXPECT_EQ(info.at("approximateArrivalOfFirstRecord"), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(json::parse(record.at("payload").as_string()), json::value(world.calls[0]->event));
}

TEST(Mapping, ADestinationThatIsMissingIsWaitedForAWhile) {
    World world;
    world.definition.settings.retries_max = 0;
    world.definition.settings.on_failure = "arn:aws:s3:::later";
    world.place();
    world.start();
    world.function = [](const Call& call) { return fails_on(call, "1"); };
    world.put("1");
    world.run_ms(5'000);
    world.put("2");
    world.run_ms(5'000);
    EXPECT_EQ(world.seen(), (Records{"1"}));
    EXPECT_NE(world.mapping->describe().result.find("bucket not found"), std::string::npos);
    world.objects.make_bucket("later");
    world.run_ms(20'000);
    EXPECT_EQ(world.seen(), (Records{"1", "2"}));
    EXPECT_EQ(world.objects.visible.size(), 1u);
    world.objects.drop_bucket();
    world.put("1");
    world.put("3");
    world.run_ms(100'000);
    EXPECT_EQ(world.seen().back(), "3");  // as AWS, it does not block for ever
}

TEST(Mapping, AnotherAccountsBucketGetsNothing) {
    World world;
    world.definition.settings.retries_max = 0;
    world.definition.settings.on_failure = "arn:aws:s3:::bucket";
    world.objects.owner = "999999999999";
    world.place();
    world.start();
    world.function = [](const Call& call) { return fails_on(call, "1"); };
    world.put("1");
    world.run_ms(5'000);
    EXPECT_NE(world.mapping->describe().result.find("another account"), std::string::npos);
    EXPECT_EQ(world.objects.visible.size(), 0u);
}

TEST(Mapping, BisectsDownToThePoison) {
    World world;
    world.definition.settings.batch_size = 8;
    world.definition.settings.retries_max = 1;
    world.definition.settings.bisect_on_error = true;
    world.place();
    world.start();
    world.function = [](const Call& call) { return fails_on(call, "6"); };
    put_numbered(world, 1, 8);
    world.run_ms(10'000);
    EXPECT_EQ(batches(world),
              (std::vector<Records>{
                  numbered(1, 8), numbered(1, 4), numbered(5, 8), {"5", "6"}, {"5"}, {"6"}, {"6"}, {"7", "8"}}));
}

TEST(Mapping, GoesOnFromTheFirstRecordReportedAsFailed) {
    World world;
    world.definition.settings.batch_size = 5;
    world.definition.settings.report_item_failures = true;
    world.place();
    world.start();
    world.function = [](const Call& call) {
        if (call.records.size() == 5) {  // several: the lowest counts
            return Reply::ok(R"({"batchItemFailures":[{"itemIdentifier":")" + call.numbers[3] +
                             R"("},{"itemIdentifier":")" + call.numbers[2] + R"("}]})");
        }
        return Reply::ok(R"({"batchItemFailures":[]})");
    };
    put_numbered(world, 1, 5);
    world.run_ms(10'000);
    EXPECT_EQ(batches(world), (std::vector<Records>{numbered(1, 5), numbered(3, 5)}));
}

TEST(Mapping, AMalformedAnswerFailsTheWholeBatch) {
    for (const std::string answer :
         {R"({"batchItemFailures":[{"itemIdentifier":""}]})", R"({"batchItemFailures":[{"itemIdentifier":null}]})",
          R"({"batchItemFailures":[{"wrong":"1"}]})", R"({"batchItemFailures":"x"})", R"("text")",
          R"({"batchItemFailures":[{"itemIdentifier":"49600000000000000000000000000000000000099999999999999999"}]})"}) {
        World world;
        world.definition.settings.report_item_failures = true;
        world.definition.settings.retries_max = 1;
        world.place();
        world.start();
        world.function = [&](const Call&) { return Reply::ok(answer); };
        put_numbered(world, 1, 2);
        world.run_ms(10'000);
        EXPECT_EQ(world.calls.size(), 2u) << answer;
        EXPECT_EQ(world.mapping->describe().counts.given_up, 2u) << answer;
    }
    for (const std::string answer :
         {"null", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})", ""}) {
        World world;
        world.definition.settings.report_item_failures = true;
        world.place();
        world.start();
        world.function = [&](const Call&) { return Reply::ok(answer); };
        put_numbered(world, 1, 2);
        world.run_ms(10'000);
        EXPECT_EQ(world.calls.size(), 1u) << answer;
    }
}

TEST(Mapping, ThrottlingSpendsNoRetries) {
    World world;
    world.definition.settings.retries_max = 0;
    world.place();
    world.start();
    int throttled = 20;
    world.function = [&](const Call&) { return throttled-- > 0 ? Reply::throttled() : Reply::ok(); };
    world.put("1");
    world.run_ms(1'000);
    EXPECT_NE(world.mapping->describe().result.find("Rate Exceeded"), std::string::npos);
    world.run_ms(300'000);
    EXPECT_EQ(world.calls.size(), 21u);
    EXPECT_EQ(world.mapping->describe().counts.given_up, 0u);
}

TEST(Mapping, LanesShareAFunctionThatRunsFewerCallsAtOnce) {
    World world;
    world.definition.settings.parallelization = 10;
    world.definition.settings.batch_size = 1;
    world.place();
    world.start();
    int64_t busy_until_ms = 0;
    std::map<std::string, size_t> done;
    world.function = [&](const Call& call) {
        if (call.time_ms < busy_until_ms) return Reply::throttled();
        busy_until_ms = call.time_ms + 10;
        ++done[call.records[0]];
        Reply reply = Reply::ok();
        reply.after_ms = 10;
        return reply;
    };
    for (int i = 0; i < 200; ++i) world.put("k" + std::to_string(i % 20), "k" + std::to_string(i % 20));
    world.run_ms(1'000);  // half of what they take one after the other
    EXPECT_GE(done.size(), 15u) << "some lanes starve";
    world.run_ms(2'000);
    EXPECT_EQ(world.mapping->describe().counts.done, 200u);
}

TEST(Mapping, RecordsThatGrowTooOldAreGivenUp) {
    World world;
    world.definition.settings.record_age_s_max = 60;
    world.definition.settings.batch_size = 2;
    world.definition.settings.on_failure = "arn:aws:s3:::bucket";
    world.place();
    put_numbered(world, 1, 2);
    world.clock.advance_ms(50'000);
    put_numbered(world, 3, 4);
    world.clock.advance_ms(20'000);
    world.start();
    world.run_ms(1'000);
    EXPECT_EQ(batches(world), (std::vector<Records>{{"3", "4"}}));
    ASSERT_EQ(world.objects.visible.size(), 1u);
    const json::object record = json::parse(world.objects.visible[0].bytes).as_object();
    EXPECT_EQ(record.at("requestContext").as_object().at("condition"), "RecordAgeExceeded");
    EXPECT_FALSE(record.contains("responseContext"));
    // A function that always fails, without a limit of retries, blocks no longer than that.
    world.function = [](const Call&) { return Reply::error(); };
    world.put("5");
    world.run_ms(120'000);
    EXPECT_EQ(world.mapping->describe().counts.given_up, 3u);
}

TEST(Mapping, LanesKeepTheOrderOfAKeyAndDoNotWaitForEachOther) {
    World world;
    world.definition.settings.parallelization = 10;
    world.definition.settings.batch_size = 1;
    world.place();
    world.start();
    world.function = [](const Call& call) {
        Reply reply = call.records[0].starts_with("stuck") ? Reply::error() : Reply::ok();
        reply.after_ms = 1000;
        return reply;
    };
    std::map<std::string, Records> expected;
    for (int i = 0; i < 100; ++i) {
        const std::string key = i % 25 == 0 ? "stuck" : "k" + std::to_string(i % 20);
        world.put(key + "/" + std::to_string(i), key);
        expected[key].push_back(key + "/" + std::to_string(i));
    }
    world.run_ms(120'000);
    std::map<std::string, Records> seen;
    for (const std::string& each : world.seen()) {
        const std::string key = each.substr(0, each.find('/'));
        if (key != "stuck") seen[key].push_back(each);
    }
    size_t lanes_moving = 0;
    for (const auto& [key, records] : seen) {
        ASSERT_LE(records.size(), expected[key].size());
        for (size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i], expected[key][i]);
        lanes_moving += records == expected[key] ? 1 : 0;
    }
    EXPECT_GE(lanes_moving, 10u);  // all but those that share the lane of the stuck key
}

TEST(Mapping, WindowsPassTheirStateOn) {
    World world;
    world.definition.settings.tumbling_window_s = 10;
    world.definition.settings.batch_size = 2;
    world.place();
    world.start();
    world.function = [](const Call& call) {
        if (call.event.at("isFinalInvokeForWindow").as_bool()) return Reply::ok(R"({"state":{}})");
        const auto& state = call.event.at("state").as_object();
        const int64_t n = state.contains("n") ? state.at("n").as_int64() : 0;
        return Reply::ok(R"({"state":{"n":)" + std::to_string(n + static_cast<int64_t>(call.records.size())) + "}}");
    };
    put_numbered(world, 1, 3);
    world.run_ms(5'000);
    ASSERT_EQ(world.calls.size(), 2u);
    EXPECT_EQ(world.calls[0]->event.at("window"),
              json::parse(R"({"start":"2023-11-14T22:13:20Z","end":"2023-11-14T22:13:30Z"})"));
    EXPECT_EQ(world.calls[0]->event.at("state"), json::parse("{}"));
    EXPECT_EQ(world.calls[1]->event.at("state"), json::parse(R"({"n":2})"));
    EXPECT_EQ(world.calls[1]->event.at("shardId"), "shardId-000000000000");
    EXPECT_EQ(world.calls[1]->event.at("eventSourceARN").as_string(), world.definition.source_arn);
    world.start();  // the state survives a restart
    world.run_ms(10'000);
    ASSERT_EQ(world.calls.size(), 3u);
    EXPECT_EQ(world.calls[2]->event.at("isFinalInvokeForWindow"), true);
    EXPECT_EQ(world.calls[2]->event.at("isWindowTerminatedEarly"), false);
    EXPECT_EQ(world.calls[2]->event.at("state"), json::parse(R"({"n":3})"));
    EXPECT_TRUE(world.calls[2]->records.empty());
    world.put("4");
    world.run_ms(1'000);
    EXPECT_EQ(world.calls[3]->event.at("state"), json::parse("{}"));
}

TEST(Mapping, AWindowWhoseStateGrowsTooLargeEndsEarly) {
    World world;
    world.options.state_bytes_max = 100;
    world.definition.settings.tumbling_window_s = 600;
    world.definition.settings.batch_size = 1;
    world.place();
    world.start();
    world.function = [](const Call& call) {
        return Reply::ok(call.records.size() == 1 && call.records[0] == "2"
                             ? R"({"state":")" + std::string(200, 'x') + "\"}"
                             : R"({"state":1})");
    };
    put_numbered(world, 1, 3);
    world.run_ms(1'000);
    ASSERT_EQ(world.calls.size(), 4u);
    EXPECT_EQ(world.calls[2]->event.at("isFinalInvokeForWindow"), true);
    EXPECT_EQ(world.calls[2]->event.at("isWindowTerminatedEarly"), true);
    EXPECT_EQ(world.calls[3]->event.at("state"), json::parse("{}"));
}

TEST(Mapping, AWindowNeedsAStateInTheAnswer) {
    World world;
    world.definition.settings.tumbling_window_s = 600;
    world.definition.settings.retries_max = 0;
    world.place();
    world.start();
    world.put("1");
    world.run_ms(1'000);
    EXPECT_EQ(world.mapping->describe().counts.given_up, 1u);
}

TEST(Mapping, FiltersByWhatRecordsSay) {
    World world;
    world.definition.settings.filters = {R"({"data":{"price":[{"numeric":[">",10]}]}})", R"({"partitionKey":["vip"]})"};
    world.place();
    world.start();
    world.put(R"({"price":5})");
    world.put(R"({"price":15})");
    world.put("no json");
    world.put("no json either", "vip");
    world.run_ms(1'000);
    EXPECT_EQ(world.seen(), (Records{R"({"price":15})", "no json either"}));
    EXPECT_EQ(world.mapping->describe().counts.filtered, 2u);
    EXPECT_FALSE(Filter::compile({R"({"data":["x"]})"}, "data").ok());
}

TEST(Mapping, BeginsWhereItIsTold) {
    for (const auto& [start, expected] : {std::pair{StartingPosition::latest, Records{"3"}},
                                          std::pair{StartingPosition::trim_horizon, Records{"1", "2", "3"}},
                                          std::pair{StartingPosition::at_timestamp, Records{"2", "3"}}}) {
        World world;
        world.put("1");
        world.clock.advance_ms(1000);
        world.put("2");
        world.definition.start = start;
        world.definition.start_time = world.clock.now();
        world.place();
        world.put("3");
        world.start();
        world.run_ms(1'000);
        EXPECT_EQ(world.seen(), expected);
    }
}

TEST(Mapping, ChildrenComeAfterTheirParents) {
    World world(2);
    world.place();
    world.start();
    world.put("a1", "k", 0);
    world.put("b1", "k", 1);
    world.close_shard(0);
    world.close_shard(1);
    const size_t child = world.add_shard(world.stream.shards[0].id, world.stream.shards[1].id);
    world.put("c1", "k", child);
    bool hold = true;
    world.function = [&](const Call& call) { return hold && call.records[0] == "b1" ? Reply::error() : Reply::ok(); };
    world.run_ms(30'000);
    auto seen = world.seen();
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "a1"), 1);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "c1"), 0);
    EXPECT_TRUE(world.mapping->shards()[2].waiting);
    EXPECT_TRUE(world.mapping->shards()[0].finished);
    hold = false;
    world.run_ms(30'000);
    EXPECT_EQ(world.seen().back(), "c1");
}

TEST(Mapping, GoesOnWhereItWasAfterDisabling) {
    World world;
    world.definition.settings.batch_size = 1;
    world.place();
    world.start();
    world.function = [](const Call&) {
        Reply reply;
        reply.after_ms = 1000;
        return reply;
    };
    put_numbered(world, 1, 3);
    world.run_ms(100);
    world.update([](Settings& settings) { settings.enabled = false; });
    EXPECT_EQ(world.mapping->describe().state, "Disabling");
    world.run_ms(10'000);
    EXPECT_EQ(world.mapping->describe().state, "Disabled");
    EXPECT_EQ(world.seen(), (Records{"1"}));
    world.start();
    world.run_ms(10'000);
    EXPECT_EQ(world.seen(), (Records{"1"}));
    world.update([](Settings& settings) { settings.enabled = true; });
    EXPECT_EQ(world.mapping->describe().state, "Enabling");
    world.run_ms(10'000);
    EXPECT_EQ(world.seen(), (Records{"1", "2", "3"}));
}

TEST(Mapping, AnotherNumberOfLanesSkipsNothing) {
    World world;
    world.definition.settings.batch_size = 2;
    world.definition.settings.parallelization = 4;
    world.place();
    world.start();
    for (int i = 0; i < 40; ++i) world.put(std::to_string(i), "k" + std::to_string(i % 7));
    world.function = [](const Call&) {
        Reply reply;
        reply.after_ms = 100;
        return reply;
    };
    world.run_ms(250);
    world.update([](Settings& settings) { settings.parallelization = 3; });
    EXPECT_EQ(world.mapping->describe().state, "Updating");
    world.run_ms(20'000);
    auto seen = world.seen();
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 40u);
}

TEST(Mapping, MoreLanesKeepWhatAWindowHasGathered) {
    World world;
    world.definition.settings.tumbling_window_s = 10;
    world.place();
    world.start();
    int64_t sum = 0;
    world.function = [&](const Call& call) {
        const int64_t n = call.event.at("state").as_object().empty() ? 0 : call.event.at("state").at("n").as_int64();
        if (call.event.at("isFinalInvokeForWindow").as_bool()) sum += n;
        return Reply::ok("{\"state\":{\"n\":" + std::to_string(n + static_cast<int64_t>(call.records.size())) + "}}");
    };
    for (int i = 0; i < 10; ++i) world.put(std::to_string(i), std::to_string(i));
    world.run_ms(1'000);
    world.update([](Settings& settings) { settings.parallelization = 3; });
    for (int i = 0; i < 10; ++i) world.put(std::to_string(i), std::to_string(i));
    world.run_ms(30'000);
    EXPECT_EQ(sum, 20);
}

TEST(Mapping, RewindsToATime) {
    World world;
    world.place();
    world.start();
    world.put("1");
    world.run_ms(1'000);
    const TimestampMs there = world.clock.now();
    world.put("2");
    world.run_ms(1'000);
    ++world.definition.rewinds;
    world.definition.rewind_to = there;
    world.mapping->reconfigure(world.definition);
    world.run_ms(1'000);
    EXPECT_EQ(world.seen(), (Records{"1", "2", "2"}));
    world.start();  // once, not at each start
    world.run_ms(1'000);
    EXPECT_EQ(world.seen().size(), 3u);
}

TEST(Mapping, DeletingLeavesNothing) {
    World world;
    world.place();
    world.start();
    world.put("1");
    world.run_ms(1'000);
    world.definition.deleting = true;
    world.mapping->reconfigure(world.definition);
    EXPECT_EQ(world.mapping->describe().state, "Deleting");
    world.run_ms(1'000);
    EXPECT_TRUE(world.mapping->gone());
    EXPECT_EQ(world.store.count(), 0u);
    EXPECT_FALSE(world.registry->get(mapping_kind, world.definition.scope, world.definition.uuid)->has_value());
}

TEST(Mapping, ShowsItsLag) {
    World world;
    world.place();
    world.start();
    world.function = [](const Call&) { return Reply::error(); };
    world.put("1");
    world.run_ms(7'000);
    const auto shards = world.mapping->shards();
    ASSERT_EQ(shards.size(), 1u);
    EXPECT_EQ(shards[0].behind_ms, 7'000);
    EXPECT_EQ(shards[0].problem, "PROBLEM: Function call failed");
}

TEST(Mapping, AStreamThatIsGoneIsSaidSo) {
    World world;
    world.place();
    world.start();
    ASSERT_TRUE(world.registry->remove(catalog::stream_kind, world.stream.scope, world.stream.name).ok());
    world.run_ms(10'000);
    EXPECT_NE(world.mapping->describe().result.find("does not exist"), std::string::npos);
    EXPECT_EQ(Mapping::place(world.definition, world.parts()).error().code, ErrorCode::not_found);
}

TEST(Mapping, AConsumerIsReadWhileItIsRegistered) {
    World world;
    catalog::Consumers consumers(*world.registry);
    const auto consumer = consumers.add(world.stream, "app", TimestampMs(1'700'000'000'000));
    ASSERT_TRUE(consumer.ok());
    const std::string arn = catalog::consumer_arn(world.stream, *consumer);
    const auto shards_of = [&](const std::string& source) {
        return make_source(source, {world.log, *world.registry})->get()->shards();
    };
    EXPECT_EQ(shards_of(arn)->size(), world.stream.shards.size());
    for (const std::string& other : {arn + "1", catalog::arn_of(world.stream) + "/consumer/app",
                                     catalog::arn_of(world.stream) + "/consumer/none:1700000000"}) {
        EXPECT_EQ(shards_of(other).error().code, ErrorCode::not_found) << other;
    }
    ASSERT_TRUE(consumers.remove(world.stream, "app").ok());
    EXPECT_EQ(shards_of(arn).error().message, "the consumer " + arn + " does not exist");
}

TEST(SourceArn, IsReadOrRefusedByName) {
    EXPECT_EQ(parse_source_arn("arn:aws:kinesis:us-east-1:000000000000:stream/s")->name, "s");
    const auto consumer = parse_source_arn("arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1540591608");
    EXPECT_EQ(consumer->name, "s");
    EXPECT_EQ(consumer->consumer, "c:1540591608");
    const auto table =
        parse_source_arn("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-11-21T00:00:00.000");
    EXPECT_EQ(table->label, "2026-11-21T00:00:00.000");
    EXPECT_EQ(parse_source_arn("arn:aws:sqs:us-east-1:000000000000:q").error().code, ErrorCode::unsupported);
    for (const char* wrong : {"", "x", "arn:aws:kinesis:us-east-1:000000000000:stream/", "arn:aws:s3:::b",
                              "arn:aws:dynamodb:us-east-1:000000000000:table/t"})
        EXPECT_EQ(parse_source_arn(wrong).error().code, ErrorCode::invalid_argument) << wrong;
}

TEST(MappingDefinition, SurvivesItsCodec) {
    Definition definition;
    definition.uuid = "u";
    definition.source_arn = "arn";
    definition.start = StartingPosition::at_timestamp;
    definition.start_time = TimestampMs(5);
    definition.settings.function = {{"111111111111", "eu-west-1"}, "f", "live"};
    definition.settings.filters = {"{\"a\":[1]}"};
    definition.settings.retries_max = 3;
    definition.tags = {{"a", "b"}};
    definition.rewinds = 2;
    auto decoded = decode_definition(definition.scope, encode(definition));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(encode(*decoded), encode(definition));
    EXPECT_FALSE(decode_definition(definition.scope, "{}").ok());
}

}  // namespace
}  // namespace millrace::flow::mapping
