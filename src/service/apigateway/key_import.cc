#include "src/service/apigateway/key_import.h"

#include <algorithm>
#include <optional>

#include "src/service/apigateway/errors.h"

namespace millrace::service::apigateway {
namespace {

constexpr size_t rows_max = 10'000;

// Takes a record off `text` (RFC 4180: fields in quotes may hold commas, quotes twice, and line ends).
std::vector<std::string> take_record(std::string_view& text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                fields.back().push_back(c);
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                fields.back().push_back('"');
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"' && fields.back().empty()) {
            quoted = true;
        } else if (c == ',') {
            fields.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            fields.back().push_back(c);
        }
    }
    text.remove_prefix(std::min(text.size(), i + 1));
    return fields;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return text;
}

}  // namespace

aws::Outcome<std::vector<ImportedKey>> parse_key_csv(std::string_view text) {
    std::vector<std::string> columns = take_record(text);
    for (std::string& column : columns) column = lower(column);
    const auto has = [&](std::string_view name) { return std::ranges::find(columns, name) != columns.end(); };
    if (!has("key") || !has("name")) return bad_request("The file must have the columns name and key");
    std::vector<ImportedKey> rows;
    while (!text.empty()) {
        const std::vector<std::string> fields = take_record(text);
        if (fields.size() == 1 && fields[0].empty()) continue;
        if (fields.size() > columns.size()) return bad_request("A row has more fields than the header has columns");
        if (rows.size() == rows_max) return bad_request("The file has more than 10000 rows");
        ImportedKey& row = rows.emplace_back();
        for (size_t i = 0; i < fields.size(); ++i) {
            if (columns[i] == "name") row.name = fields[i];
            if (columns[i] == "key") row.value = fields[i];
            if (columns[i] == "description") row.description = fields[i];
            if (columns[i] == "enabled" && !fields[i].empty()) row.enabled = lower(fields[i]) == "true";
            if (columns[i] != "usageplanids") continue;
            std::string_view ids = fields[i];
            while (!ids.empty()) {
                const size_t comma = ids.find(',');
                if (comma != 0) row.plan_ids.emplace_back(ids.substr(0, comma));
                ids.remove_prefix(comma == std::string_view::npos ? ids.size() : comma + 1);
            }
        }
    }
    return rows;
}

}  // namespace millrace::service::apigateway
