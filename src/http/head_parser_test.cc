#include "src/http/head_parser.h"

#include <gtest/gtest.h>

namespace millrace::http {
namespace {

struct Parsed {
    HeadParser::Outcome outcome = HeadParser::Outcome::more;
    int status = 0;
    RequestHead head;
    Framing framing;
    size_t taken = 0;
};

// Feeds `bytes` in pieces of `step` bytes, keeping what was not taken, as a connection does.
Parsed parse(std::string_view bytes, size_t step = std::string_view::npos, uint32_t bytes_max = 64 * 1024) {
    HeadParser parser(bytes_max);
    Parsed parsed;
    std::string kept;
    while (parsed.outcome == HeadParser::Outcome::more && (!bytes.empty())) {
        std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        kept += piece;
        size_t taken = 0;
        parsed.outcome = parser.feed(kept, &taken, &parsed.head);
        kept.erase(0, taken);
        parsed.taken += taken;
    }
    parsed.status = parser.status();
    parsed.framing = parser.framing();
    return parsed;
}

TEST(HeadParser, reads_a_request_in_pieces_of_any_size) {
    std::string_view bytes =
        "\r\nPOST /a/b%20c?x=1&y=?z HTTP/1.1\r\nHost: example.com:4566\r\nX-Amz-Target:Kinesis_20131202.PutRecord\r\n"
        "EMPTY:\r\nSpaced: \t two  words \t\r\nContent-Length: 12\r\n\r\nbody";
    for (size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{50}, size_t{100000}}) {
        Parsed parsed = parse(bytes, step);
        ASSERT_EQ(parsed.outcome, HeadParser::Outcome::done) << step;
        EXPECT_EQ(parsed.taken, bytes.size() - 4) << step;
        EXPECT_EQ(parsed.head.method, "POST");
        EXPECT_EQ(parsed.head.path, "/a/b%20c");
        EXPECT_EQ(parsed.head.query, "x=1&y=?z");
        EXPECT_EQ(parsed.head.version, 11);
        EXPECT_EQ(parsed.head.headers.get("host"), "example.com:4566");
        EXPECT_EQ(parsed.head.headers.get("x-amz-target"), "Kinesis_20131202.PutRecord");
        ASSERT_NE(parsed.head.headers.find("empty"), nullptr);
        EXPECT_EQ(parsed.head.headers.get("empty"), "");
        EXPECT_EQ(parsed.head.headers.get("spaced"), "two  words");
        EXPECT_EQ(parsed.head.content_length, 12u);
        EXPECT_TRUE(parsed.framing.keep_alive);
        EXPECT_FALSE(parsed.framing.chunked);
    }
}

TEST(HeadParser, reads_every_form_of_target) {
    struct Case {
        const char* line;
        const char* path;
        const char* query;
        const char* host;
    };
    for (const Case& each : {
             Case{"GET / HTTP/1.1", "/", "", "h"},
             Case{"GET /? HTTP/1.1", "/", "", "h"},
             Case{"GET //a//b HTTP/1.1", "//a//b", "", "h"},
             Case{"GET /\xc3\xa9 HTTP/1.1", "/\xc3\xa9", "", "h"},
             Case{"OPTIONS * HTTP/1.1", "*", "", "h"},
             Case{"GET http://other:80/a?b HTTP/1.1", "/a", "b", "other:80"},
             Case{"GET HTTPS://other HTTP/1.1", "/", "", "other"},
             Case{"GET http://other?b HTTP/1.1", "/", "b", "other"},
         }) {
        Parsed parsed = parse(std::string(each.line) + "\r\nHost: h\r\n\r\n");
        ASSERT_EQ(parsed.outcome, HeadParser::Outcome::done) << each.line;
        EXPECT_EQ(parsed.head.path, each.path) << each.line;
        EXPECT_EQ(parsed.head.query, each.query) << each.line;
        EXPECT_EQ(parsed.head.headers.get("host"), each.host) << each.line;
    }
}

TEST(HeadParser, knows_what_becomes_of_the_connection) {
    struct Case {
        const char* version;
        const char* fields;
        bool keep_alive;
    };
    for (const Case& each : {
             Case{"1.1", "", true},
             Case{"1.1", "Connection: close\r\n", false},
             Case{"1.1", "Connection: Keep-Alive, Close\r\n", false},
             Case{"1.1", "Connection: te\r\nConnection: close\r\n", false},
             Case{"1.1", "Connection: closed\r\n", true},
             Case{"1.0", "", false},
             Case{"1.0", "Connection: keep-alive\r\n", true},
             Case{"1.0", "Connection: keep-alive, close\r\n", false},
         }) {
        Parsed parsed = parse(std::string("GET / HTTP/") + each.version + "\r\nHost: h\r\n" + each.fields + "\r\n");
        ASSERT_EQ(parsed.outcome, HeadParser::Outcome::done) << each.fields;
        EXPECT_EQ(parsed.framing.keep_alive, each.keep_alive) << each.version << each.fields;
    }
}

TEST(HeadParser, refuses_whatever_two_readers_could_read_differently) {
    struct Case {
        const char* why;
        std::string bytes;
        int status;
    };
    std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
    std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
    std::string zero(1, '\0');
    for (const Case& each : std::initializer_list<Case>{
             // Where the body ends.
             {"length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
             {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
             {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
             {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\n", 400},
             {"a signed length", post + "Content-Length: +5\r\n\r\n", 400},
             {"a negative length", post + "Content-Length: -5\r\n\r\n", 400},
             {"a hexadecimal length", post + "Content-Length: 0x5\r\n\r\n", 400},
             {"a length with a blank", post + "Content-Length: 5 5\r\n\r\n", 400},
             {"an empty length", post + "Content-Length:\r\n\r\n", 400},
             {"a huge length", post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
             {"another coding", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
             {"a coding before chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
             {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
             {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400},
             {"chunked with a tab inside", post + "Transfer-Encoding: chun\tked\r\n\r\n", 501},
             {"chunked with a vertical tab",
              post + "Transfer-Encoding:\x0b"
                     "chunked\r\n\r\n",
              400},
             {"an empty coding", post + "Transfer-Encoding:\r\n\r\n", 501},
             {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
             // Where a line ends.
             {"LF alone after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
             {"LF alone after a field", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
             {"LF alone at the end", get + "\n", 400},
             {"CR inside a value", get + "X: a\rContent-Length: 5\r\n\r\n", 400},
             {"CR CR LF", get + "X: a\r\r\n\r\n", 400},
             {"NUL in a value", get + "X: a" + zero + "b\r\n\r\n", 400},
             {"a folded line", get + "X: a\r\n b\r\n\r\n", 400},
             {"a folded line with a tab", get + "X: a\r\n\tb\r\n\r\n", 400},
             {"a blank before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
             // What a field's name is.
             {"a blank before the colon", post + "Content-Length : 5\r\n\r\n", 400},
             {"a tab before the colon", post + "Transfer-Encoding\t: chunked\r\n\r\n", 400},
             {"no colon", get + "just text\r\n\r\n", 400},
             {"no name", get + ": value\r\n\r\n", 400},
             {"NUL in a name", get + "X" + zero + ": a\r\n\r\n", 400},
             {"a quote in a name", get + "X\"Y: a\r\n\r\n", 400},
             {"a byte above ASCII in a name", get + "X\xc3\xa9: a\r\n\r\n", 400},
             {"an endless name", get + std::string(300, 'x') + ": a\r\n\r\n", 400},
             // Who is meant.
             {"no Host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400},
             {"two Hosts", get + "Host: h\r\n\r\n", 400},
             {"a Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
             {"a Host with a user", "GET / HTTP/1.1\r\nHost: a@h\r\n\r\n", 400},
             {"a Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
             // The request line.
             {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"two blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a tab in the line", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"NUL in the target", "GET /" + zero + " HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a target that is neither path nor URL", "GET a/b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"another scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a URL without host", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"an authority", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"a star for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"an endless target", "GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
             {"an odd method", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"no method", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"an endless method", std::string(40, 'G') + " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
             {"HTTP/0.9", "GET /\r\n\r\n", 400},
             {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
             {"HTTP/2 in HTTP/1's clothes", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
             {"a lower-case version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
             {"a blank behind the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
             {"another expectation", get + "Expect: a-pony\r\n\r\n", 417},
             {"TLS", "\x16\x03\x01\x02\r\n", 400},
         }) {
        for (size_t step : {std::string_view::npos, size_t{1}}) {
            Parsed parsed = parse(each.bytes, step);
            EXPECT_EQ(parsed.outcome, HeadParser::Outcome::bad) << each.why;
            EXPECT_EQ(parsed.status, each.status) << each.why;
        }
    }
}

TEST(HeadParser, takes_equal_lengths_once) {
    Parsed parsed = parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n");
    ASSERT_EQ(parsed.outcome, HeadParser::Outcome::done);
    EXPECT_EQ(parsed.head.content_length, 5u);
}

TEST(HeadParser, bounds_the_head) {
    std::string line = "X-Filler: " + std::string(88, 'x') + "\r\n";  // 100 bytes
    std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 50; ++i) head += line;
    head += "\r\n";
    auto size = static_cast<uint32_t>(head.size());
    for (size_t step : {std::string_view::npos, size_t{1}}) {
        EXPECT_EQ(parse(head, step, size).outcome, HeadParser::Outcome::done);
        EXPECT_EQ(parse(head, step, size - 1).status, 431);
        // A line without end is refused when it is too long, not when it ends.
        EXPECT_EQ(parse("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), step, 1000).status, 431);
        EXPECT_EQ(parse(std::string(2000, 'x'), step, 1000).status, 431);
    }
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (size_t i = 0; i < HeadParser::fields_max; ++i) many += "a: b\r\n";
    EXPECT_EQ(parse(many + "\r\n").status, 431);
}

}  // namespace
}  // namespace millrace::http
