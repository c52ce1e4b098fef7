// What the next start does about work that a crash cut off. Everything is found through the journal: the leases of the
// blocks in which a file may have been begun, and the marks of files to unlink. It runs beside normal work: files of
// this run lie in blocks leased by this run, and a mark's owner never comes back.
#include <charconv>

#include "src/io/file.h"
#include "src/object/local_store.h"

namespace millrace::object {

void LocalStore::start_recovery() {
    // Also the look at the journal happens there: where much was deleted, the store walks over many erased marks.
    recovery_ = std::thread([this] {
        // What could not be read or removed stays in the journal, and the next start looks again.
        static_cast<void>(recover().ok());
    });
}

Status LocalStore::recover() {
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    const std::string marks = keys::all_doomed();
    for (cursor->seek(marks); !stopping_ && cursor->valid() && cursor->key().starts_with(marks); cursor->next()) {
        // One of this run is seen to twice, which does no harm.
        unlink(Dropped{{keys::number_in(cursor->key()), keys::number_in(cursor->key(), 8), 0}});
    }
    TRY(cursor->status());
    const std::string leases = keys::all_leases();
    for (cursor->seek(leases); !stopping_ && cursor->valid() && cursor->key().starts_with(leases); cursor->next()) {
        const uint64_t block = keys::number_in(cursor->key());
        if (block < names_->first_block()) recover_block(block);
    }
    return cursor->status();
}

void LocalStore::recover_block(uint64_t block) {
    const std::string directory = names_->directory_of_block(block);
    const Result<std::vector<std::string>> names = files_.list(directory);
    if (!names.ok()) {
        // Leased, and nothing written; or unreadable, and the next start looks again.
        if (names.error().code == ErrorCode::not_found) names_->erase_later(keys::lease(block));
        return;
    }
    bool clean = true;
    bool removed_some = false;
    for (const std::string& name : *names) {
        FileId file = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), file, 16);
        const bool ours = error == std::errc() && end == name.data() + name.size() && file / block_files == block;
        // A file without a reference that a reader has pinned lost it in this run, which has marked it.
        if (!ours || referenced(file) || !pins_.doom(file)) continue;
        const Status removed = files_.remove(directory + "/" + name);
        clean = clean && (removed.ok() || removed.error().code == ErrorCode::not_found);
        removed_some = true;
    }
    if (removed_some && sync_) clean = clean && files_.sync_directory(directory).ok();
    if (clean) names_->erase_later(keys::lease(block));
}

}  // namespace millrace::object
