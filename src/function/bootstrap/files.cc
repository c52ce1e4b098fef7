#include "src/function/bootstrap/files.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// Generated from the two files beside this one (CMakeLists.txt).
extern "C" const char millrace_python_bootstrap[];
extern "C" const char millrace_python_bootstrap_end[];
extern "C" const char millrace_node_bootstrap[];
extern "C" const char millrace_node_bootstrap_end[];

namespace millrace::function {
namespace {

Status write_readable(const std::string& path, std::string_view text) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return io_error(path, errno);
    const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int failure = errno;
    ::fchmod(descriptor, 0644);
    ::close(descriptor);
    if (!written) return io_error(path, failure);
    return {};
}

}  // namespace

std::string_view python_bootstrap() {
    return {millrace_python_bootstrap, millrace_python_bootstrap_end};
}

std::string_view node_bootstrap() {
    return {millrace_node_bootstrap, millrace_node_bootstrap_end};
}

Status write_bootstraps(const std::string& directory) {
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return io_error(directory, errno);
    ::chmod(directory.c_str(), 0755);
    TRY(write_readable(directory + "/millrace_bootstrap.py", python_bootstrap()));
    return write_readable(directory + "/millrace_bootstrap.cjs", node_bootstrap());
}

}  // namespace millrace::function
