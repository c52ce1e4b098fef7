// From JSON to statements. Strict: an element that is not known would be one that is not honoured.
#include <algorithm>

#include <boost/json.hpp>

#include "src/policy/statement.h"

namespace millrace::policy {
namespace {

namespace json = boost::json;

Error bad(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

// A string, or a list of strings: IAM takes either nearly everywhere. Numbers and booleans stand for their text, as IAM
// has them in conditions.
Result<std::vector<std::string>> texts_of(const json::value& value, std::string_view name) {
    std::vector<std::string> texts;
    const auto add = [&](const json::value& one) -> Status {
        if (const json::string* text = one.if_string()) {
            texts.emplace_back(std::string_view(*text));
        } else if (one.is_bool() || one.is_number()) {
            texts.push_back(json::serialize(one));
        } else {
            return bad(std::string(name) + " is neither a string nor a list of strings");
        }
        if (texts.back().find("${") != std::string::npos) {
            return bad(std::string(name) + ": policy variables (" + texts.back() + ") are not evaluated here");
        }
        return {};
    };
    if (const json::array* list = value.if_array()) {
        for (const json::value& one : *list) TRY(add(one));
    } else {
        TRY(add(value));
    }
    if (texts.empty()) return bad(std::string(name) + " is empty");
    return texts;
}

bool is_account(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "123456789012", "arn:aws:iam::123456789012:root", "*".
Result<std::string> account_of(const std::string& principal) {
    if (principal == "*" || is_account(principal)) return principal;
    const size_t at = principal.find(":iam::");
    if (principal.starts_with("arn:aws") && at != std::string::npos && principal.ends_with(":root") &&
        is_account(std::string_view(principal).substr(at + 6, 12)) && principal.size() == at + 6 + 12 + 5) {
        return principal.substr(at + 6, 12);
    }
    return bad("Principal: " + principal + " is not an account: users and roles are not known here");
}

Result<Statement::Patterns> principals_of(const json::value& value, bool negated) {
    Statement::Patterns principals{{}, negated};
    if (value.is_string()) {
        if (value.get_string() != "*") return bad("Principal is neither \"*\" nor an object");
        principals.any_of.emplace_back("*");
        return principals;
    }
    const json::object* kinds = value.if_object();
    if (!kinds || kinds->empty()) return bad("Principal is neither \"*\" nor an object");
    for (const auto& [kind, names] : *kinds) {
        if (kind != "AWS") return bad("Principal: " + std::string(kind) + " principals are not known here");
        TRY_ASSIGN(const std::vector<std::string> texts, texts_of(names, "Principal"));
        for (const std::string& text : texts) {
            TRY_ASSIGN(std::string account, account_of(text));
            principals.any_of.push_back(std::move(account));
        }
    }
    return principals;
}

Status read_conditions(const json::value& value, const Grammar& grammar, std::vector<Condition>* out) {
    const json::object* operators = value.if_object();
    if (!operators) return bad("Condition is not an object");
    for (const auto& [op, keys] : *operators) {
        if (!keys.is_object()) return bad("Condition: " + std::string(op) + " is not an object");
        for (const auto& [key, values] : keys.get_object()) {
            TRY_ASSIGN(std::vector<std::string> texts, texts_of(values, "Condition"));
            TRY_ASSIGN(Condition condition, Condition::parse(op, key, std::move(texts)));
            if (std::find(grammar.keys.begin(), grammar.keys.end(), condition.key()) == grammar.keys.end()) {
                return bad("the condition key " + std::string(key) + " is not evaluated here");
            }
            out->push_back(std::move(condition));
        }
    }
    return {};
}

// `name` or Not`name`; one of them, not both.
Result<Statement::Patterns> patterns_of(const json::object& statement, std::string_view name) {
    const json::value* plain = statement.if_contains(name);
    const json::value* negated = statement.if_contains("Not" + std::string(name));
    if ((plain == nullptr) == (negated == nullptr)) {
        return bad("a statement has one of " + std::string(name) + " and Not" + std::string(name));
    }
    TRY_ASSIGN(std::vector<std::string> texts, texts_of(plain ? *plain : *negated, name));
    return Statement::Patterns{std::move(texts), negated != nullptr};
}

Result<Statement> statement_of(const json::value& value, const Grammar& grammar) {
    static constexpr std::string_view elements[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                                    "NotAction", "Resource", "NotResource", "Condition"};
    const json::object* object = value.if_object();
    if (!object) return bad("a statement is not an object");
    for (const auto& [name, unused] : *object) {
        if (std::find(std::begin(elements), std::end(elements), std::string_view(name)) == std::end(elements)) {
            return bad("a statement has no element " + std::string(name));
        }
    }
    Statement statement;
    const json::value* effect = object->if_contains("Effect");
    if (!effect || (*effect != "Allow" && *effect != "Deny")) return bad("Effect is neither Allow nor Deny");
    statement.effect = *effect == "Allow" ? Decision::allow : Decision::deny;
    TRY_ASSIGN(statement.actions, patterns_of(*object, "Action"));
    TRY_ASSIGN(statement.resources, patterns_of(*object, "Resource"));
    for (std::string& resource : statement.resources.any_of) {
        if (!grammar.short_resource.empty() && resource.starts_with(grammar.short_resource)) {
            resource.replace(0, grammar.short_resource.size(), grammar.own_resources);
        }
    }
    const json::value* principal = object->if_contains("Principal");
    const json::value* not_principal = object->if_contains("NotPrincipal");
    if (!grammar.principals) {
        if (principal || not_principal) return bad("Principal has no place in this policy");
        statement.principals.any_of.emplace_back("*");
    } else {
        if ((principal == nullptr) == (not_principal == nullptr)) return bad("a statement names its Principal");
        if (not_principal && statement.effect == Decision::allow) return bad("NotPrincipal goes with Deny");
        TRY_ASSIGN(statement.principals,
                   principals_of(principal ? *principal : *not_principal, not_principal != nullptr));
    }
    if (const json::value* conditions = object->if_contains("Condition")) {
        TRY(read_conditions(*conditions, grammar, &statement.conditions));
    }
    return statement;
}

}  // namespace

Result<std::vector<Statement>> parse_statements(std::string_view text, const Grammar& grammar) {
    if (text.size() > grammar.bytes_max) {
        return bad("the policy is larger than " + std::to_string(grammar.bytes_max) + " bytes");
    }
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    if (error) return bad("the policy is not JSON: " + error.message());
    const json::object* object = document.if_object();
    if (!object) return bad("the policy is not a JSON object");
    for (const auto& [name, value] : *object) {
        if (name != "Version" && name != "Id" && name != "Statement") {
            return bad("a policy has no element " + std::string(name));
        }
        if (name == "Version" && value != "2012-10-17" && value != "2008-10-17") {
            return bad("Version is neither 2012-10-17 nor 2008-10-17");
        }
    }
    const json::value* statements = object->if_contains("Statement");
    if (!statements) return bad("the policy has no Statement");
    std::vector<Statement> out;
    if (const json::array* list = statements->if_array()) {
        for (const json::value& one : *list) {
            TRY_ASSIGN(Statement statement, statement_of(one, grammar));
            out.push_back(std::move(statement));
        }
    } else {
        TRY_ASSIGN(Statement statement, statement_of(*statements, grammar));
        out.push_back(std::move(statement));
    }
    if (out.empty()) return bad("the policy has no statement");
    return out;
}

}  // namespace millrace::policy
