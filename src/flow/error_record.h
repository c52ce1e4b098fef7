// What Firehose writes to the error prefix for a record that it could not convert: one JSON object a line
// (docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html). Nothing is lost: rawData is
// the record, base64.
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/scope.h"
#include "src/flow/definition.h"
#include "src/log/log.h"

namespace millrace::flow {

struct FailedRecord {
    TimestampMs arrival;
    TimestampMs attempt_ended;
    log::Position position;
    std::string_view data;
    std::string_view code;  // "DataFormatConversion.ParseError"...
    std::string_view message;
};

// Each with the new line at its end.
std::string error_line(const FailedRecord& record, const Conversion& conversion, const Scope& scope);

// Of a record that a processor could not take
// (docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html).
struct Processed;
std::string error_line(const Processed& failed, TimestampMs attempt_ended);

}  // namespace millrace::flow
