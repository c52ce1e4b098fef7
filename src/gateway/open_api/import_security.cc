#include "src/gateway/open_api/importer.h"
#include "src/gateway/registry/new_id.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return text;
}

}  // namespace

Status Importer::take_security_schemes() {
    const json::object* schemes = object_of(document_, "securityDefinitions");
    if (const json::value* components = member_of(document_, "components")) {
        schemes = object_of(*components, "securitySchemes");
    }
    if (schemes == nullptr) return {};
    for (const auto& member : *schemes) {
        const std::string name(member.key());
        const json::value& scheme = member.value();
        const json::value* extension = member_of(scheme, "x-amazon-apigateway-authorizer");
        if (extension != nullptr) {
            TRY(take_authorizer(name, scheme, *extension));
        } else if (text_of(scheme, "x-amazon-apigateway-authtype") == "awsSigv4") {
            signed_schemes_.insert(name);
        } else if (text_of(scheme, "type") == "apiKey" && upper(text_of(scheme, "name")) == "X-API-KEY") {
            key_schemes_.insert(name);
        }
    }
    return {};
}

Status Importer::take_authorizer(const std::string& name, const json::value& scheme, const json::value& extension) {
    const std::string type = upper(text_of(extension, "type"));
    if (type != "TOKEN" && type != "REQUEST") {
        return invalid_import("Millrace does not honour the authorizer " + name + ": its type is " + type +
                              ", and there are TOKEN and REQUEST");
    }
    Authorizer made;
    made.id = new_id(part_id_size);
    made.name = name;
    made.type = type;
    made.auth_type = text_of(scheme, "x-amazon-apigateway-authtype");
    made.uri = text_of(extension, "authorizerUri");
    made.credentials = text_of(extension, "authorizerCredentials");
    made.identity_source = text_of(extension, "identitySource");
    if (made.identity_source.empty() && type == "TOKEN") {
        made.identity_source = "method.request.header." + text_of(scheme, "name");
    }
    made.validation_expression = text_of(extension, "identityValidationExpression");
    if (const json::value* ttl = member_of(extension, "authorizerResultTtlInSeconds")) {
        if (!ttl->is_int64() || ttl->get_int64() < 0 || ttl->get_int64() > 3600) {
            return invalid_import("Authorizer result TTL must be between 0 and 3600 seconds: " + name);
        }
        made.result_ttl_s = static_cast<int32_t>(ttl->get_int64());
    }
    for (const auto& [id, authorizer] : api_.authorizers) {
        if (authorizer.name == name) made.id = id;
    }
    authorizer_ids_[name] = made.id;
    api_.authorizers[made.id] = made;
    return {};
}

void Importer::apply_scheme(const std::string& name, const json::value& scopes, Method& method) {
    if (key_schemes_.contains(name)) method.api_key_required = true;
    if (signed_schemes_.contains(name)) method.authorization = "AWS_IAM";
    const auto authorizer = authorizer_ids_.find(name);
    if (authorizer == authorizer_ids_.end()) {
        if (!key_schemes_.contains(name) && !signed_schemes_.contains(name)) {
            warn("The security scheme " + name + " is not honoured, " + method.http_method +
                 " is as open as without it: it has neither x-amazon-apigateway-authorizer nor "
                 "x-amazon-apigateway-authtype awsSigv4, and is no apiKey named x-api-key");
        }
        return;
    }
    method.authorization = "CUSTOM";
    method.authorizer_id = authorizer->second;
    if (const json::array* all = scopes.if_array()) {
        for (const json::value& scope : *all) method.scopes.push_back(as_text(scope));
    }
}

// The operation's own requirements, else the definition's; x-amazon-apigateway-auth says what stands for neither.
Status Importer::secure(const json::value& operation, Method& method) {
    const json::array* requirements = array_of(operation, "security");
    if (requirements == nullptr) requirements = array_of(document_, "security");
    if (requirements != nullptr) {
        for (const json::value& requirement : *requirements) {
            const json::object* schemes = requirement.if_object();
            if (schemes == nullptr) continue;
            for (const auto& scheme : *schemes) apply_scheme(std::string(scheme.key()), scheme.value(), method);
        }
    }
    const json::value* auth = member_of(operation, "x-amazon-apigateway-auth");
    if (auth == nullptr) auth = member_of(document_, "x-amazon-apigateway-auth");
    if (auth != nullptr && method.authorization == "NONE") {
        const std::string type = upper(text_of(*auth, "type"));
        if (type == "AWS_IAM") method.authorization = "AWS_IAM";
    }
    return {};
}

}  // namespace millrace::gateway
