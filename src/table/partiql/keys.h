// The key that a WHERE clause names: what its terms, joined by AND, say about attributes of a key.
#pragma once

#include <string>
#include <vector>

#include "src/table/expression/key_clauses.h"

namespace millrace::table::partiql {

// One term that bounds an attribute: `clause` for each value it may have (IN has many).
struct KeyTerm {
    std::vector<KeyClause> alternatives;
};

// The terms of a clause: its own where it is an AND, else itself.
std::vector<ConditionTree> terms_of(ConditionTree where);
// What the term says about the attribute `name`, if it bounds it: = < <= > >= BETWEEN, begins_with, IN.
std::optional<KeyTerm> key_term(const ConditionTree& term, const std::string& name);
bool is_equality(const KeyTerm& term);  // of one value or more

}  // namespace millrace::table::partiql
