// GetTables' Expression: which names of tables are wanted. Glue calls it a regular expression; clients write Hive's
// patterns ("*orders*", "a*|b*": awswrangler, Hive) and simple regular expressions ("orders_.*", "^orders$").
//
//   pattern     = alternative { "|" alternative }
//   alternative = [ "^" ] { "*" | ".*" | "." | "\" character | character } [ "$" ]
//
// A star, with or without a dot before it, is any run of characters; a dot alone is any one. Case does not matter. The
// other constructs of regular expressions are refused by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::service::glue {

class TablePattern {
  public:
    static Result<TablePattern> parse(std::string_view expression);  // invalid_argument, unsupported
    bool matches(std::string_view lower_case_name) const;            // time: name * pattern

  private:
    struct Item {
        enum class Kind : uint8_t { literal, any_one, any_run } kind;
        char literal = 0;
    };
    std::vector<std::vector<Item>> alternatives_;
};

}  // namespace millrace::service::glue
