// What a source knows of itself: what it tells people, and what of it outlives a restart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::source {

struct Counts {
    uint64_t polls = 0;
    uint64_t unchanged = 0;  // of these: 304, or the same validators
    uint64_t failures = 0;   // of these: no answer, a status that is none of success, or a body that is not as told
    uint64_t bytes = 0;      // of bodies, unpacked
    uint64_t seen = 0;       // records, of which:
    uint64_t sent = 0;       //   delivered
    uint64_t repeated = 0;   //   sent before
    uint64_t refused = 0;    //   too large for the destination, or refused by it: given up
    uint64_t let_go = 0;     //   neither: there was no room to hold them; fetched, and seen, again
    uint64_t malformed = 0;  // lines that were no JSON; not among `seen`
    uint64_t keyless = 0;    // records without a key; sent every time
};

// source/state/ID in the ordered store: JSON. Written with what a poll sent, so a poll that brought nothing new costs
// no write; the counts of such polls since are lost with the process.
struct Kept {
    std::string etag;           // of the last body whose records are all sent
    std::string last_modified;  // likewise
    Counts counts;
};

std::string state_key(uint64_t source_id);
std::string encode(const Kept& kept);
Result<Kept> decode_kept(std::string_view stored);  // corruption

}  // namespace millrace::source
