// What the model says of each member by itself - required, lengths, ranges, sets of words - checked before anything
// else, all of it reported at once: "2 validation errors detected: ...; ...". AWS names ten at most.
#pragma once

#include <optional>

#include "src/service/dynamodb/request/request.h"

namespace millrace::service::dynamodb {

std::optional<aws::Failure> check_get_item(const Request& request);
std::optional<aws::Failure> check_put_item(const Request& request);
std::optional<aws::Failure> check_update_item(const Request& request);
std::optional<aws::Failure> check_delete_item(const Request& request);
std::optional<aws::Failure> check_query(const Request& request);
std::optional<aws::Failure> check_scan(const Request& request);
std::optional<aws::Failure> check_batch_get(const BatchRequest& request);
std::optional<aws::Failure> check_batch_write(const BatchRequest& request);
std::optional<aws::Failure> check_transact_get(const BatchRequest& request);
std::optional<aws::Failure> check_transact_write(const BatchRequest& request);

}  // namespace millrace::service::dynamodb
