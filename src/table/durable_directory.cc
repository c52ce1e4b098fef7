#include "src/table/durable_directory.h"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace millrace::table {

Status make_durable_directory(const std::string& directory) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path absolute = fs::absolute(directory, error);
    if (error) return io_error(directory, error.value());
    std::vector<fs::path> to_sync;
    for (fs::path path = absolute; !fs::exists(path, error) && path.has_parent_path() && path != path.parent_path();
         path = path.parent_path()) {
        to_sync.push_back(path.parent_path());
    }
    fs::create_directories(absolute, error);
    if (error) return io_error("cannot make " + directory, error.value());
    // RocksDB's files are readable by everybody, so their folder is not.
    fs::permissions(absolute, fs::perms::others_all, fs::perm_options::remove, error);
    if (error) return io_error("cannot close " + directory + " to others", error.value());
    for (const fs::path& path : to_sync) {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return io_error("cannot open " + path.string(), errno);
        const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
        ::close(descriptor);
        if (failed != 0) return io_error("cannot sync " + path.string(), failed);
    }
    return {};
}

}  // namespace millrace::table
