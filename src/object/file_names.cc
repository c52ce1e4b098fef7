#include "src/object/file_names.h"

#include <cstdio>
#include <cstdlib>

#include "src/io/file.h"

namespace millrace::object {
namespace {

constexpr size_t removals_gathered = 256;

std::string hexadecimal(uint64_t number, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(number));
    return text;
}

}  // namespace

Result<std::unique_ptr<FileNames>> FileNames::open(std::string directory, table::KeyValueStore& metadata,
                                                   io::FileSystem& files, bool sync) {
    TRY_ASSIGN(const std::optional<std::string> stored, metadata.get(keys::next_block()));
    // Block 0 is never used: number 0 means "no file".
    uint64_t next_block = 1;
    if (stored) next_block = std::strtoull(stored->c_str(), nullptr, 16);
    if (next_block == 0) return {ErrorCode::corruption, "object metadata: the next block of file names is unreadable"};
    return std::unique_ptr<FileNames>(new FileNames(std::move(directory), metadata, files, sync, next_block));
}

Result<FileId> FileNames::take() {
    std::lock_guard lock(mutex_);
    if (current_ == 0 || blocks_[current_].given == block_files) {
        table::WriteBatch batch;
        batch.put(keys::lease(next_block_), "");
        batch.put(keys::next_block(), hexadecimal(next_block_ + 1, 1));
        for (std::string& key : erasures_) batch.erase(std::move(key));
        erasures_.clear();
        TRY(metadata_.write(batch));  // under the lock: others need the new block as well
        current_ = next_block_++;
        blocks_[current_] = {};
    }
    Block& block = blocks_[current_];
    ++block.in_doubt;
    return current_ * block_files + block.given++;
}

void FileNames::settle(FileId file) {
    std::lock_guard lock(mutex_);
    const auto found = blocks_.find(file / block_files);
    if (found == blocks_.end()) return;  // of an earlier run
    Block& block = found->second;
    MILLRACE_CHECK(block.in_doubt > 0);
    if (--block.in_doubt > 0 || block.given < block_files) return;
    erasures_.push_back(keys::lease(found->first));
    if (current_ == found->first) current_ = 0;
    blocks_.erase(found);
}

void FileNames::removed(FileId file, std::string mark) {
    std::vector<Removal> full;
    {
        std::lock_guard lock(mutex_);
        removals_.push_back({file, std::move(mark)});
        if (sync_ && removals_.size() < removals_gathered) return;
        full.swap(removals_);
    }
    sync_removals(std::move(full));
}

void FileNames::sync_removals(std::vector<Removal> removals) {
    std::map<uint64_t, bool> synced;  // by block
    for (Removal& removal : removals) {
        const auto [block, added] = synced.try_emplace(removal.file / block_files, true);
        if (added && sync_) {
            const Status status = files_.sync_directory(directory_of_block(block->first));
            block->second = status.ok() || status.error().code == ErrorCode::not_found;
        }
        if (!block->second) continue;  // stays in the journal: the next start looks at it
        if (removal.mark.empty()) {
            settle(removal.file);
        } else {
            erase_later(std::move(removal.mark));
        }
    }
}

std::string FileNames::directory_of_block(uint64_t block) const {
    return directory_ + "/" + hexadecimal(block / 1024, 4) + "/" + hexadecimal(block % 1024, 3);
}

std::string FileNames::directory_of(FileId file) const {
    return directory_of_block(file / block_files);
}

std::string FileNames::path(FileId file) const {
    return directory_of(file) + "/" + hexadecimal(file, 12);
}

Status FileNames::ensure_directory(FileId file) {
    const uint64_t block = file / block_files;
    std::lock_guard lock(directories_mutex_);
    if (made_.contains(block)) return {};
    const std::string leaf = directory_of_block(block);
    const std::string parent = leaf.substr(0, leaf.rfind('/'));
    TRY(files_.make_directories(leaf));
    TRY(files_.sync_directory(parent));
    TRY(files_.sync_directory(directory_));
    made_.insert(block);
    return {};
}

void FileNames::ride_along(table::WriteBatch& batch) {
    std::lock_guard lock(mutex_);
    for (std::string& key : erasures_) batch.erase(std::move(key));
    erasures_.clear();
}

void FileNames::erase_later(std::string key) {
    std::lock_guard lock(mutex_);
    erasures_.push_back(std::move(key));
}

void FileNames::end_leases() {
    std::vector<Removal> removals;
    {
        std::lock_guard lock(mutex_);
        removals.swap(removals_);
    }
    sync_removals(std::move(removals));
    table::WriteBatch batch;
    {
        std::lock_guard lock(mutex_);
        for (std::string& key : erasures_) batch.erase(std::move(key));
        erasures_.clear();
        for (auto it = blocks_.begin(); it != blocks_.end();) {
            if (it->second.in_doubt > 0) {
                ++it;
                continue;
            }
            batch.erase(keys::lease(it->first));
            if (it->first == current_) current_ = 0;
            it = blocks_.erase(it);
        }
    }
    // A failure leaves leases, which the next start looks at and ends.
    if (!batch.empty()) static_cast<void>(metadata_.write(batch).ok());
}

}  // namespace millrace::object
