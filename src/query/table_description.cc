#include "src/query/table_description.h"

#include <charconv>

#include "src/query/wire.h"

namespace millrace::query {

namespace {

constexpr std::string_view scheme = "lake://";

// What a path cannot hold as it is; DuckDB decodes it again.
std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
            byte == '-' || byte == '_') {
            encoded += c;
        } else {
            encoded += '%';
            encoded += digits[byte >> 4];
            encoded += digits[byte & 15];
        }
    }
    return encoded;
}

// Compression is told by the name's ending, as Athena does: .gz, .zst... Everything else of the key stays out.
std::string_view compression_ending(std::string_view path) {
    for (const std::string_view ending : {".gz", ".gzip", ".zst"}) {
        if (path.ends_with(ending)) return ending == ".gzip" ? ".gz" : ending;
    }
    return {};
}

void put_columns(WireWriter& out, const std::vector<DescribedColumn>& columns) {
    out.number(columns.size());
    for (const DescribedColumn& column : columns) {
        out.text(column.name);
        out.text(column.type);
    }
}

std::vector<DescribedColumn> get_columns(WireReader& in) {
    std::vector<DescribedColumn> columns(in.count(16));
    for (DescribedColumn& column : columns) {
        column.name = in.text();
        column.type = in.text();
    }
    return columns;
}

}  // namespace

std::string_view TableDescription::property(std::string_view name) const {
    for (const auto& [key, value] : properties) {
        if (key == name) return value;
    }
    return {};
}

std::string encode(const TableDescription& table) {
    WireWriter out;
    out.text(table.view_sql);
    out.text(table.view_database);
    out.number(table.number);
    out.number(static_cast<uint64_t>(table.format));
    put_columns(out, table.columns);
    put_columns(out, table.partition_keys);
    out.number(table.properties.size());
    for (const auto& [key, value] : table.properties) {
        out.text(key);
        out.text(value);
    }
    out.number(table.objects.size());
    for (const DescribedObject& object : table.objects) {
        out.text(object.path);
        out.number(object.size);
        out.number(object.partitions.size());
        for (const std::string& value : object.partitions) out.text(value);
    }
    return out.take();
}

Result<TableDescription> decode_table_description(std::string_view bytes) {
    WireReader in(bytes);
    TableDescription table;
    table.view_sql = in.text();
    table.view_database = in.text();
    table.number = in.number();
    table.format = static_cast<TableFormat>(in.number());
    table.columns = get_columns(in);
    table.partition_keys = get_columns(in);
    table.properties.resize(in.count(16));
    for (auto& [key, value] : table.properties) {
        key = in.text();
        value = in.text();
    }
    table.objects.resize(in.count(24));
    for (DescribedObject& object : table.objects) {
        object.path = in.text();
        object.size = in.number();
        object.partitions.resize(in.count(8));
        for (std::string& value : object.partitions) value = in.text();
    }
    if (!in.done() || table.format > TableFormat::delimited_text) {
        return Error{ErrorCode::corruption, "a table's description makes no sense"};
    }
    return table;
}

std::string object_name(const TableDescription& table, size_t index) {
    std::string name = std::string(scheme) + std::to_string(table.number) + "/";
    const DescribedObject& object = table.objects[index];
    for (size_t i = 0; i < table.partition_keys.size() && i < object.partitions.size(); ++i) {
        name += percent_encode(table.partition_keys[i].name) + "=" + percent_encode(object.partitions[i]) + "/";
    }
    return name + std::to_string(index) + std::string(compression_ending(object.path));
}

bool parse_object_name(std::string_view name, uint64_t* number, uint64_t* index) {
    if (!name.starts_with(scheme)) return false;
    name.remove_prefix(scheme.size());
    const char* end = name.data() + name.size();
    const auto table = std::from_chars(name.data(), end, *number);
    if (table.ec != std::errc{} || table.ptr == end || *table.ptr != '/') return false;
    const std::string_view last = name.substr(name.rfind('/') + 1);
    const auto object = std::from_chars(last.data(), last.data() + last.size(), *index);
    return object.ec == std::errc{} && (object.ptr == end || *object.ptr == '.');
}

}  // namespace millrace::query
