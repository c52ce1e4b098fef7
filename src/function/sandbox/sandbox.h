// Where user code runs: what it sees of this machine, as whom, and how much of it it may use.
//
// Which of these hold depends on the machine, is probed once, and told by description():
//
//   - bubblewrap: a read-only root of /usr, /etc and the interpreter only; code at /var/task, layers at /opt, a private
//     /tmp (a tmpfs of ephemeral_mb), namespaces of its own for processes, IPC and host name. The network is the
//     machine's: functions call services. What of a function's environment the loader and libc heed (LD_PRELOAD) is set
//     inside of it, after the server's user id is given up: bubblewrap itself must not see it.
//   - a user id of its own for each environment, where the server runs as root: environments can not touch each other.
//   - a cgroup for each environment: memory and process counts. Elsewhere the pool watches /proc (Sandbox::usage).
//   - always: a session of its own, no new privileges, no inherited descriptors, RLIMIT_NOFILE, NPROC, FSIZE and CORE,
//     and it dies with the server.
//
// A Loop's thread only.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/function/sandbox/process.h"

namespace millrace::function {

class Cgroup;
class Cgroups;

struct SandboxOptions {
    bool required = false;            // failed_precondition without bubblewrap
    bool bubblewrap = true;           // false: as if it were not installed
    uint32_t slots = 64;              // environments at once
    std::vector<std::string> hidden;  // directories no function may see
};

// Paths as the function sees them.
struct SandboxView {
    std::string task, opt, runtime, temporary, ca_file;
};

struct SandboxPlan {
    uint32_t slot = 0;  // below SandboxOptions::slots; one live environment each
    std::string code_directory;
    std::string opt_directory;             // "" where no layers
    std::string runtime_directory;         // our bootstraps
    std::string private_directory;         // made and owned by the caller's plan; /tmp where there is no bubblewrap
    std::string ca_file;                   // "" where none
    std::vector<std::string> visible;      // further directories: the interpreter's
    std::vector<std::string> arguments;    // in the view's paths
    std::vector<std::string> environment;  // in the view's paths
    uint32_t memory_mb = 128;
    uint32_t ephemeral_mb = 512;
    int output = -1;
};

struct SandboxUsage {
    uint64_t anonymous_bytes = 0;
    uint64_t processes = 0;
};

// One environment's processes. Destruction kills what is left.
class SandboxedProcess {
  public:
    ~SandboxedProcess();
    SandboxedProcess(const SandboxedProcess&) = delete;
    SandboxedProcess& operator=(const SandboxedProcess&) = delete;

    int pidfd() const { return process_.pidfd; }
    pid_t pid() const { return process_.pid; }
    SandboxUsage usage() const;
    bool ran_out_of_memory() const;  // as far as the kernel tells
    void terminate();                // SIGTERM to the function's own processes
    void kill();                     // SIGKILL to everything, also what detached itself
    // After pidfd() is readable: takes the exit status off the kernel. exit_words() of it.
    std::string reap();

  private:
    friend class Sandbox;
    SandboxedProcess() = default;
    Process process_;
    bool wrapped_ = false;  // bubblewrap's two processes stand between us and it
    int64_t uid_ = -1;      // its own user id; -1: ours
    std::string mark_;      // an entry of its environment that no other has
    std::unique_ptr<Cgroup> cgroup_;
    bool reaped_ = false;
};

class Sandbox {
  public:
    // Whether bubblewrap works is tried on the side, as it takes some 50 ms and a start should not wait for it; where
    // it is required, it is waited for.
    static Result<std::unique_ptr<Sandbox>> probe(SandboxOptions options);
    ~Sandbox();

    std::string description() const;
    // Waits for the trial that probe() began, where it is not over yet.
    bool wraps() const { return wraps_.get(); }
    // -1: ours.
    int64_t uid_of(uint32_t slot) const { return uid_first_ < 0 ? -1 : uid_first_ + slot; }
    SandboxView view_of(const SandboxPlan& plan) const;
    // The first of plan.environment must be unlike that of every other environment (AWS_LAMBDA_RUNTIME_API).
    Result<std::unique_ptr<SandboxedProcess>> start(const SandboxPlan& plan);
    // Whether the function's user could read what is there: false below a folder that only we may enter.
    bool reachable(const std::string& path) const;

  private:
    Sandbox();
    std::vector<std::string> wrap(const SandboxPlan& plan) const;
    std::vector<std::string> wrapper(uint64_t temporary_bytes) const;

    SandboxOptions options_;
    std::shared_future<bool> wraps_;
    int64_t uid_first_ = -1;
    std::string bwrap_, setpriv_;
    std::unique_ptr<Cgroups> cgroups_;
};

}  // namespace millrace::function
