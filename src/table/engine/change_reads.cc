#include "src/table/engine/change_reads.h"

#include "src/table/engine/change_codec.h"

namespace millrace::table::engine {
namespace {

class StreamWalk {
  public:
    StreamWalk(const Database& database, const View& view, uint64_t stream)
        : stream_(stream),
          begin_(change_key(stream, 0)),
          end_(change_key(stream, view.next_sequence)),
          from_(slice_of(begin_)),
          to_(slice_of(end_)),
          cursor_(database.walk(Family::changes, &from_, &to_, view.snapshot())) {}
    void seek(uint64_t sequence) { cursor_->Seek(slice_of(change_key(stream_, sequence))); }
    void next() { cursor_->Next(); }
    bool valid() const { return cursor_->Valid(); }
    uint64_t sequence() const { return read_u64(cursor_->key().ToStringView().substr(8)); }
    std::string_view value() const { return cursor_->value().ToStringView(); }
    Status status() const {
        if (cursor_->status().ok()) return {};
        return error_of(cursor_->status(), "cannot read a change stream");
    }

  private:
    const uint64_t stream_;
    const std::string begin_, end_;
    const rocksdb::Slice from_, to_;
    std::unique_ptr<rocksdb::Iterator> cursor_;
};

}  // namespace

Result<uint64_t> first_kept(const Database& database, const View& view, uint64_t stream) {
    TRY_ASSIGN(const auto kept, database.read(Family::meta, meta_key('h', stream), view.snapshot()));
    if (!kept) return Error{ErrorCode::not_found, "no such change stream"};
    return read_u64(*kept);
}

Result<Changes> read_changes(const Database& database, const View& view, uint64_t stream, uint64_t from,
                             size_t count_max, size_t bytes_max) {
    TRY_ASSIGN(const uint64_t first, first_kept(database, view, stream));
    if (from < first) return Error{ErrorCode::out_of_range, "the change stream is trimmed beyond this sequence"};
    Changes result;
    result.next = ChangeSequence(std::max(from, view.next_sequence));
    size_t bytes = 0;
    StreamWalk walk(database, view, stream);
    for (walk.seek(from); walk.valid(); walk.next()) {
        if (result.changes.size() >= count_max || (!result.changes.empty() && bytes >= bytes_max)) {
            result.next = ChangeSequence(walk.sequence());
            return result;
        }
        TRY_ASSIGN(Change change, decode_change(walk.sequence(), walk.value()));
        bytes += change.bytes;
        result.changes.push_back(std::move(change));
    }
    TRY(walk.status());
    result.at_end = true;
    return result;
}

Result<uint64_t> find_change(const Database& database, const View& view, uint64_t stream, TimestampMs time) {
    TRY_ASSIGN(uint64_t low, first_kept(database, view, stream));
    uint64_t high = view.next_sequence;  // the answer is in [low, high]
    StreamWalk walk(database, view, stream);
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        walk.seek(middle);
        TRY(walk.status());
        if (!walk.valid()) {
            high = middle;
            continue;
        }
        TRY_ASSIGN(const ChangeRecord record, parse_change(walk.value()));
        if (record.time >= time) {
            high = middle;
        } else {
            low = walk.sequence() + 1;
        }
    }
    walk.seek(low);
    TRY(walk.status());
    return walk.valid() ? walk.sequence() : view.next_sequence;
}

}  // namespace millrace::table::engine
