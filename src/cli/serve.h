// The server put together: which engine stands on which, and which services speak for them.
#pragma once

#include <memory>

#include "src/base/result.h"
#include "src/cli/config.h"
#include "src/cli/data_directory.h"

namespace millrace::cli {

// Answers from start() until stop() or destruction.
class RunningServer {
  public:
    // Opens everything under `directory`, which outlives the server, and begins to answer.
    static Result<std::unique_ptr<RunningServer>> start(const Config& config, const DataDirectory& directory);
    virtual ~RunningServer() = default;
    virtual uint16_t port() const = 0;
    virtual bool has_keys() = 0;  // whether any request could be signed
    // Stops accepting, finishes what is under way, and closes the engines from the top down.
    virtual void stop() = 0;
};

}  // namespace millrace::cli
