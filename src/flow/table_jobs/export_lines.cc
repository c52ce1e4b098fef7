#include "src/flow/table_jobs/export_lines.h"

#include "src/table/value/item_codec.h"
#include "src/table/value/item_ion.h"
#include "src/table/value/item_json.h"

namespace millrace::flow {
namespace {

constexpr std::string_view ion_marker = "$ion_1_0 ";
constexpr int64_t microseconds = 1000;  // a millisecond

}  // namespace

Result<std::string_view> ExportLines::item(const table::StoredItem& item) {
    line_.clear();
    if (form_.ion) line_ += ion_marker;
    begin("Item", true);
    TRY(append(item));
    line_ += "}\n";
    return std::string_view(line_);
}

Result<std::string_view> ExportLines::change(const table::ChangedItem& item) {
    line_.clear();
    if (form_.ion) line_ += ion_marker;
    table::Item metadata;
    metadata.set("WriteTimestampMicros", {table::Number::of(item.written.value() * microseconds)});
    begin("Metadata", true);
    form_.ion ? table::append_ion(metadata, &line_) : table::append_json(metadata, &line_);
    begin("Keys", false);
    TRY(append_keys(item.after ? *item.after : *item.before));
    if (item.before && form_.old_images) {
        begin("OldImage", false);
        TRY(append(*item.before));
    }
    if (item.after) {
        begin("NewImage", false);
        TRY(append(*item.after));
    }
    line_ += "}\n";
    return std::string_view(line_);
}

void ExportLines::begin(std::string_view field, bool first) {
    line_ += first ? '{' : ',';
    if (!form_.ion) line_ += '"';
    line_ += field;
    line_ += form_.ion ? ":" : "\":";
}

Status ExportLines::append(const table::StoredItem& item) {
    if (!form_.ion) return table::append_json_of_encoded(item.bytes(), &line_);
    TRY_ASSIGN(const table::Item tree, item.item());
    table::append_ion(tree, &line_);
    return {};
}

Status ExportLines::append_keys(const table::StoredItem& item) {
    table::Item keys;
    for (const std::string& name : {key_.partition, key_.sort}) {
        if (name.empty()) continue;
        TRY_ASSIGN(std::optional<table::AttributeValue> value, table::decode_attribute(item.bytes(), name));
        if (value) keys.set(name, std::move(*value));
    }
    form_.ion ? table::append_ion(keys, &line_) : table::append_json(keys, &line_);
    return {};
}

}  // namespace millrace::flow
