// ExecuteStatement's NextToken: where a read goes on, and of which statement it is.
//
//   base64 of {"v":1,"statement":"<CRC-64 of statement and parameters>","range":N,"key":{...}}
//
// Whoever makes one up reaches no more than the statement itself does: the key is checked against the table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/table/value/attribute_value.h"

namespace millrace::service::dynamodb::ql {

struct ReadPosition {
    size_t range = 0;                // of the plan's ranges
    std::optional<table::Item> key;  // null: the range's beginning
};

std::string encode_token(std::string_view statement, std::span<const table::AttributeValue> parameters,
                         const ReadPosition& position);
// ValidationException: "Invalid NextToken", "NextToken does not match request".
aws::Outcome<ReadPosition> decode_token(std::string_view token, std::string_view statement,
                                        std::span<const table::AttributeValue> parameters);

}  // namespace millrace::service::dynamodb::ql
