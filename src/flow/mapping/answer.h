// What a function answered, as far as a mapping looks at it.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow::mapping {

struct Answer {
    std::vector<std::string> failed;   // itemIdentifiers; none: all records are done
    std::optional<std::string> state;  // JSON
};

// invalid_argument where it is malformed, which makes the whole batch a failed one. With `report_item_failures`:
// null, {}, and an absent, null or empty "batchItemFailures" mean success; an element without a text as its
// "itemIdentifier" is malformed, and so is anything that is no object. With `want_state`, an object with a "state" is
// needed. With neither nothing is looked at.
Result<Answer> read_answer(std::string_view payload, bool report_item_failures, bool want_state);

}  // namespace millrace::flow::mapping
