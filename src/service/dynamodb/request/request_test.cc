#include "src/service/dynamodb/request/request.h"

#include <gtest/gtest.h>

#include "src/service/dynamodb/request/constraints.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

template <class Read>
auto read(Read&& reader, std::string text) {
    const size_t size = text.size();
    text.append(64, '\0');
    return reader(std::string_view(text.data(), size));
}

std::string refusal(std::string body) {
    const auto request = read(read_request, std::move(body));
    return request ? "" : request.error().code + ": " + request.error().message;
}

// What is kept as wrong about the value of an item's only attribute.
std::string wrong(const std::string& value) {
    const auto request = read(read_request, R"({"Item":{"a":)" + value + "}}");
    if (!request) return request.error().message;
    return request->item->wrong;
}

TEST(Request, TakesEveryTypeAsItStands) {
    const std::string item =
        R"({"a":{"S":"\u00e9"},"b":{"N":"1.50"},"c":{"B":"AAE="},"d":{"BOOL":false},"e":{"NULL":true},)"
        R"("f":{"M":{"z":{"L":[{"S":""}]}}},"g":{"SS":["b","a"]},"h":{"NS":["2","1"]},"i":{"BS":["AQ==","AA=="]}})";
    const auto request = read(read_request, R"({"TableName":"t","Item":)" + item + R"(,"Unknown":[1,{"x":2}]})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->item->wrong, "");
    const auto expected = table::parse_item_json(item);
    ASSERT_TRUE(expected);
    EXPECT_EQ(request->item->item, *expected);
}

TEST(Request, SortsNamesAndKeepsTheLastOfTwo) {
    const auto request = read(read_request, R"({"Item":{"b":{"S":"1"},"a":{"S":"2"},"b":{"S":"3"}}})");
    ASSERT_TRUE(request);
    std::string json;
    table::append_json(request->item->item, &json);
    EXPECT_EQ(json, R"({"a":{"S":"2"},"b":{"S":"3"}})");
}

TEST(Request, NullIsAsIfItWereNotThere) {
    const auto request =
        read(read_request, R"({"TableName":null,"Item":null,"Limit":null,"ExpressionAttributeNames":null})");
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->table || request->item || request->limit || request->names);
}

TEST(Request, OtherTypesAreRefusedInTheWordsOfAwsParser) {
    EXPECT_EQ(refusal(R"({"TableName":1})"), "SerializationException: NUMBER_VALUE cannot be converted to String");
    EXPECT_EQ(refusal(R"({"TableName":1.5})"), "SerializationException: DECIMAL_VALUE cannot be converted to String");
    EXPECT_EQ(refusal(R"({"TableName":true})"), "SerializationException: TRUE_VALUE cannot be converted to String");
    EXPECT_EQ(refusal(R"({"TableName":[]})"),
              "SerializationException: Unrecognized collection type class java.lang.String");
    EXPECT_EQ(refusal(R"({"TableName":{}})"),
              "SerializationException: Start of structure or map found where not expected");
    EXPECT_EQ(refusal(R"({"Limit":"1"})"), "SerializationException: STRING_VALUE cannot be converted to Integer");
    EXPECT_EQ(refusal(R"({"ConsistentRead":"perhaps"})"),
              "SerializationException: Unexpected token received from parser");
    EXPECT_EQ(refusal(R"({"Item":"x"})"), "SerializationException: Unexpected field type");
    EXPECT_EQ(refusal(R"({"Item":{"a":"x"}})"), "SerializationException: Unexpected value type in payload");
    EXPECT_EQ(refusal(R"({"Item":{"a":{"N":1}}})"),
              "SerializationException: NUMBER_VALUE cannot be converted to String");
    EXPECT_EQ(refusal(R"({"Item":{"a":{"B":"abc"}}})"),
              "SerializationException: Base64 encoded length is expected a multiple of 4 bytes but found: 3");
    for (const char* body : {"", "[]", "{", R"({"TableName":"t"} x)", R"({"TableName":"t")", R"({"TableName":})"}) {
        EXPECT_TRUE(refusal(body).starts_with("SerializationException")) << body;
    }
}

TEST(Request, WrongValuesAreKeptAsSentences) {
    EXPECT_EQ(wrong("{}"), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    EXPECT_EQ(
        wrong(R"({"S":"a","N":"1"})"),
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
    EXPECT_EQ(wrong(R"({"N":"abc"})"), "The parameter cannot be converted to a numeric value: abc");
    EXPECT_EQ(wrong(R"({"SS":[]})"), "One or more parameter values were invalid: An string set  may not be empty");
    EXPECT_EQ(wrong(R"({"SS":["a","a"]})"),
              "One or more parameter values were invalid: Input collection [a, a] contains duplicates.");
    EXPECT_EQ(wrong(R"({"NS":["1","1.0"]})"), "Input collection contains duplicates");
    EXPECT_EQ(wrong(R"({"L":[{"NULL":false}]})"),
              "One or more parameter values were invalid: Null attribute value types must have the value of true");
    EXPECT_EQ(wrong(R"({"S":"fine"})"), "");
}

TEST(Request, DepthIsBounded) {
    std::string deep, end;
    for (int i = 0; i < 900; ++i) {
        deep += R"({"L":[)";
        end += "]}";
    }
    EXPECT_TRUE(wrong(deep + R"({"S":"x"})" + end).starts_with("Nesting Levels have exceeded supported limits"));
}

TEST(Constraints, AreReportedTogether) {
    const auto request =
        read(read_request, R"({"TableName":"x!","Item":{},"ReturnValues":"A","ReturnConsumedCapacity":"B"})");
    ASSERT_TRUE(request);
    EXPECT_EQ(
        check_put_item(*request)->message,
        "4 validation errors detected: Value 'B' at 'returnConsumedCapacity' failed to satisfy constraint: Member "
        "must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'x!' at 'tableName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'x!' at 'tableName' "
        "failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'A' at "
        "'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, "
        "ALL_OLD, NONE, UPDATED_NEW]");
}

TEST(Constraints, BatchesAreBounded) {
    std::string keys = R"({"pk":{"S":"a"}})";
    for (int i = 0; i < 100; ++i) keys += R"(,{"pk":{"S":"a"}})";
    const auto request = read(read_batch_get, R"({"RequestItems":{"orders":{"Keys":[)" + keys + "]}}}");
    ASSERT_TRUE(request);
    EXPECT_EQ(check_batch_get(*request)->message,
              "1 validation error detected: Value at 'RequestItems.orders.member.Keys' failed to satisfy constraint: "
              "Member must have length less than or equal to 100");
}

}  // namespace
}  // namespace millrace::service::dynamodb
