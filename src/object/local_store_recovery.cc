// What the next start does about work that a crash cut off. Everything is found through the journal: the leases of the
// blocks in which a file may have been begun, and the marks of files to unlink. It runs beside normal work: files of
// this run lie in blocks leased by this run, and a mark's owner never comes back.
#include <charconv>

#include "src/io/file.h"
#include "src/object/local_store.h"

namespace millrace::object {

Status LocalStore::start_recovery() {
    std::vector<uint64_t> blocks;
    Dropped doomed;
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    const std::string leases = keys::all_leases();
    for (cursor->seek(leases); cursor->valid() && cursor->key().starts_with(leases); cursor->next()) {
        blocks.push_back(keys::number_in(cursor->key()));
    }
    TRY(cursor->status());
    const std::string marks = keys::all_doomed();
    for (cursor->seek(marks); cursor->valid() && cursor->key().starts_with(marks); cursor->next()) {
        doomed.push_back({keys::number_in(cursor->key()), keys::number_in(cursor->key(), 8), 0});
    }
    TRY(cursor->status());
    if (blocks.empty() && doomed.empty()) return {};
    recovery_ = std::thread([this, blocks = std::move(blocks), doomed = std::move(doomed)]() mutable {
        recover(std::move(blocks), std::move(doomed));
    });
    return {};
}

void LocalStore::recover(std::vector<uint64_t> blocks, Dropped doomed) {
    for (const FileExtent& extent : doomed) {
        if (stopping_) return;  // the journal is still there
        unlink(Dropped{extent});
    }
    for (const uint64_t block : blocks) {
        if (stopping_) return;
        recover_block(block);
    }
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
