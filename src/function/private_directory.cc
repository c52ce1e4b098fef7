#include "src/function/private_directory.h"

#include <cerrno>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace::function {
namespace {

// The names in a directory; false where it can not be read. Takes the descriptor.
bool names_in(int descriptor, std::vector<std::string>* out) {
    DIR* directory = ::fdopendir(descriptor);
    if (directory == nullptr) {
        ::close(descriptor);
        return false;
    }
    while (const dirent* entry = ::readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") out->emplace_back(name);
    }
    ::closedir(directory);
    return true;
}

int open_directory(int at, const char* name) {
    return ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool same(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Goes down and up again with one folder open at a time.
class Remover {
  public:
    explicit Remover(int top) : at_(top) { enter(""); }
    ~Remover() { ::close(at_); }

    void run() {
        while (!above_.back().folders.empty() || above_.size() > 1) {
            if (above_.back().folders.empty()) {
                if (!leave()) return;
                continue;
            }
            const std::string name = std::move(above_.back().folders.back());
            above_.back().folders.pop_back();
            ::fchmodat(at_, name.c_str(), 0700, 0);  // where we are not root, its owner may have locked us out
            const int folder = open_directory(at_, name.c_str());
            if (folder < 0) continue;
            ::close(at_);
            at_ = folder;
            enter(name);
        }
    }

  private:
    struct Level {
        std::string name;
        struct stat identity{};
        std::vector<std::string> folders;  // still to be removed
    };

    void enter(std::string name) {
        Level level{std::move(name), {}, {}};
        ::fstat(at_, &level.identity);
        std::vector<std::string> names;
        names_in(::fcntl(at_, F_DUPFD_CLOEXEC, 0), &names);
        for (std::string& each : names) {
            if (::unlinkat(at_, each.c_str(), 0) == 0) continue;
            if (::unlinkat(at_, each.c_str(), AT_REMOVEDIR) != 0) level.folders.push_back(std::move(each));
        }
        above_.push_back(std::move(level));
    }

    // False where the folder above is another than the one that we came from.
    bool leave() {
        const int parent = open_directory(at_, "..");
        if (parent < 0) return false;
        ::close(at_);
        at_ = parent;
        const std::string name = std::move(above_.back().name);
        above_.pop_back();
        struct stat found{};
        if (::fstat(at_, &found) != 0 || !same(found, above_.back().identity)) return false;
        ::unlinkat(at_, name.c_str(), AT_REMOVEDIR);
        return true;
    }

    int at_;
    std::vector<Level> above_;
};

}  // namespace

Result<std::string> make_private_directory(const std::string& parent, uint32_t slot, int64_t uid) {
    const std::string folder = parent + "/private";
    if (::mkdir(folder.c_str(), 0711) != 0 && errno != EEXIST) return io_error(folder, errno);
    const std::string path = folder + '/' + std::to_string(slot);
    remove_private_directory(path);
    if (::mkdir(path.c_str(), 0700) != 0) return io_error(path, errno);
    if (uid >= 0 && ::chown(path.c_str(), static_cast<uid_t>(uid), static_cast<gid_t>(uid)) != 0) {
        return io_error(path, errno);
    }
    return path;
}

void remove_private_directory(const std::string& path) {
    ::fchmodat(AT_FDCWD, path.c_str(), 0700, 0);
    const int top = open_directory(AT_FDCWD, path.c_str());
    if (top < 0) return;
    Remover(top).run();
    ::rmdir(path.c_str());  // what can not be removed is in the way of the next of this slot, which says so
}

}  // namespace millrace::function
