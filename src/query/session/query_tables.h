// The tables of one query: looked up in the catalog when the child asks, their objects listed once and numbered. The
// child opens by number, so it can reach nothing that no table of its query names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/query/table_description.h"

namespace millrace::catalog {
class Lake;
struct Table;
}  // namespace millrace::catalog
namespace millrace::object {
class ObjectReader;
class Store;
}  // namespace millrace::object

namespace millrace::query {

// "s3://bucket/some/prefix" apart; false where it is no such thing. `prefix` may be empty and keeps its last slash.
bool parse_location(std::string_view location, std::string* bucket, std::string* prefix);

// One thread.
class QueryTables {
  public:
    QueryTables(Scope scope, catalog::Lake& lake, object::Store& objects)
        : scope_(std::move(scope)), lake_(lake), objects_(objects) {}

    // invalid_argument with Athena's code in the message: TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, HIVE_UNSUPPORTED_FORMAT...
    Result<TableDescription> resolve(const std::string& catalog, const std::string& database, const std::string& name);
    Result<std::unique_ptr<object::ObjectReader>> open(uint64_t table, uint64_t object);

  private:
    struct Address {
        std::string bucket;
        std::string key;
    };
    Result<TableDescription> describe(const catalog::Table& table);
    Result<TableDescription> information_schema(const std::string& name);
    Status add_objects(std::string_view location, const std::vector<std::string>& partition, TableDescription* table,
                       std::vector<Address>* addresses);

    Scope scope_;
    catalog::Lake& lake_;
    object::Store& objects_;
    std::vector<std::vector<Address>> addresses_;  // by table number
};

}  // namespace millrace::query
