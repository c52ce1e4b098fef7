#include "src/cli/produce/csv.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

// Hands out `step` bytes at a time, so that every place of a record meets the end of a buffer.
class TextInput : public Input {
  public:
    TextInput(std::string text, size_t step) : text_(std::move(text)), step_(step) {}
    Result<size_t> read(std::span<char> out) override {
        size_t count = std::min({step_, out.size(), text_.size() - at_});
        std::memcpy(out.data(), text_.data() + at_, count);
        at_ += count;
        return count;
    }
    double fraction() const override { return -1; }

  private:
    std::string text_;
    size_t step_;
    size_t at_ = 0;
};

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> read_all(const std::string& text, size_t step) {
    TextInput input(text, step);
    CsvReader reader(input, 1000);
    Rows rows;
    std::vector<std::string> fields;
    while (true) {
        TRY_ASSIGN(bool more, reader.next(fields));
        if (!more) return rows;
        rows.push_back(fields);
    }
}

void expect_rows(const std::string& text, const Rows& expected) {
    for (size_t step : {1u, 2u, 3u, 7u, 1000u}) {
        Result<Rows> rows = read_all(text, step);
        ASSERT_TRUE(rows.ok()) << text;
        EXPECT_EQ(*rows, expected) << text << " in steps of " << step;
    }
}

TEST(Csv, LinesEndAsPeopleEndThem) {
    expect_rows("a,b\r\n1,2\r\n", {{"a", "b"}, {"1", "2"}});
    expect_rows("a,b\n1,2", {{"a", "b"}, {"1", "2"}});
    expect_rows("a,b\n\r\n\n1,2\n", {{"a", "b"}, {"1", "2"}});
    expect_rows("", {});
}

TEST(Csv, EmptyFieldsStay) {
    expect_rows(",\n,,x\n", {{"", ""}, {"", "", "x"}});
    expect_rows("\"\"\n", {{""}});
}

TEST(Csv, QuotesCarryCommasQuotesAndLines) {
    expect_rows("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\nx,y 7\" z,w\r\n",
                {{"a,b", "say \"hi\"", "two\r\nlines"}, {"x", "y 7\" z", "w"}});
}

TEST(Csv, BytesPassAsTheyAre) {
    expect_rows("caf\xe9,\xa3\n", {{"caf\xe9", "\xa3"}});
    expect_rows("a\rb,c\n", {{"a\rb", "c"}});
}

TEST(Csv, WhatIsBrokenNamesItsLine) {
    for (const char* text : {"a,b\n1,\"open\n", "a\n\"b\"c\n"}) {
        Result<Rows> rows = read_all(text, 3);
        ASSERT_FALSE(rows.ok()) << text;
        EXPECT_NE(rows.error().message.find("line 2"), std::string::npos) << rows.error().message;
    }
    EXPECT_FALSE(read_all(std::string(2000, 'x'), 100).ok());
}

}  // namespace
}  // namespace millrace::cli
