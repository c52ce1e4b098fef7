// Text to compiled expression: bounds, the cache of templates, binding.
#include "src/table/expression/expression.h"

#include "src/table/expression/binder.h"
#include "src/table/expression/key_clauses.h"
#include "src/table/expression/syntax.h"
#include "src/table/expression/template_cache.h"
#include "src/table/value/sentences.h"

namespace millrace::table {
namespace {

constexpr size_t text_bytes_max = 4096;
constexpr size_t placeholder_bytes_max = 255;
constexpr size_t values_bytes_max = 2 << 20;

Error invalid(std::string_view kind, Error error) {
    return {error.code, std::string("Invalid ").append(kind).append(": ").append(error.message)};
}

template <class Syntax>
Result<std::shared_ptr<const Syntax>> template_of(std::string_view kind, std::string_view text,
                                                  typename TemplateCache<Syntax>::Parse parse) {
    static TemplateCache<Syntax> cache;
    if (text.empty()) return invalid(kind, {ErrorCode::invalid_argument, "The expression can not be empty;"});
    if (text.size() > text_bytes_max) {
        return invalid(kind, {ErrorCode::invalid_argument,
                              "Expression size has exceeded the maximum allowed size; expression size: " +
                                  std::to_string(text.size())});
    }
    auto parsed = cache.get(text, parse);
    if (!parsed) return invalid(kind, std::move(parsed).error());
    return parsed;
}

bool is_word(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

Status check_key(std::string_view map, std::string_view key, char mark) {
    const auto refusal = [&](std::string why) {
        return Error{ErrorCode::invalid_argument, std::string(map).append(" contains invalid key: ").append(why)};
    };
    if (key.size() > placeholder_bytes_max) {
        return refusal("The expression attribute map contains a key that is too long; size of key: " +
                       std::to_string(key.size()));
    }
    if (key.empty() || key.front() != mark || !is_word(key.substr(1))) {
        return refusal("Syntax error; key: \"" + std::string(key) + "\"");
    }
    return {};
}

template <class Map>
Status check_all_used(std::string_view what, const Map& given, const std::set<std::string, std::less<>>& used) {
    std::string unused;
    for (const auto& [key, value] : given) {
        if (!used.contains(key)) unused.append(unused.empty() ? "" : ", ").append(key);
    }
    if (unused.empty()) return {};
    return Error{ErrorCode::invalid_argument, std::string("Value provided in ")
                                                  .append(what)
                                                  .append(" unused in expressions: keys: {")
                                                  .append(unused)
                                                  .append("}")};
}

}  // namespace

Result<std::shared_ptr<const Condition>> compile_condition(std::string_view kind, std::string_view text,
                                                           Placeholders& placeholders) {
    TRY_ASSIGN(const auto syntax, template_of<ConditionSyntax>(kind, text, parse_condition));
    auto tree = bind_condition(*syntax, placeholders);
    if (!tree) return invalid(kind, std::move(tree).error());
    return make_condition(std::move(tree).value());
}

Result<std::shared_ptr<const Update>> compile_update(std::string_view text, Placeholders& placeholders) {
    TRY_ASSIGN(const auto syntax, template_of<UpdateSyntax>("UpdateExpression", text, parse_update));
    auto update = bind_update(*syntax, placeholders);
    if (!update) return invalid("UpdateExpression", std::move(update).error());
    return update;
}

Result<std::vector<Path>> compile_projection(std::string_view text, Placeholders& placeholders) {
    TRY_ASSIGN(const auto syntax, template_of<ProjectionSyntax>("ProjectionExpression", text, parse_projection));
    auto paths = bind_projection(*syntax, placeholders);
    if (!paths) return invalid("ProjectionExpression", std::move(paths).error());
    return paths;
}

Result<std::vector<KeyClause>> compile_key_clauses(std::string_view text, Placeholders& placeholders) {
    constexpr std::string_view kind = "KeyConditionExpression";
    TRY_ASSIGN(const auto syntax, template_of<ConditionSyntax>(kind, text, parse_condition));
    auto tree = bind_condition(*syntax, placeholders);
    if (!tree) return invalid(kind, std::move(tree).error());
    return key_clauses_of(*tree);
}

Result<KeyCondition> compile_key_condition(std::string_view text, const KeyNames& key, Placeholders& placeholders) {
    TRY_ASSIGN(auto clauses, compile_key_clauses(text, placeholders));
    return match_key(std::move(clauses), key);
}

Status check_placeholders(const Placeholders& placeholders) {
    for (const auto& [key, name] : placeholders.names) {
        TRY(check_key("ExpressionAttributeNames", key, '#'));
        if (name.empty()) {
            return Error{ErrorCode::invalid_argument,
                         "ExpressionAttributeNames contains invalid value: Empty attribute name for key " + key};
        }
    }
    for (const auto& [key, name] : placeholders.names) {
        if (name.size() > sentences::name_bytes_max) {
            return Error{ErrorCode::invalid_argument,
                         "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less "
                         "than 65536 bytes for key " +
                             key};
        }
    }
    size_t bytes = 0;
    for (const auto& [key, value] : placeholders.values) {
        TRY(check_key("ExpressionAttributeValues", key, ':'));
        bytes += counted_bytes(value);
    }
    if (bytes > values_bytes_max) {
        return Error{ErrorCode::invalid_argument, "ExpressionAttributeValues exceeds max size"};
    }
    return {};
}

Status check_all_used(const Placeholders& placeholders) {
    TRY(check_all_used("ExpressionAttributeNames", placeholders.names, placeholders.used_names));
    return check_all_used("ExpressionAttributeValues", placeholders.values, placeholders.used_values);
}

}  // namespace millrace::table
