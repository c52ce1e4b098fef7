// Levels of functions' logs: what is filtered where LogFormat is JSON.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::function {

enum class LogLevel : uint8_t { trace, debug, info, warn, error, fatal };

// "INFO", in any case; also what runtimes call them: "WARNING", "CRITICAL".
std::optional<LogLevel> parse_log_level(std::string_view name);

// Of a line that a function wrote: where it is a JSON object with a "level" and an RFC 3339 time ("timestamp" or
// "time"), that level; else INFO, as AWS takes it.
LogLevel level_of_line(std::string_view line);

}  // namespace millrace::function
