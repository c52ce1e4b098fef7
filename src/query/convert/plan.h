// What a conversion does with each member of a record, settled once from the table's columns and the options.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/result.h"
#include "src/catalog/hive_type.h"
#include "src/query/convert/timestamp_text.h"

namespace millrace::catalog {
struct Table;
}

namespace millrace::query {

struct ConversionOptions;

// How JSON is read: the deserializer and its options, compiled.
struct ReadRules {
    bool openx = true;
    bool case_insensitive = true;  // keys of structs are compared in lower case
    bool lower_keys = true;        // keys of maps and of objects kept as text are put in lower case
    bool convert_dots = false;
    std::vector<JodaPattern> timestamp_patterns;
};

// One column, element or field.
struct ColumnPlan {
    catalog::HiveType type;
    std::vector<ColumnPlan> children;  // as type.children

    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    // struct: the key in a record, as the rules put it -> index of the child
    std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> child_of_key;
};

// The whole row as a struct, one child a column. Errors as RecordConverter::make.
struct RowPlan {
    ColumnPlan row;
    std::vector<std::string> column_names;
    ReadRules rules;
};
Result<RowPlan> make_row_plan(const catalog::Table& table, const ConversionOptions& options);

// Puts a key of a record as the rules say.
void put_key(const ReadRules& rules, bool lower, std::string_view key, std::string& out);

}  // namespace millrace::query
