#include "src/io/faulty_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

namespace millrace::io {
namespace {

constexpr size_t sector_bytes = 512;
constexpr size_t direct_alignment = 4096;

std::string parent_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void overwrite(std::string* content, uint64_t offset, std::string_view bytes) {
    if (content->size() < offset + bytes.size()) content->resize(offset + bytes.size());
    std::memcpy(content->data() + offset, bytes.data(), bytes.size());
}

}  // namespace

struct FaultyFileSystem::Inode {
    struct Change {
        uint64_t offset = 0;
        std::string bytes;
        std::optional<uint64_t> truncate_to;
    };
    std::string now;
    std::string durable;
    std::vector<Change> unsynced;

    void apply(std::string* content, const Change& change) const {
        if (change.truncate_to) {
            content->resize(*change.truncate_to);
        } else {
            overwrite(content, change.offset, change.bytes);
        }
    }
};

struct FaultyFileSystem::State {
    mutable std::mutex mutex;
    std::map<std::string, std::shared_ptr<Inode>> names;
    std::map<std::string, std::shared_ptr<Inode>> durable_names;
    std::map<std::string, bool> directories;
    uint64_t generation = 0;
    uint64_t fail_write_in = 0;
    int fail_write_errno = 0;
    size_t fail_write_keeps = 0;
    uint64_t fail_sync_in = 0;
    std::optional<uint64_t> operations_left;
    uint64_t capacity = UINT64_MAX;
    bool direct_refused = false;
    std::function<void()> before_sync;
    uint64_t syncs = 0;

    // Counts one change; an error once the power is off.
    Status step() {
        if (!operations_left) return {};
        if (*operations_left == 0) return Error{ErrorCode::io, "the power is off"};
        --*operations_left;
        return {};
    }
    uint64_t used() const {
        uint64_t bytes = 0;
        for (const auto& [name, inode] : names) bytes += inode->now.size();
        return bytes;
    }
    void clear_faults() {
        fail_write_in = fail_sync_in = 0;
        operations_left.reset();
        before_sync = nullptr;
    }
};

class FaultyFileSystem::MemoryFile final : public File {
  public:
    MemoryFile(std::shared_ptr<State> state, std::shared_ptr<Inode> inode, bool direct)
        : state_(std::move(state)), inode_(std::move(inode)), generation_(state_->generation), direct_(direct) {}

    Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        if (direct_) TRY(aligned(offset, out, size));
        const std::string& content = inode_->now;
        if (offset >= content.size()) return size_t{0};
        const size_t count = std::min<uint64_t>(size, content.size() - offset);
        std::memcpy(out, content.data() + offset, count);
        return count;
    }

    Status write_at(uint64_t offset, std::string_view bytes) override {
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        TRY(state_->step());
        if (direct_) TRY(aligned(offset, bytes.data(), bytes.size()));
        if (state_->fail_write_in != 0 && --state_->fail_write_in == 0) {
            change({offset, std::string(bytes.substr(0, state_->fail_write_keeps)), {}});
            return io_error("writing (injected)", state_->fail_write_errno);
        }
        const uint64_t end = offset + bytes.size();
        if (end > inode_->now.size() && state_->used() + (end - inode_->now.size()) > state_->capacity) {
            return io_error("writing (injected)", ENOSPC);
        }
        change({offset, std::string(bytes), {}});
        return {};
    }

    Status sync_data() override {
        std::function<void()> hook;
        {
            std::lock_guard lock(state_->mutex);
            hook = state_->before_sync;
        }
        if (hook) hook();
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        TRY(state_->step());
        ++state_->syncs;
        if (state_->fail_sync_in != 0 && --state_->fail_sync_in == 0) {
            inode_->unsynced.clear();
            return io_error("syncing (injected)", EIO);
        }
        for (const auto& one : inode_->unsynced) inode_->apply(&inode_->durable, one);
        inode_->unsynced.clear();
        return {};
    }

    Status truncate(uint64_t size) override {
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        TRY(state_->step());
        change({0, {}, size});
        return {};
    }

    Status allocate(uint64_t offset, uint64_t size, bool keep_size) override {
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        TRY(state_->step());
        const uint64_t end = offset + size;
        if (end <= inode_->now.size()) return {};
        if (state_->used() + (end - inode_->now.size()) > state_->capacity) return io_error("allocating", ENOSPC);
        if (!keep_size) change({0, {}, end});
        return {};
    }

    Result<uint64_t> size() const override {
        std::lock_guard lock(state_->mutex);
        TRY(alive());
        return static_cast<uint64_t>(inode_->now.size());
    }

    int descriptor() const override { return -1; }

  private:
    Status alive() const {
        if (generation_ != state_->generation) return Error{ErrorCode::io, "opened before the crash"};
        return {};
    }
    static Status aligned(uint64_t offset, const char* buffer, size_t size) {
        const auto address = reinterpret_cast<uintptr_t>(buffer);
        if (offset % direct_alignment || size % direct_alignment || address % direct_alignment) {
            return io_error("unaligned direct access", EINVAL);
        }
        return {};
    }
    void change(Inode::Change one) {
        inode_->apply(&inode_->now, one);
        inode_->unsynced.push_back(std::move(one));
    }

    std::shared_ptr<State> state_;
    std::shared_ptr<Inode> inode_;
    const uint64_t generation_;
    const bool direct_;
};

FaultyFileSystem::FaultyFileSystem() : state_(std::make_shared<State>()) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::fail_write(uint64_t nth, int errno_value, size_t bytes_kept) {
    std::lock_guard lock(state_->mutex);
    state_->fail_write_in = nth;
    state_->fail_write_errno = errno_value;
    state_->fail_write_keeps = bytes_kept;
}
void FaultyFileSystem::fail_sync(uint64_t nth) {
    std::lock_guard lock(state_->mutex);
    state_->fail_sync_in = nth;
}
void FaultyFileSystem::power_off_after(uint64_t operations) {
    std::lock_guard lock(state_->mutex);
    state_->operations_left = operations;
}
void FaultyFileSystem::set_capacity(uint64_t bytes) {
    std::lock_guard lock(state_->mutex);
    state_->capacity = bytes;
}
void FaultyFileSystem::refuse_direct() {
    std::lock_guard lock(state_->mutex);
    state_->direct_refused = true;
}
void FaultyFileSystem::set_before_sync(std::function<void()> hook) {
    std::lock_guard lock(state_->mutex);
    state_->before_sync = std::move(hook);
}

void FaultyFileSystem::crash(uint64_t seed) {
    std::lock_guard lock(state_->mutex);
    std::mt19937_64 random(seed);
    ++state_->generation;
    state_->clear_faults();
    // Names: a folder's unsynced changes all reach the disk, or none (a journal commits them in order).
    std::map<std::string, bool> folder_kept;
    const auto kept = [&](const std::string& path) {
        const auto [at, fresh] = folder_kept.try_emplace(parent_of(path), false);
        if (fresh) at->second = random() % 2 == 0;
        return at->second;
    };
    std::map<std::string, std::shared_ptr<Inode>> survivors;
    for (const auto& [path, inode] : state_->durable_names) {
        if (!kept(path)) survivors[path] = inode;
    }
    for (const auto& [path, inode] : state_->names) {
        if (kept(path)) survivors[path] = inode;
    }
    state_->names = state_->durable_names = std::move(survivors);
    for (const auto& [path, inode] : state_->names) {
        for (const auto& change : inode->unsynced) {
            const auto fate = random() % 3;
            if (fate == 0) continue;
            if (fate == 1 || change.truncate_to) {
                inode->apply(&inode->durable, change);
                continue;
            }
            for (size_t at = 0; at < change.bytes.size();) {
                const uint64_t offset = change.offset + at;
                const size_t count = std::min(change.bytes.size() - at, sector_bytes - offset % sector_bytes);
                if (random() % 2) overwrite(&inode->durable, offset, std::string_view(change.bytes).substr(at, count));
                at += count;
            }
        }
        inode->unsynced.clear();
        inode->now = inode->durable;
    }
}

void FaultyFileSystem::kill_process() {
    std::lock_guard lock(state_->mutex);
    ++state_->generation;
    state_->clear_faults();
}

void FaultyFileSystem::flip_bit(const std::string& path, uint64_t bit) {
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(path);
    MILLRACE_CHECK(found != state_->names.end());
    for (std::string* content : {&found->second->now, &found->second->durable}) {
        if (bit / 8 < content->size()) (*content)[bit / 8] = static_cast<char>((*content)[bit / 8] ^ (1 << bit % 8));
    }
}

Result<std::string> FaultyFileSystem::content(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(path);
    if (found == state_->names.end()) return {ErrorCode::not_found, path};
    return found->second->now;
}

void FaultyFileSystem::put(const std::string& path, std::string bytes) {
    std::lock_guard lock(state_->mutex);
    auto inode = std::make_shared<Inode>();
    inode->now = inode->durable = std::move(bytes);
    state_->names[path] = state_->durable_names[path] = inode;
}

uint64_t FaultyFileSystem::sync_count() const {
    std::lock_guard lock(state_->mutex);
    return state_->syncs;
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, OpenOptions options) {
    std::lock_guard lock(state_->mutex);
    if (options.direct && state_->direct_refused) return {ErrorCode::unsupported, path + ": no direct access"};
    auto found = state_->names.find(path);
    const bool present = found != state_->names.end();
    const bool creates = options.mode == OpenMode::create || options.mode == OpenMode::create_new;
    if (present && options.mode == OpenMode::create_new) return {ErrorCode::already_exists, path};
    if (!present) {
        if (!creates) return {ErrorCode::not_found, path};
        TRY(state_->step());
        found = state_->names.emplace(path, std::make_shared<Inode>()).first;
    }
    return std::unique_ptr<File>(std::make_unique<MemoryFile>(state_, found->second, options.direct));
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
    std::lock_guard lock(state_->mutex);
    TRY(state_->step());
    const auto found = state_->names.find(from);
    if (found == state_->names.end()) return Error{ErrorCode::not_found, from};
    auto inode = found->second;
    state_->names.erase(found);
    state_->names[to] = std::move(inode);
    return {};
}

Status FaultyFileSystem::remove(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    TRY(state_->step());
    if (state_->names.erase(path) == 0) return Error{ErrorCode::not_found, path};
    return {};
}

Status FaultyFileSystem::make_directories(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    for (std::string part = path; !part.empty() && part != "/" && part != "."; part = parent_of(part)) {
        state_->directories[part] = true;
    }
    return {};
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, inode] : state_->names) {
        if (parent_of(name) == path) names.push_back(name.substr(path.size() + 1));
    }
    for (const auto& [name, present] : state_->directories) {
        if (parent_of(name) == path) names.push_back(name.substr(path.size() + 1));
    }
    if (names.empty() && !state_->directories.contains(path)) return {ErrorCode::not_found, path};
    std::sort(names.begin(), names.end());
    return names;
}

Status FaultyFileSystem::sync_directory(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    TRY(state_->step());
    std::erase_if(state_->durable_names, [&](const auto& one) { return parent_of(one.first) == path; });
    for (const auto& [name, inode] : state_->names) {
        if (parent_of(name) == path) state_->durable_names[name] = inode;
    }
    return {};
}

bool FaultyFileSystem::exists(const std::string& path) {
    std::lock_guard lock(state_->mutex);
    return state_->names.contains(path) || state_->directories.contains(path);
}

}  // namespace millrace::io
