// What an environment writes, as log events: its own lines, filtered by level where its logs are JSON, and the
// platform's (platform_log.h) between them.
//
// A Loop's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/function/log_level.h"

namespace millrace::io {
class Clock;
}

namespace millrace::function {

class LogSink;
struct FunctionDefinition;

class EnvironmentLog {
  public:
    // All of them outlive it.
    EnvironmentLog(LogSink& sink, const io::Clock& clock, const FunctionDefinition& definition);

    const std::string& group() const { return group_; }
    // "2026/11/21/[$LATEST]0123..."; in a group that is not the function's own, "2026/11/21/orders[$LATEST]0123..."
    const std::string& stream() const { return stream_; }

    // What the function wrote: an event a line; longer lines than a log event may be are cut in pieces.
    void output(std::string_view bytes);
    // A line of ours. Ends an unfinished line of the function's before it.
    void line(std::string text);
    // The last 4 KB since begin_tail(), from the beginning of a line where there is one.
    void begin_tail();
    std::string tail() const;

    // How many bytes may be taken from the function now: 4 MB at once, 1 MB/s after that. What it writes faster waits
    // in its pipe, and it with it: an endless print costs that function's time and nobody else's.
    uint64_t allowance(int64_t now_ns);

    static constexpr size_t event_bytes_max = 256 * 1024 - 26;  // CloudWatch Logs' limit, less what it counts an event
    static constexpr size_t tail_bytes_max = 4096;              // AWS's

  private:
    void emit_own(std::string_view text);  // where its level lets it through
    void emit(std::string_view text);

    LogSink& sink_;
    const io::Clock& clock_;
    const FunctionDefinition& definition_;
    const LogLevel level_;
    const std::string group_;
    std::string stream_;
    std::string unfinished_;
    std::string tail_;
    uint64_t budget_;
    int64_t refilled_ns_ = 0;
};

}  // namespace millrace::function
