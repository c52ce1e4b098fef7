#include "src/function/package.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/function/unzip.h"
#include "src/io/file.h"

namespace millrace::function {
namespace {

namespace fs = std::filesystem;

constexpr size_t digest_bytes = 32;

Result<std::string> hex_of(const std::string& sha256) {
    std::string raw;
    if (!base64_decode(sha256, &raw) || raw.size() != digest_bytes) {
        return {ErrorCode::not_found, "no package is called " + sha256};
    }
    return hex_encode(raw);
}

bool is_directory(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void remove_tree(const std::string& path) {
    std::error_code ignored;  // the next start tries again
    fs::remove_all(path, ignored);
}

// Later over earlier: a name that is there already is replaced, folders are joined.
Status lay_over(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to, error);
    for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
        const fs::path target = to / entry.path().filename();
        if (entry.is_directory() && !entry.is_symlink()) {
            if (fs::is_symlink(target) || (fs::exists(target) && !fs::is_directory(target))) fs::remove(target, error);
            TRY(lay_over(entry.path(), target));
            continue;
        }
        fs::remove_all(target, error);
        if (entry.is_symlink()) {
            fs::copy_symlink(entry.path(), target, error);
        } else {
            fs::create_hard_link(entry.path(), target, error);
        }
        if (error) return {ErrorCode::io, "merging layers: " + target.string() + ": " + error.message()};
    }
    if (error) return {ErrorCode::io, "merging layers: " + from.string() + ": " + error.message()};
    return {};
}

class Store final : public PackageStore {
  public:
    Store(std::string directory, PackageLimits limits) : directory_(std::move(directory)), limits_(limits) {}

    Status open() {
        remove_tree(directory_ + "/unpacking");
        for (const char* folder : {"", "/zip", "/tree", "/merged", "/unpacking"}) {
            TRY(files_.make_directories(directory_ + folder));
            ::chmod((directory_ + folder).c_str(), 0711);  // whoever knows a name may read what it names
        }
        return {};
    }

    Result<StoredPackage> put(std::string_view zip) override {
        const std::string digest = sha256(zip);
        const std::string hex = hex_encode(digest);
        StoredPackage stored{base64_encode(digest), zip.size(), 0};
        std::lock_guard lock(mutex_);
        const std::string kept = directory_ + "/zip/" + hex;
        if (files_.exists(kept) && is_directory(tree(hex))) {
            ::utimensat(AT_FDCWD, kept.c_str(), nullptr, 0);  // collect() sees it as new
            TRY_ASSIGN(stored.unpacked_bytes, check_zip(zip, limits_));
            return stored;
        }
        TRY_ASSIGN(stored.unpacked_bytes, unpack(zip, hex));
        TRY(io::write_file_atomically(files_, kept, zip));
        return stored;
    }

    Result<std::string> directory(const std::string& sha256) override {
        TRY_ASSIGN(const std::string hex, hex_of(sha256));
        std::lock_guard lock(mutex_);
        if (is_directory(tree(hex))) return tree(hex);
        const std::string kept = directory_ + "/zip/" + hex;
        if (!files_.exists(kept)) return {ErrorCode::not_found, "no package is called " + sha256};
        TRY_ASSIGN(const std::string zip, io::read_file(files_, kept));
        if (hex_encode(millrace::sha256(zip)) != hex) {
            return {ErrorCode::corruption, kept + " is not what it was: upload the package again"};
        }
        TRY(unpack(zip, hex));
        return tree(hex);
    }

    Result<std::string> zip_file(const std::string& sha256) override {
        TRY_ASSIGN(const std::string hex, hex_of(sha256));
        std::string kept = directory_ + "/zip/" + hex;
        if (!files_.exists(kept)) return {ErrorCode::not_found, "no package is called " + sha256};
        return kept;
    }

    Result<std::string> merge(const std::vector<std::string>& sha256s) override {
        if (sha256s.empty()) return std::string();
        if (sha256s.size() == 1) return directory(sha256s[0]);
        std::string names;
        std::vector<std::string> directories;
        for (const std::string& sha256 : sha256s) {
            TRY_ASSIGN(std::string each, directory(sha256));
            names += sha256 + '\n';
            directories.push_back(std::move(each));
        }
        std::lock_guard lock(mutex_);
        const std::string hex = hex_encode(sha256(names));
        const std::string merged = directory_ + "/merged/" + hex;
        if (is_directory(merged)) return merged;
        const std::string making = directory_ + "/unpacking/" + hex;
        remove_tree(making);
        for (const std::string& each : directories) TRY(lay_over(each, making));
        TRY(files_.rename(making, merged));
        return merged;
    }

    Result<size_t> collect(const std::set<std::string>& in_use, uint64_t keep_ms) override {
        std::set<std::string> kept;
        for (const std::string& sha256 : in_use) {
            Result<std::string> hex = hex_of(sha256);
            if (hex.ok()) kept.insert(*hex);
        }
        std::lock_guard lock(mutex_);
        size_t removed = 0;
        TRY_ASSIGN(const std::vector<std::string> zips, files_.list(directory_ + "/zip"));
        for (const std::string& hex : zips) {
            const std::string path = directory_ + "/zip/" + hex;
            if (kept.count(hex) > 0 || is_younger(path, keep_ms)) continue;
            TRY(files_.remove(path));
            remove_tree(tree(hex));
            ++removed;
        }
        // Merged layers hold hard links only: made again when they are asked for.
        TRY_ASSIGN(const std::vector<std::string> merged, files_.list(directory_ + "/merged"));
        for (const std::string& name : merged) {
            const std::string path = directory_ + "/merged/" + name;
            if (removed > 0 && !is_younger(path, keep_ms)) remove_tree(path);
        }
        return removed;
    }

  private:
    std::string tree(const std::string& hex) const { return directory_ + "/tree/" + hex; }

    static bool is_younger(const std::string& path, uint64_t ms) {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return false;
        using std::chrono::system_clock;
        const auto age = system_clock::now() - system_clock::from_time_t(status.st_mtim.tv_sec);
        return age < std::chrono::milliseconds(ms);
    }

    Result<uint64_t> unpack(std::string_view zip, const std::string& hex) {
        const std::string making = directory_ + "/unpacking/" + hex;
        remove_tree(making);
        Result<uint64_t> bytes = unzip(zip, making, limits_);
        Status moved = bytes.ok() ? files_.rename(making, tree(hex)) : Status();
        if (moved.ok() && bytes.ok()) moved = files_.sync_directory(directory_ + "/tree");
        if (!bytes.ok() || !moved.ok()) {
            remove_tree(making);
            return bytes.ok() ? Result<uint64_t>(moved.error()) : bytes;
        }
        return bytes;
    }

    const std::string directory_;
    const PackageLimits limits_;
    io::FileSystem& files_ = io::posix_file_system();
    std::mutex mutex_;  // one package is unpacked at a time
};

}  // namespace

Result<std::unique_ptr<PackageStore>> PackageStore::open(std::string directory, PackageLimits limits) {
    auto store = std::make_unique<Store>(std::move(directory), limits);
    TRY(store->open());
    return std::unique_ptr<PackageStore>(std::move(store));
}

}  // namespace millrace::function
