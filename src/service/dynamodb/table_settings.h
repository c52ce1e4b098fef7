// What a table's definition carries for the service alone (table::TableDefinition::settings, Index::settings): what is
// billed, shown, and asked for by the control plane, and changes nothing about how items are kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/table/value/attribute_value.h"

namespace millrace::service::dynamodb {

// Read and write units; kept and shown, not enforced.
struct Units {
    int64_t read = 0;
    int64_t write = 0;
    bool operator==(const Units&) const = default;
};

struct Throughput {
    Units units;  // 0 on demand
    TimestampMs increased, decreased;
    int64_t decreases_today = 0;
};

struct IndexSettings {
    Throughput throughput;
    std::optional<Units> on_demand_max;  // -1: no maximum
    std::optional<Units> warm;
};

struct RestoredFrom {
    std::string backup_arn;  // "" where it was another table
    std::string table_arn;
    TimestampMs time;
};

struct TableSettings {
    std::vector<std::pair<std::string, table::Type>> attributes;  // AttributeDefinitions, as given
    bool on_demand = false;
    TimestampMs on_demand_since;
    Throughput throughput;
    std::optional<Units> on_demand_max;
    std::optional<Units> warm;
    std::string table_class;  // "" where never given
    TimestampMs class_changed;
    bool deletion_protection = false;
    std::map<std::string, std::string> tags;
    std::string policy;  // the table's resource policy; "" where there is none
    std::string policy_revision;
    std::string stream_policy;  // of its streams, by the one ARN that has one
    std::string stream_policy_revision;
    std::string stream_policy_arn;
    std::optional<RestoredFrom> restored;
    int64_t recovery_days = 35;
    TimestampMs ttl_changed;
};

// Versioned JSON. corruption where it does not parse. "" is all defaults.
std::string encode(const TableSettings& settings);
Result<TableSettings> decode_table_settings(std::string_view json);
std::string encode(const IndexSettings& settings);
Result<IndexSettings> decode_index_settings(std::string_view json);

}  // namespace millrace::service::dynamodb
