// Glue's partition expression: which partitions of a table a GetPartitions or a pruned query wants.
// (docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html, "Expression")
//
//   or         = and { OR and }
//   and        = not { AND not }
//   not        = NOT not | "(" or ")" | predicate
//   predicate  = operand ( "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" ) operand
//              | key [ NOT ] IN "(" literal { "," literal } ")"
//              | key [ NOT ] BETWEEN literal AND literal
//              | key [ NOT ] LIKE literal
//              | key IS [ NOT ] NULL
//   operand    = key | literal, one of each kind a comparison
//   literal    = 'text' (a quote doubled) | number | DATE 'yyyy-mm-dd' | TIMESTAMP '...' | {d '...'} | {ts '...'}
//   key        = name | "name" | `name`, in any case
//
// Values are compared as the key's type says: integers and decimals as numbers, dates and timestamps in time, strings
// by bytes. A value that is not of its key's type, and Hive's __HIVE_DEFAULT_PARTITION__, is NULL: as in SQL no
// comparison with it holds, nor does its negation.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::catalog {

struct Column;

class PartitionFilter {
  public:
    // `keys`: the table's partition keys. An empty expression (or white space) takes every partition. Errors:
    // invalid_argument - not of the grammar, a name that is no key, a literal or a key's type that cannot be compared.
    static Result<PartitionFilter> parse(std::string_view expression, const std::vector<Column>& keys);

    PartitionFilter(PartitionFilter&&) noexcept;
    PartitionFilter& operator=(PartitionFilter&&) noexcept;
    ~PartitionFilter();

    // `values`: one a key, in order (false where there are not as many). Any thread.
    bool matches(const std::vector<std::string>& values) const;

  private:
    struct Node;
    explicit PartitionFilter(std::unique_ptr<Node> root, size_t key_count);
    std::unique_ptr<Node> root_;  // null: everything
    size_t key_count_;
};

}  // namespace millrace::catalog
