#include "src/cli/data_directory.h"

#include <cerrno>
#include <climits>
#include <cstdlib>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "src/io/file.h"

namespace millrace::cli {

Result<std::unique_ptr<DataDirectory>> DataDirectory::take(const std::string& path) {
    TRY(io::posix_file_system().make_directories(path));
    char absolute[PATH_MAX];
    if (::realpath(path.c_str(), absolute) == nullptr) return io_error(path, errno);
    const std::string lock_path = std::string(absolute) + "/lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return io_error(lock_path, errno);
    auto directory = std::unique_ptr<DataDirectory>(new DataDirectory(absolute, lock));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return io_error(lock_path, errno);
        char owner[32] = {};
        if (::pread(lock, owner, sizeof owner - 1, 0) < 0) owner[0] = '\0';
        return {ErrorCode::failed_precondition, std::string(absolute) + " is in use by another server (process " +
                                                    owner + "): stop that one, or give this one its own --data"};
    }
    const std::string self = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, self.data(), self.size(), 0) < 0) return io_error(lock_path, errno);
    return directory;
}

DataDirectory::~DataDirectory() {
    ::close(lock_);
}

}  // namespace millrace::cli
