// Bytes on disk stay what they are.
#include "src/base/bytes.h"
#include "src/table/engine/change_codec.h"
#include "src/table/engine/definition_codec.h"
#include "src/table/engine/index_entries.h"
#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

TEST(EngineKeys, AreTheseBytes) {
    const KeyNames names{.partition = "p", .sort = "n", .sort_type = Type::N};
    const Item item = item_of({{"p", text("a")}, {"n", number(1)}, {"g", text("x")}});
    const std::string encoded_one(Number::of(1).encoded());
    EXPECT_EQ(hex_encode(*item_key(7, names, item)), "00000007eccfa654610001" + hex_encode(encoded_one));
    Index index = index_of("i", "g");
    index.id = 9;
    EXPECT_EQ(hex_encode(*index_key(index, names, item)), "000000097785c709780001610001" + hex_encode(encoded_one));
    EXPECT_EQ(hex_encode(change_key(1, 2)), "00000000000000010000000000000002");
    EXPECT_EQ(item_key(7, names, item_of({{"p", text("a")}})).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(item_key(7, names, item_of({{"p", text("a")}, {"n", text("1")}})).error().code,
              ErrorCode::invalid_argument);
}

TEST(EngineKeys, OfSeveralAttributesAPartAreTheseBytes) {
    const KeyNames names{.partition = "p"};
    Index index = index_of("i", "g", "n");
    index.id = 9;
    index.key.more_partition = {{"h"}};
    index.key.sort_type = Type::N;
    index.key.more_sort = {{"b", Type::B}};
    const Item item = item_of({{"p", text("a")},
                               {"g", text("x")},
                               {"h", text("y")},
                               {"n", number(1)},
                               {"b", AttributeValue{Binary{std::string("\0z", 2)}}}});
    const std::string partition("x\0\1y\0\1", 6);
    std::string head;
    append_u32(9, &head);
    append_u32(hash_of(partition), &head);
    EXPECT_EQ(hex_encode(*index_key(index, names, item)),
              hex_encode(head + partition) + hex_encode(std::string(Number::of(1).encoded())) + "00ff7a0001610001");
    EXPECT_EQ(partition_prefix(9, text("x"), {text("y")}), head + partition);
    EXPECT_EQ(partition_hash(index.key, item), hash_of(partition));
    for (const char* name : {"g", "h", "n", "b"}) {
        Item lacking = item;
        lacking.erase(name);
        EXPECT_FALSE(index_key(index, names, lacking).has_value()) << name;
        lacking.set(name, AttributeValue{true});
        EXPECT_FALSE(index_key(index, names, lacking).has_value()) << name;
    }
    Item long_one = item;
    long_one.set("g", text(std::string(1024, 'x')));
    long_one.set("h", text(std::string(1024, 'y')));
    EXPECT_TRUE(index_key(index, names, long_one).has_value());
    long_one.set("h", text(std::string(1025, 'y')));
    EXPECT_FALSE(index_key(index, names, long_one).has_value());
}

TEST(EngineKeys, HashesSpreadShortKeys) {
    std::vector<int> in_quarter(4);
    for (int i = 0; i < 4000; ++i) ++in_quarter[hash_of(std::to_string(i)) >> 30];
    for (const int count : in_quarter) EXPECT_NEAR(count, 1000, 150);
}

TEST(EngineKeys, TheSuccessorIsAfterEverythingWithThePrefix) {
    EXPECT_EQ(successor("ab"), "ac");
    EXPECT_EQ(successor("a\xff\xff"), "b");
    EXPECT_EQ(successor("\xff"), "");
}

TEST(EngineDefinition, ComesBackWholeAndDamageIsFound) {
    TableDefinition definition = definition_of("t");
    definition.scope = {"123456789012", "eu-west-1"};
    definition.indexes = {index_of("i", "g", "h")};
    definition.indexes[0].projection = {Projection::Kind::include, {"x", "y"}};
    definition.indexes[0].settings = "{}";
    definition.stream = ChangeStream{.label = "l", .id = 5, .view = StreamView::old_image, .enabled = false};
    definition.old_streams = {*definition.stream, *definition.stream};
    definition.ttl_attribute = "until";
    definition.ttl_id = 8;
    definition.history = true;
    definition.history_since = TimestampMs(77);
    definition.settings = std::string("\0binary", 7);
    const std::string bytes = encode_definition(definition);
    const auto back = decode_definition(bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(encode_definition(*back), bytes);
    EXPECT_EQ(back->indexes[0].projection.attributes, definition.indexes[0].projection.attributes);
    EXPECT_EQ(back->old_streams.size(), 2u);
    EXPECT_EQ(back->scope, definition.scope);
    EXPECT_FALSE(back->copied_stream.has_value());
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(decode_definition(std::string_view(bytes).substr(0, size)).error().code, ErrorCode::corruption);
    }
    EXPECT_EQ(decode_definition("\x03").error().code, ErrorCode::unsupported);
}

// Stores from before keys had several attributes a part are read, and what such keys are not in is written as it was.
TEST(EngineDefinition, IsOfVersionTwoOnlyWhereAKeyHasSeveralAttributesAPart) {
    TableDefinition definition = definition_of("t");
    definition.indexes = {index_of("i", "g", "h"), index_of("j", "g")};
    EXPECT_EQ(encode_definition(definition)[0], '\x01');
    definition.indexes[0].key.more_partition = {{"x", Type::N}};
    definition.indexes[0].key.more_sort = {{"y", Type::B}, {"z"}};
    const std::string bytes = encode_definition(definition);
    EXPECT_EQ(bytes[0], '\x02');
    const auto back = decode_definition(bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(encode_definition(*back), bytes);
    const KeyNames& key = back->indexes[0].key;
    ASSERT_EQ(key.size(), 5u);
    EXPECT_EQ(key.at(1).name, "x");
    EXPECT_EQ(key.at(1).type, Type::N);
    EXPECT_EQ(key.at(2).name, "h");
    EXPECT_EQ(key.at(3).type, Type::B);
    EXPECT_EQ(key.at(4).name, "z");
    EXPECT_FALSE(back->indexes[1].key.is_multiple());
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(decode_definition(std::string_view(bytes).substr(0, size)).error().code, ErrorCode::corruption);
    }
}

TEST(EngineChange, ComesBackWholeAndDamageIsFound) {
    const std::string keys = encode_item(item_of({{"p", text("a")}}));
    const std::string image = encode_item(item_of({{"p", text("a")}, {"v", text("1")}}));
    ChangeRecord record{.kind = ChangeKind::modify, .time = TimestampMs(5), .by_ttl = true, .keys = keys};
    record.old_image = keys;
    record.new_image = image;
    record.counted = 42;
    std::string bytes;
    append_change_head(record, &bytes);
    bytes += image;
    EXPECT_EQ(hex_encode(bytes).substr(0, 38),
              "010107"
              "0000000000000005"
              "000000000000002a");
    const auto back = decode_change(3, bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->sequence.value(), 3u);
    EXPECT_TRUE(back->by_ttl);
    EXPECT_EQ(back->old_image->bytes(), keys);
    EXPECT_EQ(back->new_image->bytes(), image);
    EXPECT_EQ(back->bytes, 42u);
    for (size_t size = 0; size < bytes.size() - image.size(); ++size) {
        EXPECT_FALSE(decode_change(3, std::string_view(bytes).substr(0, size)).ok());
    }
}

TEST(EngineExpiry, IsAWholeNumberOfTheLastFiveYears) {
    TableDefinition definition = definition_of("t");
    definition.ttl_attribute = "until";
    definition.ttl_id = 1;
    EXPECT_EQ(expiry_second(definition, item_of({{"until", number(100)}})), 100u);
    EXPECT_EQ(expiry_second(definition, item_of({{"until", text("100")}})), std::nullopt);
    EXPECT_EQ(expiry_second(definition, item_of({{"until", number(-1)}})), std::nullopt);
    EXPECT_EQ(expiry_second(definition, item_of({{"other", number(1)}})), std::nullopt);
    EXPECT_FALSE(has_expired(1000, 1000));
    EXPECT_TRUE(has_expired(999, 1000));
    EXPECT_FALSE(has_expired(10, 10 + 1 + static_cast<int64_t>(expired_seconds_max)));
}

}  // namespace
}  // namespace millrace::table::engine
