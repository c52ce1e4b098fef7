// A file system in memory that fails on demand and forgets, on crash(), what was never synced: how tests say "the
// power went" in one line. Kept in the library, not in a test, because every engine that keeps bytes tests with it.
//
// What a crash keeps: bytes covered by a sync_data() since they were written; names covered by a sync_directory() of
// their folder. Of everything later, each write survives, is lost, or is torn between 512-byte sectors, and each name
// change survives or not, as `seed` decides: stricter than ext4 on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/io/file.h"

namespace millrace::io {

class FaultyFileSystem final : public FileSystem {
  public:
    FaultyFileSystem();
    ~FaultyFileSystem() override;

    // --- faults; any thread, in force at once ---

    // The n-th write_at from now (1: the next) fails with `errno_value`, having written the first `bytes_kept` bytes.
    void fail_write(uint64_t nth, int errno_value, size_t bytes_kept = 0);
    // The n-th sync_data from now fails with EIO; like Linux, it forgets the dirty bytes: they are gone after a crash.
    void fail_sync(uint64_t nth);
    // After `operations` more changes (writes, syncs, renames, removals...) nothing works any more, until crash().
    void power_off_after(uint64_t operations);
    // Over this many bytes of files, writes and allocations say ENOSPC.
    void set_capacity(uint64_t bytes);
    // O_DIRECT is refused from now on, as tmpfs did for long.
    void refuse_direct();
    // Runs before each sync_data takes effect, outside the lock; to hold a sync back.
    void set_before_sync(std::function<void()> hook);

    // The power goes and comes back: see above. Files opened before answer io errors for ever; faults are cleared.
    void crash(uint64_t seed);
    // The process is killed, the machine goes on: nothing written is lost. Files opened before answer io errors.
    void kill_process();
    // Media decay: one bit of the file, also of what is durable.
    void flip_bit(const std::string& path, uint64_t bit);

    // The content now; not_found where absent.
    Result<std::string> content(const std::string& path);
    // Puts a file there, durably.
    void put(const std::string& path, std::string bytes);
    uint64_t sync_count() const;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenOptions options) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status make_directories(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;
    Status sync_directory(const std::string& path) override;
    bool exists(const std::string& path) override;

  private:
    struct Inode;
    struct State;
    class MemoryFile;
    std::shared_ptr<State> state_;
};

}  // namespace millrace::io
