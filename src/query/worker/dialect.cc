#include "src/query/worker/dialect.h"

#include <map>
#include <set>
#include <utility>

#include "duckdb.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/comparison_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"
#include "duckdb/parser/expression/parameter_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/expression/window_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/cte_node.hpp"
#include "duckdb/parser/query_node/recursive_cte_node.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

#include "src/query/worker/functions.h"
#include "src/query/worker/trino_syntax.h"

namespace millrace::query {

namespace {

using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;

constexpr std::string_view unnamed_column = "\x01unnamed";
constexpr std::string_view schema_prefix = "lake\x01";

// Same arguments, another name: aggregates and functions that take lambdas, which macros cannot stand in for.
const std::map<std::string_view, std::string_view> renamed_functions{
    {"approx_distinct", "approx_count_distinct"},
    {"approx_percentile", "approx_quantile"},
    {"geometric_mean", "geomean"},
    {"every", "bool_and"},
    {"set_agg", "list_distinct_agg"},
    {"array_agg", "list"},
    {"listagg", "string_agg"},
    {"transform", "list_transform"},
    {"zip", "list_zip"},
    {"array_distinct", "list_distinct"},
};

const std::set<std::string_view> table_functions{"unnest", "range", "generate_series", "sequence"};

// Harmless in the jail, but about this process rather than about data.
const std::set<std::string_view> refused_functions{
    "getenv", "current_setting", "getvariable", "query", "query_table", "pragma_version", "sleep_ms",
};

Error refused(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Expression call(std::string name, duckdb::vector<Expression> arguments) {
    return duckdb::make_uniq<duckdb::FunctionExpression>(name, std::move(arguments));
}

class Rewriter {
  public:
    explicit Rewriter(const DialectOptions& options) : options_(options) {}

    void statement(duckdb::SelectStatement& select) {
        collect_common_tables(*select.node);
        node(*select.node);
    }
    size_t parameters_used() const { return parameters_used_; }

  private:
    [[noreturn]] static void refuse(const std::string& message) { throw duckdb::ParserException(message); }

    void node(duckdb::QueryNode& query) {
        duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
            query, [this](Expression& child) { expression(child); }, [this](duckdb::TableRef& ref) { table(ref); });
    }

    // All names that any WITH of the statement defines: those stay as they are; DuckDB knows their scopes.
    void collect_common_tables(duckdb::QueryNode& query) {
        for (auto& entry : query.cte_map.map) {
            common_tables_.insert(duckdb::StringUtil::Lower(entry.first));
            collect_common_tables(*entry.second->query->node);
        }
        if (query.type == duckdb::QueryNodeType::CTE_NODE) {
            common_tables_.insert(duckdb::StringUtil::Lower(query.Cast<duckdb::CTENode>().ctename));
        }
        if (query.type == duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
            common_tables_.insert(duckdb::StringUtil::Lower(query.Cast<duckdb::RecursiveCTENode>().ctename));
        }
        duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
            query, [this](Expression& child) { collect_in_expression(*child); },
            [this](duckdb::TableRef& ref) {
                if (ref.type == duckdb::TableReferenceType::SUBQUERY) {
                    for (auto& entry : ref.Cast<duckdb::SubqueryRef>().subquery->node->cte_map.map) {
                        common_tables_.insert(duckdb::StringUtil::Lower(entry.first));
                    }
                }
            });
    }
    void collect_in_expression(duckdb::ParsedExpression& expr) {
        if (expr.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
            collect_common_tables(*expr.Cast<duckdb::SubqueryExpression>().subquery->node);
        }
        duckdb::ParsedExpressionIterator::EnumerateChildren(
            expr, [this](duckdb::ParsedExpression& child) { collect_in_expression(child); });
    }

    void table(duckdb::TableRef& ref) {
        switch (ref.type) {
            case duckdb::TableReferenceType::BASE_TABLE:
                base_table(ref.Cast<duckdb::BaseTableRef>());
                return;
            case duckdb::TableReferenceType::TABLE_FUNCTION: {
                const auto& function = *ref.Cast<duckdb::TableFunctionRef>().function;
                if (function.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) refuse("not a table function");
                const std::string& name = function.Cast<duckdb::FunctionExpression>().function_name;
                if (!table_functions.contains(duckdb::StringUtil::Lower(name))) {
                    refuse("FUNCTION_NOT_FOUND: Table function '" + name + "' not registered");
                }
                return;
            }
            case duckdb::TableReferenceType::SUBQUERY:
            case duckdb::TableReferenceType::JOIN:
            case duckdb::TableReferenceType::EXPRESSION_LIST:
            case duckdb::TableReferenceType::EMPTY_FROM:
                return;
            default:
                refuse("NOT_SUPPORTED: this kind of FROM item is not part of Athena's SQL");
        }
    }

    void base_table(duckdb::BaseTableRef& ref) {
        if (ref.at_clause) refuse("NOT_SUPPORTED: time travel (FOR ... AS OF)");
        if (ref.schema_name.empty() && ref.catalog_name.empty() &&
            common_tables_.contains(duckdb::StringUtil::Lower(ref.table_name))) {
            return;
        }
        if (ref.alias.empty()) ref.alias = ref.table_name;
        const std::string catalog = ref.catalog_name.empty() ? options_.catalog : ref.catalog_name;
        const std::string database = ref.schema_name.empty() ? options_.database : ref.schema_name;
        ref.catalog_name.clear();
        ref.schema_name = encode_table_schema(catalog, database);
    }

    void expression(Expression& expr) {
        // Names survive: a rewritten column keeps what it was called.
        duckdb::ParsedExpressionIterator::EnumerateChildren(*expr, [this](Expression& child) { expression(child); });
        switch (expr->GetExpressionClass()) {
            case duckdb::ExpressionClass::SUBQUERY:
                node(*expr->Cast<duckdb::SubqueryExpression>().subquery->node);
                return;
            case duckdb::ExpressionClass::FUNCTION:
                function(expr);
                return;
            case duckdb::ExpressionClass::WINDOW: {
                auto& window = expr->Cast<duckdb::WindowExpression>();
                const auto renamed = renamed_functions.find(duckdb::StringUtil::Lower(window.function_name));
                if (renamed != renamed_functions.end()) window.function_name = renamed->second;
                return;
            }
            case duckdb::ExpressionClass::PARAMETER:
                parameter(expr);
                return;
            case duckdb::ExpressionClass::COLUMN_REF:
                column(expr->Cast<duckdb::ColumnRefExpression>());
                return;
            default:
                return;
        }
    }

    // database.table.column: the table's own name says as much, and is what DuckDB sees.
    void column(duckdb::ColumnRefExpression& ref) {
        if (ref.column_names.size() >= 3 && duckdb::StringUtil::CIEquals(ref.column_names[0], options_.database)) {
            ref.column_names.erase(ref.column_names.begin());
        }
    }

    void parameter(Expression& expr) {
        size_t index = 0;
        for (const char digit : expr->Cast<duckdb::ParameterExpression>().identifier) {
            if (digit < '0' || digit > '9') refuse("only unnamed parameters (?) are known");
            index = index * 10 + static_cast<size_t>(digit - '0');
        }
        if (index == 0 || index > options_.parameters.size()) {
            refuse("INVALID_PARAMETER_USAGE: Incorrect number of parameters: more than " +
                   std::to_string(options_.parameters.size()) + " expected");
        }
        parameters_used_ = std::max(parameters_used_, index);
        const std::string alias = expr->GetAlias();
        auto parsed = duckdb::Parser::ParseExpressionList(translate_syntax(options_.parameters[index - 1]));
        if (parsed.size() != 1 || !is_literal(*parsed[0])) {
            refuse("an execution parameter is not a literal: " + options_.parameters[index - 1].substr(0, 100));
        }
        expr = std::move(parsed[0]);
        expr->SetAlias(alias);
    }
    static bool is_literal(const duckdb::ParsedExpression& expr) {
        switch (expr.GetExpressionClass()) {
            case duckdb::ExpressionClass::CONSTANT:
                return true;
            case duckdb::ExpressionClass::CAST: {  // DATE '...', TIMESTAMP '...', true
                bool literal = true;
                duckdb::ParsedExpressionIterator::EnumerateChildren(
                    expr, [&](const duckdb::ParsedExpression& child) { literal &= is_literal(child); });
                return literal;
            }
            case duckdb::ExpressionClass::FUNCTION: {  // -1
                const auto& function = expr.Cast<duckdb::FunctionExpression>();
                return function.is_operator && function.function_name == "-" && function.children.size() == 1 &&
                       is_literal(*function.children[0]);
            }
            default:
                return false;
        }
    }

    void function(Expression& expr) {
        auto& function = expr->Cast<duckdb::FunctionExpression>();
        if (function.is_operator) {
            if (function.function_name == "//" && function.children.size() == 2) {
                duckdb::vector<Expression> checked;
                checked.push_back(function.children[0]->Copy());
                checked.push_back(std::move(function.children[1]));
                function.children[1] = call("trino_divisor", std::move(checked));
            }
            return;
        }
        const std::string name = duckdb::StringUtil::Lower(function.function_name);
        const std::string alias = expr->GetAlias();
        if (refused_functions.contains(name) || name.starts_with("duckdb_") || name.starts_with("pragma_") ||
            name.starts_with("trino_") || name.starts_with("lake_")) {
            refuse("FUNCTION_NOT_FOUND: line 1:1: Function '" + name + "' not registered");
        }
        auto& arguments = function.children;
        const auto renamed = renamed_functions.find(name);
        if (renamed != renamed_functions.end()) {
            function.function_name = renamed->second;
        } else if (name == "element_at" && arguments.size() == 2) {
            expr = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::ARRAY_EXTRACT,
                                                                 std::move(arguments[0]), std::move(arguments[1]));
        } else if (name == "concat" && arguments.size() >= 2) {
            // NULL anywhere is NULL, unlike DuckDB's concat.
            Expression joined = std::move(arguments[0]);
            for (size_t i = 1; i < arguments.size(); ++i) {
                duckdb::vector<Expression> pair;
                pair.push_back(std::move(joined));
                pair.push_back(std::move(arguments[i]));
                joined =
                    duckdb::make_uniq<duckdb::FunctionExpression>("||", std::move(pair), nullptr, nullptr, false, true);
            }
            expr = std::move(joined);
        } else if (name == "date_format" || name == "date_parse" || name == "format_datetime" ||
                   name == "parse_datetime") {
            date_format(expr, name, arguments);
        } else if (name == "reduce" && arguments.size() == 4) {
            reduce(expr, arguments);
        } else if ((name == "any_match" || name == "all_match" || name == "none_match") && arguments.size() == 2) {
            match(expr, name, arguments);
        } else if (has_trino_function(name)) {
            function.function_name = "trino_" + name;
            function.schema.clear();
            function.catalog.clear();
        }
        if (!alias.empty()) expr->SetAlias(alias);
    }

    // DuckDB wants its formats constant, and in strftime's letters.
    static void date_format(Expression& expr, const std::string& name, duckdb::vector<Expression>& arguments) {
        if (arguments.size() != 2 || arguments[1]->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) {
            refuse("NOT_SUPPORTED: " + name + " takes two arguments, of which the format is a literal");
        }
        const duckdb::Value& format = arguments[1]->Cast<duckdb::ConstantExpression>().value;
        if (format.IsNull() || format.type().id() != duckdb::LogicalTypeId::VARCHAR) {
            refuse("NOT_SUPPORTED: " + name + " takes a format in quotes");
        }
        const std::string& text = duckdb::StringValue::Get(format);
        const bool mysql = name == "date_format" || name == "date_parse";
        arguments[1] = duckdb::make_uniq<duckdb::ConstantExpression>(
            duckdb::Value(mysql ? strftime_of_mysql(text) : strftime_of_joda(text)));
        const bool parse = name == "date_parse" || name == "parse_datetime";
        Expression converted = call(parse ? "strptime" : "strftime", std::move(arguments));
        if (name == "parse_datetime") {
            duckdb::vector<Expression> zoned;
            zoned.push_back(std::move(converted));
            converted = call("trino_parsed_datetime", std::move(zoned));
        }
        expr = std::move(converted);
    }

    // reduce(array, start, (state, item) -> ..., state -> ...)
    static void reduce(Expression& expr, duckdb::vector<Expression>& arguments) {
        Expression finish = std::move(arguments[3]);
        duckdb::vector<Expression> fold;
        fold.push_back(std::move(arguments[0]));
        fold.push_back(std::move(arguments[2]));
        fold.push_back(std::move(arguments[1]));
        duckdb::vector<Expression> one;
        one.push_back(call("list_reduce", std::move(fold)));
        duckdb::vector<Expression> mapped;
        mapped.push_back(call("list_value", std::move(one)));
        mapped.push_back(std::move(finish));
        expr = duckdb::make_uniq<duckdb::OperatorExpression>(
            duckdb::ExpressionType::ARRAY_EXTRACT, call("list_transform", std::move(mapped)),
            duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(1)));
    }

    static void match(Expression& expr, const std::string& name, duckdb::vector<Expression>& arguments) {
        duckdb::vector<Expression> transform;
        transform.push_back(std::move(arguments[0]));
        transform.push_back(std::move(arguments[1]));
        duckdb::vector<Expression> list;
        list.push_back(call("list_transform", std::move(transform)));
        Expression result = call(name == "all_match" ? "list_bool_and" : "list_bool_or", std::move(list));
        if (name == "none_match") {
            result =
                duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_NOT, std::move(result));
        }
        duckdb::vector<Expression> filled;
        filled.push_back(std::move(result));
        filled.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(name != "any_match")));
        expr =
            duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_COALESCE, std::move(filled));
    }

    const DialectOptions& options_;
    std::set<std::string> common_tables_;
    size_t parameters_used_ = 0;
};

// The outermost SELECT's columns that have no name of their own.
void name_columns(duckdb::QueryNode& query) {
    switch (query.type) {
        case duckdb::QueryNodeType::SELECT_NODE:
            for (auto& column : query.Cast<duckdb::SelectNode>().select_list) {
                const auto kind = column->GetExpressionClass();
                if (column->GetAlias().empty() && kind != duckdb::ExpressionClass::COLUMN_REF &&
                    kind != duckdb::ExpressionClass::STAR) {
                    column->SetAlias(std::string(unnamed_column));
                }
            }
            return;
        case duckdb::QueryNodeType::SET_OPERATION_NODE:
            name_columns(*query.Cast<duckdb::SetOperationNode>().left);
            return;
        case duckdb::QueryNodeType::CTE_NODE:
            name_columns(*query.Cast<duckdb::CTENode>().child);
            return;
        default:
            return;
    }
}

}  // namespace

std::string encode_table_schema(std::string_view catalog, std::string_view database) {
    return std::string(schema_prefix) + std::string(catalog) + '\x01' + std::string(database);
}

bool decode_table_schema(std::string_view schema, std::string* catalog, std::string* database) {
    if (!schema.starts_with(schema_prefix)) return false;
    schema.remove_prefix(schema_prefix.size());
    const size_t split = schema.find('\x01');
    if (split == std::string_view::npos) return false;
    *catalog = schema.substr(0, split);
    *database = schema.substr(split + 1);
    return true;
}

bool is_unnamed_column(std::string_view name) {
    // Two of them in a subquery's star become "...", "..._1".
    return name.starts_with(unnamed_column);
}

Result<RewrittenQuery> rewrite_query(const std::string& sql, const DialectOptions& options) {
    try {
        duckdb::ParserOptions parser_options;
        parser_options.integer_division = true;  // 7 / 2 is 3
        duckdb::Parser parser(parser_options);
        parser.ParseQuery(translate_syntax(sql));
        if (parser.statements.size() != 1) return refused("SYNTAX_ERROR: exactly one statement at a time");
        RewrittenQuery rewritten;
        auto statement = std::move(parser.statements[0]);
        if (statement->type == duckdb::StatementType::EXPLAIN_STATEMENT) {
            auto& explain = statement->Cast<duckdb::ExplainStatement>();
            rewritten.explain = true;
            rewritten.analyze = explain.explain_type == duckdb::ExplainType::EXPLAIN_ANALYZE;
            statement = std::move(explain.stmt);
        }
        if (statement->type != duckdb::StatementType::SELECT_STATEMENT) {
            return refused("NOT_SUPPORTED: only SELECT, and EXPLAIN of a SELECT, can be run");
        }
        rewritten.select = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(statement));
        if (options.name_columns) name_columns(*rewritten.select->node);
        Rewriter rewriter(options);
        rewriter.statement(*rewritten.select);
        rewritten.select->named_param_map.clear();
        if (rewriter.parameters_used() < options.parameters.size()) {
            return refused("INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected " +
                           std::to_string(rewriter.parameters_used()) + " but found " +
                           std::to_string(options.parameters.size()));
        }
        return rewritten;
    } catch (const std::exception& caught) {
        duckdb::ErrorData error(caught);
        const std::string& message = error.RawMessage();
        const bool coded = message.find(": ") != std::string::npos && message[0] >= 'A' && message[0] <= 'Z' &&
                           message.find('_') < message.find(": ");
        return refused(coded ? message : "SYNTAX_ERROR: " + message);
    }
}

}  // namespace millrace::query
