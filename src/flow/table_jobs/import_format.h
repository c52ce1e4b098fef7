// One record of an import's input as an item.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/definition.h"

namespace millrace::flow {

// {"Item":{"a":{"S":"x"},...}}. invalid_argument.
Result<table::Item> parse_import_json(std::string_view line);

// {Item:{a:"x",...}}, Amazon Ion. invalid_argument.
Result<table::Item> parse_import_ion(std::string_view record);

// The fields of a record by RFC 4180, quotes taken away. nullopt where a quote is not closed or stands in the middle.
std::optional<std::vector<std::string>> split_csv(std::string_view line, char delimiter);
// Keys of the table and of its indexes get their type, everything else is a string; empty fields are left out.
// invalid_argument.
Result<table::Item> item_of_csv(const std::vector<std::string>& header, std::vector<std::string> fields,
                                const table::TableDefinition& table);

// Whether the table would take it: its key is there and of the right types and sizes, keys of indexes are of theirs,
// and it is not too large. invalid_argument, in AWS's words.
Status check_item(const table::Item& item, const table::TableDefinition& table);

}  // namespace millrace::flow
