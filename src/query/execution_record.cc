#include "src/query/execution_record.h"

#include <array>

#include <boost/json.hpp>

namespace millrace::query {

namespace {

namespace json = boost::json;

constexpr std::array states{QueryState::queued, QueryState::running, QueryState::succeeded, QueryState::failed,
                            QueryState::cancelled};
constexpr std::array types{StatementType::ddl, StatementType::dml, StatementType::utility};

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

uint64_t number(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return 0;
    if (value->is_uint64()) return value->get_uint64();
    return value->is_int64() ? static_cast<uint64_t>(value->get_int64()) : 0;
}

json::object statistics_of(const QueryStatistics& s) {
    return {{"scanned_bytes", s.scanned_bytes}, {"output_rows", s.output_rows}, {"output_bytes", s.output_bytes},
            {"input_rows", s.input_rows},       {"queue_ms", s.queue_ms},       {"planning_ms", s.planning_ms},
            {"engine_ms", s.engine_ms},         {"total_ms", s.total_ms}};
}

QueryStatistics statistics_in(const json::object& object) {
    QueryStatistics s;
    s.scanned_bytes = number(object, "scanned_bytes");
    s.output_rows = number(object, "output_rows");
    s.output_bytes = number(object, "output_bytes");
    s.input_rows = number(object, "input_rows");
    s.queue_ms = static_cast<int64_t>(number(object, "queue_ms"));
    s.planning_ms = static_cast<int64_t>(number(object, "planning_ms"));
    s.engine_ms = static_cast<int64_t>(number(object, "engine_ms"));
    s.total_ms = static_cast<int64_t>(number(object, "total_ms"));
    return s;
}

}  // namespace

std::string_view name_of(QueryState state) {
    constexpr std::array<std::string_view, 5> names{"QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"};
    return names[static_cast<size_t>(state)];
}

std::string_view name_of(StatementType type) {
    constexpr std::array<std::string_view, 3> names{"DDL", "DML", "UTILITY"};
    return names[static_cast<size_t>(type)];
}

std::string encode_execution(const QueryExecution& e) {
    json::array parameters;
    for (const std::string& parameter : e.request.parameters) parameters.emplace_back(parameter);
    json::array columns;
    for (const ResultColumn& column : e.columns) {
        columns.push_back(json::object{
            {"name", column.name}, {"type", column.type}, {"precision", column.precision}, {"scale", column.scale}});
    }
    const json::object object{{"v", 1},
                              {"id", e.id},
                              {"account", e.request.scope.account},
                              {"region", e.request.scope.region},
                              {"sql", e.request.sql},
                              {"catalog", e.request.catalog},
                              {"database", e.request.database},
                              {"parameters", std::move(parameters)},
                              {"output_location", e.request.output_location},
                              {"work_group", e.request.work_group},
                              {"token", e.request.client_request_token},
                              {"scanned_bytes_max", e.request.scanned_bytes_max},
                              {"extra", e.request.extra_json},
                              {"state", name_of(e.state)},
                              {"type", name_of(e.statement_type)},
                              {"sub", e.sub_statement},
                              {"submitted", e.submitted.value()},
                              {"completed", e.completed.value()},
                              {"output_object", e.output_object},
                              {"reason", e.state_change_reason},
                              {"code", static_cast<uint64_t>(e.error_code)},
                              {"statistics", statistics_of(e.statistics)},
                              {"columns", std::move(columns)}};
    return json::serialize(object);
}

Result<QueryExecution> decode_execution(std::string_view bytes) {
    boost::system::error_code failed;
    const json::value document = json::parse(bytes, failed);
    if (failed || !document.is_object() || number(document.get_object(), "v") != 1) {
        return Error{ErrorCode::corruption, "a query execution's entry in the registry is not of this version"};
    }
    const json::object& object = document.get_object();
    QueryExecution e;
    e.id = text(object, "id");
    e.request.scope = {.account = text(object, "account"), .region = text(object, "region")};
    e.request.sql = text(object, "sql");
    e.request.catalog = text(object, "catalog");
    e.request.database = text(object, "database");
    if (const auto* list = object.if_contains("parameters"); list != nullptr && list->is_array()) {
        for (const json::value& value : list->get_array()) {
            if (value.is_string()) e.request.parameters.emplace_back(value.get_string());
        }
    }
    e.request.output_location = text(object, "output_location");
    e.request.work_group = text(object, "work_group");
    e.request.client_request_token = text(object, "token");
    e.request.scanned_bytes_max = number(object, "scanned_bytes_max");
    e.request.extra_json = text(object, "extra");
    for (const QueryState state : states) {
        if (name_of(state) == text(object, "state")) e.state = state;
    }
    for (const StatementType type : types) {
        if (name_of(type) == text(object, "type")) e.statement_type = type;
    }
    e.sub_statement = text(object, "sub");
    e.submitted = TimestampMs(static_cast<int64_t>(number(object, "submitted")));
    e.completed = TimestampMs(static_cast<int64_t>(number(object, "completed")));
    e.output_object = text(object, "output_object");
    e.state_change_reason = text(object, "reason");
    e.error_code = static_cast<ErrorCode>(number(object, "code"));
    if (const auto* s = object.if_contains("statistics"); s != nullptr && s->is_object()) {
        e.statistics = statistics_in(s->get_object());
    }
    if (const auto* list = object.if_contains("columns"); list != nullptr && list->is_array()) {
        for (const json::value& value : list->get_array()) {
            if (!value.is_object()) continue;
            const json::object& column = value.get_object();
            e.columns.push_back({.name = text(column, "name"),
                                 .type = text(column, "type"),
                                 .precision = static_cast<int32_t>(number(column, "precision")),
                                 .scale = static_cast<int32_t>(number(column, "scale"))});
        }
    }
    return e;
}

}  // namespace millrace::query
