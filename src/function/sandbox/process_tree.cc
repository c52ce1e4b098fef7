#include "src/function/sandbox/process_tree.h"

#include <charconv>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace millrace::function {
namespace {

constexpr size_t processes_max = 4096;
constexpr size_t file_bytes_max = 256 * 1024;

std::string read_whole(const std::string& path) {
    std::string text;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return text;
    char buffer[8192];
    for (ssize_t got; text.size() < file_bytes_max && (got = ::read(descriptor, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<size_t>(got));
    }
    ::close(descriptor);
    return text;
}

std::vector<pid_t> numbers_in(const std::string& directory) {
    std::vector<pid_t> numbers;
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) return numbers;
    while (const dirent* entry = ::readdir(open)) {
        const std::string_view name = entry->d_name;
        pid_t number = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
        if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) numbers.push_back(number);
    }
    ::closedir(open);
    return numbers;
}

void append_children(pid_t parent, std::vector<pid_t>& out) {
    const std::string tasks = "/proc/" + std::to_string(parent) + "/task";
    for (pid_t task : numbers_in(tasks)) {
        const std::string text = read_whole(tasks + '/' + std::to_string(task) + "/children");
        const char* at = text.data();
        const char* end = at + text.size();
        while (at < end && out.size() < processes_max) {
            pid_t child = 0;
            const auto parsed = std::from_chars(at, end, child);
            if (parsed.ec != std::errc()) break;
            out.push_back(child);
            at = parsed.ptr + 1;
        }
    }
}

}  // namespace

std::vector<pid_t> descendants(pid_t root) {
    std::vector<pid_t> found;
    append_children(root, found);
    for (size_t i = 0; i < found.size() && found.size() < processes_max; ++i) append_children(found[i], found);
    return found;
}

uint64_t anonymous_bytes(pid_t pid) {
    static constexpr std::string_view field = "RssAnon:";
    const std::string status = read_whole("/proc/" + std::to_string(pid) + "/status");
    const size_t at = status.find(field);
    if (at == std::string::npos) return 0;
    const size_t digits = status.find_first_of("0123456789", at + field.size());
    if (digits == std::string::npos) return 0;
    uint64_t kilobytes = 0;
    std::from_chars(status.data() + digits, status.data() + status.size(), kilobytes);
    return kilobytes * 1024;
}

std::vector<pid_t> processes_with(std::string_view entry) {
    std::vector<pid_t> found;
    std::string needle(1, '\0');
    needle.append(entry);
    needle.push_back('\0');
    for (pid_t pid : numbers_in("/proc")) {
        const std::string environment = std::string(1, '\0') + read_whole("/proc/" + std::to_string(pid) + "/environ");
        if (environment.find(needle) != std::string::npos) found.push_back(pid);
    }
    return found;
}

}  // namespace millrace::function
