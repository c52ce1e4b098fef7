// Puts names and values in the places of a template's placeholders, and checks what only they can tell: that they are
// defined, the number of a function's operands, the types of values. AWS looks at one comparison or call after the
// other and tells the first it finds wrong; of one, in this order.
#pragma once

#include <optional>
#include <string>

#include "src/table/expression/expression.h"
#include "src/table/expression/syntax.h"

namespace millrace::table {

// Errors are invalid_argument without "Invalid ...Expression: ".
class Binder {
  public:
    explicit Binder(Placeholders& placeholders) : placeholders_(placeholders) {}

    Result<Path> path(const PathSyntax& syntax);
    Result<const AttributeValue*> value(const std::string& placeholder);  // valid as long as the placeholders
    // Only that all placeholders in it are defined.
    Status defined(const OperandSyntax& operand);
    Status names_defined(const OperandSyntax& operand);
    Status names_defined(const PathSyntax& path);

  private:
    Placeholders& placeholders_;
};

Result<ConditionTree> bind_condition(const ConditionSyntax& syntax, Placeholders& placeholders);
Result<std::shared_ptr<const Update>> bind_update(const UpdateSyntax& syntax, Placeholders& placeholders);
Result<std::vector<Path>> bind_projection(const ProjectionSyntax& syntax, Placeholders& placeholders);

// No two may be the same, nor one inside the other, nor use one place as a list and as a map.
Status check_distinct(const std::vector<Path>& paths);

}  // namespace millrace::table
