#include "src/function/private_directory.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace millrace::function {

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
    std::error_code ignored;  // what can not be removed now is in the way of the next of this slot, which says so
    std::filesystem::remove_all(path, ignored);
}

}  // namespace millrace::function
