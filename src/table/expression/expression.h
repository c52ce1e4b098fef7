// DynamoDB's five kinds of expressions, compiled once and evaluated often.
//
//   text + #names + :values  --parse-->  a template: grammar checked, operators counted, paths with placeholders
//                            --bind--->  a compiled expression: placeholders replaced, types of operands checked
//
// The templates are cached by text (bounded; any thread); binding is cheap. Every refusal carries AWS's sentence word
// for word ("Invalid UpdateExpression: Syntax error; token: \"=\", near: \"= =\"", "Invalid ConditionExpression: An
// expression attribute value used in expression is not defined; attribute value: :v", ...), as invalid_argument.
// Bounded: 4 KB of text, 300 operators, 32 levels of path, 100 operands of IN, 2 MB of values.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
//
// The legacy parameters (Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter, AttributesToGet) become
// the same compiled forms in service/dynamodb: the trees are public (condition.h, update.h, ...) so that they can be
// built.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/expression/key_names.h"
#include "src/table/value/attribute_value.h"

namespace millrace::table {

// ExpressionAttributeNames and ExpressionAttributeValues of one request. `used_*` fill as expressions bind, so that the
// service can refuse the unused ("Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}").
struct Placeholders {
    std::map<std::string, std::string, std::less<>> names;      // "#n" -> "name"
    std::map<std::string, AttributeValue, std::less<>> values;  // ":v" -> value
    std::set<std::string, std::less<>> used_names;
    std::set<std::string, std::less<>> used_values;
};

// Before any expression: the keys are #name and :value, no name is empty, the values have 2 MB at most.
Status check_placeholders(const Placeholders& placeholders);
// After all of them.
Status check_all_used(const Placeholders& placeholders);

// a.b[3].c
struct PathElement {
    std::string name;    // where index < 0
    int32_t index = -1;  // of a list
    bool operator==(const PathElement&) const = default;
};
using Path = std::vector<PathElement>;
std::string to_text(const Path& path);
// null where there is nothing at the path. Valid until the item changes.
const AttributeValue* at_path(const Item& item, const Path& path);

// --- conditions and filters ---
class Condition {  // immutable; any thread
  public:
    virtual ~Condition() = default;
    // `item` is null where there is no item: every path is then absent. An operand of a type that the operator does not
    // take makes the comparison false, as AWS's does.
    virtual bool holds(const Item* item) const = 0;
    // The top-level names it looks at, so that a filter need not decode a whole item.
    virtual const std::set<std::string, std::less<>>& attributes() const = 0;
    // Every path it uses, for "Filter Expression can only contain non-primary key attributes".
    virtual std::vector<Path> paths() const = 0;
};

// --- updates ---
class Update {  // immutable; any thread
  public:
    virtual ~Update() = default;
    // Applies every clause to what `item` was before (AWS: all right-hand sides see the old item). On an error the item
    // is unspecified: invalid_argument with AWS's sentence ("The document path provided in the update expression is
    // invalid for update", "An operand in the update expression has an incorrect data type", ...).
    virtual Status apply(Item* item) const = 0;
    // Paths it writes, for UPDATED_OLD, UPDATED_NEW and "This attribute is part of the key".
    virtual const std::vector<Path>& written() const = 0;
};
// The part of `item` at `paths`, nested as in the item: what UPDATED_NEW answers and what a projection keeps. Elements
// of a list keep their order and lose their gaps.
Item pick(const Item& item, const std::vector<Path>& paths);

// --- key conditions ---
struct SortKeyRange {  // bounds on the sort key's value
    std::optional<AttributeValue> low, high;
    bool low_open = false, high_open = false;
    std::optional<AttributeValue> prefix;  // begins_with
};
struct KeyCondition {
    AttributeValue partition;
    std::optional<SortKeyRange> sort;
    // Where a key has several attributes a part: the partition's after the first, all of them; what the first ones that
    // sort are equal to, `sort` being about the one after those.
    std::vector<AttributeValue> more_partition;
    std::vector<AttributeValue> sort_equal;
};

// Each: invalid_argument with AWS's sentence.
// `kind`: "ConditionExpression" or "FilterExpression", for messages.
Result<std::shared_ptr<const Condition>> compile_condition(std::string_view kind, std::string_view text,
                                                           Placeholders& placeholders);
Result<std::shared_ptr<const Update>> compile_update(std::string_view text, Placeholders& placeholders);
Result<std::vector<Path>> compile_projection(std::string_view text, Placeholders& placeholders);
Result<KeyCondition> compile_key_condition(std::string_view text, const KeyNames& key, Placeholders& placeholders);

}  // namespace millrace::table
