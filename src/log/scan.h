// Reads a segment from its beginning and says what is there: recovery of the active segment, and the making of a
// lost index. Tells a torn tail, which nobody was promised, from corruption of what was durable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/log/segment.h"
#include "src/log/segment_index.h"

namespace millrace::log {

struct Scan {
    SegmentIndex index;       // with corrupt ranges; index.end is where the next commit may begin
    uint64_t torn_bytes = 0;  // of a commit at index.end that never became durable
    std::vector<std::string> corruptions;
};

// Everything below `durable` (a position; the segment's limit where it is sealed) was promised: what does not check
// out there is corruption. Above it, a commit that does not check out is a torn tail, unless a later commit exists:
// commits are synced one after the other, so what precedes one was durable.
Result<Scan> scan_segment(const Segment& segment, uint64_t durable);

// Room that one commit may take, so that a scan knows how far behind a damaged commit the next may begin.
constexpr uint64_t usual_block_bytes_max = 4 << 20;

}  // namespace millrace::log
