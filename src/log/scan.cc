#include "src/log/scan.h"

#include <algorithm>

namespace millrace::log {
namespace {

constexpr uint64_t window_bytes = 1 << 20;

// Reads ahead, so that walking a segment is sequential I/O.
class Window {
  public:
    explicit Window(const Segment& segment) : segment_(segment) {}
    // [begin, end) of the file; valid until the next call.
    Result<std::string_view> view(uint64_t begin, uint64_t end) {
        if (begin < begin_ || end > begin_ + stretch_.bytes.size()) {
            const uint64_t ahead = std::min(segment_.bytes(), std::max(end, begin + window_bytes));
            stretch_ = {};  // its memory is the next one's
            TRY_ASSIGN(stretch_, segment_.read(begin, ahead));
            begin_ = begin;
        }
        return stretch_.bytes.substr(begin - begin_, end - begin);
    }

  private:
    const Segment& segment_;
    Stretch stretch_;
    uint64_t begin_ = 0;
};

struct Run {
    uint64_t shard;
    IndexEntry entry;
};

struct Body {
    std::vector<Run> runs;
    bool whole = true;               // every checksum fits
    uint64_t unreadable_from = 0;    // offset in the block from where the structure is lost; 0: nowhere
    std::vector<uint32_t> bad_runs;  // offsets in the block of runs with records that do not check out
};

Body check_body(std::string_view block, const BlockHeader& header, uint64_t salt) {
    Body body;
    uint64_t at = block_header_bytes;
    for (uint32_t i = 0; i < header.run_count; ++i) {
        const auto run = at + run_header_bytes <= block.size()
                             ? decode_run_header(block.substr(at), salt, header.position + at)
                             : std::nullopt;
        if (!run || run->bytes > block.size() - at - run_header_bytes) {
            body.whole = false;
            body.unreadable_from = at;
            return body;
        }
        const auto records = block.substr(at + run_header_bytes, run->bytes);
        uint32_t records_crc = 0;
        uint32_t count = 0;
        size_t inside = 0;
        bool fits = true;
        while (inside < records.size()) {
            const auto record = decode_record_header(records.substr(inside));
            if (!record || !record_checksum_fits(records.substr(inside), *record)) {
                fits = false;
                break;
            }
            records_crc = extend_records_crc(records_crc, record->crc);
            inside += record->total();
            ++count;
        }
        if (!fits || records_crc != run->records_crc || count != run->record_count) {
            body.whole = false;
            body.bad_runs.push_back(static_cast<uint32_t>(at));
        }
        const uint64_t length = align_up(run_header_bytes + run->bytes, alignment_bytes);
        body.runs.push_back({run->shard,
                             {.offset = static_cast<uint32_t>(at),
                              .bytes = static_cast<uint32_t>(length),
                              .records = run->record_count}});
        at += length;
    }
    return body;
}

class Scanner {
  public:
    Scanner(const Segment& segment, uint64_t durable) : segment_(segment), window_(segment), durable_(durable) {
        scan_.index.base = segment.base();
        scan_.index.salt = segment.salt();
    }

    Result<Scan> run() {
        uint64_t at = segment_header_bytes;
        while (at + block_header_bytes <= segment_.bytes()) {
            TRY_ASSIGN(const auto header, header_at(at));
            if (!header) {
                TRY_ASSIGN(const uint64_t next, find_header(at + alignment_bytes));
                if (next == 0) {
                    at = end_without_header(at);
                    break;
                }
                lose(at, next, "a commit's header is damaged");
                at = next;
                continue;
            }
            TRY_ASSIGN(const auto block, window_.view(at, at + header->length));
            const Body body = check_body(block, *header, segment_.salt());
            if (!body.whole) {
                const uint64_t end = at + header->length;
                bool promised = segment_.base() + end <= durable_;
                if (!promised) {
                    TRY_ASSIGN(const uint64_t later, find_header(end));
                    promised = later != 0;
                }
                if (!promised) {
                    scan_.torn_bytes = header->length;
                    break;
                }
            }
            accept(at, *header, body);
            at += header->length;
        }
        scan_.index.end = static_cast<uint32_t>(at);
        return std::move(scan_);
    }

  private:
    Result<std::optional<BlockHeader>> header_at(uint64_t at) {
        if (at + block_header_bytes > segment_.bytes()) return std::optional<BlockHeader>();
        TRY_ASSIGN(const auto bytes, window_.view(at, at + block_header_bytes));
        auto header = decode_block_header(bytes, segment_.salt(), segment_.base() + at);
        if (header && at + header->length > segment_.bytes()) header.reset();
        return header;
    }

    // The first commit at or after `at`; 0 where there is none near enough to have followed what is damaged.
    Result<uint64_t> find_header(uint64_t at) {
        const uint64_t durable_offset = durable_ > segment_.base() ? durable_ - segment_.base() : 0;
        const uint64_t limit =
            std::min(segment_.bytes(), std::max(at + 4 * usual_block_bytes_max, durable_offset + block_header_bytes));
        while (at + block_header_bytes <= limit) {
            const uint64_t ahead = std::min(limit, at + window_bytes);
            TRY_ASSIGN(const auto bytes, window_.view(at, ahead));
            size_t inside = 0;
            for (; inside + block_header_bytes <= bytes.size(); inside += alignment_bytes) {
                if (!may_be_block_header(bytes.data() + inside)) continue;
                const uint64_t found = at + inside;
                const auto header = decode_block_header(bytes.substr(inside), segment_.salt(), segment_.base() + found);
                if (header && found + header->length <= segment_.bytes()) return found;
            }
            at += inside;
        }
        return uint64_t{0};
    }

    // No commit begins at `at`, and none is behind it.
    uint64_t end_without_header(uint64_t at) {
        const bool sealed = durable_ >= segment_.limit();
        if (sealed || segment_.base() + at >= durable_) return at;
        const uint64_t lost_end = align_up(durable_ - segment_.base(), disk_block_bytes);
        lose(at, lost_end, "commits below the high-water mark are gone");
        return lost_end;
    }

    void accept(uint64_t at, const BlockHeader& header, const Body& body) {
        SegmentIndex& index = scan_.index;
        if (index.empty()) index.first_time_ms = header.time_ms;
        index.last_time_ms = std::max(index.last_time_ms, header.time_ms);
        index.last_block = header.position;
        const uint32_t time = index.time_to_offset_ms(header.time_ms);
        for (const Run& run : body.runs) {
            IndexEntry entry = run.entry;
            entry.offset += static_cast<uint32_t>(at);
            entry.after_first_ms = time;
            index.add(run.shard, entry);
        }
        for (const uint32_t offset : body.bad_runs) {
            report(at + offset, "records do not match their checksum");
        }
        if (body.unreadable_from != 0) {
            lose(at + body.unreadable_from, at + header.length, "a run's header is damaged");
        }
    }

    void lose(uint64_t begin, uint64_t end, std::string_view what) {
        scan_.index.corrupt.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
        report(begin, std::string(what) + ", up to offset " + std::to_string(end));
    }
    void report(uint64_t offset, std::string_view what) {
        scan_.corruptions.push_back(segment_.path() + " at offset " + std::to_string(offset) + ": " +
                                    std::string(what));
    }

    const Segment& segment_;
    Window window_;
    const uint64_t durable_;
    Scan scan_;
};

}  // namespace

Result<Scan> scan_segment(const Segment& segment, uint64_t durable) {
    return Scanner(segment, durable).run();
}

}  // namespace millrace::log
