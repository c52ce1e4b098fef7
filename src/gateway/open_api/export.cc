#include "src/gateway/open_api/export.h"

#include <algorithm>
#include <set>

#include "src/gateway/open_api/export_method.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return text;
}

// Models refer to each other by API Gateway's URLs; a definition by its own places.
void localize_references(json::value& tree, std::string_view stem) {
    if (json::array* array = tree.if_array()) {
        for (json::value& value : *array) localize_references(value, stem);
        return;
    }
    json::object* object = tree.if_object();
    if (object == nullptr) return;
    for (auto& member : *object) {
        const json::string* text = member.value().if_string();
        const size_t mark = text == nullptr ? std::string_view::npos : std::string_view(*text).rfind("/models/");
        if (member.key() == "$ref" && mark != std::string_view::npos) {
            member.value() = std::string(stem) + std::string(std::string_view(*text).substr(mark + 8));
        } else {
            localize_references(member.value(), stem);
        }
    }
}

json::value schema_of(const Model& model, std::string_view stem) {
    boost::system::error_code error;
    json::value schema = json::parse(model.schema, error);
    if (error) return json::object();
    localize_references(schema, stem);
    return schema;
}

json::object scheme_of(const Authorizer& it, const ExportOptions& options) {
    std::string header = "Unused";
    constexpr std::string_view stem = "method.request.header.";
    if (it.type == "TOKEN" && it.identity_source.starts_with(stem)) header = it.identity_source.substr(stem.size());
    json::object out{{"type", "apiKey"}, {"name", header}, {"in", "header"}};
    out["x-amazon-apigateway-authtype"] = it.auth_type.empty() ? "custom" : it.auth_type;
    if (!options.authorizers) return out;
    json::object& authorizer = out["x-amazon-apigateway-authorizer"].emplace_object();
    authorizer["type"] = lower(it.type);
    authorizer["authorizerUri"] = it.uri;
    authorizer["authorizerResultTtlInSeconds"] = it.result_ttl_s;
    if (!it.credentials.empty()) authorizer["authorizerCredentials"] = it.credentials;
    if (!it.identity_source.empty()) authorizer["identitySource"] = it.identity_source;
    if (!it.validation_expression.empty()) authorizer["identityValidationExpression"] = it.validation_expression;
    return out;
}

json::object schemes_of(const RestApi& api, const ExportOptions& options) {
    json::object out;
    bool keys = false, signatures = false;
    std::set<std::string> used;
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [name, method] : resource.methods) {
            keys = keys || method.api_key_required;
            signatures = signatures || method.authorization == "AWS_IAM";
            used.insert(method.authorizer_id);
        }
    }
    if (keys) out["api_key"] = json::object{{"type", "apiKey"}, {"name", "x-api-key"}, {"in", "header"}};
    if (signatures) {
        out["sigv4"] = json::object{{"type", "apiKey"},
                                    {"name", "Authorization"},
                                    {"in", "header"},
                                    {"x-amazon-apigateway-authtype", "awsSigv4"}};
    }
    for (const auto& [id, authorizer] : api.authorizers) {
        if (used.contains(id) || options.authorizers) out[authorizer.name] = scheme_of(authorizer, options);
    }
    return out;
}

void add_extensions(const RestApi& api, const ExportOptions& options, json::object& out) {
    const bool any = options.extensions || options.integrations || options.authorizers;
    if (!any) return;
    if (!api.binary_media_types.empty()) {
        out["x-amazon-apigateway-binary-media-types"] = json::value_from(api.binary_media_types);
    }
    if (!options.extensions) return;
    if (!api.validators.empty()) {
        json::object& validators = out["x-amazon-apigateway-request-validators"].emplace_object();
        for (const auto& [id, it] : api.validators) {
            validators[it.name] =
                json::object{{"validateRequestParameters", it.parameters}, {"validateRequestBody", it.body}};
        }
    }
    if (!api.gateway_responses.empty()) {
        json::object& responses = out["x-amazon-apigateway-gateway-responses"].emplace_object();
        for (const auto& [type, it] : api.gateway_responses) {
            json::object& response = responses[type].emplace_object();
            if (!it.status_code.empty()) response["statusCode"] = it.status_code;
            add_texts(response, "responseParameters", it.parameters);
            add_texts(response, "responseTemplates", it.templates);
        }
    }
    if (!api.policy.empty()) {
        boost::system::error_code error;
        json::value policy = json::parse(api.policy, error);
        if (!error) out["x-amazon-apigateway-policy"] = std::move(policy);
    }
    if (api.key_source != "HEADER") out["x-amazon-apigateway-api-key-source"] = api.key_source;
    if (api.minimum_compression_bytes) {
        out["x-amazon-apigateway-minimum-compression-size"] = *api.minimum_compression_bytes;
    }
}

}  // namespace

json::value export_open_api(const RestApi& api, const ExportOptions& options) {
    const bool swagger = options.version == OpenApiVersion::swagger_2;
    json::object out;
    out[swagger ? "swagger" : "openapi"] = swagger ? "2.0" : "3.0.1";
    json::object& info = out["info"].emplace_object();
    info["title"] = api.name;
    if (!api.description.empty()) info["description"] = api.description;
    info["version"] = api.version.empty() ? "1.0" : api.version;
    if (swagger) {
        out["host"] = options.host;
        out["basePath"] = "/" + options.stage;
        out["schemes"] = json::array{"https"};
    } else {
        out["servers"] = json::array{
            json::object{{"url", "https://" + options.host + "/{basePath}"},
                         {"variables", json::object{{"basePath", json::object{{"default", options.stage}}}}}}};
    }
    json::object& paths = out["paths"].emplace_object();
    std::map<std::string, const Resource*> by_path;
    for (const auto& [id, resource] : api.resources) by_path[resource.path] = &resource;
    for (const auto& [path, resource] : by_path) {
        if (resource->methods.empty()) continue;
        json::object& item = paths[path].emplace_object();
        for (const auto& [name, method] : resource->methods) {
            item[name == "ANY" ? "x-amazon-apigateway-any-method" : lower(name)] =
                export_method(api, *resource, method, options);
        }
    }
    json::object& components = swagger ? out : out["components"].emplace_object();
    json::object schemas;
    const std::string stem = swagger ? "#/definitions/" : "#/components/schemas/";
    for (const auto& [name, model] : api.models) schemas[name] = schema_of(model, stem);
    json::object schemes = schemes_of(api, options);
    if (!schemes.empty()) components[swagger ? "securityDefinitions" : "securitySchemes"] = std::move(schemes);
    if (!schemas.empty()) components[swagger ? "definitions" : "schemas"] = std::move(schemas);
    add_extensions(api, options, out);
    return out;
}

}  // namespace millrace::gateway
