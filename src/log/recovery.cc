// Opening: what a crash left becomes a log again. Work is the manifest, the listing, one index and the active
// segment, however much is kept. FORMAT.md, "Recovery", has the cases.
#include <algorithm>

#include "src/base/checksum.h"
#include "src/log/log_impl.h"
#include "src/log/scan.h"

namespace millrace::log {

Result<std::unique_ptr<Log>> Log::open(Options options, io::FileSystem& files, const io::Clock& clock) {
    if (options.segment_bytes % disk_block_bytes != 0 || options.segment_bytes < 4 * disk_block_bytes ||
        options.segment_bytes > UINT32_MAX - disk_block_bytes) {
        return {ErrorCode::invalid_argument, "segment_bytes must be a multiple of 4096, from 16 KiB to 4 GiB"};
    }
    auto log = std::make_unique<LogImpl>(std::move(options), files, clock);
    TRY(log->open());
    return std::unique_ptr<Log>(std::move(log));
}

LogImpl::LogImpl(Options options, io::FileSystem& files, const io::Clock& clock)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      want_direct_(options_.durability == Durability::fsync),
      tail_(options_.tail_cache_bytes) {}

Status LogImpl::open() {
    TRY(recover());
    writer_ = std::thread([this] { run_writer(); });
    maintenance_ = std::thread([this] { run_maintenance(); });
    return {};
}

Status LogImpl::recover() {
    TRY(files_.make_directories(options_.directory));
    TRY_ASSIGN(const auto listing, files_.list(options_.directory));
    std::vector<SegmentName> names;
    for (const std::string& name : listing) {
        if (const auto segment = SegmentName::parse(name)) names.push_back(*segment);
        if (name.ends_with(".tmp") || name.ends_with(".new")) (void)files_.remove(options_.directory + "/" + name);
        if (name.starts_with("spare-")) spares_.push_back(name);
    }
    const std::string manifest_path = options_.directory + "/manifest";
    if (!files_.exists(manifest_path)) {
        if (!names.empty()) {
            return Error{ErrorCode::corruption,
                         options_.directory +
                             " has segments but no manifest: the records are there, what "
                             "shards they belong to is lost; restore the file, or move the folder"};
        }
        return start_empty();
    }
    TRY_ASSIGN(const std::string bytes, io::read_file(files_, manifest_path));
    auto manifest = decode_manifest(bytes);
    if (!manifest) return with_context(std::move(manifest).error(), manifest_path);
    log_id_ = manifest->log_id;
    next_shard_ = manifest->next_shard;
    for (const auto& shard : manifest->shards) {
        shards_[shard.key] = {.horizon = shard.horizon, .created_ms = shard.created_ms, .subscriptions = {}};
    }
    TRY_ASSIGN(mark_, MarkFile::open(files_, options_.directory + "/mark", log_id_));
    if (mark_->damaged()) {
        recovery_.corruptions.push_back(options_.directory +
                                        "/mark is damaged: whether the last commit is whole can not be known");
    }
    return recover_segments(names);
}

Status LogImpl::start_empty() {
    const std::string random = random_bytes(8);
    log_id_ = get_integer<uint64_t>(random.data());
    TRY_ASSIGN(mark_, MarkFile::open(files_, options_.directory + "/mark", log_id_));
    TRY(write_manifest());
    return recover_segments({});
}

Status LogImpl::adopt_active(std::shared_ptr<Segment> segment, SegmentIndex index, uint64_t end) {
    active_ = std::move(segment);
    active_index_ = std::move(index);
    end_ = end;
    return read_tail_block();
}

Status LogImpl::read_tail_block() {
    const uint64_t begin = align_down(end_ - active_->base(), disk_block_bytes);
    const uint64_t offset = end_ - active_->base();
    tail_block_.clear();
    if (offset > begin) {
        TRY_ASSIGN(const Stretch tail, active_->read(begin, offset));
        tail_block_ = tail.bytes;
    }
    return {};
}

// From the newest file down: a file made ready but not yet written to is kept as the next one; the first that holds
// a commit is active.
Status LogImpl::recover_segments(const std::vector<SegmentName>& names) {
    const uint64_t mark = mark_->position();
    std::vector<SegmentName> left = names;
    std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
    uint64_t beyond = 0;  // the first position that no file has ever covered
    if (!left.empty()) beyond = left.back().base + left.back().bytes;
    while (!left.empty() && !active_) {
        const SegmentName name = left.back();
        auto segment = Segment::open(files_, options_.directory, name, log_id_, true, want_direct_);
        if (!segment && segment.error().code != ErrorCode::corruption) return std::move(segment).error();
        left.pop_back();
        if (!segment) {
            if (mark <= name.base) {  // never held a commit; perhaps its header never reached the disk
                TRY(files_.remove(options_.directory + "/" + name.text()));
                continue;
            }
            recovery_.corruptions.push_back(segment.error().message);
            holes_.push_back({name.base, name.base + name.bytes});
            break;
        }
        TRY_ASSIGN(Scan scan, scan_segment(**segment, std::min(mark, (*segment)->limit() - 1)));
        recovery_.torn_bytes_cut += scan.torn_bytes;
        recovery_.corruptions.insert(recovery_.corruptions.end(), scan.corruptions.begin(), scan.corruptions.end());
        if (scan.index.empty() && scan.index.corrupt.empty() && !left.empty() && mark <= name.base) {
            if (next_) TRY(files_.remove(next_->path()));
            next_ = std::move(*segment);
            beyond = next_->limit();
            continue;
        }
        last_time_ms_ = scan.index.last_time_ms;
        previous_block_ = scan.index.last_block;
        const uint64_t end = name.base + scan.index.end;
        TRY(adopt_active(std::move(*segment), std::move(scan.index), end));
    }
    for (const SegmentName& name : left) {
        sealed_[name.base] = {.bytes = name.bytes};
    }
    if (next_ && (!active_ || next_->base() != active_->limit())) {  // a later commit would leave a gap: make another
        TRY(files_.remove(next_->path()));
        next_ = nullptr;
    }
    // What lies between files is gone; so is what the mark promises behind the last one.
    // Horizons are durable before what lies below them is freed: a file that is not there above one is lost.
    uint64_t expected = left.empty() ? active_ ? active_->base() : beyond : left.front().base;
    uint64_t oldest_needed = expected;
    for (const auto& [key, shard] : shards_) oldest_needed = std::min(oldest_needed, shard.horizon);
    const bool known = std::any_of(holes_.begin(), holes_.end(), [&](const Hole& hole) {
        return hole.begin <= oldest_needed && oldest_needed < hole.end;
    });
    if (oldest_needed < expected && !known) holes_.push_back({oldest_needed, expected});
    for (const SegmentName& name : left) {
        if (name.base != expected) holes_.push_back({expected, name.base});
        expected = name.base + name.bytes;
    }
    if (active_ && !left.empty() && active_->base() != expected) holes_.push_back({expected, active_->base()});
    if (mark > std::max(beyond, end_)) {
        holes_.push_back({beyond, align_up(mark, disk_block_bytes)});
        beyond = align_up(mark, disk_block_bytes);
        if (active_) {  // goes on behind the hole
            sealed_[active_->base()] = {.segment = active_,
                                        .index = std::make_shared<SegmentIndex>(std::move(active_index_)),
                                        .bytes = active_->bytes(),
                                        .index_saved = false};
            active_ = nullptr;
            next_ = nullptr;
            indexes_dirty_ = true;
        }
    }
    std::sort(holes_.begin(), holes_.end(), [](const Hole& a, const Hole& b) { return a.begin < b.begin; });
    for (const Hole& hole : holes_) {
        recovery_.corruptions.push_back("no file holds positions " + std::to_string(hole.begin) + " to " +
                                        std::to_string(hole.end) + " of the log any more");
    }
    if (!active_) {
        TRY_ASSIGN(auto segment,
                   Segment::create(files_, options_.directory, new_header(beyond), want_direct_, {}, false));
        const uint64_t end = segment->base() + segment_header_bytes;
        SegmentIndex index{.base = segment->base(), .salt = segment->salt(), .end = segment_header_bytes};
        TRY(adopt_active(std::move(segment), std::move(index), end));
    }
    // Times and the chain go on from the last commit, which is in the segment before where this one is empty.
    for (auto at = sealed_.rbegin(); previous_block_ == 0 && at != sealed_.rend(); ++at) {
        std::shared_ptr<Segment> segment;
        auto index = index_of(at->first, &segment);
        if (!index) break;
        previous_block_ = (*index)->last_block;
        last_time_ms_ = std::max(last_time_ms_, (*index)->last_time_ms);
    }
    // An index that was never written (the crash came first) is made now, so that what it finds is reported.
    for (auto& [base, sealed] : sealed_) {
        if (sealed.index || files_.exists(options_.directory + "/" + SegmentName{base, sealed.bytes}.text() + ".idx")) {
            continue;
        }
        std::shared_ptr<Segment> segment;
        if (auto index = index_of(base, &segment); !index) {
            recovery_.corruptions.push_back(index.error().message);
        }
    }
    may_free_ = true;
    return {};
}

}  // namespace millrace::log
