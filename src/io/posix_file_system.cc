#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/io/file.h"

namespace millrace::io {
namespace {

Error error_at(std::string_view what, const std::string& path, int errno_value) {
    Error error = io_error(std::string(what) + " " + path, errno_value);
    if (errno_value == ENOENT) error.code = ErrorCode::not_found;
    if (errno_value == EEXIST) error.code = ErrorCode::already_exists;
    return error;
}

class PosixFile final : public File {
  public:
    PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    ~PosixFile() override { ::close(descriptor_); }

    Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
        size_t done = 0;
        while (done < size) {
            const ssize_t n = ::pread(descriptor_, out + done, size - done, static_cast<off_t>(offset + done));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return error_at("reading", path_, errno);
            if (n == 0) break;
            done += static_cast<size_t>(n);
        }
        return done;
    }

    Status write_at(uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return error_at("writing", path_, errno);
            offset += static_cast<uint64_t>(n);
            bytes.remove_prefix(static_cast<size_t>(n));
        }
        return {};
    }

    Status sync_data() override {
        // Not repeated on EINTR either: Linux does not interrupt it, and a second call after a failure lies.
        if (::fdatasync(descriptor_) != 0) return error_at("syncing", path_, errno);
        return {};
    }

    Status truncate(uint64_t size) override {
        if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return error_at("truncating", path_, errno);
        return {};
    }

    Status allocate(uint64_t offset, uint64_t size, bool keep_size) override {
        // fallocate, not posix_fallocate: glibc's writes zeroes one block at a time where the file system has none.
        int result;
        do {
            result = ::fallocate(descriptor_, keep_size ? FALLOC_FL_KEEP_SIZE : 0, static_cast<off_t>(offset),
                                 static_cast<off_t>(size));
        } while (result != 0 && errno == EINTR);
        if (result == 0) return {};
        Error error = error_at("allocating room in", path_, errno);
        if (errno == EOPNOTSUPP) error.code = ErrorCode::unsupported;
        return error;
    }

    Result<uint64_t> size() const override {
        struct stat info{};
        if (::fstat(descriptor_, &info) != 0) return error_at("looking at", path_, errno);
        return static_cast<uint64_t>(info.st_size);
    }

    int descriptor() const override { return descriptor_; }

  private:
    const int descriptor_;
    const std::string path_;
};

class PosixFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenOptions options) override {
        int flags = O_CLOEXEC;
        switch (options.mode) {
            case OpenMode::read:
                flags |= O_RDONLY;
                break;
            case OpenMode::read_write:
                flags |= O_RDWR;
                break;
            case OpenMode::create:
                flags |= O_RDWR | O_CREAT;
                break;
            case OpenMode::create_new:
                flags |= O_RDWR | O_CREAT | O_EXCL;
                break;
        }
        if (options.direct) flags |= O_DIRECT;
        const int descriptor = ::open(path.c_str(), flags, 0600);  // records and keys are nobody else's to read
        if (descriptor < 0) {
            const int said = errno;
            Error error = error_at("opening", path, said);
            if (said == EINVAL && options.direct) error.code = ErrorCode::unsupported;
            return error;
        }
        return std::unique_ptr<File>(std::make_unique<PosixFile>(descriptor, path));
    }

    Status rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return error_at("renaming", from, errno);
        return {};
    }

    Status remove(const std::string& path) override {
        if (::remove(path.c_str()) != 0) return error_at("removing", path, errno);
        return {};
    }

    Status make_directories(const std::string& path) override {
        for (size_t at = 1; at <= path.size(); ++at) {
            if (at != path.size() && path[at] != '/') continue;
            const std::string part = path.substr(0, at);
            if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return error_at("making", part, errno);
        }
        struct stat info{};
        if (::stat(path.c_str(), &info) != 0) return error_at("looking at", path, errno);
        if (!S_ISDIR(info.st_mode)) return error_at("making", path, ENOTDIR);
        return {};
    }

    Result<std::vector<std::string>> list(const std::string& path) override {
        DIR* directory = ::opendir(path.c_str());
        if (!directory) return error_at("listing", path, errno);
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* entry = ::readdir(directory)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        const int said = errno;
        ::closedir(directory);
        if (said != 0) return error_at("listing", path, said);
        std::sort(names.begin(), names.end());
        return names;
    }

    Status sync_directory(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return error_at("opening", path, errno);
        const int result = ::fsync(descriptor);
        const int said = errno;
        ::close(descriptor);
        if (result != 0) return error_at("syncing", path, said);
        return {};
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }
};

}  // namespace

FileSystem& posix_file_system() {
    static PosixFileSystem files;
    return files;
}

}  // namespace millrace::io
