#include "src/flow/table_jobs/import_format.h"

#include "src/base/base64.h"
#include "src/table/key_limits.h"
#include "src/table/value/item_ion.h"
#include "src/table/value/item_json.h"
#include "src/table/value/sentences.h"

namespace millrace::flow {
namespace {

std::string_view skip_spaces(std::string_view text) {
    const size_t at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view() : text.substr(at);
}
// Moves *text past `word` and the spaces around it; false where it does not come next.
bool take(std::string_view* text, std::string_view word) {
    *text = skip_spaces(*text);
    if (!text->starts_with(word)) return false;
    *text = skip_spaces(text->substr(word.size()));
    return true;
}

// The type that a key wants; nullopt where no key has the name.
std::optional<table::Type> key_type(const table::TableDefinition& table, const std::string& name) {
    const auto of = [&](const table::KeyNames& key) -> std::optional<table::Type> {
        for (size_t i = 0; i < key.size(); ++i) {
            if (key.at(i).name == name) return key.at(i).type;
        }
        return std::nullopt;
    };
    if (const auto type = of(table.key)) return type;
    for (const table::Index& index : table.indexes) {
        if (const auto type = of(index.key)) return type;
    }
    return std::nullopt;
}

Error invalid_parameter(std::string_view sentence) {
    return {ErrorCode::invalid_argument, "One or more parameter values were invalid: " + std::string(sentence)};
}

// The attributes of a key that the item has; all of them where they are required. In AWS's words.
Status check_key(const table::Item& item, const table::KeyNames& key, bool required) {
    size_t partition_left = table::partition_key_bytes_max;
    size_t sort_left = table::sort_key_bytes_max;
    for (size_t i = 0; i < key.size(); ++i) {
        const auto [name, type, is_partition] = key.at(i);
        const table::AttributeValue* value = item.find(name);
        if (!value && !required) continue;
        if (!value) return invalid_parameter("Missing the key " + std::string(name) + " in the item");
        if (value->type() != type) {
            return invalid_parameter("Type mismatch for key " + std::string(name) +
                                     " expected: " + std::string(table::name_of(type)) +
                                     " actual: " + std::string(table::name_of(value->type())));
        }
        const size_t bytes = table::counted_bytes(*value);
        size_t& left = is_partition ? partition_left : sort_left;
        if (bytes == 0) {
            return {ErrorCode::invalid_argument,
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                    "an empty " +
                        std::string(type == table::Type::S ? "string" : "binary") +
                        " value. Key: " + std::string(name)};
        }
        if (bytes > left) {
            return invalid_parameter(
                is_partition ? "Size of hashkey has exceeded the maximum size limit of2048 bytes"
                             : "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
        }
        left -= bytes;
    }
    return {};
}

}  // namespace

Result<table::Item> parse_import_json(std::string_view line) {
    std::string_view text = line;
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    if (!take(&text, "{") || !take(&text, "\"Item\"") || !take(&text, ":") || !text.ends_with('}')) {
        return {ErrorCode::invalid_argument, "not a line of {\"Item\":{...}}"};
    }
    text.remove_suffix(1);
    return table::parse_item_json(text);  // a whole JSON text: whatever else was in the line makes it fail
}

Result<table::Item> parse_import_ion(std::string_view record) {
    TRY_ASSIGN(table::Item whole, table::parse_item_ion(record, table::nesting_max + 1));
    table::AttributeValue* item = whole.find("Item");
    auto* attributes = item == nullptr ? nullptr : item->as<table::AttributeMap>();
    if (attributes == nullptr || whole.size() != 1) {
        return {ErrorCode::invalid_argument, "not a record of {Item:{...}}"};
    }
    return std::move(*attributes);
}

std::optional<std::vector<std::string>> split_csv(std::string_view line, char delimiter) {
    std::vector<std::string> fields(1);
    size_t i = 0;
    while (i < line.size()) {
        if (line[i] == '"' && fields.back().empty()) {
            for (++i;; ++i) {
                if (i >= line.size()) return std::nullopt;
                if (line[i] == '"') {
                    if (i + 1 >= line.size() || line[i + 1] != '"') break;
                    ++i;
                }
                fields.back() += line[i];
            }
            if (++i < line.size() && line[i] != delimiter) return std::nullopt;
        } else if (line[i] == delimiter) {
            fields.emplace_back();
            ++i;
        } else {
            fields.back() += line[i++];
        }
    }
    return fields;
}

Result<table::Item> item_of_csv(const std::vector<std::string>& header, std::vector<std::string> fields,
                                const table::TableDefinition& table) {
    if (fields.size() != header.size()) {
        return {ErrorCode::invalid_argument, "a record of " + std::to_string(fields.size()) + " fields under " +
                                                 std::to_string(header.size()) + " names"};
    }
    table::Item item;
    for (size_t i = 0; i < header.size(); ++i) {
        if (fields[i].empty()) continue;  // it is not there
        if (header[i].empty()) return {ErrorCode::invalid_argument, std::string(table::sentences::empty_name)};
        if (header[i].size() > table::sentences::name_bytes_max) {
            return {ErrorCode::invalid_argument, std::string(table::sentences::long_name)};
        }
        const auto type = key_type(table, header[i]);
        table::AttributeValue value;
        if (type == table::Type::N) {
            TRY_ASSIGN(value.value, table::Number::parse(fields[i]));
        } else if (type == table::Type::B) {
            std::string bytes;
            if (!base64_decode(fields[i], &bytes)) {
                return {ErrorCode::invalid_argument, "the key attribute " + header[i] + " is not base64"};
            }
            value.value = table::Binary{std::move(bytes)};
        } else {
            value.value = std::move(fields[i]);
        }
        item.set(header[i], std::move(value));
    }
    return item;
}

Status check_item(const table::Item& item, const table::TableDefinition& table) {
    TRY(check_key(item, table.key, true));
    for (const table::Index& index : table.indexes) TRY(check_key(item, index.key, false));
    if (table::counted_bytes(item) > table::item_bytes_max) {
        return {ErrorCode::invalid_argument, "Item size has exceeded the maximum allowed size"};
    }
    return {};
}

}  // namespace millrace::flow
