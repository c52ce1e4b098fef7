#include "src/flow/table_jobs/import_format.h"

#include <gtest/gtest.h>

#include "src/flow/table_jobs/object_lines.h"

namespace millrace::flow {
namespace {

using Fields = std::vector<std::string>;

TEST(Csv, FieldsAreTakenApartByRfc4180) {
    EXPECT_EQ(split_csv("a,b,,c", ','), (Fields{"a", "b", "", "c"}));
    EXPECT_EQ(split_csv(R"("a,""b""
c",d)",
                        ','),
              (Fields{"a,\"b\"\nc", "d"}));
    EXPECT_EQ(split_csv("", ','), Fields{""});
    EXPECT_EQ(split_csv("a;b,c;", ';'), (Fields{"a", "b,c", ""}));
    EXPECT_EQ(split_csv("\"a\"b", ','), std::nullopt);
    EXPECT_EQ(split_csv("\"a", ','), std::nullopt);
    EXPECT_EQ(split_csv("a\"b", ','), Fields{"a\"b"});
}

TEST(ImportJson, ALineIsOneItemAndNothingElse) {
    EXPECT_TRUE(parse_import_json(R"( { "Item" : {"a":{"S":"}"}} } )").ok());
    for (const char* wrong : {"", "{}", R"({"item":{}})", R"({"Item":{"a":{"S":"x"}}} {)",
                              R"({"Item":{"a":{"S":"x"}},"b":1})", R"({"Item":[]})", R"({"Item":{"a":1}})"}) {
        EXPECT_FALSE(parse_import_json(wrong).ok()) << wrong;
    }
}

// Reads `text` as lines, given in pieces of `piece` bytes.
std::vector<std::string> lines_of(std::string_view text, size_t piece, bool quoted) {
    LineReader reader(InputCompression::none, [&](char* out, size_t size) -> Result<size_t> {
        const size_t count = std::min({size, piece, text.size()});
        std::copy_n(text.data(), count, out);
        text.remove_prefix(count);
        return count;
    });
    std::vector<std::string> lines;
    for (;;) {
        bool too_long = false;
        auto line = reader.next(quoted, &too_long);
        EXPECT_TRUE(line.ok());
        if (!*line) return lines;
        lines.emplace_back(too_long ? "too long" : **line);
    }
}

TEST(ObjectLines, AreTheSameInWhateverPiecesTheyCome) {
    for (const size_t piece : {1, 2, 3, 7, 1000}) {
        EXPECT_EQ(lines_of("a\r\nb\n\nc", piece, false), (Fields{"a", "b", "", "c"})) << piece;
        EXPECT_EQ(lines_of("x,\"a\nb\"\ny\n", piece, true), (Fields{"x,\"a\nb\"", "y"})) << piece;
    }
}

TEST(ObjectLines, ALineOverTheBoundIsPassedOverInBoundedMemory) {
    const std::string text = std::string(import_line_bytes_max * 3, 'x') + "\nnext\n";
    EXPECT_EQ(lines_of(text, 1 << 20, false), (Fields{"too long", "next"}));
}

TEST(ObjectLines, WhatIsNotCompressedAsSaidIsAnError) {
    for (const InputCompression compression : {InputCompression::gzip, InputCompression::zstd}) {
        std::string_view text = "plain text\n";
        LineReader reader(compression, [&](char* out, size_t size) -> Result<size_t> {
            const size_t count = std::min(size, text.size());
            std::copy_n(text.data(), count, out);
            text.remove_prefix(count);
            return count;
        });
        bool too_long = false;
        const auto line = reader.next(false, &too_long);
        ASSERT_FALSE(line.ok());
        EXPECT_EQ(line.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace millrace::flow
