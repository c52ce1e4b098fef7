#include "src/flow/table_jobs/import_format.h"

#include <gtest/gtest.h>

#include "src/flow/table_jobs/ion_records.h"
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

// `text`, given in pieces of `piece` bytes.
ByteSource in_pieces(std::string_view text, size_t piece) {
    return [text, piece](char* out, size_t size) mutable -> Result<size_t> {
        const size_t count = std::min({size, piece, text.size()});
        std::copy_n(text.data(), count, out);
        text.remove_prefix(count);
        return count;
    };
}

// Reads `text` as lines.
std::vector<std::string> lines_of(std::string_view text, size_t piece, std::optional<char> delimiter = {}) {
    ObjectText object(InputCompression::none, in_pieces(text, piece));
    LineReader reader(object);
    std::vector<std::string> lines;
    for (;;) {
        bool too_long = false;
        auto line = reader.next(delimiter, &too_long);
        EXPECT_TRUE(line.ok());
        if (!*line) return lines;
        lines.emplace_back(too_long ? "too long" : **line);
    }
}

// The records of an object of Ion, and why it ended, if not because it was over.
std::vector<std::string> records_of(std::string_view text, size_t piece) {
    ObjectText object(InputCompression::none, in_pieces(text, piece));
    IonRecords reader(object);
    std::vector<std::string> records;
    for (;;) {
        auto record = reader.next();
        if (!record.ok()) {
            EXPECT_EQ(record.error().code, ErrorCode::invalid_argument);
            records.push_back(record.error().message);
        }
        if (!record.ok() || !*record) return records;
        records.emplace_back(**record);
    }
}

TEST(ImportIon, ARecordIsOneItemAndNothingElse) {
    EXPECT_TRUE(parse_import_ion(R"({Item:{a:"x",l:[{m:[1]}]}})").ok());
    for (const char* wrong : {"{}", "{item:{}}", "{Item:[]}", "{Item:{},b:1}", "{Item:{a:1e0}}", "{Item:{}}{}"}) {
        EXPECT_FALSE(parse_import_ion(wrong).ok()) << wrong;
    }
}

TEST(ImportIon, RecordsAreTheSameInWhateverPiecesTheyCome) {
    const std::string text =
        "$ion_1_0 {a:1}\n$ion_1_0\n{ b : {c:'}',d:\"}\\\"\" } } // {\n/* { */ {e:{{ AA== }},f:'\\''}[ {g:1}, "
        "{h:'''}' '''}, ] {i:(/) /*}*/ ,j://}\n1}";
    const Fields wanted = {"{a:1}",         "{ b : {c:'}',d:\"}\\\"\" } }", "{e:{{ AA== }},f:'\\''}", "{g:1}",
                           "{h:'''}' '''}", "{i:(/) /*}*/ ,j://}\n1}"};
    for (const size_t piece : {1, 2, 3, 7, 1000}) EXPECT_EQ(records_of(text, piece), wanted) << piece;
    EXPECT_EQ(records_of(" \n // nothing", 5), Fields{});
}

TEST(ImportIon, WhatIsNoRecordEndsTheObject) {
    EXPECT_EQ(records_of("{a:1} 5 {b:1}", 100),
              (Fields{"{a:1}", "not Amazon Ion text: a value that is no struct where a record should be"}));
    EXPECT_EQ(records_of("\xe0\x01\x01\xea", 100), Fields{"not Amazon Ion text: it is binary Ion, which is not read"});
    for (const char* wrong :
         {"{", "{a:\"}", "{a:{{}", "[{a:1}", "[{a:1} {b:1}]", "/*", "$ion_1_0x{}", "]", "{a:'''}"}) {
        const auto records = records_of(wrong, 100);
        ASSERT_FALSE(records.empty()) << wrong;
        EXPECT_TRUE(records.back().starts_with("not Amazon Ion text")) << wrong;
    }
    const auto long_one = records_of("{a:\"" + std::string(ion_record_bytes_max, 'x') + "\"}", 1 << 20);
    EXPECT_EQ(long_one, Fields{"not Amazon Ion text: a record, or what is between two, is over 4 MiB"});
}

TEST(ObjectLines, AreTheSameInWhateverPiecesTheyCome) {
    for (const size_t piece : {1, 2, 3, 7, 1000}) {
        EXPECT_EQ(lines_of("a\r\nb\n\nc", piece), (Fields{"a", "b", "", "c"})) << piece;
        EXPECT_EQ(lines_of("x,\"a\nb\"\ny\n", piece, ','), (Fields{"x,\"a\nb\"", "y"})) << piece;
        EXPECT_EQ(lines_of("\"a\"\"\n\"\nb,\"\"\r\nc", piece, ','), (Fields{"\"a\"\"\n\"", "b,\"\"", "c"})) << piece;
        EXPECT_EQ(lines_of("a,5\" pipe\nb;\"x\nc,\"d\"e\nf", piece, ','),
                  (Fields{"a,5\" pipe", "b;\"x", "c,\"d\"e", "f"}))
            << "a quote that opens no field is text";
    }
}

TEST(ObjectLines, ALineOverTheBoundIsPassedOverInBoundedMemory) {
    const std::string text = std::string(import_line_bytes_max * 3, 'x') + "\nnext\n";
    EXPECT_EQ(lines_of(text, 1 << 20), (Fields{"too long", "next"}));
}

TEST(ObjectLines, WhatIsNotCompressedAsSaidIsAnError) {
    for (const InputCompression compression : {InputCompression::gzip, InputCompression::zstd}) {
        ObjectText object(compression, in_pieces("plain text\n", 1000));
        LineReader reader(object);
        bool too_long = false;
        const auto line = reader.next(std::nullopt, &too_long);
        ASSERT_FALSE(line.ok());
        EXPECT_EQ(line.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace millrace::flow
