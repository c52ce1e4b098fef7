// What is kept for a while only: change records, tokens, the streams of removed tables. Streams and tokens are cut off
// at their old end, so that the cost does not grow with what was ever written: whole table files go at once, the rest
// under one range tombstone. Where files are of one stream there is none: it would lie in a file with the newest
// changes, whose range were all of the stream then, and compactions would write every file of the stream again.
#include <rocksdb/convenience.h>

#include "src/io/clock.h"
#include "src/table/engine/background.h"
#include "src/table/engine/change_reads.h"

namespace millrace::table::engine {
namespace {

constexpr size_t tokens_a_commit = 10'000;
constexpr int64_t trim_slack = 24;  // a stream is cut where this part of its retention has come together

// In table files of changes.
uint64_t bytes_between(const Database& database, const rocksdb::Slice& begin, const rocksdb::Slice& end) {
    const rocksdb::Range range(begin, end);
    uint64_t bytes = 0;
    static_cast<void>(database->GetApproximateSizes(rocksdb::SizeApproximationOptions(),
                                                    database.family(Family::changes), &range, 1, &bytes));
    return bytes;
}

}  // namespace

void Background::trim_streams() {
    std::vector<TableRef> tables = definitions_.all();
    for (const RemovedTable& table : definitions_.removed()) tables.push_back(table.definition);
    for (const TableRef& table : tables) {
        if (stopping()) return;
        if (table->stream) trim_stream(table->stream->id);
        for (const ChangeStream& stream : table->old_streams) trim_stream(stream.id);
        if (table->copied_stream) trim_stream(table->copied_stream->id);
    }
}

void Background::trim_stream(uint64_t stream) {
    const auto view = committer_.view();
    const int64_t cut_ms = clock_.now().value() - options_.change_retention_ms;
    const auto first = first_kept(database_, *view, stream);
    if (!first) return;
    const auto late =
        find_change(database_, *view, stream, TimestampMs(cut_ms - options_.change_retention_ms / trim_slack));
    if (!late || *late == *first) return;  // the oldest is hardly over its time
    const auto keep = find_change(database_, *view, stream, TimestampMs(cut_ms));
    if (!keep || *keep <= *first) return;
    const std::string begin = change_key(stream, 0), end = change_key(stream, *keep);
    const Status trimmed = committer_.maintain([&](Commit& commit) -> Status {
        std::string value;
        append_u64(*keep, &value);
        commit.put(Family::meta, meta_key('h', stream), value);  // nobody reads what is before it
        return {};
    });
    if (!trimmed) return;
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const uint64_t before = bytes_between(database_, from, to);
    static_cast<void>(rocksdb::DeleteFilesInRange(database_.get(), database_.family(Family::changes), &from, &to,
                                                  /*include_end=*/false));
    if (bytes_between(database_, from, to) < before / 2) return;
    static_cast<void>(committer_.maintain([&](Commit& commit) -> Status {
        commit.erase_range(Family::changes, begin, end);
        return {};
    }));
}

bool Background::forget_tokens() {
    const auto view = committer_.view();
    const std::string begin = meta_key('e'), end = meta_key('e', static_cast<uint64_t>(clock_.now().value()));
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    std::vector<std::string> tokens;
    std::string last;
    {
        const auto cursor = database_.walk(Family::meta, &from, &to, view->snapshot());
        for (cursor->SeekToFirst(); cursor->Valid() && tokens.size() < tokens_a_commit; cursor->Next()) {
            last = cursor->key().ToString();
            tokens.push_back(last.substr(9));
        }
    }
    if (tokens.empty()) return false;
    const Status forgotten = committer_.maintain([&](Commit& commit) -> Status {
        for (const std::string& token : tokens) {
            // Somebody may have used the token again since.
            TRY_ASSIGN(const auto kept, database_.read(Family::meta, meta_key('t') + token, nullptr));
            const bool again = kept && static_cast<int64_t>(read_u64(*kept)) > commit.time().value();
            if (!again) commit.erase(Family::meta, meta_key('t') + token);
        }
        commit.erase_range(Family::meta, begin, last + '\0');
        return {};
    });
    return forgotten.ok() && tokens.size() == tokens_a_commit;
}

void Background::forget_streams() {
    const int64_t cut_ms = clock_.now().value() - options_.change_retention_ms;
    for (const RemovedTable& table : definitions_.removed()) {
        if (table.removed.value() <= cut_ms) static_cast<void>(definitions_.forget_removed(table.definition->id));
    }
    const auto is_over = [&](const ChangeStream& stream) {
        return !stream.enabled && stream.disabled.value() <= cut_ms;
    };
    for (const TableRef& table : definitions_.all()) {
        const bool some = std::any_of(table->old_streams.begin(), table->old_streams.end(), is_over) ||
                          (table->stream && is_over(*table->stream));
        if (!some) continue;
        static_cast<void>(definitions_.update(table->scope, table->name, [&](TableDefinition* now) -> Status {
            if (now->stream && is_over(*now->stream)) {
                now->old_streams.push_back(*now->stream);
                now->stream.reset();
            }
            std::erase_if(now->old_streams, is_over);
            return {};
        }));
    }
}

}  // namespace millrace::table::engine
