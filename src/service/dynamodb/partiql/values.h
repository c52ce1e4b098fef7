// Attribute values between the API's shapes and the engine's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/dynamodb/shapes.h"

#include "src/aws/failure.h"
#include "src/table/value/attribute_value.h"

namespace millrace::service::dynamodb::ql {

namespace shapes = aws::dynamodb;

using ShapeItem = std::map<std::string, shapes::AttributeValue>;

// ValidationException with AWS's sentence where a value is none.
aws::Outcome<std::vector<table::AttributeValue>> parameters_of(
    const std::optional<std::vector<shapes::AttributeValue>>& given);
ShapeItem shape_of(const table::Item& item);

}  // namespace millrace::service::dynamodb::ql
