// A stage's access log format: text with $context variables, compiled once.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
//
// Values come from requests, so that a line stays a line: control characters, quotes and backslashes are escaped as in
// JSON strings where the format is JSON, control characters in every format.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::gateway {

class LogFormat {
  public:
    static constexpr size_t format_bytes_max = 3'072;     // ours; AWS's is of the same order
    static constexpr size_t value_bytes_max = 4'096;      // of one variable: AWS cuts values, too
    static constexpr size_t line_bytes_max = 256 * 1024;  // a log event's at AWS

    // invalid_argument: several lines, no request id, too long.
    static Result<LogFormat> parse(std::string_view text);
    // `value`: of a name without its "$context."; nullopt prints "-".
    std::string line(const std::function<std::optional<std::string>(std::string_view name)>& value) const;

  private:
    struct Piece {
        std::string text;
        bool is_name = false;
    };
    std::vector<Piece> pieces_;
    bool json_ = false;
};

}  // namespace millrace::gateway
