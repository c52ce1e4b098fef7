#include "src/function/sandbox/process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_feature(thread_sanitizer)
// glibc's clone() by its other name. The sanitizer takes the usual one for a fork, after which each side has a memory
// of its own; where both share one, as here, it ends the process.
extern "C" int __clone(int (*child)(void*), void* stack_end, int flags, void* argument, ...) noexcept;
#endif

namespace millrace::function {
namespace {

constexpr size_t child_stack_bytes = 128 * 1024;
constexpr int highest_signal = 64;
constexpr size_t probe_bytes_max = 64 * 1024;

struct Child {
    const ProcessPlan& plan;
    char* const* arguments;
    char* const* environment;
    pid_t parent;
    int null_descriptor;
    const char* failed_at = nullptr;  // written by the child, read by us
    int failure = 0;
};

bool limit(int resource, uint64_t value) {
    rlimit wanted{value, value};
    rlimit current{};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &current) == 0 && current.rlim_max < value) {
        wanted = {current.rlim_max, current.rlim_max};
    }
    return ::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) == 0;
}

bool set_limits(const ProcessPlan& plan) {
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, plan.open_files_max) &&
           limit(RLIMIT_NPROC, plan.processes_max) &&
           (plan.file_bytes_max == 0 || limit(RLIMIT_FSIZE, plan.file_bytes_max)) &&
           (plan.data_bytes_max == 0 || limit(RLIMIT_DATA, plan.data_bytes_max));
}

void forget_signals() {
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    for (int signal = 1; signal <= highest_signal; ++signal) ::sigaction(signal, &usual, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// libc's own setresuid() would change every thread of the server.
bool become(int64_t uid) {
    const auto id = static_cast<uid_t>(uid);
    return ::syscall(SYS_setgroups, 0, nullptr) == 0 && ::syscall(SYS_setresgid, id, id, id) == 0 &&
           ::syscall(SYS_setresuid, id, id, id) == 0;
}

// In a child that shares our memory: a sanitizer's _exit() would look there for what its threads left.
[[noreturn]] __attribute__((disable_sanitizer_instrumentation)) void end_child(int status) {
    for (;;) ::syscall(SYS_exit_group, status);
}

// Runs `child` in our memory, on a stack of its own, while this thread waits until it has ended or become a program.
pid_t run_beside(int (*child)(void*), void* stack_end, void* argument) {
    constexpr int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
#if __has_feature(thread_sanitizer)
    return ::__clone(child, stack_end, flags, argument);
#else
    return ::clone(child, stack_end, flags, argument);
#endif
}

// In the child: system calls only.
__attribute__((disable_sanitizer_instrumentation)) int child_main(void* argument) {
    Child& child = *static_cast<Child*>(argument);
    const ProcessPlan& plan = child.plan;
    auto fail = [&](const char* where) {
        child.failed_at = where;
        child.failure = errno;
        end_child(127);
    };
    ::setsid();
    for (int descriptor : plan.cgroup_descriptors) {
        if (::write(descriptor, "0", 1) != 1) fail("cgroup");
    }
    if (::dup2(child.null_descriptor, 0) < 0) fail("standard input");
    if (::dup2(plan.output >= 0 ? plan.output : child.null_descriptor, 1) < 0) fail("standard output");
    if (::dup2(1, 2) < 0) fail("standard error");
    if (::syscall(SYS_close_range, 3, ~0u, 0) != 0) fail("descriptors");
    if (!set_limits(plan)) fail("limits");
    if (plan.uid >= 0 && !become(plan.uid)) fail("user id");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no new privileges");
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != child.parent) fail("parent");
    if (::chdir(plan.directory.c_str()) != 0) fail("directory");
    forget_signals();
    ::execve(child.arguments[0], child.arguments, child.environment);
    fail("program");
    return 127;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

// Runs child_main with all signals blocked; -1 and errno where it can not.
pid_t clone_child(Child& child) {
    void* stack =
        ::mmap(nullptr, child_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -1;
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = run_beside(child_main, static_cast<char*>(stack) + child_stack_bytes, &child);
    const int failure = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::munmap(stack, child_stack_bytes);
    errno = failure;
    return pid;
}

std::string signal_words(int signal) {
    switch (signal) {
        case SIGKILL:
            return "signal: killed";
        case SIGSEGV:
            return "signal: segmentation fault";
        case SIGABRT:
            return "signal: aborted";
        case SIGTERM:
            return "signal: terminated";
        case SIGBUS:
            return "signal: bus error";
        case SIGFPE:
            return "signal: floating point exception";
        case SIGILL:
            return "signal: illegal instruction";
        case SIGXFSZ:
            return "signal: file size limit exceeded";
        default:
            return "signal: " + std::to_string(signal);
    }
}

}  // namespace

Result<Process> start_process(const ProcessPlan& plan) {
    std::vector<char*> arguments = pointers(plan.arguments);
    std::vector<char*> environment = pointers(plan.environment);
    const int null_descriptor = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_descriptor < 0) return io_error("/dev/null", errno);
    Child child{plan, arguments.data(), environment.data(), ::getpid(), null_descriptor};
    const pid_t pid = clone_child(child);
    const int failure = errno;
    ::close(null_descriptor);
    if (pid < 0) return io_error("a new process", failure);
    if (child.failed_at != nullptr) {
        ::waitpid(pid, nullptr, 0);
        const bool program = std::strcmp(child.failed_at, "program") == 0;
        return io_error(program ? plan.arguments[0] : std::string(child.failed_at) + " of a new process",
                        child.failure);
    }
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) {
        const int why = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return io_error("pidfd_open", why);
    }
    return Process{pid, pidfd};
}

std::string exit_words(int wait_status, bool shell_like) {
    if (WIFSIGNALED(wait_status)) return signal_words(WTERMSIG(wait_status));
    const int status = WEXITSTATUS(wait_status);
    if (status == 0) return "";
    if (shell_like && status > 128 && status <= 128 + highest_signal) return signal_words(status - 128);
    return "exit status " + std::to_string(status);
}

namespace {

__attribute__((disable_sanitizer_instrumentation)) int killer_main(void* argument) {
    if (become(*static_cast<int64_t*>(argument))) ::kill(-1, SIGKILL);
    end_child(0);
}

}  // namespace

void kill_all_of(int64_t uid) {
    if (uid <= 0) return;
    alignas(16) char stack[16 * 1024];
    const pid_t pid = run_beside(killer_main, stack + sizeof stack, &uid);
    if (pid > 0) ::waitpid(pid, nullptr, 0);
}

int run_to_end(const std::vector<std::string>& arguments, std::string* output) {
    int pipe[2] = {-1, -1};
    if (output != nullptr && ::pipe2(pipe, O_CLOEXEC) != 0) return -1;
    ProcessPlan plan;
    plan.arguments = arguments;
    plan.environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
    plan.directory = "/";
    plan.output = pipe[1];
    plan.processes_max = 1u << 20;
    Result<Process> process = start_process(plan);
    if (pipe[1] >= 0) ::close(pipe[1]);
    char buffer[4096];
    for (ssize_t got; pipe[0] >= 0 && process.ok() && (got = ::read(pipe[0], buffer, sizeof buffer)) > 0;) {
        if (output->size() < probe_bytes_max) output->append(buffer, static_cast<size_t>(got));
    }
    if (pipe[0] >= 0) ::close(pipe[0]);
    if (!process.ok()) return -1;
    int status = 0;
    const pid_t ended = ::waitpid(process->pid, &status, 0);
    ::close(process->pidfd);
    return ended == process->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace millrace::function
