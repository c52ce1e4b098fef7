#include "src/table/engine/older_tables.h"

#include <algorithm>

#include <rocksdb/write_batch.h>

#include "src/table/engine/recovery.h"

namespace millrace::table::engine {
namespace {

constexpr size_t numbered_bytes = 24;  // of `s`

// What a batch makes of `s`.
class NewestCommit final : public rocksdb::WriteBatch::Handler {
  public:
    rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
        if (family == 0 && key.ToStringView() == meta_key('s')) value_ = value.ToString();
        return rocksdb::Status::OK();
    }
    rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
    rocksdb::Status DeleteRangeCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
        return rocksdb::Status::OK();
    }
    const std::string& value() const { return value_; }

  private:
    std::string value_;
};

// Whether the commit was made on top of these tables: sequence numbers and times of commits never go back.
bool follows(std::string_view batch, std::string_view newest) {
    const rocksdb::WriteBatch writes((std::string(batch)));
    NewestCommit commit;
    if (!writes.Iterate(&commit).ok() || commit.value().size() < 16) return false;
    const std::string_view value = commit.value();
    return read_u64(value) >= read_u64(newest) && read_u64(value.substr(8)) >= read_u64(newest.substr(8));
}

Error unseen(const Database& database, uint64_t commits) {
    const std::string directory = database->GetName();
    return {ErrorCode::failed_precondition,
            "an older millrace has written to the tables in " + directory + ", and did not see up to " +
                std::to_string(commits) + " acknowledged commits that lie in " + directory +
                "/log since a newer one was killed. Either move " + directory +
                "/log away, to go on without those commits; or restore " + directory +
                " as it was before the older one was started, to go on without what that one has written"};
}

Result<uint64_t> end_noted(const Database& database) {
    TRY_ASSIGN(const auto noted, database.read(Family::meta, meta_key('l'), nullptr));
    return noted ? read_u64(*noted) : 0;
}

}  // namespace

Result<bool> is_of_older(const Database& database) {
    TRY_ASSIGN(const auto newest, database.read_flushed(Family::meta, meta_key('s')));
    return newest && newest->size() < numbered_bytes;
}

Status take_over(const Database& database, CommitLog& log) {
    TRY_ASSIGN(const uint64_t end, end_noted(database));
    TRY_ASSIGN(const CommitLog::Held held, log.held());
    if (held.newest > end) {
        // Or it was taken over before, by one that wrote no number until the next commit, and killed soon after that.
        TRY_ASSIGN(const auto newest, database.read_flushed(Family::meta, meta_key('s')));
        bool is_first = true;
        if (end > 0 || held.oldest > 1) return unseen(database, held.newest - end);
        TRY_ASSIGN(const auto replayed, log.replay(0, [&](std::string_view batch) -> Status {
            if (std::exchange(is_first, false) && !follows(batch, *newest)) return unseen(database, held.newest);
            rocksdb::WriteBatch writes((std::string(batch)));
            return database.write(writes);
        }));
        return go_on_after(database, replayed.newest, replayed.lost ? sequences_lost_max : 0);
    }
    // All of the log is in what the older one began with.
    const uint64_t number = log.is_new() ? 0 : held.newest;
    TRY(log.replay(number, [](std::string_view) -> Status { return {}; }));
    return go_on_after(database, std::max(end, number), 0);
}

void note_end(const Database& database) {
    const auto newest = database.read(Family::meta, meta_key('s'), nullptr);
    const auto noted = end_noted(database);
    if (!newest || !*newest || (*newest)->size() < numbered_bytes || !noted) return;
    const std::string value = (*newest)->substr(16, 8);
    if (read_u64(value) == *noted) return;
    rocksdb::WriteBatch batch;
    MILLRACE_CHECK(batch.Put(database.family(Family::meta), slice_of(meta_key('l')), slice_of(value)).ok());
    static_cast<void>(database.write(batch));
}

}  // namespace millrace::table::engine
