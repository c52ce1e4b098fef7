// What the platform says about an environment and its calls: INIT_START, START, END and REPORT lines, or, where the
// function's LogFormat is JSON, the system log events that its SystemLogLevel lets through.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
//
// A Loop's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/function/log_level.h"

namespace millrace::io {
class Clock;
}

namespace millrace::function {

class EnvironmentLog;
struct CallFailure;
struct FunctionDefinition;

struct CallReport {
    std::string_view request_id;
    int64_t duration_ns = 0;
    uint64_t memory_peak_mb = 0;
    uint64_t produced_bytes = 0;           // of the answer
    std::optional<int64_t> init_ns;        // of the start that this call waited for
    const CallFailure* failure = nullptr;  // null: it returned
};

class PlatformLog {
  public:
    // `definition` outlives it, as the others do.
    PlatformLog(EnvironmentLog& log, const io::Clock& clock, const FunctionDefinition& definition, bool provisioned);

    void note(std::string_view text);  // a sentence of ours that AWS has no event for
    void init_start();
    void init_done(int64_t duration_ns, const CallFailure* failure);  // null: it asked for its first event
    void call_start(std::string_view request_id);
    void call_end(const CallReport& report);

  private:
    std::string init_members() const;
    void event(LogLevel level, std::string_view type, std::string_view record);
    void report_as_text(const CallReport& report);
    void report_as_json(const CallReport& report);

    EnvironmentLog& log_;
    const io::Clock& clock_;
    const FunctionDefinition& definition_;
    const bool provisioned_;
    const LogLevel level_;
};

}  // namespace millrace::function
