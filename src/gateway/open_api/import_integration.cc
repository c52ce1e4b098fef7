#include "src/gateway/open_api/importer.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return text;
}

}  // namespace

Status Importer::take_integration(const std::string& place, const json::value& extension, const Resource& resource,
                                  Method& method) {
    Integration made;
    made.type = upper(text_of(extension, "type"));
    if (made.type != "AWS" && made.type != "AWS_PROXY" && made.type != "HTTP" && made.type != "HTTP_PROXY" &&
        made.type != "MOCK") {
        return invalid_import("Unable to put integration on " + place + ": Invalid integration type specified");
    }
    if (upper(text_of(extension, "connectionType")) == "VPC_LINK") {
        return invalid_import("Unable to put integration on " + place + ": there are no VPC links");
    }
    made.http_method = upper(text_of(extension, "httpMethod"));
    made.uri = text_of(extension, "uri");
    made.credentials = text_of(extension, "credentials");
    made.connection_type = upper(text_of(extension, "connectionType"));
    if (const std::string behaviour = text_of(extension, "passthroughBehavior"); !behaviour.empty()) {
        made.passthrough = upper(behaviour);
    }
    made.content_handling = upper(text_of(extension, "contentHandling"));
    if (const json::value* timeout = member_of(extension, "timeoutInMillis"); timeout != nullptr) {
        if (!timeout->is_int64() || timeout->get_int64() < 50 || timeout->get_int64() > 29'000) {
            return invalid_import("Unable to put integration on " + place +
                                  ": Timeout should be between 50 ms and 29000 ms");
        }
        made.timeout_ms = static_cast<int32_t>(timeout->get_int64());
    }
    made.cache_namespace = text_of(extension, "cacheNamespace");
    if (made.cache_namespace.empty()) made.cache_namespace = resource.id;
    if (const json::array* keys = array_of(extension, "cacheKeyParameters")) {
        for (const json::value& key : *keys) made.cache_key_parameters.push_back(as_text(key));
    }
    if (const json::value* tls = member_of(extension, "tlsConfig")) {
        made.tls_insecure = flag_of(*tls, "insecureSkipVerification");
    }
    made.templates = texts_of(extension, "requestTemplates");
    if (const json::object* parameters = object_of(extension, "requestParameters")) {
        for (const auto& member : *parameters) {
            const json::string* from = member.value().if_string();
            if (from == nullptr) {
                warn("Invalid format for 'requestParameters'. Expected type string for property '" +
                     std::string(member.key()) + "' of resource '" + resource.path + "' and method '" +
                     method.http_method + "' but got '" + as_text(member.value()) + "'");
                continue;
            }
            made.parameters[std::string(member.key())] = std::string(*from);
        }
    }
    if (const json::object* responses = object_of(extension, "responses")) {
        for (const auto& member : *responses) {
            IntegrationResponse response;
            response.status_code = text_of(member.value(), "statusCode");
            if (response.status_code.empty()) {
                warn("A response of the integration on " + place + " has no statusCode: " + std::string(member.key()));
                continue;
            }
            if (member.key() != "default") response.selection_pattern = std::string(member.key());
            response.parameters = texts_of(member.value(), "responseParameters");
            response.templates = texts_of(member.value(), "responseTemplates");
            response.content_handling = upper(text_of(member.value(), "contentHandling"));
            made.responses[response.status_code] = std::move(response);
        }
    }
    method.integration = std::move(made);
    return {};
}

}  // namespace millrace::gateway
