#include "src/flow/delivery.h"

#include <cstdlib>
#include <random>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/testing_world.h"
#include "src/object/memory_key_value_store.h"

namespace millrace::flow {
namespace {

// Converts nothing: a record that holds "bad" fails, the others are lines of the file.
class FakeConverter final : public query::RecordConverter {
  public:
    Result<query::Converted> convert(std::span<const std::string_view> records,
                                     const std::string& path) const override {
        query::Converted out;
        std::FILE* file = std::fopen(path.c_str(), "w");
        for (size_t i = 0; i < records.size(); ++i) {
            if (records[i].find("bad") != std::string_view::npos) {
                out.failures.push_back({i, "DataFormatConversion.ParseError", "it is bad"});
            } else {
                std::fwrite(records[i].data(), 1, records[i].size(), file);
                ++out.rows;
            }
        }
        std::fclose(file);
        return out;
    }
};

struct World {
    io::ManualClock clock;
    Fate fate;
    MemoryStore progress{fate};
    MemoryLog log{fate, clock};
    MemoryObjects objects{fate, progress};
    object::MemoryKeyValueStore catalog_store;
    std::unique_ptr<catalog::Registry> registry = catalog::Registry::open(catalog_store);
    std::unique_ptr<catalog::Lake> lake = catalog::Lake::open(catalog_store, clock);
    Shared shared{2};
    std::atomic<bool> stopping{false};
    std::vector<log::ShardKey> shards;
    std::vector<std::string> put;  // every record, in order
    Definition definition;
    EngineOptions options;

    explicit World(size_t shard_count = 1) {
        const log::ShardKey first = *log.create_shards(shard_count);
        for (size_t i = 0; i < shard_count; ++i) shards.push_back(log::ShardKey(first.value() + i));
        definition.name = "orders";
        definition.id = 7;
        definition.log_key = first.value();
        definition.destination.bucket_arn = "arn:aws:s3:::bucket";
        definition.destination.prefix = "in/!{timestamp:HH}/";
        definition.destination.error_prefix = "errors/!{firehose:error-output-type}/";
        definition.destination.size_mb = 1;
        definition.destination.interval_s = 60;
        options.read_bytes_max = 256 << 10;
        options.temporary_directory = testing::TempDir();
        Progress begin;
        for (const log::ShardKey shard : shards) begin.shards.push_back({shard, {}});
        EXPECT_TRUE(save_progress(progress, definition.id, begin).ok());
    }
    EngineParts parts() {
        return {log,
                objects,
                progress,
                *registry,
                *lake,
                clock,
                [](const catalog::Table&, query::ConversionOptions) -> Result<std::unique_ptr<query::RecordConverter>> {
                    return std::unique_ptr<query::RecordConverter>(std::make_unique<FakeConverter>());
                }};
    }
    std::unique_ptr<Delivery> life() {
        auto delivery = std::make_unique<Delivery>(definition, options, parts(), shared);
        EXPECT_TRUE(delivery->open().ok());
        return delivery;
    }
    // "<shard>.<number>|" and filler up to `bytes`; the filler tells nothing.
    void record(size_t shard, size_t bytes = 0, const char* mark = "") {
        std::string data = std::to_string(shard) + "." + std::to_string(put.size()) + mark + "|";
        put.push_back(data);
        if (data.size() < bytes) data.resize(bytes, '~');
        log.put(shards[shard], data);
    }
    void convert() {
        catalog::Table table;
        table.database = "db";
        table.name = "t";
        EXPECT_TRUE(lake->create_database({}, {.name = "db"}).ok());
        EXPECT_TRUE(lake->create_table({}, table).ok());
        definition.destination.size_mb = 64;
        definition.destination.conversion.emplace();
        definition.destination.conversion->database = "db";
        definition.destination.conversion->table = "t";
    }
    // Steps until nothing is due before the clock moves.
    Delivery::Next settle(Delivery& delivery, bool flush = false) {
        Delivery::Next next;
        do {
            next = delivery.step(flush, stopping);
        } while (next.more);
        return next;
    }
};

// The records in visible objects, in the order of objects and of bytes. Error objects give their rawData.
std::vector<std::string> delivered(const MemoryObjects& objects) {
    std::vector<std::string> out;
    for (const auto& seen : objects.visible) {
        std::string_view rest = seen.bytes;
        if (seen.key.starts_with("errors/")) continue;
        while (!rest.empty()) {
            const size_t bar = rest.find('|');
            out.emplace_back(rest.substr(0, bar + 1));
            rest.remove_prefix(bar + 1);
            rest.remove_prefix(std::min(rest.find_first_not_of('~'), rest.size()));
        }
    }
    return out;
}

std::vector<std::string> of_shard(const std::vector<std::string>& records, size_t shard) {
    std::vector<std::string> out;
    for (const std::string& record : records) {
        if (record.starts_with(std::to_string(shard) + ".")) out.push_back(record);
    }
    return out;
}

void expect_exactly_once_in_order(const World& world, const std::string& when) {
    const std::vector<std::string> got = delivered(world.objects);
    for (size_t shard = 0; shard < world.shards.size(); ++shard) {
        ASSERT_EQ(of_shard(got, shard), of_shard(world.put, shard)) << when;
    }
    std::set<std::string> keys;
    for (const auto& seen : world.objects.visible) ASSERT_TRUE(keys.insert(seen.key).second) << when << " " << seen.key;
}

TEST(Delivery, WaitsForTheIntervalThenWritesOneObject) {
    World world;
    auto delivery = world.life();
    for (int i = 0; i < 10; ++i) world.record(0);
    const Delivery::Next next = world.settle(*delivery);
    EXPECT_FALSE(next.settled);
    EXPECT_EQ(next.due_ns, world.clock.monotonic_ns() + 60'000'000'000);
    world.clock.advance_ms(59'999);
    world.settle(*delivery);
    EXPECT_TRUE(world.objects.visible.empty());
    world.clock.advance_ms(1);
    EXPECT_TRUE(world.settle(*delivery).settled);
    ASSERT_EQ(world.objects.visible.size(), 1u);
    EXPECT_TRUE(world.objects.visible[0].key.starts_with("in/22/orders-1-2023-11-14-22-13-20-"))
        << world.objects.visible[0].key;
    expect_exactly_once_in_order(world, "");
    EXPECT_EQ(world.log.kept(world.shards[0]), 0u) << "what is delivered is let go of";
    EXPECT_EQ(delivery->describe().delivered_records, 10u);
}

// Otherwise one idle delivery stream would keep every segment of the log that others fill.
TEST(Delivery, AnIdleOneLetsGoOfTheLogThatOthersFill) {
    World world;
    auto delivery = world.life();
    world.record(0);
    world.settle(*delivery, true);
    const log::ShardKey busy = *world.log.create_shard();
    for (int i = 0; i < 5; ++i) world.log.put(busy, "another stream's");
    const Delivery::Next next = world.settle(*delivery);
    EXPECT_LE(next.due_ns, world.clock.monotonic_ns() + 300'000'000'000) << "it looks again although nothing wakes it";
    EXPECT_EQ(*world.log.horizon(world.shards[0]), *world.log.end(world.shards[0]));
    world.record(0);
    world.settle(*delivery);
    EXPECT_LT(*world.log.horizon(world.shards[0]), *world.log.end(world.shards[0]));
    EXPECT_EQ(world.log.kept(world.shards[0]), 1u) << "what is not delivered is kept";
    delivery = world.life();  // the checkpoint is older than the horizon now: nothing is lost for it
    world.settle(*delivery, true);
    expect_exactly_once_in_order(world, "");
}

// An idle shard's horizon moves over what other shards wrote: that is no loss, and must not be reported as one.
TEST(Delivery, OnlyALossToRetentionIsReported) {
    World world;
    catalog::Stream stream;
    stream.name = "source";
    stream.shards.push_back({.id = "shardId-000000000000", .log_key = world.shards[0].value(), .position_first = 1});
    ASSERT_TRUE(world.registry->create(catalog::stream_kind, {}, "source", catalog::encode_stream(stream)).ok());
    world.definition.source = Source::kinesis;
    world.definition.kinesis_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/source";
    auto delivery = world.life();
    world.record(0);
    world.settle(*delivery, true);
    const log::ShardKey busy = *world.log.create_shard();
    const auto trimmed_at_next_step = [&] {
        world.log.put(busy, "another stream's");
        EXPECT_TRUE(world.log.trim_to(world.shards[0], *world.log.end(world.shards[0])).ok());
        testing::internal::CaptureStderr();
        world.settle(*delivery);
        return testing::internal::GetCapturedStderr();
    };
    EXPECT_EQ(trimmed_at_next_step(), "");
    EXPECT_EQ(trimmed_at_next_step(), "");
    world.clock.advance_ms(25 * 3'600'000);  // nobody read for longer than records are kept
    EXPECT_NE(trimmed_at_next_step().find("retention has passed"), std::string::npos);
}

// Partition keys by JQ: {"p":...,"id":...} goes under p=.../.
void partition(World& world) {
    Destination& destination = world.definition.destination;
    destination.partitioning = true;
    destination.prefix = "in/p=!{partitionKeyFromQuery:p}/";
    destination.size_mb = 64;
    destination.processing_enabled = true;
    destination.processors = {
        {"RecordDeAggregation", {{"SubRecordType", "JSON"}}},
        {"MetadataExtraction", {{"MetadataExtractionQuery", "{p:.p}"}, {"JsonParsingEngine", "JQ-1.6"}}},
        {"AppendDelimiterToRecord", {{"Delimiter", "\\n"}}}};
}

TEST(Delivery, EveryPartitionHasItsObject) {
    World world;
    partition(world);
    auto delivery = world.life();
    world.log.put(world.shards[0], R"({"p":"a","id":1}{"p":"b","id":2})");
    world.log.put(world.shards[0], R"({"p":"a","id":3})");
    world.log.put(world.shards[0], R"({"p":null,"id":4})");
    world.log.put(world.shards[0], "no JSON");
    world.settle(*delivery, true);
    ASSERT_EQ(delivery->describe().last_error, "");
    std::map<std::string, std::string> by_folder;
    for (const auto& seen : world.objects.visible) {
        by_folder[seen.key.substr(0, seen.key.rfind('/') + 1)] += seen.bytes;
    }
    EXPECT_EQ(by_folder.size(), 3u);
    EXPECT_EQ(by_folder["in/p=a/"], "{\"p\":\"a\",\"id\":1}\n{\"p\":\"a\",\"id\":3}\n");
    EXPECT_EQ(by_folder["in/p=b/"], "{\"p\":\"b\",\"id\":2}\n");
    const std::string& errors = by_folder["errors/metadata-extraction-failed/"];
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 2);
    EXPECT_NE(errors.find("partitionKeys values must not be null or empty"), std::string::npos) << errors;
    EXPECT_NE(errors.find("Non JSON record provided"), std::string::npos) << errors;
    EXPECT_EQ(delivery->describe().failed_records, 2u);
}

TEST(DeliveryCrash, PartitionsAreDeliveredTogetherOrNotAtAll) {
    for (int64_t step = 0;; ++step) {
        for (const bool after : {false, true}) {
            World world;
            partition(world);
            for (int i = 0; i < 6; ++i) {
                world.log.put(world.shards[0],
                              R"({"p":")" + std::to_string(i % 3) + R"(","id":)" + std::to_string(i) + "}");
            }
            auto delivery = world.life();
            world.fate.steps_left = step;
            world.fate.after = after;
            world.settle(*delivery, true);
            const bool survived = !world.fate.dead();
            delivery.reset();
            world.fate = {};
            delivery = world.life();
            world.settle(*delivery, true);
            std::multiset<std::string> lines;
            for (const auto& seen : world.objects.visible) {
                std::istringstream in(seen.bytes);
                for (std::string line; std::getline(in, line);) lines.insert(line);
            }
            EXPECT_EQ(lines.size(), 6u) << "dead at step " << step << (after ? " after" : " before")
                                        << " it took effect";
            EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 6u);
            if (testing::Test::HasFailure() || survived) return;
        }
    }
}

TEST(Delivery, SizeComesFirstAndTheRestStays) {
    World world;
    auto delivery = world.life();
    for (int i = 0; i < 25; ++i) world.record(0, 100'000);  // 11 make a mebibyte
    const Delivery::Next next = world.settle(*delivery);
    EXPECT_FALSE(next.settled);
    ASSERT_EQ(world.objects.visible.size(), 2u);
    EXPECT_EQ(world.objects.visible[0].bytes.size(), 1'100'000u);
    world.clock.advance_ms(60'000);
    world.settle(*delivery);
    ASSERT_EQ(world.objects.visible.size(), 3u);
    expect_exactly_once_in_order(world, "");
}

TEST(Delivery, TheOldestRecordOfAllShardsNamesTheObject) {
    World world(2);
    world.definition.source = Source::direct_put;
    world.record(1);  // at 22:13
    world.clock.advance_ms(3'600'000);
    world.record(0);
    auto delivery = world.life();
    world.settle(*delivery, true);
    ASSERT_EQ(world.objects.visible.size(), 1u);
    EXPECT_TRUE(world.objects.visible[0].key.starts_with("in/22/")) << world.objects.visible[0].key;
}

TEST(Delivery, ABacklogBecomesFullObjectsAlthoughEveryRecordIsOld) {
    World world;
    for (int i = 0; i < 55; ++i) world.record(0, 100'000);
    world.clock.advance_ms(3'600'000);
    auto delivery = world.life();
    world.settle(*delivery);
    EXPECT_EQ(world.objects.visible.size(), 5u);
    expect_exactly_once_in_order(world, "");
}

TEST(Delivery, AMissingBucketLosesNothingAndSaysSo) {
    World world;
    world.objects.drop_bucket();
    auto delivery = world.life();
    for (int i = 0; i < 30; ++i) world.record(0, 100'000);
    int64_t last_wait_ns = 0;
    for (int attempt = 0; attempt < 12; ++attempt) {
        const Delivery::Next next = world.settle(*delivery);
        const int64_t wait_ns = next.due_ns - world.clock.monotonic_ns();
        EXPECT_GE(wait_ns, last_wait_ns);
        EXPECT_LE(wait_ns, 30'000'000'000);
        last_wait_ns = wait_ns;
        EXPECT_EQ(delivery->describe().last_error, "bucket not found");
        world.clock.advance_ms(wait_ns / 1'000'000 + 1);
    }
    world.objects.make_bucket("bucket");
    world.settle(*delivery, true);
    expect_exactly_once_in_order(world, "");
    EXPECT_EQ(delivery->describe().last_error, "");
}

TEST(Delivery, ANewDestinationTakesWhatTheOldOneCouldNot) {
    World world;
    world.objects.drop_bucket();
    world.objects.make_bucket("other");
    auto delivery = world.life();
    for (int i = 0; i < 15; ++i) world.record(0, 100'000);
    world.settle(*delivery);
    Definition moved = world.definition;
    moved.version = 2;
    moved.destination.bucket_arn = "arn:aws:s3:::other";
    delivery->reconfigure(moved);
    world.settle(*delivery, true);
    expect_exactly_once_in_order(world, "");
    EXPECT_EQ(world.objects.visible[0].bucket, "other");
    EXPECT_NE(world.objects.visible[0].key.find("/orders-2-"), std::string::npos);
}

TEST(Delivery, StoppingKeepsTheCheckpointAndNothingElse) {
    World world;
    auto delivery = world.life();
    for (int i = 0; i < 15; ++i) world.record(0, 100'000);
    world.settle(*delivery);
    delivery.reset();  // four records were buffered
    delivery = world.life();
    world.settle(*delivery, true);
    expect_exactly_once_in_order(world, "");
}

TEST(Delivery, ACorruptRecordIsPassedOverAndCounted) {
    World world;
    world.record(0);
    world.log.corrupt = world.log.put(world.shards[0], "gone|");
    world.record(0);
    auto delivery = world.life();
    world.settle(*delivery, true);
    expect_exactly_once_in_order(world, "");
    EXPECT_EQ(delivery->describe().corrupt_records, 1u);
}

TEST(Delivery, ConversionFailuresGoToTheErrorPrefix) {
    World world;
    world.convert();
    auto delivery = world.life();
    world.record(0, 0, "");
    world.record(0, 0, "bad");
    world.settle(*delivery, true);
    ASSERT_EQ(world.objects.visible.size(), 2u);
    EXPECT_TRUE(world.objects.visible[0].key.starts_with("errors/format-conversion-failed/orders-1-"));
    EXPECT_TRUE(world.objects.visible[0].bytes.starts_with(
        "{\"attemptsMade\":1,\"arrivalTimestamp\":1700000000000,\"lastErrorCode\":\"DataFormatConversion.ParseError\","
        "\"lastErrorMessage\":\"it is bad\",\"attemptEndingTimestamp\":1700000000000,\"rawData\":\"MC4xYmFkfA==\","))
        << world.objects.visible[0].bytes;
    EXPECT_TRUE(world.objects.visible[1].key.ends_with(".parquet"));
    EXPECT_EQ(world.objects.visible[1].bytes, "0.0|");
    EXPECT_EQ(delivery->describe().failed_records, 1u);
}

TEST(Delivery, AMissingSchemaHoldsTheRecordsBack) {
    World world;
    world.definition.destination.size_mb = 64;
    world.definition.destination.conversion.emplace();
    world.definition.destination.conversion->database = "db";
    world.definition.destination.conversion->table = "t";
    auto delivery = world.life();
    world.record(0);
    world.settle(*delivery, true);
    EXPECT_NE(delivery->describe().last_error.find("the schema db.t"), std::string::npos);
    world.convert();
    world.clock.advance_ms(60'000);
    world.settle(*delivery, true);
    EXPECT_EQ(delivered(world.objects), world.put);
}

// A life that dies at its n-th step, before or after the step's effect; then one that does not.
template <class Load>
int64_t dies_everywhere(bool converting, Load load) {
    int64_t total = 0;
    for (const bool after : {false, true}) {
        for (int64_t step = 0;; ++step) {
            World world(converting ? 1 : 3);
            if (converting) world.convert();
            load(world);
            const std::string when =
                "dies " + std::string(after ? "after" : "before") + " step " + std::to_string(step);
            world.fate.after = after;
            world.fate.steps_left = step;
            {
                auto first = world.life();
                world.settle(*first, true);
            }
            const bool died = world.fate.dead();
            world.fate.steps_left = INT64_MAX;
            world.clock.advance_ms(60'000);
            auto second = world.life();
            world.settle(*second, true);
            world.record(0);  // life goes on
            world.settle(*second, true);
            if (converting) {
                size_t failed = 0;
                for (const auto& seen : world.objects.visible) {
                    if (seen.key.starts_with("errors/")) {
                        failed += static_cast<size_t>(std::count(seen.bytes.begin(), seen.bytes.end(), '\n'));
                    }
                }
                EXPECT_EQ(failed, 3u) << when;
                std::vector<std::string> good = world.put;
                std::erase_if(good, [](const std::string& r) { return r.find("bad") != std::string::npos; });
                EXPECT_EQ(delivered(world.objects), good) << when;
            } else {
                expect_exactly_once_in_order(world, when);
            }
            ++total;
            if (testing::Test::HasFailure() || !died) break;
        }
    }
    return total;
}

TEST(DeliveryCrash, EveryRecordIsInExactlyOneObjectWhereverTheProcessDies) {
    const int64_t lives = dies_everywhere(false, [](World& world) {
        for (int i = 0; i < 40; ++i) world.record(static_cast<size_t>(i) % 3, 90'000);
    });
    EXPECT_GT(lives, 40);
}

TEST(DeliveryCrash, NeitherObjectOfAConversionIsLostOrRepeated) {
    const int64_t lives = dies_everywhere(true, [](World& world) {
        for (int i = 0; i < 12; ++i) world.record(0, 0, i % 4 == 1 ? "bad" : "");
    });
    EXPECT_GE(lives, 20);
}

TEST(DeliveryProperty, RandomLoadsTimesAndDeathsLoseAndRepeatNothing) {
    for (uint32_t seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](uint32_t bound) { return static_cast<size_t>(random() % bound); };
        World world(1 + below(4));
        world.definition.destination.size_mb = 1 + static_cast<uint32_t>(below(3));
        world.definition.destination.interval_s = static_cast<uint32_t>(below(90));
        world.options.read_bytes_max = 64 << 10 << below(5);
        auto delivery = world.life();
        for (int round = 0; round < 40; ++round) {
            for (size_t i = below(12); i > 0; --i)
                world.record(below(static_cast<uint32_t>(world.shards.size())), below(200'000));
            if (below(4) == 0) {
                world.fate.after = below(2) == 0;
                world.fate.steps_left = static_cast<int64_t>(below(30));
            }
            world.settle(*delivery, below(8) == 0);
            if (world.fate.dead() || below(10) == 0) {
                world.fate.steps_left = INT64_MAX;
                delivery = world.life();
            }
            world.fate.steps_left = INT64_MAX;
            world.clock.advance_ms(static_cast<int64_t>(below(60'000)));
        }
        world.clock.advance_ms(60'000);
        world.settle(*delivery, true);
        expect_exactly_once_in_order(world, "seed " + std::to_string(seed));
        if (testing::Test::HasFailure()) break;
    }
}

TEST(Progress, SurvivesItsCodec) {
    Progress progress;
    progress.shards = {{log::ShardKey(UINT64_MAX), log::Position(UINT64_MAX - 1)},
                       {log::ShardKey(1), log::Position(0)}};
    EXPECT_EQ(*decode_progress(encode(progress)), progress);
    for (const char* broken : {"", "{}", "[]", R"({"format":2,"shards":[]})", R"({"format":1,"shards":[[1]]})"}) {
        auto decoded = decode_progress(broken);
        ASSERT_FALSE(decoded.ok()) << broken;
        EXPECT_EQ(decoded.error().code, ErrorCode::corruption);
    }
}

TEST(Definition, SurvivesItsCodec) {
    Definition definition;
    definition.scope = {"123456789012", "eu-west-1"};
    definition.name = "d";
    definition.id = 9;
    definition.source = Source::kinesis;
    definition.kinesis_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
    definition.destination.bucket_arn = "arn:aws:s3:::b";
    definition.destination.prefix = "p\"/!{timestamp:yyyy}";
    definition.destination.processors = {{"AppendDelimiterToRecord", {{"Delimiter", "\\n"}}}};
    definition.destination.processing_enabled = true;
    definition.destination.compression = Compression::hadoop_snappy;
    definition.destination.conversion.emplace();
    definition.destination.conversion->compression = ParquetCompression::zstd;
    definition.destination.conversion->column_json_keys = {{"a", "b"}};
    definition.destination.conversion->timestamp_formats = {"millis"};
    definition.destination.conversion->page_bytes = 65536;
    definition.tags = {{"k", "v"}};
    auto again = decode(definition.scope, encode(definition));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(encode(*again), encode(definition));
    EXPECT_EQ(again->destination.processing()->append_delimiter, "\n");
    EXPECT_EQ(again->destination.bucket(), "b");
    EXPECT_EQ(stream_name_of(again->kinesis_arn), "s");
    EXPECT_EQ(arn_of(*again), "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d");
}

}  // namespace
}  // namespace millrace::flow
