#include "src/table/arn.h"

namespace millrace::table {
namespace {

// Moves `*rest` past `separator` and returns what was before it.
std::optional<std::string_view> take(std::string_view* rest, char separator) {
    const size_t at = rest->find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view before = rest->substr(0, at);
    rest->remove_prefix(at + 1);
    return before;
}

}  // namespace

std::optional<TableArn> parse_arn(std::string_view text) {
    constexpr std::string_view service = "arn:aws:dynamodb:";
    if (!text.starts_with(service)) return std::nullopt;
    text.remove_prefix(service.size());
    const auto region = take(&text, ':');
    const auto account = region ? take(&text, ':') : std::nullopt;
    if (!account || !text.starts_with("table/")) return std::nullopt;
    text.remove_prefix(6);
    TableArn arn{.scope = {std::string(*account), std::string(*region)}, .table = {}, .kind = {}, .part = {}};
    if (const auto name = take(&text, '/')) {
        const auto kind = take(&text, '/');
        if (!kind || text.empty()) return std::nullopt;
        arn.table = *name;
        arn.kind = *kind;
        arn.part = text;
    } else {
        arn.table = text;
    }
    if (arn.table.empty()) return std::nullopt;
    return arn;
}

std::string arn_of(const Scope& scope, std::string_view table) {
    return "arn:aws:dynamodb:" + scope.region + ":" + scope.account + ":table/" + std::string(table);
}
std::string arn_of(const TableDefinition& table) {
    return arn_of(table.scope, table.name);
}
std::string arn_of(const TableDefinition& table, const Index& index) {
    return arn_of(table) + "/index/" + index.name;
}
std::string arn_of(const TableDefinition& table, const ChangeStream& stream) {
    return arn_of(table) + "/stream/" + stream.label;
}

const ChangeStream* find_stream(const TableDefinition& table, std::string_view label) {
    if (table.stream && table.stream->label == label) return &*table.stream;
    for (const ChangeStream& old : table.old_streams) {
        if (old.label == label) return &old;
    }
    return nullptr;
}

}  // namespace millrace::table
