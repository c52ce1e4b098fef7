#include "src/query/worker/trino_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "duckdb.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/time.hpp"
#include "duckdb/common/types/timestamp.hpp"

namespace millrace::query {

namespace {

using duckdb::LogicalTypeId;

// Digits and exponent of the shortest form, laid out by Java's rules: plain from 10^-3 up to 10^7, else d.dddE±n.
template <class Float>
std::string java_number(Float value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    std::string_view text(buffer, static_cast<size_t>(end - buffer));
    std::string out;
    if (text.front() == '-') {
        out = "-";
        text.remove_prefix(1);
    }
    const size_t e = text.find('e');
    int exponent = 0;
    std::string_view exponent_text = text.substr(e + 1);
    if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
    std::string digits;
    for (const char c : text.substr(0, e)) {
        if (c != '.') digits += c;
    }
    if (exponent >= -3 && exponent < 7) {
        if (exponent < 0) {
            out += "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
        } else {
            const auto whole = static_cast<size_t>(exponent) + 1;
            if (digits.size() < whole) digits.append(whole - digits.size(), '0');
            out += digits.substr(0, whole) + "." + (digits.size() > whole ? digits.substr(whole) : "0");
        }
        return out;
    }
    out += digits.substr(0, 1) + "." + (digits.size() > 1 ? digits.substr(1) : "0") + "E" + std::to_string(exponent);
    return out;
}

void append_timestamp(duckdb::timestamp_t timestamp, std::string* out) {
    if (!duckdb::Timestamp::IsFinite(timestamp)) {
        out->append(duckdb::Timestamp::ToString(timestamp));
        return;
    }
    duckdb::date_t date;
    duckdb::dtime_t time;
    duckdb::Timestamp::Convert(timestamp, date, time);
    int32_t year = 0;
    int32_t month = 0;
    int32_t day = 0;
    duckdb::Date::Convert(date, year, month, day);
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    int32_t micros = 0;
    duckdb::Time::Convert(time, hour, minute, second, micros);
    char text[80];
    const int size = std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%03d", year, month, day, hour,
                                   minute, second, micros / 1000);
    out->append(text, static_cast<size_t>(size));
}

void append_time(duckdb::dtime_t time, std::string* out) {
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    int32_t micros = 0;
    duckdb::Time::Convert(time, hour, minute, second, micros);
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", hour, minute, second, micros / 1000);
    out->append(text, static_cast<size_t>(size));
}

// Trino has two interval types, DuckDB one: months alone are year-to-month, all else day-to-second.
void append_interval(duckdb::interval_t interval, std::string* out) {
    char text[96];
    int size = 0;
    if (interval.months != 0 && interval.days == 0 && interval.micros == 0) {
        const int32_t months = std::abs(interval.months);
        size = std::snprintf(text, sizeof text, "%s%d-%d", interval.months < 0 ? "-" : "", months / 12, months % 12);
    } else {
        const int64_t all_ms = (interval.months * 30LL + interval.days) * 86'400'000LL + interval.micros / 1000;
        const int64_t ms = std::abs(all_ms);
        size = std::snprintf(text, sizeof text, "%s%lld %02lld:%02lld:%02lld.%03lld", all_ms < 0 ? "-" : "",
                             static_cast<long long>(ms / 86'400'000), static_cast<long long>(ms / 3'600'000 % 24),
                             static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1000 % 60),
                             static_cast<long long>(ms % 1000));
    }
    out->append(text, static_cast<size_t>(size));
}

void append_binary(std::string_view bytes, std::string* out) {
    static constexpr char digits[] = "0123456789abcdef";
    bool first = true;
    for (const char c : bytes) {
        if (!first) out->push_back(' ');
        first = false;
        out->push_back(digits[static_cast<unsigned char>(c) >> 4]);
        out->push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
}

void append_nested(const duckdb::Value& value, std::string* out) {
    switch (value.type().id()) {
        case LogicalTypeId::STRUCT: {
            const auto& children = duckdb::StructValue::GetChildren(value);
            const auto& types = duckdb::StructType::GetChildTypes(value.type());
            const bool unnamed = duckdb::StructType::IsUnnamed(value.type());
            out->push_back('{');
            for (size_t i = 0; i < children.size(); ++i) {
                if (i > 0) out->append(", ");
                // Trino names the fields of row(1, 2) field0, field1 when it prints them.
                out->append(unnamed ? "field" + std::to_string(i) : types[i].first);
                out->push_back('=');
                append_trino_text(children[i], out);
            }
            out->push_back('}');
            return;
        }
        case LogicalTypeId::MAP: {
            out->push_back('{');
            bool first = true;
            for (const duckdb::Value& entry : duckdb::MapValue::GetChildren(value)) {
                const auto& pair = duckdb::StructValue::GetChildren(entry);
                if (!first) out->append(", ");
                first = false;
                append_trino_text(pair[0], out);
                out->push_back('=');
                append_trino_text(pair[1], out);
            }
            out->push_back('}');
            return;
        }
        default: {
            const auto& children = value.type().id() == LogicalTypeId::ARRAY ? duckdb::ArrayValue::GetChildren(value)
                                                                             : duckdb::ListValue::GetChildren(value);
            out->push_back('[');
            for (size_t i = 0; i < children.size(); ++i) {
                if (i > 0) out->append(", ");
                append_trino_text(children[i], out);
            }
            out->push_back(']');
        }
    }
}

// Without a detour through Value: the types that most columns have. False where `type` is none of them.
bool append_flat(const duckdb::UnifiedVectorFormat& column, duckdb::idx_t at, const duckdb::LogicalType& type,
                 std::string* out) {
    const auto number = [out](auto value) {
        char text[32];
        const auto done = std::to_chars(text, text + sizeof text, value);
        out->push_back('"');
        out->append(text, done.ptr);
        out->push_back('"');
        return true;
    };
    switch (type.id()) {
        case LogicalTypeId::VARCHAR: {
            const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(column)[at];
            append_csv_field({text.GetData(), text.GetSize()}, out);
            return true;
        }
        case LogicalTypeId::BIGINT:
            return number(duckdb::UnifiedVectorFormat::GetData<int64_t>(column)[at]);
        case LogicalTypeId::INTEGER:
            return number(duckdb::UnifiedVectorFormat::GetData<int32_t>(column)[at]);
        case LogicalTypeId::DOUBLE:
            out->push_back('"');
            out->append(java_double(duckdb::UnifiedVectorFormat::GetData<double>(column)[at]));
            out->push_back('"');
            return true;
        case LogicalTypeId::TIMESTAMP:
            out->push_back('"');
            append_timestamp(duckdb::UnifiedVectorFormat::GetData<duckdb::timestamp_t>(column)[at], out);
            out->push_back('"');
            return true;
        default:
            return false;
    }
}

}  // namespace

std::string java_double(double value) {
    return java_number(value);
}
std::string java_float(float value) {
    return java_number(value);
}

ResultColumn describe_column(std::string_view name, const duckdb::LogicalType& type) {
    ResultColumn column{.name = std::string(name), .type = "varchar", .precision = 0, .scale = 0};
    const auto is = [&column](std::string_view text, int32_t precision) {
        column.type = text;
        column.precision = precision;
    };
    switch (type.id()) {
        case LogicalTypeId::BOOLEAN:
            is("boolean", 0);
            break;
        case LogicalTypeId::TINYINT:
            is("tinyint", 3);
            break;
        case LogicalTypeId::SMALLINT:
        case LogicalTypeId::UTINYINT:
            is("smallint", 5);
            break;
        case LogicalTypeId::INTEGER:
        case LogicalTypeId::USMALLINT:
            is("integer", 10);
            break;
        case LogicalTypeId::BIGINT:
        case LogicalTypeId::UINTEGER:
        case LogicalTypeId::UBIGINT:
        case LogicalTypeId::HUGEINT:  // sum() of integers: bigint in Trino
        case LogicalTypeId::UHUGEINT:
            is("bigint", 19);
            break;
        case LogicalTypeId::FLOAT:
            is("float", 17);
            break;
        case LogicalTypeId::DOUBLE:
            is("double", 17);
            break;
        case LogicalTypeId::DECIMAL:
            is("decimal", duckdb::DecimalType::GetWidth(type));
            column.scale = duckdb::DecimalType::GetScale(type);
            break;
        case LogicalTypeId::DATE:
            is("date", 0);
            break;
        case LogicalTypeId::TIME:
            is("time", 3);
            break;
        case LogicalTypeId::TIMESTAMP:
        case LogicalTypeId::TIMESTAMP_MS:
        case LogicalTypeId::TIMESTAMP_NS:
        case LogicalTypeId::TIMESTAMP_SEC:
            is("timestamp", 3);
            break;
        case LogicalTypeId::TIMESTAMP_TZ:
            is("timestamp with time zone", 3);
            break;
        case LogicalTypeId::INTERVAL:
            is("interval day to second", 0);
            break;
        case LogicalTypeId::BLOB:
            is("varbinary", 0x3fffffff);
            break;
        case LogicalTypeId::LIST:
        case LogicalTypeId::ARRAY:
            is("array", 0);
            break;
        case LogicalTypeId::MAP:
            is("map", 0);
            break;
        case LogicalTypeId::STRUCT:
            is("row", 0);
            break;
        case LogicalTypeId::UUID:
            is("uuid", 0);
            break;
        case LogicalTypeId::SQLNULL:
            is("unknown", 0);
            break;
        default:
            if (type.IsJSONType()) {
                is("json", 0);
            } else {
                is("varchar", 2147483647);
            }
    }
    return column;
}

void append_trino_text(const duckdb::Value& value, std::string* out) {
    if (value.IsNull()) {
        out->append("null");
        return;
    }
    switch (value.type().id()) {
        case LogicalTypeId::DOUBLE:
            out->append(java_double(value.GetValueUnsafe<double>()));
            return;
        case LogicalTypeId::FLOAT:
            out->append(java_float(value.GetValueUnsafe<float>()));
            return;
        case LogicalTypeId::TIMESTAMP:
        case LogicalTypeId::TIMESTAMP_MS:
        case LogicalTypeId::TIMESTAMP_NS:
        case LogicalTypeId::TIMESTAMP_SEC:
            append_timestamp(value.DefaultCastAs(duckdb::LogicalType::TIMESTAMP).GetValueUnsafe<duckdb::timestamp_t>(),
                             out);
            return;
        case LogicalTypeId::TIMESTAMP_TZ:
            append_timestamp(duckdb::timestamp_t(value.GetValueUnsafe<int64_t>()), out);
            out->append(" UTC");
            return;
        case LogicalTypeId::TIME:
            append_time(value.GetValueUnsafe<duckdb::dtime_t>(), out);
            return;
        case LogicalTypeId::INTERVAL:
            append_interval(value.GetValueUnsafe<duckdb::interval_t>(), out);
            return;
        case LogicalTypeId::BLOB:
            append_binary(duckdb::StringValue::Get(value), out);
            return;
        case LogicalTypeId::STRUCT:
        case LogicalTypeId::MAP:
        case LogicalTypeId::LIST:
        case LogicalTypeId::ARRAY:
            append_nested(value, out);
            return;
        default:
            out->append(value.ToString());
    }
}

void append_csv_field(std::string_view text, std::string* out) {
    out->push_back('"');
    while (!text.empty()) {
        const size_t quote = text.find('"');
        if (quote == std::string_view::npos) {
            out->append(text);
            break;
        }
        out->append(text.substr(0, quote + 1));
        out->push_back('"');
        text.remove_prefix(quote + 1);
    }
    out->push_back('"');
}

void append_csv_rows(const duckdb::DataChunk& chunk, std::string* out) {
    const duckdb::idx_t rows = chunk.size();
    duckdb::vector<duckdb::UnifiedVectorFormat> columns(chunk.ColumnCount());
    for (duckdb::idx_t c = 0; c < chunk.ColumnCount(); ++c) {
        const_cast<duckdb::Vector&>(chunk.data[c]).ToUnifiedFormat(rows, columns[c]);
    }
    std::string text;
    for (duckdb::idx_t row = 0; row < rows; ++row) {
        for (duckdb::idx_t c = 0; c < chunk.ColumnCount(); ++c) {
            if (c > 0) out->push_back(',');
            const duckdb::idx_t at = columns[c].sel->get_index(row);
            if (!columns[c].validity.RowIsValid(at)) continue;
            if (append_flat(columns[c], at, chunk.data[c].GetType(), out)) continue;
            text.clear();
            append_trino_text(chunk.GetValue(c, row), &text);
            append_csv_field(text, out);
        }
        out->push_back('\n');
    }
}

}  // namespace millrace::query
