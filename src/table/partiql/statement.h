// A PartiQL statement, as DynamoDB understands it, with its parameters in place.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
//
//   statement  = select | insert | update | delete | EXISTS '(' select ')'
//   select     = SELECT ('*' | path, ...) FROM table [WHERE condition] [ORDER BY name [ASC | DESC], ...]
//   insert     = INSERT INTO table VALUE struct
//   update     = UPDATE table change+ WHERE condition [returning] | FROM table WHERE condition change+ [returning]
//   change     = SET path '=' value, ... | REMOVE path, ...
//   delete     = DELETE FROM table WHERE condition [returning]
//   returning  = RETURNING (ALL | MODIFIED) (OLD | NEW) '*'
//   table      = name ['.' name]                                  a table, or an index of it
//   value      = operand [('+' | '-') operand] | list_append(operand, operand) | if_not_exists(path, operand)
//              | set_add(path, operand) | set_delete(path, operand)
//   condition  = AND, OR, NOT, parentheses over: operand (= <> != < <= > >=) operand, operand BETWEEN a AND b,
//                operand IN [a, ...] or (a, ...), path IS [NOT] (MISSING | NULL | type), attribute_exists(path), ...
//   operand    = path | size(path) | literal | '?'
//   literal    = 'text' | number | true | false | null | [a, ...] | {'k': v, ...} | <<a, ...>>
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/expression/condition.h"
#include "src/table/expression/update.h"

namespace millrace::table::partiql {

enum class Returning : uint8_t { none, all_old, all_new, modified_old, modified_new };

struct Order {
    std::string name;
    bool descending = false;
};

struct Statement {
    enum class Kind : uint8_t { select, insert, update, erase, exists };
    Kind kind = Kind::select;
    std::string table;
    std::string index;          // "" for the table itself
    std::vector<Path> columns;  // of a select; none: all
    ConditionTree where;        // all_of nothing where there is none
    std::vector<Order> order;
    Item item;          // of an insert
    UpdateTree update;  // of an update
    Returning returning = Returning::none;

    bool reads() const { return kind == Kind::select; }
};

// invalid_argument with AWS's sentence. Bounded: text by `statement_bytes_max`, depth by 100 levels of parentheses and
// by what a value may nest.
Result<Statement> parse_statement(std::string_view text, std::span<const AttributeValue> parameters);

constexpr size_t statement_bytes_max = 8192;

}  // namespace millrace::table::partiql
