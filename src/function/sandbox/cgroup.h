// Control groups, where this machine lets us make them: memory and process counts of an environment, and the list of
// all its processes, however they detached themselves.
//
// Version 1 has a tree for each controller; version 2 has one, in which a group with processes of its own can not hand
// controllers on, so there it works only where an administrator (or systemd's Delegate=) prepared it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"

namespace millrace::function {

class Cgroup {
  public:
    ~Cgroup();  // removes it where it is empty
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    // For ProcessPlan::cgroup_descriptors; valid as long as this.
    const std::vector<int>& descriptors() const { return descriptors_; }
    uint64_t anonymous_bytes() const;  // what user code allocated: not its files, not /tmp
    uint64_t processes() const;
    bool ran_out_of_memory() const;  // the kernel killed something in it
    // Kills what is in it, again until nothing is, within reason.
    void kill_all() const;

  private:
    friend class Cgroups;
    Cgroup() = default;
    int version_ = 1;
    std::string memory_;  // its directory in the memory controller's tree
    std::string pids_;    // and in that of pids; the same in version 2
    std::vector<int> descriptors_;
};

class Cgroups {
  public:
    // nullptr where cgroups can not be made here.
    static std::unique_ptr<Cgroups> probe();
    ~Cgroups();

    int version() const { return version_; }
    Result<std::unique_ptr<Cgroup>> make(uint64_t memory_bytes_max, uint64_t processes_max);

  private:
    Cgroups() = default;
    int version_ = 1;
    // Removes the groups whose last process has ended; a group can not go before.
    void sweep() const;

    std::string memory_;  // our directory
    std::string pids_;
    uint64_t made_ = 0;
};

}  // namespace millrace::function
