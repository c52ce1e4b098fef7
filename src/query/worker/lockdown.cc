#include "src/query/worker/lockdown.h"

#include <cerrno>
#include <csignal>
#include <initializer_list>

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace millrace::query {

namespace {

// A sanitizer's shadow alone takes terabytes of address space.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
constexpr bool under_sanitizer = true;
#else
constexpr bool under_sanitizer = false;
#endif

Status limit(int resource, uint64_t value) {
    rlimit now{};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return io_error("getrlimit", errno);
    if (value > now.rlim_max) value = now.rlim_max;
    const rlimit wanted{.rlim_cur = value, .rlim_max = value};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) return io_error("setrlimit", errno);
    return {};
}

// A ruleset that handles every access to files and allows none. Kernels without Landlock answer ENOSYS or EOPNOTSUPP;
// seccomp forbids the same calls.
void forbid_paths() {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of the first version
    const int rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    if (rules < 0) return;
    ::syscall(SYS_landlock_restrict_self, rules, 0);
    ::close(rules);
}

// What computing, allocating, threads and the socket need. Nothing that takes a path, makes a descriptor from a name,
// starts a program, or touches another process.
constexpr int allowed_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(poll),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getcpu),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

}  // namespace

Status begin_lock_down(const JailLimits& limits) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return io_error("prctl(PR_SET_PDEATHSIG)", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return io_error("prctl(PR_SET_NO_NEW_PRIVS)", errno);
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return io_error("prctl(PR_SET_DUMPABLE)", errno);
    TRY(limit(RLIMIT_CORE, 0));
    TRY(limit(RLIMIT_FSIZE, 0));
    TRY(limit(RLIMIT_NOFILE, limits.open_files_max));
    TRY(limit(RLIMIT_CPU, limits.processor_seconds_max));
    if (!under_sanitizer) TRY(limit(RLIMIT_AS, limits.address_space_bytes_max));
    return {};
}

Status finish_lock_down() {
    forbid_paths();
    scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == nullptr) return Error{ErrorCode::internal, "seccomp_init failed"};
    int failed = ::seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (const int call : allowed_calls) failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
    // Memory, but no new code.
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
        failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    // Threads, but no processes. glibc tries clone3 first, whose flags a filter cannot see: as if the kernel had none.
    failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    failed |= ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    // The check of virtual tables asks a pipe of its own whether memory can be read.
    if (under_sanitizer) failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pipe2), 0);
    // abort() of our own, so that a crash is a crash.
    failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                 SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
    if (failed == 0) failed = ::seccomp_load(filter);
    ::seccomp_release(filter);
    if (failed != 0) return Error{ErrorCode::internal, "the kernel refused the query's system call filter"};
    return {};
}

}  // namespace millrace::query
