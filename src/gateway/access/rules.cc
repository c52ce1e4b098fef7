#include "src/gateway/access/rules.h"

#include "src/gateway/access/authorizer_answer.h"

namespace millrace::gateway {
namespace {

// "~1orders~1{id}/GET", "orders/{id}/GET" and "/orders/{id}/GET" are one name; "~1/GET" is the root's.
std::string setting_name(std::string_view key) {
    std::string name;
    for (size_t i = 0; i < key.size(); ++i) {
        if (key[i] == '~' && i + 1 < key.size() && (key[i + 1] == '0' || key[i + 1] == '1')) {
            name += key[++i] == '1' ? '/' : '~';
        } else {
            name += key[i];
        }
    }
    return name.substr(std::min(name.find_first_not_of('/'), name.size()));
}

// ${stageVariables.name} in a URI. Unknown ones become "", and the URI then names no function.
std::string with_variables(std::string_view text, const TextMap& variables) {
    constexpr std::string_view open = "${stageVariables.";
    std::string out;
    for (;;) {
        const size_t at = text.find(open);
        const size_t end = at == std::string_view::npos ? at : text.find('}', at);
        if (end == std::string_view::npos) return out.append(text);
        out.append(text.substr(0, at));
        const auto found = variables.find(std::string(text.substr(at + open.size(), end - at - open.size())));
        if (found != variables.end()) out.append(found->second);
        text.remove_prefix(end + 1);
    }
}

Error bad(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Result<function::FunctionName> function_of(const Authorizer& authorizer, const TextMap& variables, const Scope& scope) {
    const std::string uri = with_variables(authorizer.uri, variables);
    constexpr std::string_view path = ":lambda:path/2015-03-31/functions/", end = "/invocations";
    const size_t at = uri.find(path);
    if (!uri.starts_with("arn:aws") || at == std::string::npos || !uri.ends_with(end) ||
        at + path.size() + end.size() >= uri.size()) {
        return bad("the authorizer's URI (" + authorizer.uri +
                   ") is not arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations");
    }
    return function::parse_function_name(
        scope, std::string_view(uri).substr(at + path.size(), uri.size() - at - path.size() - end.size()));
}

Result<CompiledAuthorizer> compile(const Authorizer& authorizer, const TextMap& variables, const Scope& scope) {
    CompiledAuthorizer out;
    if (authorizer.type != "TOKEN" && authorizer.type != "REQUEST") {
        return bad(authorizer.type + " authorizers are not served here");
    }
    out.token = authorizer.type == "TOKEN";
    TRY_ASSIGN(out.function, function_of(authorizer, variables, scope));
    TRY_ASSIGN(out.sources, IdentitySource::parse_all(authorizer.identity_source));
    if (out.token && (out.sources.size() != 1 || !out.sources[0].is_header())) {
        return bad("a TOKEN authorizer has one identity source: method.request.header.NAME");
    }
    if (authorizer.result_ttl_s < 0 || authorizer.result_ttl_s > 3600) {
        return bad("an authorizer's answers are kept for at most 3600 seconds");
    }
    out.ttl_ns = int64_t{authorizer.result_ttl_s} * 1'000'000'000;
    if (!out.token && out.sources.empty() && out.ttl_ns > 0) {
        return bad("a REQUEST authorizer whose answers are kept needs an identity source");
    }
    if (!authorizer.validation_expression.empty()) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(1 << 20);
        auto expression = std::make_unique<re2::RE2>(authorizer.validation_expression, options);
        if (!expression->ok()) {
            return bad("the validation expression (" + authorizer.validation_expression +
                       ") can not be used: " + expression->error());
        }
        out.expression = std::move(expression);
    }
    return out;
}

policy::Grammar grammar_of_resource_policies(std::string own_resources) {
    policy::Grammar grammar;
    grammar.keys = execute_api_keys();
    grammar.short_resource = "execute-api:/";
    grammar.own_resources = std::move(own_resources);
    return grammar;
}

std::string arn_of(const RestApi& api) {
    return "arn:aws:execute-api:" + api.scope.region + ':' + api.scope.account + ':' + api.id + '/';
}

}  // namespace

const MethodSetting* setting_of(const Stage& stage, std::string_view resource_path, std::string_view http_method,
                                const std::function<bool(const MethodSetting&)>& wanted) {
    const std::string own = setting_name(std::string(resource_path) + '/' + std::string(http_method));
    const std::string resources = setting_name(std::string(resource_path) + "/*");
    const MethodSetting *of_resource = nullptr, *of_stage = nullptr;
    for (const auto& [key, setting] : stage.settings) {
        if (!wanted(setting)) continue;
        const std::string name = setting_name(key);
        if (name == own) return &setting;
        if (name == "*/*") of_stage = &setting;
        if (name == resources) of_resource = &setting;
    }
    return of_resource ? of_resource : of_stage;
}

std::shared_ptr<const AccessRules> compile_rules(std::shared_ptr<const Served> served, const AccessOptions& options,
                                                 TokenBuckets& buckets, int64_t now_ns) {
    auto rules = std::make_shared<AccessRules>();
    const RestApi& api = served->deployment->api;
    const Stage& stage = *served->stage;
    rules->arn_prefix = arn_of(api) + stage.name + '/';
    if (!api.policy.empty()) {
        auto policy = policy::Policy::parse(api.policy, grammar_of_resource_policies(arn_of(api)));
        if (policy.ok()) {
            rules->policy = std::move(*policy);
        } else {
            rules->policy_error = policy.error().message;
        }
    }
    for (const auto& [id, authorizer] : api.authorizers) {
        Result<CompiledAuthorizer> compiled = compile(authorizer, stage.variables, api.scope);
        CompiledAuthorizer& place = rules->authorizers[id];
        if (compiled.ok() && compiled->function.scope.account != api.scope.account) {
            // It would be called with nobody's leave: function policies grant other accounts nothing here.
            place.error = "the authorizer's function is another account's: " + authorizer.uri;
        } else if (compiled.ok()) {
            place = std::move(*compiled);
        } else {
            place.error = compiled.error().message;
        }
        place.cache_prefix = api.id + '/' + stage.name + '/' + id + '/' + std::to_string(served->generation) + '/';
    }
    if (options.requests_per_s > 0) {
        rules->account = {BucketSize{options.requests_per_s, static_cast<double>(options.burst)},
                          buckets.find("account/" + api.scope.account + '/' + api.scope.region, now_ns)};
    }
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [name, method] : resource.methods) {
            // Rate and burst may be set at different places, as each is a patch of its own.
            const MethodSetting* rate = setting_of(stage, resource.path, name, [](const MethodSetting& setting) {
                return setting.rate_limit.has_value();
            });
            const MethodSetting* burst = setting_of(stage, resource.path, name, [](const MethodSetting& setting) {
                return setting.burst_limit.has_value();
            });
            if (!rate && !burst) continue;
            // -1 is how tools write that a method is not throttled, though the stage is. A burst of no rate bounds
            // nothing.
            const double per_s = rate ? *rate->rate_limit : options.requests_per_s;
            if (per_s < 0 || (!rate && per_s == 0)) continue;
            const bool own_burst = burst && *burst->burst_limit >= 0;
            const BucketSize size{per_s, static_cast<double>(own_burst ? *burst->burst_limit : options.burst)};
            rules->methods[&method] = {
                size, buckets.find("stage/" + api.id + '/' + stage.name + '/' + id + '/' + name, now_ns)};
        }
    }
    rules->served = std::move(served);
    return rules;
}

Status check_resource_policy(std::string_view text) {
    return [&]() -> Status {
        TRY_ASSIGN(const auto policy, policy::Policy::parse(text, grammar_of_resource_policies("arn:")));
        return {};
    }();
}

Status check_authorizer(const Authorizer& authorizer) {
    // Variables are the stage's, and so not known yet: any name will do.
    Authorizer copy = authorizer;
    copy.uri.clear();
    std::string_view rest = authorizer.uri;
    for (size_t at = rest.find("${stageVariables."); at != std::string_view::npos;
         at = rest.find("${stageVariables.")) {
        copy.uri.append(rest.substr(0, at)).append("variable");
        rest.remove_prefix(std::min(rest.find('}', at), rest.size() - 1) + 1);
    }
    copy.uri.append(rest);
    TRY_ASSIGN(const CompiledAuthorizer compiled, compile(copy, {}, {}));
    return {};
}

}  // namespace millrace::gateway
