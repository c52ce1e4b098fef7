#include "src/table/engine/commit_log.h"

#include <algorithm>

#include "src/table/engine/keys.h"

namespace millrace::table::engine {
namespace {

// What is appended to is a part of what a table's memory holds, so that space comes back with each flush.
constexpr uint64_t segment_bytes_min = 1 << 20, segment_bytes_max = 64 << 20;
constexpr uint64_t segment_pieces = 4;              // a piece is a fourth of a segment
constexpr uint64_t pending_bytes_max = 4ULL << 30;  // never in the way: the committer bounds what waits
constexpr uint64_t begin_every_bytes = 1 << 20;     // space comes back by whole segments
constexpr size_t head_bytes = 16;                   // of a record: number:u64 index:u32 count:u32, then the piece
constexpr uint32_t shortened_flag = 1U << 31;       // in `count`: the pieces are a shortened batch (repeats.h)

struct Piece {
    uint64_t number;  // of the commit
    uint32_t index, count;
    bool shortened;
    std::string_view bytes;
};

Error missing(uint64_t number) {
    return {ErrorCode::corruption, "the tables' log lacks commit " + std::to_string(number) +
                                       ": the folder is damaged, or not all of it is there"};
}

Error not_as_acknowledged(Error lost) {
    return with_context(std::move(lost),
                        "tables can not be opened as they were acknowledged (--durability os goes on without what is "
                        "lost, and everything after it)");
}

Result<Piece> decode(std::string_view record) {
    if (record.size() < head_bytes) return Error{ErrorCode::corruption, "the tables' log holds what is no commit"};
    const uint32_t count = read_u32(record.substr(12));
    return Piece{read_u64(record), read_u32(record.substr(8)), count & ~shortened_flag, (count & shortened_flag) != 0,
                 record.substr(head_bytes)};
}

// Writes parts one after the other, into pieces.
class Parts {
  public:
    explicit Parts(std::span<const std::string_view> parts) : parts_(parts) {}
    void write(char* out, size_t size) {
        while (size > 0) {
            if (from_ == parts_.front().size()) {
                parts_ = parts_.subspan(1);
                from_ = 0;
                continue;
            }
            const size_t copied = parts_.front().copy(out, size, from_);
            from_ += copied;
            out += copied;
            size -= copied;
        }
    }

  private:
    std::span<const std::string_view> parts_;
    size_t from_ = 0;  // of the first of them
};

}  // namespace

Result<std::unique_ptr<CommitLog>> CommitLog::open(const TablesOptions& options, io::FileSystem& files,
                                                   const io::Clock& clock) {
    log::Options settings;
    settings.directory = options.directory + "/log";
    settings.durability = options.sync ? log::Durability::fsync : log::Durability::os;
    settings.segment_bytes =
        std::clamp<uint64_t>(options.write_buffer_bytes, segment_bytes_min, segment_bytes_max) / 4096 * 4096;
    settings.zeroed_segments = options.sync;
    settings.tail_cache_bytes = 0;
    settings.pending_bytes_max = pending_bytes_max;
    const size_t piece_bytes = settings.segment_bytes / segment_pieces;
    const bool sync = options.sync;
    TRY_ASSIGN(auto log, log::Log::open(std::move(settings), files, clock));
    return std::unique_ptr<CommitLog>(new CommitLog(std::move(log), sync, piece_bytes));
}

CommitLog::CommitLog(std::unique_ptr<log::Log> log, bool sync, size_t piece_bytes)
    : log_(std::move(log)), is_new_(log_->shards().empty()), sync_(sync), piece_bytes_(piece_bytes) {
    if (!is_new_) shard_ = log_->shards().front();
}

Result<CommitLog::Held> CommitLog::held() {
    Held held;
    if (is_new_) return held;
    TRY_ASSIGN(log::Position at, log_->horizon(shard_));
    while (true) {
        auto read = log_->read(shard_, at, log::ReadLimits());
        if (!read && read.error().code == ErrorCode::corruption) {
            TRY_ASSIGN(at, log_->skip_corrupt(shard_, at));
            continue;
        }
        if (!read) return std::move(read).error();
        for (const log::RecordView& record : read->records) {
            TRY_ASSIGN(const Piece piece, decode(record.data));
            if (held.oldest == 0) held.oldest = piece.number;
            held.newest = std::max(held.newest, piece.number);
        }
        at = read->next;
        if (read->at_end) return held;
    }
}

Result<CommitLog::Replayed> CommitLog::replay(uint64_t flushed, const std::function<Status(std::string_view)>& apply) {
    Replayed replayed{flushed, std::nullopt};
    std::optional<Error> damage;  // whether it took a commit, the next one's number tells
    if (is_new_) {
        if (flushed > 0) damage = missing(flushed);
        if (damage && sync_) return not_as_acknowledged(std::move(*damage));
        TRY_ASSIGN(shard_, log_->create_shard());
    }
    TRY_ASSIGN(log::Position at, log_->horizon(shard_));
    uint64_t newest = flushed;  // that was handed over
    std::string batch;
    uint32_t pieces = 0;  // of the next commit, that are in `batch`
    while (true) {
        auto read = log_->read(shard_, at, log::ReadLimits());
        if (!read && read.error().code == ErrorCode::corruption) {
            damage = std::move(read).error();
            TRY_ASSIGN(at, log_->skip_corrupt(shard_, at));
            continue;
        }
        if (!read) return std::move(read).error();
        for (const log::RecordView& record : read->records) {
            TRY_ASSIGN(const Piece piece, decode(record.data));
            if (piece.index == 0) remember(piece.number, record.position);
            if (piece.number <= flushed) {
                damage.reset();
                continue;
            }
            replayed.newest = std::max(replayed.newest, piece.number);
            if (!replayed.lost && piece.number != newest + 1) replayed.lost = damage.value_or(missing(newest + 1));
            if (replayed.lost) continue;
            if (piece.index == 0) pieces = 0;  // one that was begun before was never acknowledged
            if (piece.index != pieces) continue;
            if (piece.index == 0) batch.clear();
            batch += piece.bytes;
            if (++pieces < piece.count) continue;
            if (piece.shortened) {
                TRY_ASSIGN(batch, lengthen(batch, UINT32_MAX));
            }
            TRY(apply(batch));
            newest = piece.number;
            damage.reset();
        }
        at = read->next;
        if (read->at_end) break;
    }
    if (!replayed.lost) replayed.lost = std::move(damage);
    if (replayed.lost && sync_) return not_as_acknowledged(std::move(*replayed.lost));
    release(flushed);  // or each start would read what table files have had since the one before
    return replayed;
}

CommitLog::Record CommitLog::record(uint64_t number, std::string_view batch, std::span<const Repeat> repeats) const {
    if (batch.size() > UINT32_MAX) repeats = {};  // whose numbers end there
    Shortened shortened;
    if (repeats.empty()) {
        shortened.parts.push_back(batch);
        shortened.bytes = batch.size();
    } else {
        shortened = shorten(batch, repeats);
    }
    Parts parts(shortened.parts);
    const auto count = static_cast<uint32_t>(std::max<size_t>(1, (shortened.bytes + piece_bytes_ - 1) / piece_bytes_));
    Record record{number, {}};
    for (uint32_t i = 0; i < count; ++i) {
        const size_t piece = std::min(piece_bytes_, shortened.bytes - i * piece_bytes_);
        std::string head;
        append_u64(number, &head);
        append_u32(i, &head);
        append_u32(count | (repeats.empty() ? 0 : shortened_flag), &head);
        const size_t size = head_bytes + piece;
        log::Batch encoded(shard_, size + head_bytes);
        char* const out = encoded.reserve("", size);
        head.copy(out, head_bytes);
        parts.write(out + head_bytes, piece);
        encoded.finish(size);
        record.pieces.push_back(std::move(encoded));
    }
    return record;
}

void CommitLog::append(Record record, std::function<void(Status)> done) {
    // The log answers in order; a piece after one that failed may well succeed.
    const auto status = std::make_shared<Status>();
    const auto shared_done = std::make_shared<std::function<void(Status)>>(std::move(done));
    for (size_t i = 0; i < record.pieces.size(); ++i) {
        const bool first = i == 0, last = i + 1 == record.pieces.size();
        log_->append(std::move(record.pieces[i]), [=, this, number = record.number](Result<log::Appended> appended) {
            if (!appended && *status) *status = std::move(appended).error();
            if (appended && first) remember(number, appended->positions.front());
            if (last) (*shared_done)(std::move(*status));
        });
    }
}

void CommitLog::remember(uint64_t number, log::Position begin) {
    const std::lock_guard lock(mutex_);
    if (!begins_.empty() &&
        (begins_.back().number >= number || begin.value() - begins_.back().position.value() < begin_every_bytes)) {
        return;
    }
    begins_.push_back({number, begin});
}

void CommitLog::release(uint64_t flushed) {
    log::Position before;
    {
        const std::lock_guard lock(mutex_);
        const auto later = std::find_if(begins_.begin(), begins_.end(),
                                        [&](const Begin& begin) { return begin.number > flushed + 1; });
        if (later == begins_.begin()) return;
        before = std::prev(later)->position;
        begins_.erase(begins_.begin(), std::prev(later));
    }
    static_cast<void>(log_->trim_to(shard_, before));  // fails only where there is no such shard
}

}  // namespace millrace::table::engine
