// Reading. A read walks the segments from the one that holds `from`, takes the shard's index entries of each, and
// parses the runs that they name: out of the tail cache where the commit is recent, else from the disk, a window of
// neighbouring entries at a time. Checksums are looked at when bytes come from the disk.
//
// Nothing is passed over silently: a range that recovery found damaged, or a file that is gone, stops every reader
// that comes to it with `corruption`, until it is skipped knowingly.
#include <algorithm>

#include "src/log/log_impl.h"
#include "src/log/scan.h"

namespace millrace::log {
namespace {

constexpr size_t segments_a_read_max = 32;  // that hold nothing of the shard, before a read returns empty-handed
constexpr size_t window_bytes_max = 1 << 20;
constexpr uint64_t cached_index_bytes_max = 24 << 20;
constexpr size_t open_segments_max = 64;

// Walks the records of consecutive runs of one shard.
class RunWalk {
  public:
    RunWalk(std::string_view bytes, uint64_t position, uint64_t salt, uint64_t shard, bool verify)
        : bytes_(bytes), position_(position), salt_(salt), shard_(shard), verify_(verify) {}

    enum class Step : uint8_t { record, end, corrupt };
    // To the next record, whose place is position() and which record() describes.
    Step next() {
        for (;;) {
            if (at_ < run_end_) {
                const auto inside = bytes_.substr(at_, run_end_ - at_);
                const auto header = decode_record_header(inside);
                if (!header) return lost(next_run_);
                header_ = *header;
                found_ = at_;
                at_ += header->total();
                if (verify_ && !record_checksum_fits(inside, *header)) {
                    after_corrupt_ = at_ + position_;
                    return Step::corrupt;
                }
                return Step::record;
            }
            at_ = next_run_;
            if (at_ >= bytes_.size()) return Step::end;
            const auto run = decode_run_header(bytes_.substr(at_), salt_, position_ + at_);
            found_ = at_;
            if (!run || run->shard != shard_ || run->bytes > bytes_.size() - at_ - run_header_bytes) {
                return lost(bytes_.size());
            }
            next_run_ = at_ + align_up(run_header_bytes + run->bytes, alignment_bytes);
            at_ += run_header_bytes;
            run_end_ = at_ + run->bytes;
        }
    }
    uint64_t position() const { return position_ + found_; }
    uint64_t after_corrupt() const { return after_corrupt_; }  // where the next thing may lie that checks out
    std::string_view key() const { return bytes_.substr(found_ + record_header_bytes, header_.key_bytes); }
    std::string_view data() const {
        return bytes_.substr(found_ + record_header_bytes + header_.key_bytes, header_.data_bytes);
    }
    size_t total() const { return header_.total(); }

  private:
    Step lost(size_t resume) {
        found_ = at_;
        at_ = run_end_ = next_run_ = resume;
        after_corrupt_ = position_ + resume;
        return Step::corrupt;
    }
    const std::string_view bytes_;
    const uint64_t position_;
    const uint64_t salt_;
    const uint64_t shard_;
    const bool verify_;
    size_t at_ = 0;
    size_t run_end_ = 0;
    size_t next_run_ = 0;
    size_t found_ = 0;
    uint64_t after_corrupt_ = 0;
    RecordHeader header_;
};

Error corrupt_at(const std::string& path, uint64_t offset, std::string_view what) {
    return {ErrorCode::corruption, path + " at offset " + std::to_string(offset) + ": " + std::string(what)};
}

// Copies the entries that end after `offset` and begin before `limit`, up to about bytes_max of them and one more (for
// behind_ms). Returns false where more are left.
bool take_entries(const SegmentIndex& index, uint64_t shard, uint64_t offset, uint64_t limit, size_t bytes_max,
                  std::vector<IndexEntry>* out) {
    const auto found = index.shards.find(shard);
    if (found == index.shards.end()) return true;
    const auto& all = found->second;
    auto at = std::partition_point(all.begin(), all.end(), [&](const IndexEntry& entry) {
        return uint64_t{entry.offset} + entry.bytes <= offset;
    });
    for (size_t bytes = 0; at != all.end() && at->offset < limit; ++at) {
        if (bytes > bytes_max) return false;
        out->push_back(*at);
        bytes += at->bytes;
    }
    return true;
}

// The position of the shard's first record that was committed at `time_ms` or later.
std::optional<uint64_t> first_at(const SegmentIndex& index, uint64_t shard, int64_t time_ms) {
    const auto found = index.shards.find(shard);
    if (found == index.shards.end()) return std::nullopt;
    const auto& all = found->second;
    const auto at = std::partition_point(all.begin(), all.end(),
                                         [&](const IndexEntry& entry) { return index.time_of(entry) < time_ms; });
    if (at == all.end()) return std::nullopt;
    return index.base + at->offset + run_header_bytes;
}

}  // namespace

// The index of a sealed segment, and the segment opened. Cached, else loaded, else made again.
Result<std::shared_ptr<const SegmentIndex>> LogImpl::index_of(uint64_t base, std::shared_ptr<Segment>* segment) {
    uint64_t bytes = 0;
    std::shared_ptr<const SegmentIndex> index;
    {
        std::lock_guard lock(mutex_);
        const auto found = sealed_.find(base);
        if (found == sealed_.end()) return {ErrorCode::out_of_range, "trimmed"};
        found->second.last_used = ++use_counter_;
        bytes = found->second.bytes;
        *segment = found->second.segment;
        index = found->second.index;
    }
    if (!*segment) {
        TRY_ASSIGN(*segment, Segment::open(files_, options_.directory, {base, bytes}, log_id_, false, false));
    }
    bool saved = true;
    if (!index) {
        auto stored = io::read_file(files_, (*segment)->index_path());
        std::optional<SegmentIndex> decoded;
        if (stored) decoded = decode_segment_index(*stored, base, (*segment)->salt());
        if (!decoded) {
            TRY_ASSIGN(Scan scan, scan_segment(**segment, (*segment)->limit()));
            decoded = std::move(scan.index);
            saved = false;
            if (!writer_.joinable()) {  // still recovering
                recovery_.corruptions.insert(recovery_.corruptions.end(), scan.corruptions.begin(),
                                             scan.corruptions.end());
            }
        }
        index = std::make_shared<const SegmentIndex>(std::move(*decoded));
    }
    {
        std::lock_guard lock(mutex_);
        const auto found = sealed_.find(base);
        if (found == sealed_.end()) return {ErrorCode::out_of_range, "trimmed"};
        if (!found->second.segment) {
            found->second.segment = *segment;
        } else {
            *segment = found->second.segment;  // one for all: free_segments() sees by it who still reads
        }
        if (!found->second.index) {
            found->second.index = index;
            if (!saved) {
                found->second.index_saved = false;
                indexes_dirty_ = true;
                maintenance_wakes_.notify_one();
            }
        }
    }
    evict_indexes(base);
    return index;
}

// Lets the least lately used go, until the bounds hold.
void LogImpl::evict_indexes(uint64_t keep_base) {
    std::lock_guard lock(mutex_);
    for (;;) {
        uint64_t bytes = 0;
        size_t open = 0;
        SealedSegment* oldest = nullptr;
        for (auto& [base, sealed] : sealed_) {
            if (!sealed.index && !sealed.segment) continue;
            ++open;
            if (sealed.index) bytes += sealed.index->memory_bytes();
            if (base == keep_base || !sealed.index_saved) continue;
            if (sealed.segment.use_count() > 1) continue;  // a file that is being read must not look unused
            if (!oldest || sealed.last_used < oldest->last_used) oldest = &sealed;
        }
        if (!oldest || (bytes <= cached_index_bytes_max && open <= open_segments_max)) return;
        oldest->index = nullptr;
        oldest->segment = nullptr;
    }
}

// The shard's entries in the segment that holds `from`, or in the first one after it. `end` is the log's as the
// caller saw it.
Result<LogImpl::SegmentView> LogImpl::view_at(uint64_t shard, uint64_t from, size_t bytes_max, uint64_t end) {
    SegmentView view;
    std::shared_ptr<const SegmentIndex> index;
    {
        std::lock_guard lock(mutex_);
        auto at = sealed_.upper_bound(from);
        if (at != sealed_.begin() && std::prev(at)->first + std::prev(at)->second.bytes > from) --at;
        if (at == sealed_.end()) {
            view.segment = active_;
            view.base = active_->base();
            view.next = end_;
            view.active = true;
            const uint64_t offset = from > view.base ? from - view.base : 0;
            const uint64_t limit = end > view.base ? end - view.base : 0;
            view.complete = take_entries(active_index_, shard, offset, limit, bytes_max, &view.entries);
            view.corrupt = active_index_.corrupt;
            view.first_time_ms = active_index_.first_time_ms;
            return view;
        }
        view.base = at->first;
        view.next = at->first + at->second.bytes;
    }
    TRY_ASSIGN(index, index_of(view.base, &view.segment));
    const uint64_t offset = from > view.base ? from - view.base : 0;
    view.complete = take_entries(*index, shard, offset, view.next - view.base, bytes_max, &view.entries);
    view.corrupt = index->corrupt;
    view.first_time_ms = index->first_time_ms;
    return view;
}

// Where the segment ends that holds `from`, or that follows it.
uint64_t LogImpl::segment_end(uint64_t from) {
    std::lock_guard lock(mutex_);
    for (const auto& [base, sealed] : sealed_) {
        if (base + sealed.bytes > from) return base + sealed.bytes;
    }
    return end_;
}

Result<Stretch> LogImpl::fetch(const SegmentView& view, size_t first, size_t bytes_wanted, size_t* last, bool* cached) {
    const IndexEntry& entry = view.entries[first];
    *last = first;
    {
        std::lock_guard lock(mutex_);
        if (auto stretch = tail_.find(view.base + entry.offset, view.base + entry.offset + entry.bytes)) {
            *cached = true;
            return *stretch;
        }
    }
    *cached = false;
    uint64_t end = uint64_t{entry.offset} + entry.bytes;
    uint64_t useful = entry.bytes;
    for (size_t i = first + 1; i < view.entries.size() && useful < bytes_wanted; ++i) {
        const uint64_t further = uint64_t{view.entries[i].offset} + view.entries[i].bytes;
        // Not over what others' records would make mostly idle reading.
        if (further - entry.offset > window_bytes_max ||
            (useful + view.entries[i].bytes) * 2 < further - entry.offset) {
            break;
        }
        useful += view.entries[i].bytes;
        end = further;
        *last = i;
    }
    return view.segment->read(entry.offset, end);
}

Result<ReadResult> LogImpl::read(ShardKey shard, Position from, ReadLimits limits) {
    uint64_t resume = 0;
    return read_until_damage(shard, from, limits, &resume);
}

Result<Position> LogImpl::skip_corrupt(ShardKey shard, Position from) {
    uint64_t resume = 0;
    const auto result = read_until_damage(shard, from, {.records_max = 1}, &resume);
    if (!result && result.error().code != ErrorCode::corruption) return result.error();
    return result || resume == 0 ? from : Position(resume);
}

// `resume` becomes the position after damage that was met.
Result<ReadResult> LogImpl::read_until_damage(ShardKey shard_key, Position from_position, ReadLimits limits,
                                              uint64_t* resume) {
    const uint64_t shard = shard_key.value();
    uint64_t from = from_position.value();
    uint64_t end = 0;
    std::vector<Hole> holes;
    {
        std::lock_guard lock(mutex_);
        const auto found = shards_.find(shard);
        if (found == shards_.end()) return {ErrorCode::not_found, "no such shard"};
        if (from < found->second.horizon) {
            return {ErrorCode::out_of_range, "position " + std::to_string(from) + " is below the trim horizon " +
                                                 std::to_string(found->second.horizon)};
        }
        end = end_;
        holes = holes_;
    }
    ReadResult result;
    result.next = from_position;
    const int64_t now_ms = clock_.now().value();
    size_t bytes = 0;
    bool full = false;
    // Damage met at `position`: what was read before it is returned first.
    const auto stopped = [&](Error error, uint64_t position, uint64_t after) -> Result<ReadResult> {
        *resume = after;
        if (result.records.empty()) return error;
        result.next = Position(position);
        return std::move(result);
    };

    for (size_t walked = 0; from < end; ++walked) {
        if (walked == segments_a_read_max) {
            result.behind_ms = 0;
            result.next = Position(from);
            return result;
        }
        const auto hole = std::find_if(holes.begin(), holes.end(), [&](const Hole& one) { return one.end > from; });
        if (hole != holes.end() && hole->begin <= from) {
            return stopped({ErrorCode::corruption, "no file holds positions " + std::to_string(hole->begin) + " to " +
                                                       std::to_string(hole->end) + " of the log any more"},
                           from, hole->end);
        }
        auto viewed = view_at(shard, from, limits.bytes_max, end);
        if (!viewed && viewed.error().code == ErrorCode::corruption) {  // nothing of that file can be told apart
            return stopped(viewed.error(), from, segment_end(from));
        }
        if (!viewed) return std::move(viewed).error();
        const SegmentView view = std::move(*viewed);
        if (hole != holes.end() && hole->begin < view.base) {
            from = hole->begin;
            continue;
        }
        // Damage after `from` hides what follows it.
        uint64_t barrier = UINT64_MAX;
        uint64_t barrier_end = 0;
        for (const CorruptRange& range : view.corrupt) {
            if (view.base + range.end <= from || view.base + range.begin >= barrier) continue;
            barrier = view.base + range.begin;
            barrier_end = view.base + range.end;
        }
        for (size_t i = 0; i < view.entries.size();) {
            const IndexEntry& entry = view.entries[i];
            const uint64_t position = view.base + entry.offset;
            if (position >= barrier) break;
            if (full) {
                result.behind_ms = std::max<int64_t>(0, now_ms - (view.first_time_ms + entry.after_first_ms));
                return result;
            }
            size_t last = i;
            bool cached = false;
            TRY_ASSIGN(const Stretch stretch,
                       fetch(view, i, limits.bytes_max - std::min(bytes, limits.bytes_max), &last, &cached));
            bool used = false;
            for (; i <= last && !full; ++i) {
                const IndexEntry& one = view.entries[i];
                const int64_t time_ms = view.first_time_ms + one.after_first_ms;
                RunWalk walk(stretch.bytes.substr(one.offset - entry.offset, one.bytes), view.base + one.offset,
                             view.segment->salt(), shard, !cached);
                for (;;) {
                    const auto step = walk.next();
                    if (step == RunWalk::Step::end) break;
                    if (step == RunWalk::Step::corrupt) {
                        if (walk.after_corrupt() <= from) continue;  // skipped knowingly
                        return stopped(corrupt_at(view.segment->path(), walk.position() - view.base,
                                                  "a record does not match its checksum"),
                                       std::max(from, walk.position()), walk.after_corrupt());
                    }
                    if (walk.position() < from) continue;
                    const size_t size = walk.key().size() + walk.data().size();
                    if (!result.records.empty() &&
                        (result.records.size() >= limits.records_max || bytes + size > limits.bytes_max)) {
                        result.next = Position(walk.position());
                        result.behind_ms = std::max<int64_t>(0, now_ms - time_ms);
                        if (used) result.buffers.push_back(stretch.owner);
                        return result;
                    }
                    result.records.push_back(
                        {Position(walk.position()), TimestampMs(time_ms), walk.key(), walk.data()});
                    bytes += size;
                    used = true;
                }
                from = std::max(from, view.base + one.offset + one.bytes);
                full = result.records.size() >= limits.records_max || bytes >= limits.bytes_max;
            }
            if (used) result.buffers.push_back(stretch.owner);
            result.next = Position(from);
        }
        const bool at_barrier =
            barrier != UINT64_MAX && (view.complete || view.base + view.entries.back().offset >= barrier);
        if (at_barrier) {
            return stopped(corrupt_at(view.segment->path(), barrier - view.base,
                                      "damaged up to offset " + std::to_string(barrier_end - view.base)),
                           std::max(from, barrier), barrier_end);
        }
        if (!view.complete) continue;  // more of the same segment
        from = view.active ? end : view.next;
        result.next = Position(from);
    }
    result.at_end = true;
    if (result.next.value() < end) result.next = Position(end);
    return result;
}

// A file that can not be read may hold what is looked for: where one lies between what is too early and what is found,
// the answer is its beginning. Readers are stopped there, trimming keeps it; but it hinders nobody elsewhere.
Result<Position> LogImpl::find_time(ShardKey shard, TimestampMs time) {
    for (;;) {
        std::vector<uint64_t> bases;
        std::vector<uint64_t> unreadable;
        uint64_t active_base = 0;
        {
            std::lock_guard lock(mutex_);
            for (const auto& [base, sealed] : sealed_) bases.push_back(base);
            active_base = active_->base();
        }
        std::shared_ptr<Segment> segment;
        // The index of bases[at]; null where it is trimmed by now, or can not be read: then it leaves `bases`.
        const auto index_at = [&](size_t at) -> std::shared_ptr<const SegmentIndex> {
            auto index = index_of(bases[at], &segment);
            if (index) return std::move(*index);
            if (index.error().code != ErrorCode::out_of_range) unreadable.push_back(bases[at]);
            bases.erase(bases.begin() + static_cast<ptrdiff_t>(at));
            return nullptr;
        };
        // The first sealed segment whose last commit is late enough: times never go back.
        size_t low = 0;
        size_t high = bases.size();
        while (low < high) {
            const size_t middle = (low + high) / 2;
            const auto index = index_at(middle);
            if (!index) {
                --high;
            } else if (index->last_time_ms < time.value()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        const uint64_t early = low > 0 ? bases[low - 1] : 0;
        std::optional<uint64_t> found;
        while (low < bases.size() && !found) {
            const auto index = index_at(low);
            if (!index) continue;
            found = first_at(*index, shard.value(), time.value());
            ++low;
        }
        std::lock_guard lock(mutex_);
        const auto one = shards_.find(shard.value());
        if (one == shards_.end()) return {ErrorCode::not_found, "no such shard"};
        if (!found && active_->base() != active_base) continue;  // sealed meanwhile: look again
        if (!found) found = first_at(active_index_, shard.value(), time.value());
        uint64_t position = found.value_or(end_);
        for (const uint64_t base : unreadable) {
            if (base >= early) position = std::min(position, base);
        }
        return Position(std::max(one->second.horizon, position));
    }
}

Result<Position> LogImpl::horizon(ShardKey shard) {
    std::lock_guard lock(mutex_);
    const auto found = shards_.find(shard.value());
    if (found == shards_.end()) return {ErrorCode::not_found, "no such shard"};
    return Position(found->second.horizon);
}

Result<Position> LogImpl::end(ShardKey shard) {
    std::lock_guard lock(mutex_);
    if (!shards_.contains(shard.value())) return {ErrorCode::not_found, "no such shard"};
    return Position(end_);
}

}  // namespace millrace::log
