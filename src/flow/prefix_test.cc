#include "src/flow/prefix.h"

#include <gtest/gtest.h>

#include "src/base/calendar.h"
#include "src/flow/object_name.h"

namespace millrace::flow {
namespace {

using Use = PrefixExpression::Use;
constexpr TimestampMs august(1535365805123);  // 2018-08-27T10:30:05.123Z, a Monday

std::string fixed_random() {
    return "046b6c7f-0b";
}

std::string prefix(const std::optional<std::string>& text, const io::TimeZone& zone = io::TimeZone()) {
    auto parsed = PrefixExpression::parse(Use::prefix, text, std::nullopt);
    if (!parsed.ok()) return "ERROR " + parsed.error().message;
    auto out = parsed->evaluate(august, zone, "", fixed_random);
    return out.ok() ? *out : "ERROR " + out.error().message;
}

std::string error_prefix(const std::optional<std::string>& text, const std::optional<std::string>& of_prefix) {
    auto parsed = PrefixExpression::parse(Use::error_prefix, text, of_prefix);
    if (!parsed.ok()) return "ERROR " + parsed.error().message;
    auto out = parsed->evaluate(august, io::TimeZone(), "format-conversion-failed", fixed_random);
    return out.ok() ? *out : "ERROR " + out.error().message;
}

std::string java(std::string_view pattern, TimestampMs time = august, const io::TimeZone& zone = io::TimeZone()) {
    auto compiled = JavaTimePattern::compile(pattern);
    return compiled.ok() ? compiled->format(time, zone) : "ERROR " + compiled.error().message;
}

TEST(Prefix, EvaluatesTheDocumentationsExamples) {
    EXPECT_EQ(prefix(std::nullopt), "2018/08/27/10/");
    EXPECT_EQ(prefix("myFirehosePrefix/"), "myFirehosePrefix/2018/08/27/10/");
    EXPECT_EQ(prefix("myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}"),
              "myFirehose/DeliveredYear=2018/anyMonth/rand=046b6c7f-0b");
    EXPECT_EQ(prefix("a/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"),
              "a/year=2018/month=08/day=27/hour=10/");
    EXPECT_EQ(error_prefix("e/!{timestamp:'year='yyyy'/month='MM'/day='dd'/hour='HH}/!{firehose:error-output-type}",
                           "x/!{timestamp:yyyy}"),
              "e/year=2018/month=08/day=27/hour=10/format-conversion-failed");
    EXPECT_EQ(error_prefix("myFirehoseFailures/!{firehose:error-output-type}/", std::nullopt),
              "myFirehoseFailures/format-conversion-failed/");
}

TEST(Prefix, WithoutATimestampTheDateIsAppended) {
    EXPECT_EQ(prefix("p/!{firehose:random-string}/"), "p/046b6c7f-0b/2018/08/27/10/");
    EXPECT_EQ(error_prefix(std::nullopt, "p/"), "p/format-conversion-failed/2018/08/27/10/");
    EXPECT_EQ(error_prefix("errors/", "p/"), "errors/format-conversion-failed/2018/08/27/10/");
    EXPECT_EQ(error_prefix(std::nullopt, std::nullopt), "format-conversion-failed/2018/08/27/10/");
}

TEST(Prefix, RefusesWhatTheRulesForbid) {
    EXPECT_EQ(error_prefix(std::nullopt, "!{timestamp:yyyy/MM/dd}"),
              "ERROR ErrorOutputPrefix can't be null or empty when Prefix contains expressions");
    EXPECT_EQ(error_prefix("e/!{timestamp:yyyy}/", "x"),
              "ERROR ErrorOutputPrefix must include at least one instance of !{firehose:error-output-type} when it "
              "contains expressions");
    EXPECT_EQ(prefix("a/!{firehose:error-output-type}/"), "ERROR Prefix can't contain !{firehose:error-output-type}");
    EXPECT_TRUE(prefix("a/!{timestamp:yyyy").starts_with("ERROR Prefix has an expression"));
    EXPECT_TRUE(prefix("a/!{time:yyyy}").starts_with("ERROR Prefix holds !{time:yyyy}"));
    EXPECT_TRUE(prefix("a/!{firehose:random}").starts_with("ERROR Prefix holds"));
    EXPECT_TRUE(prefix("a/!{}").starts_with("ERROR Prefix holds"));
    EXPECT_TRUE(prefix("a/!{timestamp:}").starts_with("ERROR Prefix holds"));
    EXPECT_TRUE(prefix("a/!{timestamp:!{timestamp:yyyy}}").starts_with("ERROR"));
    EXPECT_TRUE(prefix("a/!{timestamp:yyyy'}").starts_with("ERROR Prefix: !{timestamp:yyyy'}: a quote"));
    EXPECT_TRUE(prefix(std::string(513, 'x')).starts_with("ERROR Prefix evaluates to more than 512"));
    EXPECT_TRUE(
        error_prefix("e/!{partitionKeyFromQuery:c}/", "p/").starts_with("ERROR ErrorOutputPrefix can't contain"));
}

TEST(Prefix, PartitionKeysStandInTheirPlaces) {
    const auto parsed = PrefixExpression::parse(
        Use::prefix, "c=!{partitionKeyFromQuery:customer}/y=!{partitionKeyFromLambda:year}/", std::nullopt);
    ASSERT_TRUE(parsed.ok());
    const PartitionKeys query{{"customer", "7"}, {"other", "x"}}, function{{"year", "2026"}}, none;
    EXPECT_EQ(*parsed->evaluate(august, io::TimeZone(), "", fixed_random, {&query, &function}), "c=7/y=2026/")
        << "no date is appended";
    EXPECT_EQ(parsed->partition({&query, &function}), "1:74:2026");
    EXPECT_EQ(parsed->partition({&query, &none}), std::nullopt);
    EXPECT_EQ(parsed->partition({&query, nullptr}), std::nullopt);
}

TEST(Prefix, OneMomentForAllTimestampsAndANewStringForEachRandom) {
    int calls = 0;
    auto parsed = PrefixExpression::parse(
        Use::prefix, "!{firehose:random-string}/!{firehose:random-string}/!{timestamp:ss}", std::nullopt);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed->evaluate(august, io::TimeZone(), "", [&] { return std::to_string(++calls); }), "1/2/05");
    EXPECT_EQ(random_prefix_string().size(), 11u);
    EXPECT_NE(random_prefix_string(), random_prefix_string());
}

TEST(JavaTime, FormatsAsJavaDoes) {  // expectations from java.time in the US locale
    EXPECT_EQ(java("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"), "2018-08-27T10:30:05.123Z");
    EXPECT_EQ(java("yy y uuuu yyyyyy"), "18 2018 2018 002018");
    EXPECT_EQ(java("M MM MMM MMMM MMMMM"), "8 08 Aug August A");
    EXPECT_EQ(java("d D DDD"), "27 239 239");
    EXPECT_EQ(java("E EEEE EEEEE e ee c"), "Mon Monday M 2 02 2");
    EXPECT_EQ(java("h hh K k a"), "10 10 10 10 AM");
    EXPECT_EQ(java("H:h:k:K a", TimestampMs(1535328000000)), "0:12:24:0 AM");
    EXPECT_EQ(java("m s S SSSSSS n A"), "30 5 1 123000 123000000 37805123");
    EXPECT_EQ(java("Q QQ QQQ QQQQ"), "3 03 Q3 3rd quarter");
    EXPECT_EQ(java("w W F"), "35 5 6");
    EXPECT_EQ(java("G GGGG"), "AD Anno Domini");
    EXPECT_EQ(java("z VV X XXX Z ZZZZZ O x xxx"), "UTC UTC Z Z +0000 Z GMT +00 +00:00");
    EXPECT_EQ(java("'it''s' ''yyyy''"), "it's '2018'");
    EXPECT_EQ(java("YYYY-'W'ww", TimestampMs(1546214400000)), "2019-W01");  // 2018-12-31: the trap of week years
    EXPECT_EQ(java("YYYY-ww", TimestampMs(1483228800000)), "2017-01");      // 2017-01-01, a Sunday
    EXPECT_EQ(java("yyyy-MM-dd HH", TimestampMs(-1)), "1969-12-31 23");
}

TEST(JavaTime, RefusesWhatJavaRefuses) {
    for (const char* pattern :
         {"b", "yyyyMMddT", "HHH", "MMMMMM", "V", "l", "'open", "{", "}", "#", "[yyyy]", "aa", "p"}) {
        EXPECT_TRUE(java(pattern).starts_with("ERROR")) << pattern;
    }
}

// A TZif file of version 2 with one transition and a footer, as zic writes it.
std::string tzif(std::string_view footer) {
    const auto big = [](int64_t value, int width) {
        std::string out;
        for (int i = width - 1; i >= 0; --i) out += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
        return out;
    };
    const auto head = [&](int transitions, int types, int characters) {
        return "TZif2" + std::string(15, '\0') + big(0, 4) + big(0, 4) + big(0, 4) + big(transitions, 4) +
               big(types, 4) + big(characters, 4);
    };
    const std::string types = big(-18'000, 4) + std::string("\0\0", 2) + big(-14'400, 4) + std::string("\1\4", 2);
    const std::string names("EST\0EDT\0", 8);
    return head(0, 1, 4) + big(-18'000, 4) + std::string("\0\0", 2) + std::string("EST\0", 4) + head(1, 2, 8) +
           big(1'000'000'000, 8) + std::string("\1", 1) + types + names + "\n" + std::string(footer) + "\n";
}

TEST(TimeZone, TableThenRule) {
    auto zone = io::TimeZone::parse("America/New_York", tzif("EST5EDT,M3.2.0,M11.1.0"));
    ASSERT_TRUE(zone.ok()) << zone.error().message;
    EXPECT_EQ(zone->at(999'999'999).offset_s, -18'000);      // before the table's transition
    EXPECT_EQ(zone->at(1'535'365'805).offset_s, -14'400);    // August
    EXPECT_EQ(zone->at(1'520'751'599).abbreviation, "EST");  // 2018-03-11T06:59:59Z
    EXPECT_EQ(zone->at(1'520'751'600).abbreviation, "EDT");  // 2018-03-11T07:00:00Z
    EXPECT_EQ(zone->at(1'541'311'199).abbreviation, "EDT");  // 2018-11-04T05:59:59Z
    EXPECT_EQ(zone->at(1'541'311'200).abbreviation, "EST");  // 2018-11-04T06:00:00Z
    EXPECT_EQ(java("HH z xxx O VV", august, *zone), "06 EDT -04:00 GMT-4 America/New_York");
}

TEST(TimeZone, SouthernSummersAndFractionsOfAnHour) {
    auto sydney = io::TimeZone::parse("s", tzif("AEST-10AEDT,M10.1.0,M4.1.0/3"));
    ASSERT_TRUE(sydney.ok());
    EXPECT_EQ(sydney->at(1'535'365'805).offset_s, 36'000);
    EXPECT_EQ(sydney->at(1'546'300'800).offset_s, 39'600);  // New Year
    auto india = io::TimeZone::parse("i", tzif("<+0530>-5:30"));
    ASSERT_TRUE(india.ok());
    EXPECT_EQ(india->at(1'535'365'805).offset_s, 19'800);
}

TEST(TimeZone, RefusesStrangersAndPaths) {
    for (const char* name : {"Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a b"}) {
        auto zone = io::TimeZone::find(name);
        ASSERT_FALSE(zone.ok()) << name;
        EXPECT_EQ(zone.error().code, ErrorCode::invalid_argument) << name;
    }
    EXPECT_TRUE(io::TimeZone::find("").ok());
    EXPECT_TRUE(io::TimeZone::find("UTC").ok());
    const std::string whole = tzif("EST5EDT,M3.2.0,M11.1.0");
    for (size_t size = 0; size + 1 < whole.size(); ++size) {
        auto cut = io::TimeZone::parse("cut", std::string_view(whole).substr(0, size));
        if (cut.ok()) cut->at(1'535'365'805);  // it may parse (without its rule), but never reads astray
    }
}

TEST(TimeZone, ReadsTheSystemsZones) {
    auto tokyo = io::TimeZone::find("Asia/Tokyo");
    ASSERT_TRUE(tokyo.ok()) << tokyo.error().message;  // tzdata is in deps/debian.txt
    EXPECT_EQ(java("yyyy/MM/dd/HH/", august, *tokyo), "2018/08/27/19/");
    auto paris = io::TimeZone::find("Europe/Paris");
    ASSERT_TRUE(paris.ok());
    EXPECT_EQ(java("HH z", august, *paris), "12 CEST");
    EXPECT_EQ(java("HH z", TimestampMs(4'070'908'800'000), *paris), "01 CET");  // 2099-01-01, by the rule
    EXPECT_EQ(prefix("!{timestamp:yyyy/MM/dd/HH}/", *tokyo), "2018/08/27/19/");
}

TEST(ObjectName, IsAws) {
    EXPECT_EQ(object_stem("orders", 3, august, io::TimeZone(), "u-u"), "orders-3-2018-08-27-10-30-05-u-u");
    Destination destination;
    EXPECT_EQ(extension_of(destination), "");
    destination.compression = Compression::hadoop_snappy;
    EXPECT_EQ(extension_of(destination), ".hsnappy");
    destination.conversion.emplace();
    EXPECT_EQ(extension_of(destination), ".parquet");
    destination.file_extension = ".json";
    EXPECT_EQ(extension_of(destination), ".json");
}

}  // namespace
}  // namespace millrace::flow
