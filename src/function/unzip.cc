#include "src/function/unzip.h"

#include <cerrno>
#include <memory>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace millrace::function {
namespace {

constexpr size_t name_bytes_max = 1024;
constexpr size_t block_bytes = 64 * 1024;

struct Close {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Close>;

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return value_; }

  private:
    int value_;
};

// libarchive knows letters beyond ASCII by the thread's locale, which is "C" unless somebody has set another: in that
// one it loses the names that have them.
class Utf8Names {
  public:
    Utf8Names() : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (utf8_ != nullptr) before_ = ::uselocale(utf8_);
    }
    ~Utf8Names() {
        if (utf8_ == nullptr) return;
        ::uselocale(before_);
        ::freelocale(utf8_);
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;

  private:
    const locale_t utf8_;
    locale_t before_ = nullptr;
};

Error bad_zip(const std::string& why) {
    return {ErrorCode::invalid_argument,
            "Could not unzip uploaded file. Please check your file, then try to upload again. (" + why + ")"};
}

Error too_large(const PackageLimits& limits) {
    return {ErrorCode::resource_exhausted,
            "Unzipped size must be smaller than " + std::to_string(limits.unpacked_bytes_max) + " bytes"};
}

// The name's folders and file, without "." and empty ones.
Result<std::vector<std::string>> parts_of(std::string_view name, const PackageLimits& limits) {
    if (name.empty() || name.size() > name_bytes_max) return bad_zip("an entry's name is empty or too long");
    if (name.front() == '/' || name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos) {
        return bad_zip("the name " + std::string(name) + " is absolute or has a backslash");
    }
    std::vector<std::string> parts;
    while (!name.empty()) {
        const size_t end = std::min(name.find('/'), name.size());
        const std::string_view part = name.substr(0, end);
        name.remove_prefix(std::min(end + 1, name.size()));
        if (part == "..") return bad_zip("a name leads out of the package");
        if (part.size() > 255) return bad_zip("an entry's name is too long");
        if (!part.empty() && part != ".") parts.emplace_back(part);
    }
    if (parts.size() > limits.depth_max) return bad_zip("folders are nested too deeply");
    return parts;
}

// A link's target, seen from its folder (which is reached without links, `depth` below the root). ".." may only come
// first: behind another link it would not mean what it says.
bool stays_inside(std::string_view target, size_t depth) {
    if (target.empty() || target.front() == '/' || target.size() > name_bytes_max) return false;
    bool named = false;
    while (!target.empty()) {
        const size_t end = std::min(target.find('/'), target.size());
        const std::string_view part = target.substr(0, end);
        target.remove_prefix(std::min(end + 1, target.size()));
        if (part == "..") {
            if (named || depth == 0) return false;
            --depth;
        } else if (!part.empty() && part != ".") {
            named = true;
        }
    }
    return true;
}

int open_beneath(int root, const std::string& path, uint64_t flags, uint64_t mode) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

struct Link {
    std::vector<std::string> parts;
    std::string target;
};

class Unpacker {
  public:
    Unpacker(std::string_view zip, int root, const PackageLimits& limits) : zip_(zip), root_(root), limits_(limits) {}

    Result<uint64_t> run() {
        const Utf8Names names;
        Reader reader(archive_read_new());
        archive_read_support_format_zip_seekable(reader.get());
        if (archive_read_open_memory(reader.get(), zip_.data(), zip_.size()) != ARCHIVE_OK) {
            return bad_zip("it is not a zip file");
        }
        uint64_t entries = 0;
        for (;;) {
            archive_entry* entry = nullptr;
            const int status = archive_read_next_header(reader.get(), &entry);
            if (status == ARCHIVE_EOF) break;
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return bad_zip(why(reader.get()));
            if (++entries > limits_.entries_max) {
                return Error{ErrorCode::resource_exhausted,
                             "The package has more than " + std::to_string(limits_.entries_max) + " entries"};
            }
            TRY(take(reader.get(), entry));
        }
        for (const Link& link : links_) TRY(make_link(link));
        return bytes_;
    }

  private:
    static std::string why(archive* reader) {
        const char* text = archive_error_string(reader);
        return text != nullptr ? text : "it is damaged";
    }

    Status take(archive* reader, archive_entry* entry) {
        const char* name = archive_entry_pathname_utf8(entry);
        if (name == nullptr) name = archive_entry_pathname(entry);
        if (name == nullptr) return bad_zip("an entry has no name");
        TRY_ASSIGN(std::vector<std::string> parts, parts_of(name, limits_));
        if (archive_entry_is_encrypted(entry) != 0) return bad_zip("it is encrypted");
        const mode_t type = archive_entry_filetype(entry);
        if (type == AE_IFDIR) return make_folders(parts, parts.size());
        if (parts.empty()) return bad_zip("an entry has no name");
        if (archive_entry_hardlink(entry) != nullptr) return bad_zip(std::string(name) + " is a hard link");
        if (type == AE_IFLNK) {
            const char* target = archive_entry_symlink(entry);
            if (target == nullptr || !stays_inside(target, parts.size() - 1)) {
                return bad_zip("the link " + std::string(name) + " leads out of the package");
            }
            links_.push_back({std::move(parts), target});
            return {};
        }
        if (type != AE_IFREG && type != 0) return bad_zip(std::string(name) + " is neither a file nor a folder");
        TRY(make_folders(parts, parts.size() - 1));
        return write(reader, entry, parts);
    }

    static std::string join(const std::vector<std::string>& parts, size_t count) {
        std::string path;
        for (size_t i = 0; i < count; ++i) path += (i > 0 ? "/" : "") + parts[i];
        return path;
    }

    Status make_folders(const std::vector<std::string>& parts, size_t count) {
        if (root_ < 0 || count == 0) return {};
        const std::string path = join(parts, count);
        if (path == last_folder_) return {};
        for (size_t i = 1; i <= count; ++i) {
            const std::string folder = join(parts, i);
            // Nothing is a link yet (those are made last), so mkdirat stays where the checked name says.
            if (::mkdirat(root_, folder.c_str(), 0755) != 0 && errno != EEXIST) return io_error(folder, errno);
        }
        const Descriptor opened(open_beneath(root_, path, O_RDONLY | O_DIRECTORY, 0));
        if (opened.get() < 0) return bad_zip(path + " is a file and a folder");
        last_folder_ = path;
        return {};
    }

    Status write(archive* reader, archive_entry* entry, const std::vector<std::string>& parts) {
        const std::string path = join(parts, parts.size());
        const uint64_t mode = (archive_entry_perm(entry) & 0111) != 0 ? 0755 : 0644;
        Descriptor file(root_ < 0 ? -1 : open_beneath(root_, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode));
        if (root_ >= 0 && file.get() < 0) {
            return errno == EISDIR ? Status(bad_zip(path + " is a file and a folder")) : io_error(path, errno);
        }
        char block[block_bytes];
        for (;;) {
            const la_ssize_t got = archive_read_data(reader, block, sizeof block);
            if (got == 0) break;
            if (got < 0) return bad_zip(path + ": " + why(reader));
            bytes_ += static_cast<uint64_t>(got);
            if (bytes_ > limits_.unpacked_bytes_max) return too_large(limits_);
            if (bytes_ > limits_.ratio_free_bytes && bytes_ / limits_.ratio_max > zip_.size()) {
                return bad_zip("it unpacks to more than " + std::to_string(limits_.ratio_max) + " times its size");
            }
            if (root_ >= 0 && ::write(file.get(), block, static_cast<size_t>(got)) != got) return io_error(path, errno);
        }
        if (root_ < 0) return {};
        ::fchmod(file.get(), static_cast<mode_t>(mode));  // whatever the umask says
        if (archive_entry_mtime_is_set(entry) != 0) {     // Python's bytecode holds for the time of its source
            const timespec times[2] = {{0, UTIME_OMIT}, {archive_entry_mtime(entry), 0}};
            ::futimens(file.get(), times);
        }
        return {};
    }

    Status make_link(const Link& link) {
        if (root_ < 0) return {};
        TRY(make_folders_beneath(link.parts));
        const std::string folder = join(link.parts, link.parts.size() - 1);
        const Descriptor opened(open_beneath(root_, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, 0));
        if (opened.get() < 0) return bad_zip("a link lies below a link");
        if (::symlinkat(link.target.c_str(), opened.get(), link.parts.back().c_str()) != 0) {
            return errno == EEXIST ? Status(bad_zip(link.parts.back() + " is there twice")) : io_error("a link", errno);
        }
        return {};
    }

    // As make_folders(), now that there may be links on the way.
    Status make_folders_beneath(const std::vector<std::string>& parts) {
        for (size_t i = 1; i < parts.size(); ++i) {
            const std::string above = join(parts, i - 1);
            const Descriptor opened(open_beneath(root_, above.empty() ? "." : above, O_RDONLY | O_DIRECTORY, 0));
            if (opened.get() < 0) return bad_zip("a link lies below a link");
            if (::mkdirat(opened.get(), parts[i - 1].c_str(), 0755) != 0 && errno != EEXIST) {
                return io_error(above, errno);
            }
        }
        return {};
    }

    const std::string_view zip_;
    const int root_;  // -1: nothing is written
    const PackageLimits& limits_;
    uint64_t bytes_ = 0;
    std::string last_folder_;
    std::vector<Link> links_;
};

}  // namespace

Result<uint64_t> unzip(std::string_view zip, const std::string& directory, const PackageLimits& limits) {
    if (::mkdir(directory.c_str(), 0755) != 0) return io_error(directory, errno);
    ::chmod(directory.c_str(), 0755);
    const Descriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.get() < 0) return io_error(directory, errno);
    TRY_ASSIGN(const uint64_t bytes, Unpacker(zip, root.get(), limits).run());
    // One syncfs costs less than an fsync for each of thousands of files.
    if (::syncfs(root.get()) != 0) return io_error(directory, errno);
    return bytes;
}

Result<uint64_t> check_zip(std::string_view zip, const PackageLimits& limits) {
    return Unpacker(zip, -1, limits).run();
}

}  // namespace millrace::function
