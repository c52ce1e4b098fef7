#include "src/function/sandbox/sandbox.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/function/sandbox/cgroup.h"
#include "src/function/sandbox/process_tree.h"
#include "src/function/sandbox/search_path.h"

namespace millrace::function {
namespace {

constexpr uint64_t megabyte = 1 << 20;
constexpr uint64_t processes_max = 1024;               // AWS's, threads included
constexpr uint64_t processes_of_user_max = 8192;       // where all share the server's user id
constexpr uint64_t data_slack_bytes = 512 * megabyte;  // address space that a runtime reserves and never touches
constexpr std::string_view inside_ca_file = "/var/lang/ca.pem";

// Two servers of one machine should not share user ids: each takes its range by its process id.
int64_t first_uid() {
    std::ifstream map("/proc/self/uid_map");
    int64_t inside = 0, outside = 0, count = 0, highest = 0;
    while (map >> inside >> outside >> count) highest = std::max(highest, inside + count);
    constexpr int64_t range_begin = 300'000, range_size = 1024, ranges = 4096;
    if (highest > range_begin + range_size * ranges) return range_begin + (::getpid() % ranges) * range_size;
    return highest > 64'000 ? 60'000 : -1;
}

// What the loader, libc and util-linux heed in the environment of any program (ld.so(8), glibc's unsecvars.h).
// Bubblewrap and setpriv run as the server's user, before there is a sandbox: LD_PRELOAD would be code of the
// function's in them.
bool is_heeded(std::string_view entry) {
    static constexpr std::string_view prefixes[] = {"LD_", "GLIBC_", "MALLOC_", "GCONV_", "LC_", "LIBMOUNT_"};
    static constexpr std::string_view names[] = {
        "LANG",        "LANGUAGE",      "LOCPATH", "LOCALDOMAIN", "NLSPATH",          "NIS_PATH",
        "RES_OPTIONS", "HOSTALIASES",   "TZ",      "TZDIR",       "RESOLV_HOST_CONF", "OUTPUT_CHARSET",
        "TEXTDOMAIN",  "TEXTDOMAINDIR", "TMPDIR",  "PATH",        "GETCONF_DIR",      "POSIXLY_CORRECT"};
    const std::string_view name = entry.substr(0, entry.find('='));
    return std::any_of(std::begin(prefixes), std::end(prefixes),
                       [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
           std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool begins_with_folder(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// Folders that bubblewrap makes on its own way are the owner's alone.
void add_folders_above(std::string_view path, std::vector<std::string>& out) {
    for (size_t at = path.find('/', 1); at != std::string_view::npos; at = path.find('/', at + 1)) {
        out.insert(out.end(), {"--perms", "0755", "--dir", std::string(path.substr(0, at))});
    }
}

void add_root_folder(const std::string& path, std::vector<std::string>& out) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return;
    char target[512];
    const ssize_t size = S_ISLNK(status.st_mode) ? ::readlink(path.c_str(), target, sizeof target) : -1;
    if (size > 0) {
        out.insert(out.end(), {"--symlink", std::string(target, static_cast<size_t>(size)), path});
    } else {
        out.insert(out.end(), {"--ro-bind", path, path});
    }
}

}  // namespace

Sandbox::Sandbox() = default;
Sandbox::~Sandbox() = default;

Result<std::unique_ptr<Sandbox>> Sandbox::probe(SandboxOptions options) {
    auto sandbox = std::unique_ptr<Sandbox>(new Sandbox);
    sandbox->options_ = std::move(options);
    if (::geteuid() == 0) sandbox->uid_first_ = first_uid();
    sandbox->cgroups_ = Cgroups::probe();
    sandbox->bwrap_ = sandbox->options_.bubblewrap ? program_named("bwrap") : "";
    sandbox->setpriv_ = program_named("setpriv");
    std::string why = sandbox->bwrap_.empty() ? "bubblewrap (bwrap) is not installed" : "";
    if (!sandbox->bwrap_.empty() && sandbox->uid_first_ >= 0 && sandbox->setpriv_.empty()) {
        why = "setpriv (util-linux) is not installed";
    }
    if (why.empty()) {
        SandboxPlan plan;
        plan.arguments = {"/usr/bin/env", "true"};
        plan.code_directory = plan.runtime_directory = "/usr/bin";
        sandbox->wraps_ =
            std::async(std::launch::async, [trial = sandbox->wrap(plan)] { return run_to_end(trial) == 0; });
        if (sandbox->options_.required && !sandbox->wraps()) why = "bubblewrap (bwrap) can not make namespaces here";
    } else {
        std::promise<bool> no;
        no.set_value(false);
        sandbox->wraps_ = no.get_future();
    }
    if (!why.empty() && sandbox->options_.required) {
        return {ErrorCode::failed_precondition,
                "functions need a sandbox, and " + why + ": install it, or allow running without one"};
    }
    return sandbox;
}

std::string Sandbox::description() const {
    std::string text = wraps() ? "bubblewrap" : "no bubblewrap";
    text += cgroups_ ? ", cgroup v" + std::to_string(cgroups_->version()) : ", memory watched";
    text += uid_first_ >= 0 ? ", a user id for each environment" : ", the server's user id";
    return text;
}

SandboxView Sandbox::view_of(const SandboxPlan& plan) const {
    if (wraps()) {
        return {"/var/task", "/opt", "/var/runtime", "/tmp", plan.ca_file.empty() ? "" : std::string(inside_ca_file)};
    }
    return {plan.code_directory, plan.opt_directory, plan.runtime_directory, plan.private_directory, plan.ca_file};
}

bool Sandbox::reachable(const std::string& path) const {
    if (wraps() || uid_first_ < 0) return true;
    for (size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        struct stat status{};
        const std::string part = path.substr(0, at);
        if (::stat(part.c_str(), &status) != 0 || (status.st_mode & S_IXOTH) == 0) return false;
        if (at == std::string::npos) return true;
    }
}

std::vector<std::string> Sandbox::wrap(const SandboxPlan& plan) const {
    std::vector<std::string> out = {bwrap_,          "--die-with-parent", "--unshare-pid", "--unshare-ipc",
                                    "--unshare-uts", "--hostname",        "function"};
    static const std::vector<std::string> roots = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc"};
    for (const std::string& root : roots) add_root_folder(root, out);
    // Where /etc/resolv.conf points on machines that run systemd-resolved.
    out.insert(out.end(), {"--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"});
    out.insert(out.end(), {"--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/var"});
    out.insert(out.end(),
               {"--perms", "1777", "--size", std::to_string(plan.ephemeral_mb * megabyte), "--tmpfs", "/tmp"});
    for (const std::string& hidden : options_.hidden) {
        const bool seen = std::any_of(roots.begin(), roots.end(),
                                      [&](const std::string& root) { return begins_with_folder(hidden, root); });
        if (seen) out.insert(out.end(), {"--tmpfs", hidden});
    }
    for (const std::string& visible : plan.visible) {
        const bool seen = std::any_of(roots.begin(), roots.end(),
                                      [&](const std::string& root) { return begins_with_folder(visible, root); });
        if (seen) continue;
        add_folders_above(visible, out);
        out.insert(out.end(), {"--ro-bind", visible, visible});
    }
    out.insert(out.end(), {"--ro-bind", plan.code_directory, "/var/task"});
    out.insert(out.end(), {"--ro-bind", plan.runtime_directory, "/var/runtime"});
    if (plan.opt_directory.empty()) {
        out.insert(out.end(), {"--perms", "0755", "--dir", "/opt"});
    } else {
        out.insert(out.end(), {"--ro-bind", plan.opt_directory, "/opt"});
    }
    if (!plan.ca_file.empty()) {
        add_folders_above(inside_ca_file, out);
        out.insert(out.end(), {"--ro-bind", plan.ca_file, std::string(inside_ca_file)});
    }
    out.insert(out.end(), {"--remount-ro", "/", "--chdir", "/var/task", "--cap-drop", "ALL"});
    const int64_t uid = uid_of(plan.slot);
    if (uid >= 0) {
        // Bubblewrap mounts as root, so that the data directory may be closed to everyone else; then root is given up.
        const std::string id = std::to_string(uid);
        out.insert(out.end(), {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--", setpriv_, "--reuid", id,
                               "--regid", id, "--clear-groups", "--no-new-privs"});
    }
    out.push_back("--");
    // None of those is a secret, which a command line could not keep.
    out.insert(out.end(), {"/usr/bin/env", "--"});
    std::copy_if(plan.environment.begin(), plan.environment.end(), std::back_inserter(out), is_heeded);
    out.insert(out.end(), plan.arguments.begin(), plan.arguments.end());
    return out;
}

Result<std::unique_ptr<SandboxedProcess>> Sandbox::start(const SandboxPlan& plan) {
    auto made = std::unique_ptr<SandboxedProcess>(new SandboxedProcess);
    ProcessPlan process;
    process.environment = plan.environment;
    process.output = plan.output;
    // A full tmpfs says "no space left on device", as AWS does; the limit, which kills, is for where there is none.
    process.file_bytes_max = (plan.ephemeral_mb + (wraps() ? 1 : 0)) * megabyte;
    const uint64_t memory = plan.memory_mb * megabyte;
    if (cgroups_) {
        // What is in /tmp counts where it is a tmpfs; user code's own share is watched apart (usage()).
        const uint64_t bytes = memory + (wraps() ? process.file_bytes_max : 0) + 16 * megabyte;
        TRY_ASSIGN(made->cgroup_, cgroups_->make(bytes, processes_max));
        process.cgroup_descriptors = made->cgroup_->descriptors();
    } else {
        process.data_bytes_max = 2 * memory + data_slack_bytes;  // between two looks at /proc
    }
    const int64_t uid = uid_of(plan.slot);
    process.processes_max = uid >= 0 ? processes_max : processes_of_user_max;
    if (wraps()) {
        process.arguments = wrap(plan);
        std::erase_if(process.environment, is_heeded);
        process.directory = "/";
    } else {
        if (!reachable(plan.code_directory)) {
            return {
                ErrorCode::failed_precondition,
                plan.code_directory +
                    " is below a folder that functions may not enter, as they run without "
                    "bubblewrap by user ids of their own: install bubblewrap, or give the server a --data elsewhere"};
        }
        process.arguments = plan.arguments;
        process.directory = plan.code_directory;
        process.uid = uid;
    }
    made->wrapped_ = wraps();
    made->uid_ = uid;
    if (!plan.environment.empty()) made->mark_ = plan.environment.front();
    TRY_ASSIGN(made->process_, start_process(process));
    return made;
}

SandboxedProcess::~SandboxedProcess() {
    if (process_.pid < 0) return;
    if (!reaped_) {
        kill();
        reap();
    }
    ::close(process_.pidfd);
}

SandboxUsage SandboxedProcess::usage() const {
    if (cgroup_) return {cgroup_->anonymous_bytes(), cgroup_->processes()};
    SandboxUsage usage{anonymous_bytes(process_.pid), 1};
    for (pid_t pid : descendants(process_.pid)) {
        usage.anonymous_bytes += anonymous_bytes(pid);
        ++usage.processes;
    }
    return usage;
}

bool SandboxedProcess::ran_out_of_memory() const {
    return cgroup_ && cgroup_->ran_out_of_memory();
}

void SandboxedProcess::terminate() {
    if (reaped_) return;
    if (!wrapped_) {
        ::kill(-process_.pid, SIGTERM);
        return;
    }
    const std::vector<pid_t> below = descendants(process_.pid);
    for (size_t i = 1; i < below.size(); ++i) ::kill(below[i], SIGTERM);  // the first is the namespace's init
}

void SandboxedProcess::kill() {
    if (reaped_ && wrapped_) return;  // the namespace ended with its init
    if (!reaped_) ::kill(-process_.pid, SIGKILL);
    if (wrapped_) return;
    if (cgroup_) cgroup_->kill_all();
    if (uid_ >= 0) return kill_all_of(uid_);
    if (cgroup_) return;
    for (pid_t pid : processes_with(mark_)) ::kill(pid, SIGKILL);
}

std::string SandboxedProcess::reap() {
    int status = 0;
    ::waitpid(process_.pid, &status, 0);
    reaped_ = true;
    if (!wrapped_) kill();  // what it left behind
    return exit_words(status, wrapped_);
}

}  // namespace millrace::function
