#include "src/query/result_objects.h"

#include <utility>

#include "src/object/store.h"
#include "src/query/session/query_tables.h"
#include "src/query/worker/trino_text.h"

namespace millrace::query {

namespace {

constexpr uint64_t row_bytes_max = 80 << 20;  // rows come from the child in messages of up to 64 MiB
constexpr size_t row_values_max = 100'000;
constexpr size_t read_bytes = 256 << 10;
constexpr size_t page_bytes_max = 8 << 20;  // a page ends early rather than grow past this
constexpr uint64_t nullable_unknown = 3;

void put_varint(uint64_t value, std::string* out) {
    while (value >= 0x80) {
        out->push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out->push_back(static_cast<char>(value));
}
void put_number(uint32_t field, uint64_t value, std::string* out) {
    put_varint(uint64_t{field} << 3, out);
    put_varint(value, out);
}
void put_bytes(uint32_t field, std::string_view bytes, std::string* out) {
    put_varint(uint64_t{field} << 3 | 2, out);
    put_varint(bytes.size(), out);
    out->append(bytes);
}

// One field of a protobuf message; false at the end or where the bytes are none.
struct Field {
    uint64_t number = 0;
    uint64_t value = 0;
    std::string_view bytes;
};
bool take_varint(std::string_view* in, uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(in->front());
        in->remove_prefix(1);
        *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}
bool take_field(std::string_view* in, Field* field) {
    uint64_t key = 0;
    if (!take_varint(in, &key) || !take_varint(in, &field->value)) return false;
    field->number = key >> 3;
    field->bytes = {};
    if ((key & 7) == 0) return true;
    if ((key & 7) != 2 || field->value > in->size()) return false;
    field->bytes = in->substr(0, field->value);
    in->remove_prefix(field->value);
    return true;
}

object::PutOptions octets() {
    object::PutOptions options;
    options.system["content-type"] = "application/octet-stream";
    return options;
}

Status put_metadata(object::Store& objects, const std::string& bucket, const std::string& key,
                    std::string_view query_id, const std::vector<ResultColumn>& columns) {
    auto put = objects.put(bucket, key + ".metadata", encode_metadata(query_id, columns), octets());
    if (!put) return std::move(put).error();
    return {};
}

}  // namespace

std::string encode_metadata(std::string_view query_id, const std::vector<ResultColumn>& columns) {
    std::string out;
    put_bytes(1, query_id, &out);
    for (const ResultColumn& column : columns) {
        std::string message;
        put_bytes(1, "hive", &message);
        put_bytes(4, column.name, &message);
        put_bytes(5, column.name, &message);
        put_bytes(6, column.type, &message);
        put_number(7, static_cast<uint32_t>(column.precision), &message);
        put_number(8, static_cast<uint32_t>(column.scale), &message);
        put_number(9, nullable_unknown, &message);
        put_number(10, column.type == "varchar" ? 1 : 0, &message);
        put_bytes(4, message, &out);
    }
    return out;
}

Result<std::vector<ResultColumn>> decode_metadata(std::string_view bytes) {
    std::vector<ResultColumn> columns;
    const Error broken{ErrorCode::corruption, "a result's metadata object makes no sense"};
    Field field;
    while (!bytes.empty()) {
        if (!take_field(&bytes, &field)) return broken;
        if (field.number != 4) continue;
        ResultColumn column;
        std::string_view message = field.bytes;
        while (!message.empty()) {
            if (!take_field(&message, &field)) return broken;
            if (field.number == 4) column.name = field.bytes;
            if (field.number == 6) column.type = field.bytes;
            if (field.number == 7) column.precision = static_cast<int32_t>(field.value);
            if (field.number == 8) column.scale = static_cast<int32_t>(field.value);
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

CsvResult::CsvResult(object::Store& objects, std::string bucket, std::string key, std::string query_id,
                     uint64_t bytes_max)
    : objects_(objects),
      bucket_(std::move(bucket)),
      key_(std::move(key)),
      query_id_(std::move(query_id)),
      bytes_max_(bytes_max) {}

CsvResult::~CsvResult() = default;

Status CsvResult::columns(const std::vector<ResultColumn>& columns) {
    columns_ = columns;
    TRY_ASSIGN(upload_, objects_.begin_put(bucket_, key_, octets()));
    std::string header;
    for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) header += ',';
        append_csv_field(columns[i].name, &header);
    }
    header += '\n';
    return rows(header);
}

Status CsvResult::rows(std::string_view bytes) {
    bytes_ += bytes.size();
    if (bytes_ > bytes_max_) {
        return Error{ErrorCode::resource_exhausted,
                     "EXCEEDED_RESULT_SIZE_LIMIT: a result may have up to " + std::to_string(bytes_max_) + " bytes"};
    }
    return upload_->write(bytes);
}

Status CsvResult::commit() {
    if (upload_ == nullptr) return Error{ErrorCode::internal, "a query ended without describing its columns"};
    TRY(put_metadata(objects_, bucket_, key_, query_id_, columns_));
    auto committed = upload_->commit();
    if (!committed) return std::move(committed).error();
    return {};
}

Result<uint64_t> write_text_result(object::Store& objects, const std::string& bucket, const std::string& key,
                                   std::string_view query_id, const std::vector<ResultColumn>& columns,
                                   const std::vector<std::vector<std::string>>& rows) {
    std::string text;
    for (const std::vector<std::string>& row : rows) {
        for (size_t i = 0; i < row.size(); ++i) {
            if (i > 0) text += '\t';
            text += row[i];
        }
        text += '\n';
    }
    if (!columns.empty()) TRY(put_metadata(objects, bucket, key, query_id, columns));
    auto put = objects.put(bucket, key, text, octets());
    if (!put) return std::move(put).error();
    return uint64_t{text.size()};
}

Result<std::pair<std::vector<ResultRow>, uint64_t>> read_rows(object::Store& objects, std::string_view location,
                                                              uint64_t offset, size_t rows_max) {
    std::string bucket;
    std::string key;
    if (!parse_location(location, &bucket, &key)) return Error{ErrorCode::not_found, "the query has no result"};
    TRY_ASSIGN(const auto reader, objects.open_object(bucket, key));
    const bool csv = key.ends_with(".csv");
    std::vector<ResultRow> rows;
    ResultRow row;
    std::string value;
    bool quoted = false;      // inside quotes
    bool was_quoted = false;  // the field had some: empty is not NULL
    uint64_t row_end = offset;
    std::string buffer(read_bytes, '\0');
    uint64_t at = offset;
    const auto end_field = [&] {
        row.values.push_back(!csv || was_quoted || !value.empty() ? std::optional(value) : std::nullopt);
        value.clear();
        was_quoted = false;
    };
    while (rows.size() < rows_max) {
        TRY_ASSIGN(const size_t got, reader->read_at(at, buffer));
        if (got == 0) return std::pair{std::move(rows), uint64_t{0}};
        for (size_t i = 0; i < got && rows.size() < rows_max; ++i) {
            const char c = buffer[i];
            if (csv && c == '"') {
                // A doubled quote leaves and enters again: the second of the two is text.
                if (!quoted && was_quoted) value.push_back('"');
                quoted = !quoted;
                was_quoted = true;
            } else if (csv && c == ',' && !quoted) {
                end_field();
            } else if (c == '\n' && !quoted) {
                end_field();
                rows.push_back(std::exchange(row, {}));
                row_end = at + i + 1;
            } else {
                value.push_back(c);
            }
        }
        at += got;
        if (at - row_end > row_bytes_max || row.values.size() > row_values_max) {
            return Error{ErrorCode::resource_exhausted,
                         "a row of " + std::string(location) + " is too large to be shown"};
        }
        if (at - offset > page_bytes_max && !rows.empty()) break;
    }
    return std::pair{std::move(rows), row_end < reader->info().size ? row_end : uint64_t{0}};
}

}  // namespace millrace::query
