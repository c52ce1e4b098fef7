#include "src/query/convert/plan.h"

#include "src/catalog/lake.h"
#include "src/query/record_converter.h"

namespace millrace::query {

namespace {

using catalog::HiveType;

// The mapping is of column names to keys; the SerDe applies it to the fields of nested structs as well.
const std::string& key_of(const ConversionOptions& options, const std::string& name) {
    const auto mapped = options.column_to_json_key.find(name);
    return mapped == options.column_to_json_key.end() ? name : mapped->second;
}

void plan_fields(ColumnPlan& plan, const std::vector<std::string>& names, const ReadRules& rules,
                 const ConversionOptions& options);

ColumnPlan plan_of(HiveType type, const ReadRules& rules, const ConversionOptions& options) {
    ColumnPlan plan;
    for (HiveType& child : type.children) plan.children.push_back(plan_of(child, rules, options));
    if (type.kind == HiveType::Kind::structure) plan_fields(plan, type.field_names, rules, options);
    plan.type = std::move(type);
    return plan;
}

void plan_fields(ColumnPlan& plan, const std::vector<std::string>& names, const ReadRules& rules,
                 const ConversionOptions& options) {
    for (size_t i = 0; i < names.size(); ++i) {
        std::string key;
        put_key(rules, rules.case_insensitive, key_of(options, names[i]), key);
        plan.child_of_key.emplace(std::move(key), static_cast<uint32_t>(i));
    }
}

Result<ReadRules> rules_of(const ConversionOptions& options) {
    ReadRules rules;
    rules.openx = options.deserializer == ConversionOptions::Deserializer::openx_json;
    // Hive's SerDe finds columns and fields in any case and leaves the keys of maps as they are.
    rules.case_insensitive = rules.openx ? options.case_insensitive : true;
    rules.lower_keys = rules.openx && options.case_insensitive;
    rules.convert_dots = rules.openx && options.convert_dots;
    if (rules.openx && !options.timestamp_formats.empty()) {
        return Error{ErrorCode::invalid_argument, "TimestampFormats belong to HiveJsonSerDe"};
    }
    if (!rules.openx && (!options.column_to_json_key.empty() || options.convert_dots)) {
        return Error{ErrorCode::invalid_argument,
                     "ColumnToJsonKeyMappings and ConvertDotsInJsonKeysToUnderscores belong to OpenXJsonSerDe"};
    }
    for (const std::string& format : options.timestamp_formats) {
        TRY_ASSIGN(JodaPattern pattern, JodaPattern::compile(format));
        rules.timestamp_patterns.push_back(std::move(pattern));
    }
    return rules;
}

}  // namespace

void put_key(const ReadRules& rules, bool lower, std::string_view key, std::string& out) {
    out.assign(key);
    if (!lower && !rules.convert_dots) return;
    for (char& c : out) {
        if (lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (rules.convert_dots && c == '.') c = '_';
    }
}

Result<RowPlan> make_row_plan(const catalog::Table& table, const ConversionOptions& options) {
    RowPlan plan;
    TRY_ASSIGN(plan.rules, rules_of(options));
    if (table.storage.columns.empty()) {
        return Error{ErrorCode::invalid_argument, "the table " + table.name + " has no columns"};
    }
    plan.row.type.kind = HiveType::Kind::structure;
    for (const catalog::Column& column : table.storage.columns) {
        auto type = catalog::parse_hive_type(column.type);
        if (!type.ok()) return with_context(std::move(type).error(), "column " + column.name);
        plan.row.children.push_back(plan_of(std::move(type).value(), plan.rules, options));
        plan.column_names.push_back(column.name);
    }
    plan_fields(plan.row, plan.column_names, plan.rules, options);
    if (plan.row.child_of_key.size() != plan.column_names.size()) {
        return Error{ErrorCode::invalid_argument, "two columns of the table " + table.name + " take the same JSON key"};
    }
    return plan;
}

}  // namespace millrace::query
