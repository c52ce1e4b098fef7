// Tags as the operations give them, checked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/dynamodb/shapes.h"

#include "src/aws/failure.h"

namespace millrace::service::dynamodb {

constexpr size_t tags_max = 50;  // of a table

std::optional<aws::Failure> add_tags(const std::vector<aws::dynamodb::Tag>& given,
                                     std::map<std::string, std::string>* tags);

}  // namespace millrace::service::dynamodb
