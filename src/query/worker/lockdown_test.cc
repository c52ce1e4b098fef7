// The jail from inside, without DuckDB: a forked process closes it and tries the system calls themselves.
#include "src/query/worker/lockdown.h"

#include <cerrno>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace millrace::query {
namespace {

// Runs `attempt` in a jailed process; its exit code. 100: the jail did not close.
template <class Attempt>
int jailed(Attempt attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
        const JailLimits limits{
            .address_space_bytes_max = UINT64_MAX, .processor_seconds_max = 10, .open_files_max = 64};
        if (!begin_lock_down(limits).ok() || !finish_lock_down().ok()) ::_exit(100);
        ::_exit(attempt());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

// 0 where the call failed as the filter makes it fail.
int forbidden(long result) {
    return result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS) ? 0 : 1;
}

TEST(Lockdown, no_file_can_be_opened_made_or_looked_at) {
    EXPECT_EQ(jailed([] { return forbidden(::open("/etc/passwd", O_RDONLY)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::open("/tmp/x", O_WRONLY | O_CREAT, 0600)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", nullptr, 0)); }), 0);
    EXPECT_EQ(jailed([] {
                  struct stat found{};
                  return forbidden(::stat("/etc/passwd", &found));
              }),
              0);
    EXPECT_EQ(jailed([] { return forbidden(::unlink("/tmp/x")); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::mkdir("/tmp/x", 0700)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::syscall(SYS_memfd_create, "x", 0)); }), 0);
}

TEST(Lockdown, no_process_program_or_socket) {
    EXPECT_EQ(jailed([] { return forbidden(::fork()); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::vfork()); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::execl("/bin/true", "true", nullptr)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::socket(AF_INET, SOCK_STREAM, 0)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::socket(AF_UNIX, SOCK_STREAM, 0)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::kill(::getppid(), 0)); }), 0);
    EXPECT_EQ(jailed([] { return forbidden(::syscall(SYS_io_uring_setup, 1, nullptr)); }), 0);
}

TEST(Lockdown, memory_never_becomes_code) {
    EXPECT_EQ(jailed([] {
                  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  if (page == MAP_FAILED) return 2;
                  return forbidden(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
              }),
              0);
    EXPECT_EQ(jailed([] {
                  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return page == MAP_FAILED ? 0 : 1;
              }),
              0);
}

TEST(Lockdown, threads_and_memory_still_work) {
    EXPECT_EQ(jailed([] {
                  int sum = 0;
                  std::thread([&sum] { sum = 42; }).join();
                  std::string much(16 << 20, 'x');
                  return sum == 42 && much.back() == 'x' ? 0 : 1;
              }),
              0);
}

}  // namespace
}  // namespace millrace::query
