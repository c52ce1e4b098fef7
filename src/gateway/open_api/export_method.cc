#include "src/gateway/open_api/export_method.h"

#include <set>

namespace millrace::gateway {

namespace json = boost::json;

namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return text;
}

json::object reference_to(const std::string& model, bool swagger) {
    return {{"$ref", (swagger ? "#/definitions/" : "#/components/schemas/") + model}};
}

json::array parameters_of(const Method& method, bool swagger) {
    json::array out;
    for (const auto& [name, required] : method.parameters) {
        const size_t place = name.find('.', 8) + 1;  // after "method.request."
        const size_t dot = name.find('.', place);
        if (place == 0 || dot == std::string::npos) continue;
        const std::string in = name.substr(place, dot - place);
        json::object parameter{{"name", name.substr(dot + 1)}, {"in", in == "querystring" ? "query" : in}};
        if (required || swagger || in == "path") parameter["required"] = required || in == "path";
        if (swagger) {
            parameter["type"] = "string";
        } else {
            parameter["schema"] = json::object{{"type", "string"}};
        }
        out.push_back(std::move(parameter));
    }
    if (swagger && !method.models.empty()) {
        const std::string& model = method.models.begin()->second;
        out.push_back(
            json::object{{"in", "body"}, {"name", model}, {"required", true}, {"schema", reference_to(model, true)}});
    }
    return out;
}

json::object response_of(const MethodResponse& it, bool swagger) {
    json::object out{{"description", it.status_code + " response"}};
    if (!it.parameters.empty()) {
        json::object& headers = out["headers"].emplace_object();
        constexpr size_t stem = std::string_view("method.response.header.").size();
        for (const auto& [name, required] : it.parameters) {
            if (name.size() <= stem) continue;
            json::object header{{"type", "string"}};
            headers[name.substr(stem)] = swagger ? header : json::object{{"schema", header}};
        }
    }
    if (swagger) {
        if (!it.models.empty()) out["schema"] = reference_to(it.models.begin()->second, true);
        return out;
    }
    json::object& content = out["content"].emplace_object();
    for (const auto& [type, model] : it.models) content[type] = json::object{{"schema", reference_to(model, false)}};
    return out;
}

json::object integration_of(const Integration& it) {
    json::object out{{"type", lower(it.type)}};
    const auto put = [&](std::string_view name, const std::string& text) {
        if (!text.empty()) out[name] = text;
    };
    put("httpMethod", it.http_method);
    put("uri", it.uri);
    put("credentials", it.credentials);
    put("passthroughBehavior", lower(it.passthrough));
    put("contentHandling", it.content_handling);
    if (it.timeout_ms != 29'000) out["timeoutInMillis"] = it.timeout_ms;
    if (!it.cache_key_parameters.empty()) out["cacheKeyParameters"] = json::value_from(it.cache_key_parameters);
    if (it.tls_insecure) out["tlsConfig"] = json::object{{"insecureSkipVerification", true}};
    add_texts(out, "requestParameters", it.parameters);
    add_texts(out, "requestTemplates", it.templates);
    if (it.responses.empty()) return out;
    json::object& responses = out["responses"].emplace_object();
    for (const auto& [status, response] : it.responses) {
        const std::string pattern = response.selection_pattern.value_or("");
        json::object& shown = responses[pattern.empty() ? "default" : pattern].emplace_object();
        shown["statusCode"] = status;
        add_texts(shown, "responseParameters", response.parameters);
        add_texts(shown, "responseTemplates", response.templates);
        if (!response.content_handling.empty()) shown["contentHandling"] = response.content_handling;
    }
    return out;
}

json::array security_of(const RestApi& api, const Method& method) {
    json::array out;
    if (method.authorization == "AWS_IAM") out.push_back(json::object{{"sigv4", json::array()}});
    const auto authorizer = api.authorizers.find(method.authorizer_id);
    if (authorizer != api.authorizers.end()) {
        out.push_back(json::object{{authorizer->second.name, json::value_from(method.scopes)}});
    }
    if (method.api_key_required) out.push_back(json::object{{"api_key", json::array()}});
    return out;
}

// The content types of a method's models, in Swagger 2.
void add_types(json::object& out, std::string_view name, const std::set<std::string>& types) {
    if (types.empty()) return;
    json::array& all = out[name].emplace_array();
    for (const std::string& type : types) all.push_back(json::value(type));
}

}  // namespace

void add_texts(json::object& out, std::string_view name, const TextMap& texts) {
    if (texts.empty()) return;
    json::object& all = out[name].emplace_object();
    for (const auto& [key, text] : texts) all[key] = text;
}

json::object export_method(const RestApi& api, const Resource&, const Method& method, const ExportOptions& options) {
    const bool swagger = options.version == OpenApiVersion::swagger_2;
    json::object out;
    if (!method.operation_name.empty()) out["operationId"] = method.operation_name;
    if (swagger) {
        std::set<std::string> consumes, produces;
        for (const auto& [type, model] : method.models) consumes.insert(type);
        for (const auto& [status, response] : method.responses) {
            for (const auto& [type, model] : response.models) produces.insert(type);
        }
        add_types(out, "consumes", consumes);
        add_types(out, "produces", produces);
    }
    if (json::array parameters = parameters_of(method, swagger); !parameters.empty()) {
        out["parameters"] = std::move(parameters);
    }
    if (!swagger && !method.models.empty()) {
        json::object content;
        for (const auto& [type, model] : method.models) {
            content[type] = json::object{{"schema", reference_to(model, false)}};
        }
        out["requestBody"] = json::object{{"content", std::move(content)}, {"required", true}};
    }
    json::object& responses = out["responses"].emplace_object();
    for (const auto& [status, response] : method.responses) responses[status] = response_of(response, swagger);
    if (json::array security = security_of(api, method); !security.empty()) out["security"] = std::move(security);
    const auto validator = api.validators.find(method.validator_id);
    if (options.extensions && validator != api.validators.end()) {
        out["x-amazon-apigateway-request-validator"] = validator->second.name;
    }
    if ((options.integrations || options.extensions) && method.integration) {
        out["x-amazon-apigateway-integration"] = integration_of(*method.integration);
    }
    return out;
}

}  // namespace millrace::gateway
