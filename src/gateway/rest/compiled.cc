#include "src/gateway/rest/compiled.h"

#include <algorithm>

#include <re2/re2.h>

#include "src/gateway/rest/compiled_integration.h"
#include "src/gateway/text/media_types.h"
#include "src/gateway/text/uri.h"
#include "src/vtl/template.h"

namespace millrace::gateway {
namespace {

std::string schema_text(const RestApi& api, std::string_view name) {
    const auto found = api.models.find(std::string(name));
    return found == api.models.end() ? std::string() : found->second.schema;
}

// "https://apigateway.amazonaws.com/restapis/ID/models/Order", which is how models name each other.
JsonSchema::Lookup lookup_in(const RestApi& api) {
    return [&api](std::string_view reference) -> std::optional<std::string> {
        constexpr std::string_view mark = "/models/";
        const size_t at = reference.rfind(mark);
        const std::string_view name = at == std::string_view::npos ? reference : reference.substr(at + mark.size());
        std::string text = schema_text(api, name);
        return text.empty() ? std::optional<std::string>() : text;
    };
}

void compile_checks(const RestApi& api, const Method& method, CompiledMethod* out) {
    const auto validator = api.validators.find(method.validator_id);
    if (validator == api.validators.end()) return;
    if (validator->second.parameters) {
        for (const auto& [name, required] : method.parameters) {
            const Result<Source> source = Source::parse(name);
            if (!required || !source.ok() || source->of_answer) continue;
            using Kind = Source::Kind;
            const Target::Kind kind = source->kind == Kind::path ? Target::Kind::path
                                      : source->kind == Kind::query || source->kind == Kind::multi_query
                                          ? Target::Kind::query
                                          : Target::Kind::header;
            // As its owner wrote it: that is how AWS's error names it.
            out->required.push_back(
                {kind, name.substr(name.find('.', std::string_view("method.request.").size()) + 1)});
        }
    }
    out->validates_body = validator->second.body;
    if (!out->validates_body) return;
    for (const auto& [type, model] : method.models) {
        Result<std::shared_ptr<const JsonSchema>> schema = JsonSchema::compile(schema_text(api, model), lookup_in(api));
        out->schemas[lower_case(type)] = schema.ok() ? *schema : nullptr;
    }
}

}  // namespace

const TemplateSet::One* TemplateSet::find(std::string_view content_type) const {
    const One* fallback = nullptr;
    for (const One& one : all) {
        if (one.content_type == content_type) return &one;
        if (one.content_type == "$default") fallback = &one;
    }
    return fallback;
}

TemplateSet compile_templates(const TextMap& templates) {
    TemplateSet set;
    for (const auto& [type, text] : templates) {
        TemplateSet::One one;
        one.content_type = lower_case(type);
        auto compiled = vtl::Template::parse(text);
        if (compiled.ok()) {
            one.compiled = std::move(compiled).value();
        } else {
            one.problem = compiled.error().message;
        }
        set.all.push_back(std::move(one));
    }
    return set;
}

Result<std::vector<ParameterMapping>> compile_mappings(const TextMap& mappings, std::string_view side) {
    std::vector<ParameterMapping> out;
    for (const auto& [target, source] : mappings) {
        ParameterMapping mapping;
        TRY_ASSIGN(mapping.target, Target::parse(target, side));
        TRY_ASSIGN(mapping.source, Source::parse(source));
        out.push_back(std::move(mapping));
    }
    return out;
}

UriPattern UriPattern::parse(std::string_view text) {
    using Kind = UriPattern::Piece::Kind;
    UriPattern pattern;
    const auto add = [&](Kind kind, std::string_view what) {
        if (kind == Kind::text && what.empty()) return;
        if (kind == Kind::text && !pattern.pieces.empty() && pattern.pieces.back().kind == Kind::text) {
            pattern.pieces.back().text += what;
        } else {
            pattern.pieces.push_back({kind, std::string(what)});
        }
    };
    constexpr std::string_view variable = "${stageVariables.";
    while (!text.empty()) {
        const size_t at = std::min(text.find_first_of("${"), text.size());
        add(Kind::text, text.substr(0, at));
        text.remove_prefix(at);
        const size_t close = text.find('}');
        if (text.starts_with(variable) && close != std::string_view::npos) {
            add(Kind::stage_variable, text.substr(variable.size(), close - variable.size()));
            text.remove_prefix(close + 1);
        } else if (text.starts_with('{') && close != std::string_view::npos) {
            std::string_view name = text.substr(1, close - 1);
            if (name.ends_with('+')) name.remove_suffix(1);
            add(Kind::parameter, name);
            text.remove_prefix(close + 1);
        } else if (!text.empty()) {
            add(Kind::text, text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
    return pattern;
}

CompiledStage::CompiledStage(std::shared_ptr<const Served> served, std::shared_ptr<const AccessRules> rules)
    : served_(std::move(served)), rules_(std::move(rules)), routes_(served_->deployment->api) {
    for (const auto& [type, response] : api().gateway_responses) {
        CompiledGatewayResponse& compiled = gateway_responses_[type];
        compiled.response = &response;
        Result<std::vector<ParameterMapping>> parameters = compile_mappings(response.parameters, "gatewayresponse");
        if (parameters.ok()) compiled.parameters = std::move(parameters).value();
        compiled.templates = compile_templates(response.templates);
    }
}
CompiledStage::~CompiledStage() = default;

const CompiledMethod& CompiledStage::method(const Resource& resource, const Method& method) const {
    std::lock_guard lock(mutex_);
    std::unique_ptr<const CompiledMethod>& known = methods_[&method];
    if (known == nullptr) {
        auto made = std::make_unique<CompiledMethod>();
        made->resource = &resource;
        made->method = &method;
        compile_checks(api(), method, made.get());
        made->integration = compile_integration(method);
        known = std::move(made);
    }
    return *known;
}

const CompiledGatewayResponse* CompiledStage::gateway_response(std::string_view type, int status) const {
    if (gateway_responses_.empty()) return nullptr;
    auto found = gateway_responses_.find(type);
    if (found == gateway_responses_.end())
        found = gateway_responses_.find(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    return found == gateway_responses_.end() ? nullptr : &found->second;
}

Status check_integration(const Integration& integration) {
    Method method;
    method.integration = integration;
    const CompiledIntegration compiled = compile_integration(method);
    const auto invalid = [](const std::string& what) { return Error{ErrorCode::invalid_argument, what}; };
    if (compiled.kind == CompiledIntegration::Kind::broken) return invalid(compiled.problem);
    for (const TemplateSet::One& one : compiled.templates.all) {
        if (!one.problem.empty()) return invalid("The template of " + one.content_type + ": " + one.problem);
    }
    for (const CompiledResponse& response : compiled.responses) {
        if (!response.problem.empty()) return invalid(response.problem);
        for (const TemplateSet::One& one : response.templates.all) {
            if (!one.problem.empty()) return invalid("The template of " + one.content_type + ": " + one.problem);
        }
    }
    return {};
}

Status check_model(const RestApi& api, std::string_view schema) {
    auto compiled = JsonSchema::compile(schema, lookup_in(api));
    if (!compiled.ok()) return compiled.error();
    return {};
}

}  // namespace millrace::gateway
