// What both kinds of transactions share: how they are called off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/aws/failure.h"

namespace millrace::service::dynamodb {

struct CancellationReason {
    std::string code = "None";
    std::string message;
    std::string item;  // JSON; "" for none
};
// TransactionCanceledException: one reason an action, in their order.
aws::Failure cancelled(const std::vector<CancellationReason>& reasons);
bool is_cancelled(const std::vector<CancellationReason>& reasons);
// The reason that a check of one action gives.
CancellationReason reason_of(const std::optional<aws::Failure>& failure);

}  // namespace millrace::service::dynamodb
