#include "src/gateway/open_api/import_http_api.h"

#include "src/gateway/http_api/http_apis.h"
#include "src/gateway/open_api/importer.h"

namespace millrace::gateway {
namespace {

namespace json = boost::json;
using http_api::Authorizer;
using http_api::Integration;
using http_api::Route;

constexpr std::string_view any_method = "x-amazon-apigateway-any-method";
constexpr std::string_view integration_extension = "x-amazon-apigateway-integration";
constexpr std::string_view verbs[] = {"get", "post", "put", "patch", "delete", "head", "options", any_method};

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return out;
}

std::vector<std::string> list_of(const json::value& tree, std::string_view name) {
    std::vector<std::string> out;
    if (const json::array* all = array_of(tree, name)) {
        for (const json::value& each : *all) out.push_back(as_text(each));
    } else if (const std::string text = text_of(tree, name); !text.empty()) {
        out.push_back(text);
    }
    return out;
}

// "$request.header.a, $request.header.b"
std::vector<std::string> sources_of(const json::value& extension) {
    std::vector<std::string> out;
    for (const std::string& listed : list_of(extension, "identitySource")) {
        std::string_view rest = listed;
        while (!rest.empty()) {
            const size_t end = std::min(rest.find(','), rest.size());
            std::string_view one = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            while (one.starts_with(' ')) one.remove_prefix(1);
            while (one.ends_with(' ')) one.remove_suffix(1);
            if (!one.empty()) out.emplace_back(one);
        }
    }
    return out;
}

int32_t number_of(const json::value& tree, std::string_view name, int32_t otherwise) {
    const json::value* value = member_of(tree, name);
    return value != nullptr && value->is_int64() ? static_cast<int32_t>(value->get_int64()) : otherwise;
}

class HttpImporter {
  public:
    HttpImporter(const json::value& document, BasePathMode base_path, http_api::HttpApi& api)
        : document_(document), base_path_(base_path), api_(api) {}

    Status run() {
        if (!text_of(document_, "openapi").starts_with("3.")) {
            return invalid_import("Invalid OpenAPI input. HTTP APIs are imported from OpenAPI 3 definitions.");
        }
        api_.current = {};
        if (const json::value* info = member_of(document_, "info")) {
            api_.name = text_of(*info, "title");
            api_.description = text_of(*info, "description");
            api_.version = text_of(*info, "version");
        }
        take_cors();
        TRY(take_schemes());
        const json::object* paths = object_of(document_, "paths");
        if (paths == nullptr) return {};
        const std::string prefix = path_prefix(document_, base_path_);
        for (const auto& path : *paths) {
            if (path.key().starts_with("x-")) continue;
            for (const std::string_view verb : verbs) {
                const json::value* operation = member_of(path.value(), verb);
                if (operation == nullptr) continue;
                const std::string shown(path.key());
                const std::string key = shown == "/$default" && verb == any_method
                                            ? "$default"
                                            : (verb == any_method ? "ANY" : upper(verb)) + " " + prefix + shown;
                TRY(take_operation(key, *operation));
            }
        }
        return {};
    }
    std::vector<std::string> take_warnings() { return std::move(warnings_); }

  private:
    void warn(std::string text) { warnings_.push_back(std::move(text)); }

    void take_cors() {
        const json::value* given = member_of(document_, "x-amazon-apigateway-cors");
        if (given == nullptr) return;
        http_api::Cors cors;
        cors.allow_credentials = flag_of(*given, "allowCredentials");
        cors.allow_headers = list_of(*given, "allowHeaders");
        cors.allow_methods = list_of(*given, "allowMethods");
        cors.allow_origins = list_of(*given, "allowOrigins");
        cors.expose_headers = list_of(*given, "exposeHeaders");
        cors.max_age_s = number_of(*given, "maxAge", -1);
        api_.current.cors = std::move(cors);
    }

    Status take_schemes() {
        const json::value* components = member_of(document_, "components");
        const json::object* schemes = components == nullptr ? nullptr : object_of(*components, "securitySchemes");
        if (schemes == nullptr) return {};
        for (const auto& scheme : *schemes) {
            const std::string name(scheme.key());
            if (text_of(scheme.value(), "x-amazon-apigateway-authtype") == "awsSigv4") {
                signed_schemes_.insert(name);
                continue;
            }
            const json::value* extension = member_of(scheme.value(), "x-amazon-apigateway-authorizer");
            if (extension == nullptr) {
                warn("The security scheme '" + name + "' has no x-amazon-apigateway-authorizer and is not honoured");
                continue;
            }
            Authorizer made;
            made.id = http_api::new_id();
            made.name = name;
            const std::string type = text_of(*extension, "type");
            if (type != "jwt" && type != "request") {
                return invalid_import("Unable to create authorizer '" + name +
                                      "': its type is neither jwt nor request");
            }
            made.identity_sources = sources_of(*extension);
            if (type == "jwt") {
                made.type = "JWT";
                if (const json::value* settings = member_of(*extension, "jwtConfiguration")) {
                    made.audience = list_of(*settings, "audience");
                    made.issuer = text_of(*settings, "issuer");
                }
                made.payload_version.clear();
            } else {
                made.type = "REQUEST";
                made.uri = text_of(*extension, "authorizerUri");
                made.credentials = text_of(*extension, "authorizerCredentials");
                made.payload_version = text_of(*extension, "authorizerPayloadFormatVersion");
                made.result_ttl_s = number_of(*extension, "authorizerResultTtlInSeconds", 0);
                made.simple_responses = flag_of(*extension, "enableSimpleResponses");
            }
            authorizer_ids_[name] = made.id;
            api_.current.authorizers[made.id] = std::move(made);
        }
        return {};
    }

    Status take_operation(const std::string& key, const json::value& operation) {
        Route route;
        route.id = http_api::new_id();
        route.key = key;
        route.operation_name = text_of(operation, "operationId");
        TRY(secure(operation, route));
        if (const json::value* given = member_of(operation, integration_extension)) {
            TRY_ASSIGN(const std::string id, integration_of(key, *given));
            route.target = "integrations/" + id;
        } else {
            warn("The route '" + key + "' has no " + std::string(integration_extension));
        }
        api_.current.routes[route.id] = std::move(route);
        return {};
    }

    // An operation's own security stands for the definition's.
    Status secure(const json::value& operation, Route& route) {
        const json::array* wanted = array_of(operation, "security");
        if (wanted == nullptr) wanted = array_of(document_, "security");
        if (const json::value* auth = member_of(operation, "x-amazon-apigateway-auth")) {
            if (upper(text_of(*auth, "type")) == "AWS_IAM") route.authorization_type = "AWS_IAM";
        }
        if (wanted == nullptr) return {};
        for (const json::value& one : *wanted) {
            if (!one.is_object()) continue;
            for (const auto& scheme : one.get_object()) {
                const std::string name(scheme.key());
                if (signed_schemes_.contains(name)) {
                    route.authorization_type = "AWS_IAM";
                    continue;
                }
                const auto id = authorizer_ids_.find(name);
                if (id == authorizer_ids_.end()) {
                    return invalid_import("The route '" + route.key + "' wants the security scheme '" + name +
                                          "', which is no authorizer of the definition");
                }
                if (!route.authorizer_id.empty() && route.authorizer_id != id->second) {
                    warn("The route '" + route.key + "' has one authorizer: '" + name + "' is not honoured");
                    continue;
                }
                route.authorizer_id = id->second;
                route.authorization_type = api_.current.authorizers.at(id->second).type == "JWT" ? "JWT" : "CUSTOM";
                if (!scheme.value().is_array()) continue;
                for (const json::value& scope : scheme.value().get_array()) route.scopes.push_back(as_text(scope));
            }
        }
        return {};
    }

    // The id; a named one is one for all who refer to it.
    Result<std::string> integration_of(const std::string& place, const json::value& given) {
        const std::string reference = text_of(given, "$ref");
        if (reference.empty()) return take_integration(place, given);
        if (const auto known = named_.find(reference); known != named_.end()) return known->second;
        constexpr std::string_view start = "#/components/x-amazon-apigateway-integrations/";
        const json::value* components = member_of(document_, "components");
        const json::value* all =
            components == nullptr ? nullptr : member_of(*components, "x-amazon-apigateway-integrations");
        const json::value* found =
            all == nullptr || !reference.starts_with(start) ? nullptr : member_of(*all, reference.substr(start.size()));
        if (found == nullptr) {
            return invalid_import("The route '" + place + "' refers to " + reference + ", which is not there");
        }
        TRY_ASSIGN(const std::string id, take_integration(place, *found));
        named_[reference] = id;
        return id;
    }

    Result<std::string> take_integration(const std::string& place, const json::value& given) {
        Integration made;
        made.id = http_api::new_id();
        made.type = upper(text_of(given, "type"));
        if (upper(text_of(given, "connectionType")) == "VPC_LINK" || member_of(given, "connectionId") != nullptr) {
            return invalid_import("Unable to put integration on '" + place + "': there are no VPC links");
        }
        made.subtype = text_of(given, "integrationSubtype");
        made.uri = text_of(given, "uri");
        made.method = upper(text_of(given, "httpMethod"));
        made.credentials = text_of(given, "credentials");
        made.description = text_of(given, "description");
        if (const std::string version = text_of(given, "payloadFormatVersion"); !version.empty()) {
            made.payload_version = version;
        }
        made.timeout_ms = number_of(given, "timeoutInMillis", made.timeout_ms);
        made.request_parameters = texts_of(given, "requestParameters");
        if (const json::object* responses = object_of(given, "responseParameters")) {
            for (const auto& status : *responses) {
                made.response_parameters[std::string(status.key())] =
                    texts_of(*member_of(given, "responseParameters"), status.key());
            }
        }
        for (const std::string_view name : {"tlsConfig", "requestTemplates", "responses", "passthroughBehavior"}) {
            if (member_of(given, name) != nullptr) {
                warn(std::string(name) + " of the integration of '" + place + "' is not honoured");
            }
        }
        const std::string id = made.id;
        api_.current.integrations[id] = std::move(made);
        return id;
    }

    const json::value& document_;
    const BasePathMode base_path_;
    http_api::HttpApi& api_;
    std::vector<std::string> warnings_;
    std::map<std::string, std::string> authorizer_ids_;  // by security scheme
    std::set<std::string> signed_schemes_;
    std::map<std::string, std::string> named_;  // integrations, by reference
};

}  // namespace

Result<std::vector<std::string>> import_http_api(const json::value& document, BasePathMode base_path,
                                                 http_api::HttpApi& api) {
    HttpImporter importer(document, base_path, api);
    TRY(importer.run());
    return importer.take_warnings();
}

}  // namespace millrace::gateway
