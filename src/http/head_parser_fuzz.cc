// Any bytes, whole and in pieces: the parser must not break, and must read the same whichever way the bytes come.
#include <string>

#include "src/base/result.h"
#include "src/http/chunk_decoder.h"
#include "src/http/head_parser.h"
#include "src/http/response_parser.h"

namespace {

using namespace millrace::http;

struct Seen {
    HeadParser::Outcome outcome = HeadParser::Outcome::more;
    int status = 0;
    RequestHead head;
    bool chunked = false;
    std::string body;  // of the chunks behind the head
    bool body_done = false;
    bool body_bad = false;
};

Seen read(std::string_view bytes, size_t step) {
    HeadParser parser(4096);
    ChunkDecoder decoder;
    Seen seen;
    std::string kept;
    for (;;) {
        if (seen.outcome == HeadParser::Outcome::more) {
            size_t taken = 0;
            seen.outcome = parser.feed(kept, &taken, &seen.head);
            MILLRACE_CHECK(taken <= kept.size());
            kept.erase(0, taken);
        }
        if (seen.outcome == HeadParser::Outcome::bad) break;
        if (seen.outcome == HeadParser::Outcome::done) {
            for (;;) {
                ChunkDecoder::Step next = decoder.next(kept, SIZE_MAX);
                seen.body += next.data;
                seen.body_done |= next.done;
                seen.body_bad |= next.bad;
                MILLRACE_CHECK(next.taken <= kept.size() && next.data.size() <= next.taken);
                kept.erase(0, next.taken);
                if (next.taken == 0 || next.done || next.bad) break;
            }
            if (seen.body_done || seen.body_bad) break;
        }
        if (bytes.empty()) break;
        kept += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
    seen.status = parser.status();
    seen.chunked = parser.framing().chunked;
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Seen whole = read(bytes, bytes.size() + 1);
    Seen pieces = read(bytes, 1);
    MILLRACE_CHECK(whole.outcome == pieces.outcome);
    if (whole.outcome == HeadParser::Outcome::done) {
        MILLRACE_CHECK(whole.head.method == pieces.head.method && whole.head.path == pieces.head.path);
        MILLRACE_CHECK(whole.head.query == pieces.head.query && whole.chunked == pieces.chunked);
        MILLRACE_CHECK(whole.head.content_length == pieces.head.content_length);
        MILLRACE_CHECK(whole.head.headers.size() == pieces.head.headers.size());
        MILLRACE_CHECK(!(whole.chunked && whole.head.content_length));
        MILLRACE_CHECK(whole.body == pieces.body);
        MILLRACE_CHECK(whole.body_done == pieces.body_done && whole.body_bad == pieces.body_bad);
    }
    ResponseParser response_parser(false);
    ClientResponse response;
    size_t taken = 0;
    millrace::Result<bool> done = response_parser.feed(bytes, &taken, &response);
    MILLRACE_CHECK(!done.ok() || taken <= size);
    return 0;
}
