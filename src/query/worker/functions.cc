#include "src/query/worker/functions.h"

#include <array>
#include <set>

#include "duckdb.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "src/query/worker/parent.h"
#include "src/query/worker/trino_text.h"

namespace millrace::query {

namespace {

// One a line: "NAME(parameters) AS body, (other parameters) AS body".
constexpr std::array macros{
    "joined(l, d) AS CASE WHEN len(l) = 0 THEN '' ELSE list_reduce(l, (x, y) -> x || d || y) END",
    // Dates and times.
    R"(interval(u, n) AS CASE lower(u)
        WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n)
        WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
        WHEN 'month' THEN to_months(CAST(n AS INTEGER)) WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER))
        WHEN 'year' THEN to_years(CAST(n AS INTEGER))
        ELSE error('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid DATE field') END)",
    R"(date_add(u, n, t DATE) AS CAST(t + trino_interval(u, n) AS DATE),
        (u, n, t TIMESTAMP) AS t + trino_interval(u, n),
        (u, n, t TIMESTAMP WITH TIME ZONE) AS t + trino_interval(u, n))",
    "date_diff(u, a, b) AS date_sub(u, a, b)",
    "parsed_datetime(t) AS CAST(t AS TIMESTAMP WITH TIME ZONE)",
    "from_unixtime(x) AS to_timestamp(CAST(x AS DOUBLE))",
    "to_unixtime(t) AS CAST(epoch(t) AS DOUBLE)",
    "from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMP WITH TIME ZONE)",
    "from_iso8601_date(s) AS CAST(s AS DATE)",
    R"(to_iso8601(t DATE) AS strftime(t, '%Y-%m-%d'),
        (t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
        (t TIMESTAMP WITH TIME ZONE) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ'))",
    "with_timezone(t, z) AS timezone(z, CAST(t AS TIMESTAMP))",
    "day_of_week(t) AS isodow(t)",
    "dow(t) AS isodow(t)",
    "day_of_month(t) AS day(t)",
    "day_of_year(t) AS dayofyear(t)",
    "doy(t) AS dayofyear(t)",
    "week_of_year(t) AS week(t)",
    "year_of_week(t) AS isoyear(t)",
    "yow(t) AS isoyear(t)",
    "last_day_of_month(t) AS last_day(t)",
    // JSON. Text that is not JSON is NULL in Trino, an error in DuckDB.
    R"(json_extract_scalar(j, p) AS CASE WHEN json_valid(j) AND json_type(j, p) NOT IN ('OBJECT', 'ARRAY')
        THEN json_extract_string(j, p) END)",
    "json_extract(j, p) AS CASE WHEN json_valid(j) THEN json_extract(j, p) END",
    "json_parse(s) AS CAST(s AS JSON)",
    "json_format(j) AS CAST(j AS VARCHAR)",
    "json_array_get(j, i) AS json_extract(j, CAST(i AS BIGINT))",
    R"(json_size(j, p) AS CASE WHEN json_type(j, p) = 'OBJECT' THEN len(json_keys(j, p))
        WHEN json_type(j, p) = 'ARRAY' THEN json_array_length(j, p) WHEN json_type(j, p) IS NULL THEN NULL ELSE 0 END)",
    "is_json_scalar(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY')",
    "json_array_contains(j, v) AS list_contains(CAST(j AS VARCHAR[]), CAST(v AS VARCHAR))",
    // Text. Group references are $1 in Trino and \1 in DuckDB; replacing means all of them.
    "regexp_like(s, p) AS regexp_matches(s, p)",
    R"(regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END,
        (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END)",
    R"(regexp_replace(s, p) AS regexp_replace(s, p, '', 'g'),
        (s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g'))",
    "regexp_split(s, p) AS regexp_split_to_array(s, p)",
    "regexp_count(s, p) AS CAST(len(regexp_extract_all(s, p)) AS BIGINT)",
    "split(s, d) AS string_split(s, d), (s, d, n) AS string_split(s, d)[:n - 1] || [trino_joined(string_split(s, "
    "d)[n:], d)]",
    "split_part(s, d, i) AS string_split(s, d)[i]",
    R"(split_to_map(s, e, k) AS map_from_entries(list_transform(string_split(s, e),
        x -> {'k': string_split(x, k)[1], 'v': string_split(x, k)[2]})))",
    "levenshtein_distance(a, b) AS CAST(levenshtein(a, b) AS BIGINT)",
    "hamming_distance(a, b) AS CAST(hamming(a, b) AS BIGINT)",
    "codepoint(s) AS unicode(s)",
    "to_utf8(s) AS encode(s)",
    "from_utf8(b) AS decode(b)",
    "md5(b) AS unhex(md5(b))",
    "sha1(b) AS unhex(sha1(b))",
    "sha256(b) AS unhex(sha256(b))",
    "format(f, a) AS printf(f, a), (f, a, b) AS printf(f, a, b), (f, a, b, c) AS printf(f, a, b, c)",
    "normalize(s) AS nfc_normalize(s)",
    R"(url_extract_protocol(u) AS NULLIF(regexp_extract(u, '^([A-Za-z][A-Za-z0-9+.-]*):', 1), ''))",
    R"(url_extract_host(u) AS NULLIF(regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/:?#]+)', 1), ''))",
    R"(url_extract_port(u) AS TRY_CAST(NULLIF(regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*:(\d+)', 1), '') AS BIGINT))",
    R"(url_extract_path(u) AS regexp_extract(u, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)', 1))",
    R"(url_extract_query(u) AS regexp_extract(u, '\?([^#]*)', 1))",
    R"(url_extract_fragment(u) AS regexp_extract(u, '#(.*)$', 1))",
    R"(url_extract_parameter(u, n) AS (list_filter(list_transform(
        string_split(regexp_extract(u, '\?([^#]*)', 1), '&'), x -> {'k': url_decode(string_split(x, '=')[1]),
        'v': url_decode(string_split(x, '=')[2])}), y -> y.k = n)[1]).v)",
    // Arrays and maps.
    R"(array_join(a, d) AS trino_joined(list_filter(CAST(a AS VARCHAR[]), x -> x IS NOT NULL), d),
        (a, d, n) AS trino_joined(list_transform(CAST(a AS VARCHAR[]), x -> coalesce(x, n)), d))",
    R"(slice(a, s, n) AS CASE WHEN s > 0 THEN a[s:s + n - 1] ELSE a[len(a) + s + 1:len(a) + s + n] END)",
    "array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST')",
    "array_remove(a, v) AS list_filter(a, x -> x IS DISTINCT FROM v)",
    "array_union(a, b) AS list_distinct(list_concat(a, b))",
    "array_except(a, b) AS list_distinct(list_filter(a, x -> NOT list_contains(b, x)))",
    "array_intersect(a, b) AS list_intersect(a, b)",
    "arrays_overlap(a, b) AS list_has_any(a, b)",
    "array_min(a) AS list_min(a)",
    "array_max(a) AS list_max(a)",
    "array_sum(a) AS list_sum(a)",
    "array_average(a) AS list_avg(a)",
    "array_position(a, v) AS coalesce(CAST(list_position(a, v) AS BIGINT), 0)",
    R"(sequence(a DATE, b DATE) AS CAST(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), to_days(1)) AS DATE[]),
        (a BIGINT, b BIGINT) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
        (a BIGINT, b BIGINT, s BIGINT) AS generate_series(a, b, s),
        (a DATE, b DATE, s INTERVAL) AS CAST(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), s) AS DATE[]),
        (a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS generate_series(a, b, s))",
    "map_agg(k, v) AS map_from_entries(list({'k': k, 'v': v}))",
    // Numbers.
    "truncate(x) AS trunc(x)",
    "bitwise_and(a, b) AS a & b",
    "bitwise_or(a, b) AS a | b",
    "bitwise_xor(a, b) AS xor(a, b)",
    "bitwise_not(a) AS ~a",
    "bitwise_left_shift(a, b) AS a << b",
    "bitwise_right_shift(a, b) AS a >> b",
    "is_nan(x) AS isnan(x)",
    "is_finite(x) AS isfinite(x)",
    "is_infinite(x) AS isinf(x)",
    "e() AS exp(1.0)",
    "nan() AS CAST('nan' AS DOUBLE)",
    "infinity() AS CAST('infinity' AS DOUBLE)",
    "rand() AS random()",
    "current_timezone() AS 'UTC'",
};

std::string_view macro_name(std::string_view definition) {
    return definition.substr(0, definition.find('('));
}

std::string_view view_of(const duckdb::string_t& text) {
    return {text.GetData(), text.GetSize()};
}

// Arrays and maps are the same vector of (offset, length) to DuckDB.
void cardinality(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
    duckdb::UnaryExecutor::Execute<duckdb::list_entry_t, int64_t>(
        input.data[0], result, input.size(),
        [](const duckdb::list_entry_t& entry) { return static_cast<int64_t>(entry.length); });
}
duckdb::unique_ptr<duckdb::FunctionData> bind_cardinality(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    const auto& type = arguments[0]->return_type;
    if (type.id() != duckdb::LogicalTypeId::LIST && type.id() != duckdb::LogicalTypeId::MAP) {
        throw duckdb::BinderException("cardinality takes an array or a map, not %s", type.ToString());
    }
    function.arguments[0] = type;
    return nullptr;
}

// trino_divisor(a, b) is b, but for 0 under an a that is not NULL where both are integers or decimals: Trino fails
// there, DuckDB would make it NULL.
template <class T>
bool has_zero(const duckdb::UnifiedVectorFormat& dividend, const duckdb::UnifiedVectorFormat& divisor,
              duckdb::idx_t rows) {
    const T* values = duckdb::UnifiedVectorFormat::GetData<T>(divisor);
    for (duckdb::idx_t row = 0; row < rows; ++row) {
        const auto at = divisor.sel->get_index(row);
        if (divisor.validity.RowIsValid(at) && values[at] == T(0) &&
            dividend.validity.RowIsValid(dividend.sel->get_index(row))) {
            return true;
        }
    }
    return false;
}
bool exact_number(const duckdb::LogicalType& type) {
    return type.IsIntegral() || type.id() == duckdb::LogicalTypeId::DECIMAL ||
           type.id() == duckdb::LogicalTypeId::INTEGER_LITERAL;
}
void divisor(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
    if (exact_number(input.data[0].GetType()) && exact_number(input.data[1].GetType())) {
        duckdb::UnifiedVectorFormat dividend;
        duckdb::UnifiedVectorFormat by;
        input.data[0].ToUnifiedFormat(input.size(), dividend);
        input.data[1].ToUnifiedFormat(input.size(), by);
        bool zero = false;
        switch (input.data[1].GetType().InternalType()) {
            case duckdb::PhysicalType::INT8:
                zero = has_zero<int8_t>(dividend, by, input.size());
                break;
            case duckdb::PhysicalType::INT16:
                zero = has_zero<int16_t>(dividend, by, input.size());
                break;
            case duckdb::PhysicalType::INT32:
                zero = has_zero<int32_t>(dividend, by, input.size());
                break;
            case duckdb::PhysicalType::INT64:
                zero = has_zero<int64_t>(dividend, by, input.size());
                break;
            case duckdb::PhysicalType::INT128:
                zero = has_zero<duckdb::hugeint_t>(dividend, by, input.size());
                break;
            default:
                break;  // unsigned: DuckDB's own, not Trino's
        }
        if (zero) throw duckdb::OutOfRangeException("DIVISION_BY_ZERO: Division by zero");
    }
    result.Reference(input.data[1]);
}
duckdb::unique_ptr<duckdb::FunctionData> bind_divisor(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    for (size_t i = 0; i < 2; ++i) {
        auto type = arguments[i]->return_type;
        if (type.id() == duckdb::LogicalTypeId::INTEGER_LITERAL) type = duckdb::LogicalType::INTEGER;
        if (type.id() == duckdb::LogicalTypeId::STRING_LITERAL) type = duckdb::LogicalType::VARCHAR;
        function.arguments[i] = type;
    }
    function.return_type = function.arguments[1];
    return nullptr;
}

// The "lake://" name of an object -> "s3://bucket/key", for "$path".
struct PathInfo : duckdb::ScalarFunctionInfo {
    explicit PathInfo(Parent& to) : parent(to) {}
    Parent& parent;
};
void lake_path(duckdb::DataChunk& input, duckdb::ExpressionState& state, duckdb::Vector& result) {
    const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>().function;
    Parent& parent = static_cast<PathInfo&>(*function.function_info).parent;
    duckdb::UnaryExecutor::Execute<duckdb::string_t, duckdb::string_t>(
        input.data[0], result, input.size(), [&](const duckdb::string_t& name) {
            uint64_t number = 0;
            uint64_t index = 0;
            if (!parse_object_name(view_of(name), &number, &index)) return name;
            const auto table = parent.table_by_number(number);
            if (table == nullptr || index >= table->objects.size()) return name;
            return duckdb::StringVector::AddString(result, table->objects[index].path);
        });
}

// CAST(... AS varchar) in Trino's spelling.
template <class T>
bool cast_to_text(duckdb::Vector& source, duckdb::Vector& result, duckdb::idx_t count, duckdb::CastParameters&) {
    const duckdb::LogicalType type = source.GetType();
    duckdb::UnaryExecutor::Execute<T, duckdb::string_t>(source, result, count, [&](T value) {
        std::string text;
        if constexpr (std::is_same_v<T, double>) {
            text = java_double(value);
        } else if constexpr (std::is_same_v<T, float>) {
            text = java_float(value);
        } else if (type.id() == duckdb::LogicalTypeId::TIMESTAMP_TZ) {
            append_trino_text(duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(value)), &text);
        } else {
            append_trino_text(duckdb::Value::TIMESTAMP(value), &text);
        }
        return duckdb::StringVector::AddString(result, text);
    });
    return true;
}

}  // namespace

bool has_trino_function(std::string_view name) {
    static const std::set<std::string_view> names = [] {
        std::set<std::string_view> all{"cardinality"};
        for (const std::string_view definition : macros) all.insert(macro_name(definition));
        all.erase("interval");  // ours alone
        all.erase("parsed_datetime");
        all.erase("joined");
        return all;
    }();
    return names.contains(name);
}

void register_functions(duckdb::DatabaseInstance& database, duckdb::Connection& connection, Parent& parent) {
    using duckdb::LogicalType;
    duckdb::ExtensionLoader loader(database, "millrace");
    loader.RegisterFunction(duckdb::ScalarFunction("trino_cardinality", {LogicalType::ANY}, LogicalType::BIGINT,
                                                   cardinality, bind_cardinality));
    duckdb::ScalarFunction checked("trino_divisor", {LogicalType::ANY, LogicalType::ANY}, LogicalType::ANY, divisor,
                                   bind_divisor);
    checked.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    checked.errors = duckdb::FunctionErrors::CAN_THROW_RUNTIME_ERROR;
    loader.RegisterFunction(checked);
    duckdb::ScalarFunction path("lake_path", {LogicalType::VARCHAR}, LogicalType::VARCHAR, lake_path);
    path.function_info = duckdb::make_shared_ptr<PathInfo>(parent);
    loader.RegisterFunction(path);
    loader.RegisterCastFunction(LogicalType::DOUBLE, LogicalType::VARCHAR, duckdb::BoundCastInfo(cast_to_text<double>));
    loader.RegisterCastFunction(LogicalType::FLOAT, LogicalType::VARCHAR, duckdb::BoundCastInfo(cast_to_text<float>));
    for (const LogicalType& type : {LogicalType(LogicalType::TIMESTAMP), LogicalType(LogicalType::TIMESTAMP_TZ)}) {
        loader.RegisterCastFunction(type, LogicalType::VARCHAR,
                                    duckdb::BoundCastInfo(cast_to_text<duckdb::timestamp_t>));
    }
    for (const std::string_view definition : macros) {
        auto made = connection.Query("CREATE MACRO trino_" + std::string(definition));
        if (made->HasError()) made->ThrowError("trino_" + std::string(macro_name(definition)) + ": ");
    }
}

}  // namespace millrace::query
