#include "src/service/dynamodb/items/capacity.h"

#include <algorithm>
#include <charconv>

#include "src/aws/json.h"
#include "src/table/engine/index_entries.h"
#include "src/table/value/item_codec.h"

namespace millrace::service::dynamodb {
namespace {

using table::Index;
using table::Item;
using table::TableDefinition;

constexpr size_t read_unit_bytes = 4096;
constexpr size_t write_unit_bytes = 1024;

double rounded_up(size_t bytes, size_t unit) {
    return static_cast<double>(std::max<size_t>((bytes + unit - 1) / unit, 1));
}

// Halves are as small as it gets: "0.5", "12.0".
void append_units(double units, std::string* out) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, units, std::chars_format::fixed, 1).ptr;
    out->append(text, end);
}

// Of two items that are in an index: whether under one key.
bool same_key(const Item& a, const Item& b, const table::KeyNames& key) {
    for (size_t i = 0; i < key.size(); ++i) {
        if (*a.find(key.at(i).name) != *b.find(key.at(i).name)) return false;
    }
    return true;
}

struct Entry {
    std::string bytes;
    size_t counted = 0;
};

// What of the item is in the index; nullopt: nothing.
Result<std::optional<Entry>> entry_of(const TableDefinition& table, const Index& index, const std::optional<Item>& item,
                                      std::string_view encoded) {
    if (!item) return std::optional<Entry>();
    for (size_t i = 0; i < index.key.size(); ++i) {
        const auto [name, type, is_partition] = index.key.at(i);
        const auto* value = item->find(name);
        if (value == nullptr || value->type() != type) return std::optional<Entry>();
    }
    Entry entry{table::engine::index_value(index, table.key, *item, encoded), 0};
    TRY_ASSIGN(entry.counted, table::counted_bytes_of_encoded(entry.bytes));
    return std::optional<Entry>(std::move(entry));
}

void append_by_index(std::string_view member, const std::map<std::string, double>& units, std::string* out) {
    if (units.empty()) return;
    out->append(",\"").append(member).append("\":{");
    bool first = true;
    for (const auto& [name, count] : units) {
        if (!first) out->push_back(',');
        first = false;
        aws::append_json_string(name, *out);
        out->append(":{\"CapacityUnits\":");
        append_units(count, out);
        out->push_back('}');
    }
    out->push_back('}');
}

}  // namespace

CapacityDetail capacity_detail(const std::optional<std::string>& given) {
    if (given && *given == "TOTAL") return CapacityDetail::total;
    if (given && *given == "INDEXES") return CapacityDetail::indexes;
    return CapacityDetail::none;
}

double Capacity::total() const {
    double units = table;
    for (const auto& [name, count] : local) units += count;
    for (const auto& [name, count] : global) units += count;
    return units;
}

Capacity& Capacity::operator+=(const Capacity& other) {
    table += other.table;
    for (const auto& [name, count] : other.local) local[name] += count;
    for (const auto& [name, count] : other.global) global[name] += count;
    return *this;
}

Capacity& Capacity::operator*=(double factor) {
    table *= factor;
    for (auto& [name, count] : local) count *= factor;
    for (auto& [name, count] : global) count *= factor;
    return *this;
}

double read_units(size_t bytes, bool consistent) {
    return rounded_up(bytes, read_unit_bytes) * (consistent ? 1 : 0.5);
}

Capacity page_capacity(const Index* index, size_t bytes, const table::Fetched& fetched, bool consistent) {
    const double units = read_units(bytes - fetched.bytes, consistent);
    Capacity capacity;
    if (index == nullptr) {
        capacity.table = units;
        return capacity;
    }
    (index->global ? capacity.global : capacity.local)[index->name] = units;
    capacity.table = static_cast<double>(fetched.blocks) * (consistent ? 1 : 0.5);
    return capacity;
}

double write_units(size_t bytes) {
    return rounded_up(bytes, write_unit_bytes);
}

double write_units(const table::WriteOutcome& outcome) {
    return write_units(std::max(outcome.old_bytes, outcome.new_bytes));
}

Result<Capacity> write_capacity(const TableDefinition& table, const table::WriteOutcome& outcome) {
    Capacity capacity;
    capacity.table = write_units(outcome);
    if (table.indexes.empty()) return capacity;
    std::optional<Item> old_item, new_item;
    std::string_view old_bytes, new_bytes;
    if (outcome.old_item) {
        old_bytes = outcome.old_item->bytes();
        TRY_ASSIGN(old_item, outcome.old_item->item());
    }
    if (outcome.new_item) {
        new_bytes = outcome.new_item->bytes();
        TRY_ASSIGN(new_item, outcome.new_item->item());
    }
    for (const Index& index : table.indexes) {
        TRY_ASSIGN(const auto before, entry_of(table, index, old_item, old_bytes));
        TRY_ASSIGN(const auto after, entry_of(table, index, new_item, new_bytes));
        double units = 0;
        if (before && after && same_key(*old_item, *new_item, index.key)) {
            if (before->bytes != after->bytes) units = write_units(std::max(before->counted, after->counted));
        } else {  // an entry under another key is taken out and put in
            if (before) units += write_units(before->counted);
            if (after) units += write_units(after->counted);
        }
        if (units > 0) (index.global ? capacity.global : capacity.local)[index.name] = units;
    }
    return capacity;
}

void append_capacity(const TableDefinition& table, const Capacity& capacity, CapacityDetail detail,
                     std::string_view transaction, std::string* out) {
    out->append("{\"TableName\":");
    aws::append_json_string(table.name, *out);
    out->append(",\"CapacityUnits\":");
    append_units(capacity.total(), out);
    if (!transaction.empty()) {
        out->append(",\"").append(transaction).append("\":");
        append_units(capacity.total(), out);
    }
    if (detail == CapacityDetail::indexes) {
        out->append(",\"Table\":{\"CapacityUnits\":");
        append_units(capacity.table, out);
        if (!transaction.empty()) {
            out->append(",\"").append(transaction).append("\":");
            append_units(capacity.table, out);
        }
        out->push_back('}');
        append_by_index("LocalSecondaryIndexes", capacity.local, out);
        append_by_index("GlobalSecondaryIndexes", capacity.global, out);
    }
    out->push_back('}');
}

}  // namespace millrace::service::dynamodb
