// A server as a process of its own, as the demo's user would start one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"
#include "src/cli/client/api.h"

namespace millrace::cli {

class ServerProcess {
  public:
    // Runs this program's `serve` with `arguments` and waits for its ready line (30 s at most). Its standard error goes
    // to `log_file`. Errors carry the end of that file.
    static Result<std::unique_ptr<ServerProcess>> start(std::vector<std::string> arguments,
                                                        const std::string& log_file);
    ~ServerProcess();  // kills it where it still runs

    const std::string& ready_line() const { return ready_line_; }
    const Endpoint& endpoint() const { return endpoint_; }
    uint64_t resident_bytes() const;
    // SIGTERM, and waits; an error where it does not end with 0.
    Status stop();

  private:
    explicit ServerProcess(pid_t process) : process_(process) {}
    pid_t process_;
    std::string ready_line_;
    Endpoint endpoint_;
};

// The path of the program that runs.
std::string own_program();

}  // namespace millrace::cli
