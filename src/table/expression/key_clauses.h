// Key conditions in two steps, because AWS tells what is wrong with the expression before it looks for the table: the
// clauses as written (or as KeyConditions has them), then matched with a key.
#pragma once

#include <string>
#include <vector>

#include "src/table/expression/condition.h"

namespace millrace::table {

struct KeyClause {
    enum class Kind : uint8_t { eq, lt, le, gt, ge, between, begins_with };
    std::string name;
    Kind kind = Kind::eq;
    AttributeValue value;
    AttributeValue high;  // of between
};

// Errors of these: invalid_argument with AWS's whole sentence.
Result<std::vector<KeyClause>> compile_key_clauses(std::string_view text, Placeholders& placeholders);
Result<std::vector<KeyClause>> key_clauses_of(const ConditionTree& tree);
Result<KeyCondition> match_key(std::vector<KeyClause> clauses, const KeyNames& key);

}  // namespace millrace::table
