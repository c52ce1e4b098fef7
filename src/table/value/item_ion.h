// Amazon Ion text, both ways, with DynamoDB's types in it as its exports to S3 write them and its imports read them:
//   S string, N decimal, B blob, BOOL bool, NULL null, M struct, L list; SS, NS, BS a list that is annotated
//   $dynamodb_SS, $dynamodb_NS, $dynamodb_BS
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
// https://amazon-ion.github.io/ion-docs/docs/spec.html
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/table/value/attribute_value.h"

namespace millrace::table {

// Appends {name:"x",...} on one line.
void append_ion(const Item& item, std::string* out);
void append_ion(const AttributeValue& value, std::string* out);
void append_ion_decimal(const Number& number, std::string* out);  // 103. 6d2 -1.5 1d-130

// One struct and nothing else but white space and comments, without a version marker. `levels`: lists and structs that
// may be around a value in it. Whole numbers may be ints. invalid_argument: it is not Ion, or has what DynamoDB has no
// type for (float, timestamp, symbol, clob, sexp, other annotations, symbol ids, a name twice), with AWS's sentence
// where it is a rule about values.
Result<Item> parse_item_ion(std::string_view text, int levels = nesting_max);

}  // namespace millrace::table
