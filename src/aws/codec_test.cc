// What botocore does not send: hostile and odd bodies, for each decoder, against shapes of the example services.
#include "aws_example/cloudwatch/shapes.h"
#include "aws_example/kinesis/shapes.h"
#include "aws_example/s3/shapes.h"
#include "aws_example/sts/shapes.h"
#include <gtest/gtest.h>

#include "src/aws/cbor.h"
#include "src/aws/json.h"
#include "src/aws/query.h"
#include "src/aws/scalar_text.h"
#include "src/aws/time_text.h"
#include "src/aws/validate.h"
#include "src/aws/xml.h"

namespace millrace::aws {
namespace {

template <class T>
const Shape& shape_for() {
    return shape_of(static_cast<const T*>(nullptr));
}

// "" where it decodes, else why not.
template <class T>
std::string json_error(std::string body, T* out) {
    const size_t size = body.size();
    body.append(64, ' ');
    Decoding decoding;
    const bool good = decode_json(shape_for<T>(), std::string_view(body).substr(0, size), out, decoding);
    EXPECT_EQ(good, decoding.refused.empty());
    if (good && !decoding.violations.empty()) return decoding.violations.failure("V").message;
    return decoding.refused;
}

TEST(JsonDecode, OddButGood) {
    kinesis::ListStreamsInput input;
    EXPECT_EQ(json_error("", &input), "");
    EXPECT_EQ(json_error(" \n", &input), "");
    EXPECT_EQ(json_error(R"({"Limit":null,"Unknown":{"a":[1,{"b":null}]},"Limit":5.0})", &input), "");
    EXPECT_EQ(input.Limit, 5);
    EXPECT_EQ(json_error(R"({"ExclusiveStartStreamName":"\u00fc\ud83d\ude00\n"})", &input), "");
    EXPECT_EQ(input.ExclusiveStartStreamName, "\xC3\xBC\xF0\x9F\x98\x80\n");
}

TEST(JsonDecode, RequiredMembersThatAreNull) {
    kinesis::PutRecordInput input;
    EXPECT_EQ(
        json_error(R"({"Data":null})", &input),
        "1 validation error detected: Value null at 'data' failed to satisfy constraint: Member must not be null");
    kinesis::PutRecordsInput many;
    EXPECT_EQ(json_error(R"({"Records":[{"Data":""},null]})", &many),
              "1 validation error detected: Value null at 'records.2.member' failed to satisfy constraint: Member must "
              "not be null");
}

TEST(JsonDecode, WrongTypes) {
    kinesis::PutRecordInput input;
    EXPECT_NE(json_error(R"({"Data":"not base64!"})", &input), "");
    EXPECT_NE(json_error(R"({"Data":5})", &input), "");
    kinesis::ListStreamsInput list;
    EXPECT_NE(json_error(R"({"Limit":2147483648})", &list), "");
    EXPECT_NE(json_error(R"({"Limit":1.5})", &list), "");
    EXPECT_NE(json_error(R"({"Limit":true})", &list), "");
    EXPECT_NE(json_error(R"({"NextToken":"\ud800"})", &list), "");
}

TEST(JsonDecode, TooManyElements) {
    std::string body = R"({"Records":[)";
    for (uint32_t i = 0; i <= elements_max; ++i) body += R"({"Data":""},)";
    body.back() = ']';
    kinesis::PutRecordsInput input;
    EXPECT_EQ(json_error(body + "}", &input), "The request has more list elements than are allowed.");
}

TEST(JsonEncode, TextThatIsNotUtf8AndNumbers) {
    std::string out;
    append_json_string(std::string("a\xff\"\\\x01\xc3\xbc", 7), out);
    EXPECT_EQ(out, "\"a\xEF\xBF\xBD\\\"\\\\\\u0001\xc3\xbc\"");
    const auto epoch = [](int64_t ms) {
        std::string text;
        append_epoch_seconds(TimestampMs(ms), text);
        return text;
    };
    EXPECT_EQ(epoch(1'700'000'000'000), "1700000000");
    EXPECT_EQ(epoch(1'700'000'000'120), "1700000000.12");
    EXPECT_EQ(epoch(1'700'000'000'007), "1700000000.007");
    EXPECT_EQ(epoch(-1500), "-1.5");
}

template <class T>
std::string cbor_error(std::string_view body, T* out) {
    Decoding decoding;
    const bool good = decode_cbor(shape_for<T>(), body, CborTime::seconds, out, decoding);
    EXPECT_EQ(good, decoding.refused.empty());
    return decoding.refused;
}

TEST(CborDecode, EveryWidthAndIndefiniteLengths) {
    cloudwatch::PutMetricDataInput input;
    constexpr char body[] =
        "\xbf"
        "\x69Namespace\x7f\x62na\x63me!\xff"  // a text in chunks
        "\x6aMetricData\x9f\xa3"              // an indefinite list
        "\x6aMetricName\xd8\x20\x61m"         // a tag that means nothing here
        "\x66Values\x85\xf9\x3c\x00\xfa\x3f\xc0\x00\x00\xfb\xbf\xf8\x00\x00\x00\x00\x00\x00\x01\x20"  // 1 1.5 -1.5 1 -1
        "\x69Timestamp\xc1\xfb\x41\xd9\x54\xfc\x40\x07\xdf\x3b"                                       // 1700000000.123
        "\xff"
        "\x66Unused\xbf\x61x\x9f\x01\xff\xff\xff";
    ASSERT_EQ(cbor_error(std::string_view(body, sizeof body - 1), &input), "");
    EXPECT_EQ(input.Namespace, "name!");
    ASSERT_EQ(input.MetricData->size(), 1u);
    EXPECT_EQ((*input.MetricData)[0].Values, (std::vector<double>{1, 1.5, -1.5, 1, -1}));
    EXPECT_EQ((*input.MetricData)[0].Timestamp, TimestampMs(1'700'000'000'123));
}

TEST(CborDecode, Hostile) {
    cloudwatch::PutMetricDataInput input;
    using namespace std::string_literals;
    for (const std::string& body :
         {"\xff"s, "\xa1"s, "\x80"s, "\xa1\x69Namespace\x7b\xff\xff\xff\xff\xff\xff\xff\xff"s,
          "\xbb\xff\xff\xff\xff\xff\xff\xff\xff"s, "\xa1\x6aMetricData\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"s,
          "\xa1\x01\x01"s, "\xbf\x61x"s, "\xa0\x00"s, "\x1c"s, "\xa1\x61x\xff"s, "\xa1\x61x\x7f\x41x\xff"s,
          "\xa1\x61x\x5f\x5f\xff\xff"s, "\xbf\x61x\xff"s, "\xa1\x69Namespace\x01"s})
        EXPECT_NE(cbor_error(body, &input), "") << body;
    EXPECT_NE(cbor_error("\xa1\x61x" + std::string(1'000'000, '\x81'), &input), "");  // deeper than any stack
    EXPECT_NE(cbor_error("\xa1\x61x" + std::string(1'000'000, '\xc1'), &input), "");
    EXPECT_EQ(cbor_error("", &input), "");
}

template <class T>
std::string query_error(std::string_view form, T* out) {
    Fields fields;
    if (!parse_form(form, &fields)) return "form";
    Decoding decoding;
    if (!decode_query(shape_for<T>(), std::move(fields), out, decoding)) return decoding.refused;
    return decoding.violations.empty() ? "" : decoding.violations.failure("V").message;
}

TEST(QueryDecode, ListsAndTypes) {
    sts::AssumeRoleInput input;
    EXPECT_EQ(
        query_error("RoleArn=a&RoleSessionName=b%20c+d&DurationSeconds=900&Tags.member.1.Key=k&Tags.member.1.Value=&"
                    "Tags.member.2.Key=l&Tags.member.2.Value=v&Tags.member.4.Key=skipped&Unknown=1",
                    &input),
        "");
    EXPECT_EQ(input.RoleSessionName, "b c d");
    EXPECT_EQ(input.DurationSeconds, 900);
    ASSERT_EQ(input.Tags->size(), 2u);
    EXPECT_EQ((*input.Tags)[1].Value, "v");
    EXPECT_NE(query_error("RoleArn=a&RoleSessionName=b&DurationSeconds=x", &input), "");
    EXPECT_NE(query_error("RoleArn=a", &input), "");
    EXPECT_EQ(query_error("a=%", &input), "form");
    EXPECT_EQ(query_error("a=%1", &input), "form");
    EXPECT_EQ(query_error("a=%gg", &input), "form");
}

TEST(XmlDecode, NamespacesEntitiesAndHostility) {
    const Shape& shape = *shape_for<s3::DeleteObjectsInput>().payload->shape;
    const auto decode = [&shape](std::string_view body, s3::Delete* out) {
        Decoding decoding;
        return decode_xml(shape, body, out, decoding) && decoding.violations.empty();
    };
    s3::Delete out;
    EXPECT_TRUE(
        decode("<?xml version=\"1.0\"?><s:Delete xmlns:s=\"x\"><!-- c --><s:Quiet> true </s:Quiet><s:Object>"
               "<s:Key>a&amp;b&#x20;<![CDATA[<c>]]></s:Key></s:Object></s:Delete>",
               &out));
    EXPECT_EQ(out.Quiet, true);
    ASSERT_EQ(out.Objects.size(), 1u);
    EXPECT_EQ(out.Objects[0].Key.substr(0, 4), "a&b ");
    for (const char* body : {"", "x", "<a>", "<a></b>", "<Delete><Object>", "<Delete/>",
                             "<Delete><Object><Key>k</Key></Object><Quiet>maybe</Quiet></Delete>"}) {
        s3::Delete fresh;
        EXPECT_FALSE(decode(body, &fresh)) << body;
    }
    s3::Delete fresh;
    // A billion laughs laugh once: entities of a DTD stay unexpanded.
    decode(
        "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>",
        &fresh);
    ASSERT_EQ(fresh.Objects.size(), 1u);
    EXPECT_EQ(fresh.Objects[0].Key, "&b;");
    std::string deep;
    for (int i = 0; i < 300'000; ++i) deep += "<a>";
    EXPECT_FALSE(decode(deep, &fresh));
    // Elements that nobody knows are passed over, but not without end: each costs many times its text.
    std::string wide = "<Delete><Object><Key>k</Key></Object>";
    for (int i = 0; i < 100'000; ++i) wide += "<a/>";
    EXPECT_TRUE(decode(wide + "</Delete>", &fresh));
    for (int i = 0; i < 300'000; ++i) wide += "<a/>";
    EXPECT_FALSE(decode(wide + "</Delete>", &fresh));
}

TEST(TimeText, EveryFormatBothWays) {
    const TimestampMs time(1'709'210'096'789);
    EXPECT_EQ(iso8601(time), "2024-02-29T12:34:56.789Z");
    EXPECT_EQ(iso8601(TimestampMs(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(iso8601_milliseconds(TimestampMs(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(http_date(time), "Thu, 29 Feb 2024 12:34:56 GMT");
    EXPECT_EQ(basic_date_time(time), "20240229T123456Z");
    EXPECT_EQ(iso8601(TimestampMs(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(parse_iso8601("2024-02-29T12:34:56.789123Z"), time);
    EXPECT_EQ(parse_iso8601("2024-02-29T14:34:56.789+02:00"), time);
    EXPECT_EQ(parse_iso8601("2024-02-29T07:04:56.789-0530"), time);
    EXPECT_EQ(parse_iso8601("2024-02-29"), TimestampMs(1'709'164'800'000));
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 12:34:56 GMT"), TimestampMs(1'709'210'096'000));
    EXPECT_EQ(parse_basic_date_time("20240229T123456Z"), TimestampMs(1'709'210'096'000));
    for (const char* text : {"", "2024", "2024-13-01T00:00:00Z", "2024-02-32T00:00:00Z", "2024-02-29T25:00:00Z",
                             "2024-02-29T00:00:00", "2024-02-29T00:00:00Zx", "2024-02-29T00:00:00.Z"})
        EXPECT_FALSE(parse_iso8601(text)) << text;
}

TEST(Validate, ListsMapsAndRangesAsAWhole) {
    kinesis::AddTagsToStreamInput input;
    input.Tags[std::string(200, 'k')] = "v";
    Violations violations;
    validate(shape_for<kinesis::AddTagsToStreamInput>(), &input, Place{}, violations);
    const std::string message = violations.failure("ValidationException").message;
    EXPECT_NE(
        message.find("at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have "
                     "length less than or equal to 128, Member must have length greater than or equal to 1"),
        std::string::npos)
        << message;
}

TEST(Validate, EnumsNameTheirValues) {
    kinesis::CreateStreamInput input;
    input.StreamName = "s";
    input.StreamModeDetails.emplace();
    input.StreamModeDetails->StreamMode = "FAST";
    Violations violations;
    validate(shape_for<kinesis::CreateStreamInput>(), &input, Place{}, violations);
    EXPECT_EQ(
        violations.failure("ValidationException").message,
        "1 validation error detected: Value 'FAST' at 'streamModeDetails.streamMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]");
}

TEST(Validate, PresenceFollowsPaths) {
    sts::AssumeRoleInput input;
    const Shape& shape = shape_for<sts::AssumeRoleInput>();
    EXPECT_FALSE(is_present(shape, &input, "Tags[].Value"));
    input.Tags = std::vector<sts::Tag>{{"k", "v"}};
    EXPECT_TRUE(is_present(shape, &input, "Tags[].Value"));
    EXPECT_TRUE(is_present(shape, &input, "Tags"));
    EXPECT_FALSE(is_present(shape, &input, "Policy"));
    EXPECT_FALSE(is_present(shape, &input, "Nonsense.More"));
}

}  // namespace
}  // namespace millrace::aws
