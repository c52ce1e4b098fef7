#include <charconv>

#include "src/function/definition.h"
#include "src/function/functions.h"
#include "src/function/registry/layers.h"

namespace millrace::function {
namespace {

// The part before the next ':', which is taken off with it; all of it where there is none.
std::string_view take_part(std::string_view& rest) {
    const size_t colon = rest.find(':');
    const std::string_view part = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    return part;
}

bool is_account(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_name(std::string_view text) {
    constexpr std::string_view good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(good) == std::string_view::npos;
}

bool is_qualifier(std::string_view text) {
    constexpr std::string_view good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_$";
    return !text.empty() && text.size() <= 128 && text.find_first_not_of(good) == std::string_view::npos;
}

Error not_a_name(std::string_view text) {
    return {ErrorCode::invalid_argument, std::string(text) + " is not the name or ARN of a function"};
}

}  // namespace

std::string function_arn(const Scope& scope, std::string_view name, std::string_view qualifier) {
    std::string arn = "arn:aws:lambda:" + scope.region + ":" + scope.account + ":function:";
    arn += name;
    if (!qualifier.empty()) {
        arn += ':';
        arn += qualifier;
    }
    return arn;
}

std::string layer_arn(const Scope& scope, std::string_view layer) {
    return "arn:aws:lambda:" + scope.region + ":" + scope.account + ":layer:" + std::string(layer);
}

std::string layer_version_arn(const LayerVersion& layer) {
    return layer_arn(layer.scope, layer.layer) + ":" + std::to_string(layer.version);
}

// AWS's forms: NAME[:Q], ACCOUNT:function:NAME[:Q], ACCOUNT:NAME, function:NAME, and the ARN.
Result<FunctionName> parse_function_name(const Scope& scope, std::string_view text) {
    FunctionName name{.scope = scope, .name = {}, .qualifier = {}};
    std::string_view rest = text;
    if (rest.starts_with("arn:")) {
        take_part(rest);
        take_part(rest);  // the partition
        if (take_part(rest) != "lambda") return not_a_name(text);
        name.scope.region = take_part(rest);
        name.scope.account = take_part(rest);
        if (!is_account(name.scope.account) || name.scope.region.empty()) return not_a_name(text);
        if (take_part(rest) != "function") return not_a_name(text);
    } else if (is_account(rest.substr(0, rest.find(':'))) && rest.find(':') != std::string_view::npos) {
        name.scope.account = take_part(rest);
        if (rest.starts_with("function:")) take_part(rest);
    } else if (rest.starts_with("function:")) {
        take_part(rest);
    }
    name.name = take_part(rest);
    const bool qualified = text.ends_with(':') || !rest.empty();
    name.qualifier = take_part(rest);
    if (!is_name(name.name) || !rest.empty() || (qualified && !is_qualifier(name.qualifier))) return not_a_name(text);
    return name;
}

std::optional<LayerVersionName> parse_layer_version_arn(std::string_view arn) {
    LayerVersionName name;
    std::string_view rest = arn;
    if (take_part(rest) != "arn") return std::nullopt;
    take_part(rest);
    if (take_part(rest) != "lambda") return std::nullopt;
    name.scope.region = take_part(rest);
    name.scope.account = take_part(rest);
    if (take_part(rest) != "layer") return std::nullopt;
    name.layer = take_part(rest);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), name.version);
    if (error != std::errc() || end != rest.data() + rest.size() || !is_account(name.scope.account))
        return std::nullopt;
    if (name.layer.empty() || name.scope.region.empty() || name.version == 0) return std::nullopt;
    return name;
}

}  // namespace millrace::function
