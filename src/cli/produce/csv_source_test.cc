#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "src/cli/produce/record_source.h"

namespace millrace::cli {
namespace {

class TextInput : public Input {
  public:
    explicit TextInput(std::string text) : text_(std::move(text)) {}
    Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min(out.size(), text_.size() - at_);
        std::memcpy(out.data(), text_.data() + at_, count);
        at_ += count;
        return count;
    }
    double fraction() const override { return -1; }

  private:
    std::string text_;
    size_t at_ = 0;
};

Result<std::vector<Record>> read_all(Result<std::unique_ptr<RecordSource>> source) {
    if (!source.ok()) return source.error();
    std::vector<Record> records;
    Record record;
    while (true) {
        TRY_ASSIGN(bool more, (*source)->next(record));
        if (!more) return records;
        records.push_back(record);
    }
}

Result<std::vector<Record>> csv(const std::string& text, CsvOptions options = {}) {
    return read_all(make_csv_source(std::make_unique<TextInput>(text), std::move(options)));
}
Result<std::vector<Record>> ndjson(const std::string& text, const std::string& key = "") {
    return read_all(make_ndjson_source(std::make_unique<TextInput>(text), key));
}

TEST(CsvSource, ARowIsAnObjectWithoutItsEmptyFields) {
    auto records = csv("a,b,c\r\n1,,x\"y\r\n");
    ASSERT_TRUE(records.ok()) << records.error().message;
    ASSERT_EQ(records->size(), 1u);
    EXPECT_EQ((*records)[0].data, "{\"a\":\"1\",\"c\":\"x\\\"y\"}\n");
    EXPECT_EQ((*records)[0].partition_key, "1");
}

TEST(CsvSource, NumbersKeepTheirDigitsAndTimesAreRewritten) {
    auto records =
        csv("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
            "C1,2,\"A, B\",-6,12/1/2010 8:26,2.550,,EIRE\n",
            retail_options());
    ASSERT_TRUE(records.ok()) << records.error().message;
    EXPECT_EQ((*records)[0].data,
              "{\"InvoiceNo\":\"C1\",\"StockCode\":\"2\",\"Description\":\"A, B\",\"Quantity\":-6,"
              "\"InvoiceDate\":\"2010-12-01 08:26:00\",\"UnitPrice\":2.550,\"Country\":\"EIRE\"}\n");
}

TEST(CsvSource, Latin1BecomesUtf8) {
    EXPECT_EQ((*csv("a\n\xa3"
                    "5\n"))[0]
                  .data,
              "{\"a\":\"\xc2\xa3"
              "5\"}\n");
    EXPECT_EQ((*csv("a\n\xc2\xa3"
                    "5\n"))[0]
                  .data,
              "{\"a\":\"\xc2\xa3"
              "5\"}\n");  // guessed to be UTF-8
    CsvOptions latin1;
    latin1.encoding = Encoding::latin1;
    EXPECT_EQ((*csv("a\n\xc2\xa3\n", latin1))[0].data, "{\"a\":\"\xc3\x82\xc2\xa3\"}\n");
    CsvOptions utf8;
    utf8.encoding = Encoding::utf8;
    EXPECT_FALSE(csv("a\n\xa3\n", utf8).ok());
}

TEST(CsvSource, WhatDoesNotFitNamesItsLine) {
    CsvOptions number;
    number.numbers = {"b"};
    for (const char* row : {"1,x\n", "1,01\n", "1,1.\n", "1,+1\n", "1,2,3\n", "1\n"}) {
        auto records = csv("a,b\n0,0\n" + std::string(row), number);
        ASSERT_FALSE(records.ok()) << row;
        EXPECT_NE(records.error().message.find("line 3"), std::string::npos) << records.error().message;
    }
    CsvOptions absent;
    absent.partition_key = "nowhere";
    EXPECT_FALSE(csv("a,b\n", absent).ok());
    EXPECT_FALSE(csv("").ok());
}

TEST(CsvSource, LongKeysAreCutBetweenCharacters) {
    std::string key(255, 'k');
    auto records = csv("a\n" + key + "\xc2\xa3\n");
    EXPECT_EQ((*records)[0].partition_key, key);
}

TEST(NdjsonSource, LinesPassAsTheyAre) {
    auto records = ndjson("{\"a\": 1}\r\n\n  \n{\"b\":2}");
    ASSERT_TRUE(records.ok());
    ASSERT_EQ(records->size(), 2u);
    EXPECT_EQ((*records)[0].data, "{\"a\": 1}\r\n");
    EXPECT_EQ((*records)[1].data, "{\"b\":2}\n");
    EXPECT_NE((*records)[0].partition_key, (*records)[1].partition_key);
}

TEST(NdjsonSource, TheKeyIsAMemberOfTheObject) {
    auto records = ndjson("{\"id\":\"x\"}\n{\"id\":17}\n", "id");
    ASSERT_TRUE(records.ok());
    EXPECT_EQ((*records)[0].partition_key, "x");
    EXPECT_EQ((*records)[1].partition_key, "17");
    for (const char* line : {"{}", "[1]", "nonsense", "{\"id\":\"\"}"}) {
        auto refused = ndjson(line, "id");
        ASSERT_FALSE(refused.ok()) << line;
        EXPECT_NE(refused.error().message.find("line 1"), std::string::npos);
    }
}

TEST(JsonNumber, IsAsTheGrammarSays) {
    for (const char* good : {"0", "-0", "12", "0.5", "-1.25", "1e9", "1E-9", "10.0e+3"}) {
        EXPECT_TRUE(is_json_number(good)) << good;
    }
    for (const char* bad : {"", "-", "01", "1.", ".5", "+1", "1e", "0x1", "1 ", "NaN", "1,0"}) {
        EXPECT_FALSE(is_json_number(bad)) << bad;
    }
}

}  // namespace
}  // namespace millrace::cli
