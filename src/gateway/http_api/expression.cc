#include "src/gateway/http_api/expression.h"

#include <algorithm>
#include <array>

#include "src/vtl/json_path.h"
#include "src/vtl/value.h"

namespace millrace::gateway::http_api {
namespace {

constexpr size_t body_bytes_max = 100 * 1024;

Status check_variable(std::string_view name, std::string_view expression, bool response) {
    static constexpr std::array starts = {"request.header.", "request.querystring.", "request.path.", "request.body.",
                                          "context.",        "stageVariables."};
    const auto begins = [&](std::string_view start) { return name.size() > start.size() && name.starts_with(start); };
    if (response && (begins("response.header.") || begins("response.body.") || name == "response.body")) return {};
    const bool request =
        name == "request.path" || name == "request.body" || std::any_of(starts.begin(), starts.end(), begins);
    if (request && (!response || !name.starts_with("request."))) return {};
    return Error{ErrorCode::invalid_argument, "Invalid mapping expression specified: " + std::string(expression)};
}

}  // namespace

std::optional<std::string> evaluate(std::string_view expression, const Variables& variables) {
    if (expression.starts_with('$') && !expression.starts_with("${")) return variables(expression.substr(1));
    std::string text;
    while (!expression.empty()) {
        const size_t at = expression.find("${");
        const size_t end = at == std::string_view::npos ? at : expression.find('}', at);
        if (end == std::string_view::npos) break;
        text += expression.substr(0, at);
        text += variables(expression.substr(at + 2, end - at - 2)).value_or("");
        expression.remove_prefix(end + 1);
    }
    text += expression;
    return text;
}

Status check_expression(std::string_view expression, bool response) {
    if (expression.starts_with('$') && !expression.starts_with("${")) {
        return check_variable(expression.substr(1), expression, response);
    }
    std::string_view rest = expression;
    for (size_t at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
        const size_t end = rest.find('}', at);
        if (end == std::string_view::npos) {
            return Error{ErrorCode::invalid_argument,
                         "Invalid mapping expression specified: " + std::string(expression)};
        }
        TRY(check_variable(rest.substr(at + 2, end - at - 2), expression, response));
        rest.remove_prefix(end + 1);
    }
    return {};
}

std::optional<std::string> body_value(std::string_view body, std::string_view path) {
    if (body.size() > body_bytes_max) return std::nullopt;
    const auto compiled = vtl::JsonPath::parse("$." + std::string(path));
    const std::optional<vtl::Value> root = vtl::parse_json(body);
    if (!compiled.ok() || !root) return std::nullopt;
    const std::optional<vtl::Value> found = (*compiled)->find(*root);
    if (!found || found->is_null()) return std::nullopt;
    if (found->string() != nullptr) return *found->string();
    std::string text;
    found->append_json(&text);
    return text;
}

}  // namespace millrace::gateway::http_api
