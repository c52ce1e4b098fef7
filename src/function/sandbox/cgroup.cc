#include "src/function/sandbox/cgroup.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace::function {
namespace {

constexpr int kill_rounds_max = 10;
constexpr useconds_t kill_pause_us = 500;
constexpr int sweep_rounds_max = 20;
constexpr useconds_t sweep_pause_us = 5000;

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool write_text(const std::string& path, const std::string& text) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(descriptor);
    return written;
}

uint64_t number_after(std::string_view text, std::string_view key) {
    size_t at = 0;
    while (at < text.size()) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.starts_with(key)) {
            uint64_t value = 0;
            std::from_chars(line.data() + key.size(), line.data() + line.size(), value);
            return value;
        }
        at = end + 1;
    }
    return 0;
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

// Our own group in a controller's tree: /proc/self/cgroup has "4:memory:/path" (version 1), "0::/path" (version 2). In
// a container the path may be the host's, and not be there.
std::string own_group(const std::string& mount, const std::string& controller) {
    std::istringstream lines(read_text("/proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        const size_t first = line.find(':');
        const size_t second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string names = ',' + line.substr(first + 1, second - first - 1) + ',';
        const bool ours = controller.empty() ? names == ",," : names.find(',' + controller + ',') != std::string::npos;
        if (!ours) continue;
        const std::string path = line.substr(second + 1);
        if (path != "/" && exists(mount + path)) return mount + path;
    }
    return mount;
}

void remove_groups_in(const std::string& directory) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.is_directory(error)) ::rmdir(entry.path().c_str());
    }
}

// Of servers that were killed; their environments died with them.
void remove_orphans(const std::string& parent) {
    static constexpr std::string_view prefix = "millrace-";
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(prefix)) continue;
        const int pid = std::atoi(name.c_str() + prefix.size());
        if (pid <= 0 || ::kill(pid, 0) == 0 || errno != ESRCH) continue;
        remove_groups_in(entry.path());
        ::rmdir(entry.path().c_str());
    }
}

// Two servers may share a process (tests do), but no directory.
std::string make_ours(const std::string& parent) {
    remove_orphans(parent);
    static std::atomic<int> made{0};
    const std::string directory =
        parent + "/millrace-" + std::to_string(::getpid()) + '-' + std::to_string(made.fetch_add(1));
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return "";
    return directory;
}

}  // namespace

std::unique_ptr<Cgroups> Cgroups::probe() {
    auto found = std::unique_ptr<Cgroups>(new Cgroups);
    if (exists("/sys/fs/cgroup/cgroup.controllers")) {
        found->version_ = 2;
        const std::string own = own_group("/sys/fs/cgroup", "");
        if (!write_text(own + "/cgroup.subtree_control", "+memory +pids")) return nullptr;
        found->memory_ = found->pids_ = make_ours(own);
        if (found->memory_.empty()) return nullptr;
        if (!write_text(found->memory_ + "/cgroup.subtree_control", "+memory +pids")) return nullptr;
        return found;
    }
    if (!exists("/sys/fs/cgroup/memory/tasks") || !exists("/sys/fs/cgroup/pids/tasks")) return nullptr;
    found->memory_ = make_ours(own_group("/sys/fs/cgroup/memory", "memory"));
    found->pids_ = make_ours(own_group("/sys/fs/cgroup/pids", "pids"));
    if (found->memory_.empty() || found->pids_.empty()) return nullptr;
    return found;
}

Cgroups::~Cgroups() {
    for (int round = 0; round < sweep_rounds_max; ++round) {
        sweep();
        if (::rmdir(memory_.c_str()) == 0 || errno != EBUSY) break;
        ::usleep(sweep_pause_us);
    }
    ::rmdir(memory_.c_str());
    if (pids_ != memory_) ::rmdir(pids_.c_str());
}

void Cgroups::sweep() const {
    remove_groups_in(memory_);
    if (pids_ != memory_) remove_groups_in(pids_);
}

Result<std::unique_ptr<Cgroup>> Cgroups::make(uint64_t memory_bytes_max, uint64_t processes_max) {
    sweep();
    const std::string name = "env-" + std::to_string(made_++);
    auto made = std::unique_ptr<Cgroup>(new Cgroup);
    made->version_ = version_;
    std::vector<std::string> directories = {memory_ + '/' + name};
    if (version_ == 1) directories.push_back(pids_ + '/' + name);
    made->memory_ = directories.front();
    made->pids_ = directories.back();
    for (const std::string& directory : directories) {
        if (::mkdir(directory.c_str(), 0755) != 0) return io_error(directory, errno);
        const int descriptor = ::open((directory + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor < 0) return io_error(directory, errno);
        made->descriptors_.push_back(descriptor);
    }
    const std::string bytes = std::to_string(memory_bytes_max);
    const bool limited = version_ == 1 ? write_text(made->memory_ + "/memory.limit_in_bytes", bytes)
                                       : write_text(made->memory_ + "/memory.max", bytes) &&
                                             write_text(made->memory_ + "/memory.oom.group", "1");
    if (!limited || !write_text(made->pids_ + "/pids.max", std::to_string(processes_max))) {
        return {ErrorCode::io, "the limits of " + made->memory_ + " could not be set"};
    }
    // Both are absent where the kernel does not account swap.
    if (version_ == 2) write_text(made->memory_ + "/memory.swap.max", "0");
    if (version_ == 1) write_text(made->memory_ + "/memory.memsw.limit_in_bytes", bytes);
    return made;
}

Cgroup::~Cgroup() {
    for (int descriptor : descriptors_) ::close(descriptor);
    ::rmdir(memory_.c_str());
    if (pids_ != memory_) ::rmdir(pids_.c_str());
}

uint64_t Cgroup::anonymous_bytes() const {
    const std::string stat = read_text(memory_ + "/memory.stat");
    return number_after(stat, version_ == 1 ? "total_rss " : "anon ");
}

uint64_t Cgroup::processes() const {
    return number_after(read_text(pids_ + "/pids.current"), "");
}

bool Cgroup::ran_out_of_memory() const {
    return number_after(read_text(memory_ + (version_ == 1 ? "/memory.oom_control" : "/memory.events")), "oom_kill ") >
           0;
}

void Cgroup::kill_all() const {
    if (version_ == 2 && write_text(memory_ + "/cgroup.kill", "1")) return;
    for (int round = 0; round < kill_rounds_max; ++round) {
        std::istringstream pids(read_text(pids_ + "/cgroup.procs"));
        bool any = false;
        for (pid_t pid; pids >> pid;) {
            any = true;
            ::kill(pid, SIGKILL);
        }
        if (!any) return;
        ::usleep(kill_pause_us);
    }
}

}  // namespace millrace::function
