#include "src/cli/data_directory.h"

#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/io/file.h"

namespace millrace::cli {
namespace {

constexpr auto lock_wait_max = std::chrono::seconds(5);
constexpr auto lock_wait = std::chrono::milliseconds(5);

std::string owner_of(int lock) {
    char owner[32] = {};
    return ::pread(lock, owner, sizeof owner - 1, 0) > 0 ? owner : "";
}

bool is_gone(const std::string& owner) {
    const int process = std::atoi(owner.c_str());
    return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

// A child that a killed server was just starting holds the lock until it runs a program of its own: what is left of a
// server that is gone is waited for. errno where it can not be had.
bool lock_exclusively(int lock) {
    const auto end = std::chrono::steady_clock::now() + lock_wait_max;
    while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return false;
        if (!is_gone(owner_of(lock)) || std::chrono::steady_clock::now() > end) {
            errno = EWOULDBLOCK;
            return false;
        }
        std::this_thread::sleep_for(lock_wait);
    }
    return true;
}

}  // namespace

Result<std::unique_ptr<DataDirectory>> DataDirectory::take(const std::string& path) {
    TRY(io::posix_file_system().make_directories(path));
    char absolute[PATH_MAX];
    if (::realpath(path.c_str(), absolute) == nullptr) return io_error(path, errno);
    const std::string lock_path = std::string(absolute) + "/lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return io_error(lock_path, errno);
    auto directory = std::unique_ptr<DataDirectory>(new DataDirectory(absolute, lock));
    if (!lock_exclusively(lock)) {
        if (errno != EWOULDBLOCK) return io_error(lock_path, errno);
        return {ErrorCode::failed_precondition, std::string(absolute) + " is in use by another server (process " +
                                                    owner_of(lock) +
                                                    "): stop that one, or give this one its own --data"};
    }
    const std::string self = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, self.data(), self.size(), 0) < 0) return io_error(lock_path, errno);
    return directory;
}

Result<std::string> DataDirectory::passable_sub(const char* name) const {
    std::string folder = sub(name);
    TRY(io::posix_file_system().make_directories(folder));
    if (::geteuid() != 0) return folder;
    for (const std::string& each : {path_, folder}) {
        struct stat status{};
        if (::stat(each.c_str(), &status) != 0) return io_error(each, errno);
        if (::chmod(each.c_str(), (status.st_mode & 07777) | 0011) != 0) return io_error(each, errno);
    }
    return folder;
}

DataDirectory::~DataDirectory() {
    ::close(lock_);
}

}  // namespace millrace::cli
