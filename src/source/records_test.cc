#include "src/source/records.h"

#include <gtest/gtest.h>

#include "src/source/backoff.h"
#include "src/source/pack.h"

namespace millrace::source {
namespace {

constexpr const char* bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";

Definition definition(std::string_view records = "$", Format format = Format::json) {
    Definition it;
    it.name = "n";
    it.records = records;
    it.format = format;
    it.destination = bus;
    it.event_source = "s";
    return it;
}

Result<Records> taken(const Definition& it, std::string_view body) {
    auto extractor = Extractor::make(it);
    EXPECT_TRUE(extractor.ok());
    return (*extractor)->take_apart(body);
}

std::vector<std::string> texts(const Result<Records>& records) {
    std::vector<std::string> out;
    EXPECT_TRUE(records.ok()) << records.error().message;
    if (!records.ok()) return out;
    for (const Record& record : records->records) out.push_back(record.text);
    return out;
}

using Texts = std::vector<std::string>;

TEST(Records, come_from_where_the_path_says) {
    EXPECT_EQ(texts(taken(definition("$.txs"), R"({"txs": [{"a": 1.10}, 2], "n": 2})")), (Texts{"{\"a\":1.10}", "2"}));
    EXPECT_EQ(texts(taken(definition("$.txs[*]"), R"({"txs":[1,2]})")), (Texts{"1", "2"}));
    EXPECT_EQ(texts(taken(definition(), "[1,[2]]")), (Texts{"1", "[2]"}));
    EXPECT_EQ(texts(taken(definition(), R"({"a":1})")), (Texts{R"({"a":1})"}));
    EXPECT_EQ(texts(taken(definition("$.a"), R"({"a":null})")), Texts{});
    EXPECT_EQ(texts(taken(definition("$.a"), R"({"a":[]})")), Texts{});
    EXPECT_EQ(texts(taken(definition("$.pages[*].items[*]"), R"({"pages":[{"items":[1,2]},{"items":[3]}]})")),
              (Texts{"1", "2", "3"}));
    EXPECT_EQ(texts(taken(definition("$.a[?(@.ok)]"), R"({"a":[{"ok":1},{"no":1}]})")), (Texts{R"({"ok":1})"}));
}

TEST(Records, that_are_not_as_told_are_an_error) {
    EXPECT_EQ(taken(definition(), "<html>").error().code, ErrorCode::corruption);
    EXPECT_EQ(taken(definition(), "").error().code, ErrorCode::corruption);
    EXPECT_EQ(taken(definition("$.b"), R"({"a":1})").error().code, ErrorCode::corruption);
    std::string many = "[0";
    for (size_t i = 0; i < Extractor::records_max; ++i) many += ",0";
    EXPECT_EQ(taken(definition(), many + "]").error().code, ErrorCode::resource_exhausted);
}

TEST(Records, of_lines_leave_out_what_is_no_json) {
    const auto records = taken(definition("$", Format::ndjson), "{\"a\": 1}\r\n\nbroken\n 2 ");
    EXPECT_EQ(texts(records), (Texts{"{\"a\":1}", "2"}));
    EXPECT_EQ(records->malformed, 1u);
}

TEST(Records, may_be_the_whole_body) {
    EXPECT_EQ(texts(taken(definition("$", Format::body), " [1, 2] ")), (Texts{"[1,2]"}));
    const auto bytes = taken(definition("$", Format::body), "temperature 7");
    EXPECT_EQ(texts(bytes), (Texts{"temperature 7"}));
    EXPECT_FALSE(bytes->records[0].is_json);
    EXPECT_EQ(texts(taken(definition("$", Format::body), "")), Texts{});
}

TEST(Records, have_keys) {
    Definition it = definition();
    it.key = "$.id";
    it.partition_key = "$.who";
    const auto records = taken(it, R"([{"id":"a","who":"x\u0041"},{"id":7,"who":5},{"id":null},{}])");
    ASSERT_TRUE(records.ok());
    EXPECT_EQ(records->records[0].key, "\"a\"");
    EXPECT_EQ(records->records[0].partition_key, "xA");
    EXPECT_EQ(records->records[1].key, "7");
    EXPECT_EQ(records->records[1].partition_key, "5");
    EXPECT_EQ(records->records[2].key, "");
    EXPECT_EQ(records->records[3].key, "");
}

std::vector<FreshRecord> fresh(std::initializer_list<std::string> texts) {
    std::vector<FreshRecord> out;
    for (const std::string& text : texts) out.push_back({.record = {.text = text}});
    return out;
}

TEST(Pack, makes_an_event_of_each_record) {
    auto made = fresh({R"({"a":1})", "2"});
    made.push_back({.record = {.text = "raw \"bytes\"", .is_json = false}});
    const Parcels packed = pack(definition(), std::move(made));
    ASSERT_EQ(packed.parcels.size(), 3u);
    EXPECT_EQ(packed.parcels[0].item.body, R"({"a":1})");
    EXPECT_EQ(packed.parcels[1].item.body, R"({"record":2})");
    EXPECT_EQ(packed.parcels[2].item.body, R"({"body":"raw \"bytes\""})");
}

TEST(Pack, splits_by_record_where_an_event_is_full) {
    Definition it = definition();
    it.records_per_event = 3;
    Parcels packed = pack(it, fresh({"1", "2", "3", "4"}));
    ASSERT_EQ(packed.parcels.size(), 2u);
    EXPECT_EQ(packed.parcels[0].item.body, R"({"records":[1,2,3]})");
    EXPECT_EQ(packed.parcels[1].item.body, R"({"records":[4]})");
    EXPECT_EQ(packed.parcels[0].records, 3u);
    it.records_per_event = 10'000;
    const std::string large = '"' + std::string(100'000, 'x') + '"', giant = '"' + std::string(262'144, 'y') + '"';
    packed = pack(it, fresh({large, large, giant, large, large, large}));
    ASSERT_EQ(packed.parcels.size(), 3u);
    uint64_t records = 0;
    for (const Parcel& parcel : packed.parcels) {
        EXPECT_LE(parcel.item.body.size() + it.event_source.size() + it.detail_type.size() + 14, event_bytes_max);
        EXPECT_TRUE(is_json(parcel.item.body));
        records += parcel.records;
    }
    EXPECT_EQ(records, 5u);
    EXPECT_EQ(packed.too_large, 1u);
}

TEST(Pack, ends_lines_for_firehose_and_keeps_within_each_limit) {
    Definition it = definition();
    it.destination = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d";
    Parcels packed = pack(it, fresh({"{}", std::string(1'024'000, '1')}));
    ASSERT_EQ(packed.parcels.size(), 1u);
    EXPECT_EQ(packed.parcels[0].item.body, "{}\n");
    EXPECT_EQ(packed.too_large, 1u);
    it.destination = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    packed = pack(it, fresh({"{}", std::string(1'048'577, '1')}));
    ASSERT_EQ(packed.parcels.size(), 1u);
    EXPECT_EQ(packed.parcels[0].item.body, "{}");
}

TEST(Backoff, doubles_up_to_five_minutes) {
    EXPECT_EQ(backoff_ms(1, 100, 1), 1'000);
    EXPECT_EQ(backoff_ms(1, 100, 0), 500);
    EXPECT_EQ(backoff_ms(3, 100, 1), 4'000);
    EXPECT_EQ(backoff_ms(1'000'000, 100, 1), 300'000);
    EXPECT_EQ(backoff_ms(1, 60'000, 1), 60'000);
    EXPECT_EQ(backoff_ms(9, 3'600'000, 1), 3'600'000);
}

TEST(Backoff, understands_retry_after) {
    const TimestampMs now(784'111'777'000);  // Sun, 06 Nov 1994 08:49:37 GMT
    EXPECT_EQ(retry_after_ms("120", now), 120'000);
    EXPECT_EQ(retry_after_ms("99999999", now), 86'400'000);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:50:37 GMT", now), 60'000);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:48:37 GMT", now), 0);
    for (const char* text : {"", "-1", "soon", "1.5", "99999999999999999999999"})
        EXPECT_FALSE(retry_after_ms(text, now)) << text;
}

}  // namespace
}  // namespace millrace::source
