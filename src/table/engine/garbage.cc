// Giving back the space of what was removed: the keys under a prefix that no definition names any more.
//
// Nobody reads there, so this is about space alone: whole table files go at once, the rest under one range tombstone,
// and a compaction of the range makes it true. A note in the store says what is left to do, until it is done.
#include "src/table/engine/background.h"
#include "src/table/engine/compaction.h"

namespace millrace::table::engine {

bool Background::collect_garbage() {
    std::vector<std::string> notes;
    {
        const auto view = committer_.view();
        const std::string begin = meta_key('g'), end = successor(begin);
        const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
        const auto cursor = database_.walk(Family::meta, &from, &to, view->snapshot());
        for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) notes.push_back(cursor->key().ToString());
    }
    for (const std::string& note : notes) {
        if (stopping()) return false;
        const auto family = static_cast<Family>(note[1]);
        const std::string prefix = note.substr(2);
        const Status erased = committer_.maintain([&](Commit& commit) -> Status {
            commit.erase_prefix(family, prefix);
            return {};
        });
        if (!erased) return false;
        if (!compact_prefix(database_, family, prefix)) return false;  // or stopping: the note stays
        const Status done = committer_.maintain([&](Commit& commit) -> Status {
            commit.erase(Family::meta, note);
            return {};
        });
        if (!done) return false;
    }
    return false;
}

}  // namespace millrace::table::engine
