// ORDER BY: in which direction a plan's ranges are read, and which comes first.
#pragma once

#include <vector>

#include "src/table/partiql/keys.h"
#include "src/table/partiql/plan.h"

namespace millrace::table::partiql {

// `bounds`: what the WHERE clause says of the attributes of `key`, from the first on, of which plan->ranges were made.
// Sets plan->forward and the order of plan->ranges. invalid_argument with AWS's sentence.
Status apply_order(const Statement& statement, const KeyNames& key, const std::vector<KeyTerm>& bounds, ReadPlan* plan);

}  // namespace millrace::table::partiql
