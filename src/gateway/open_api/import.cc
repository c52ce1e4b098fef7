#include "src/gateway/open_api/import.h"

#include "src/gateway/open_api/importer.h"
#include "src/gateway/registry/new_id.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

// "/v1/shop" or "".
std::string base_path_of(const json::value& document) {
    std::string path = text_of(document, "basePath");
    if (const json::array* servers = array_of(document, "servers"); servers != nullptr && !servers->empty()) {
        const json::value& server = (*servers)[0];
        path = text_of(server, "url");
        if (const json::value* variables = member_of(server, "variables")) {
            if (const json::object* all = variables->if_object()) {
                for (const auto& variable : *all) {
                    const std::string mark = "{" + std::string(variable.key()) + "}";
                    const size_t at = path.find(mark);
                    if (at != std::string::npos) path.replace(at, mark.size(), text_of(variable.value(), "default"));
                }
            }
        }
        const size_t scheme = path.find("://");
        if (scheme != std::string::npos) {
            const size_t slash = path.find('/', scheme + 3);
            path = slash == std::string::npos ? "" : path.substr(slash);
        }
    }
    std::string tidy;
    for (const char c : path) {
        if (c != '/' || tidy.empty() || tidy.back() != '/') tidy.push_back(c);
    }
    while (tidy.ends_with('/')) tidy.pop_back();
    if (!tidy.empty() && tidy.front() != '/') tidy.insert(0, "/");
    return tidy;
}

}  // namespace

std::string path_prefix(const json::value& document, BasePathMode mode) {
    if (mode == BasePathMode::ignore) return "";
    const std::string base = base_path_of(document);
    if (mode == BasePathMode::prepend || base.empty()) return base;
    const size_t second = base.find('/', 1);
    return second == std::string::npos ? "" : base.substr(second);
}

Result<std::vector<std::string>> import_open_api(const json::value& document, const ImportOptions& options,
                                                 RestApi& api) {
    Importer importer(document, options, api);
    TRY(importer.run());
    return importer.take_warnings();
}

Status Importer::run() {
    const bool known = text_of(document_, "swagger") == "2.0" || text_of(document_, "openapi").starts_with("3.");
    if (!known) {
        return invalid_import("Invalid OpenAPI input. It is neither Swagger 2.0 nor OpenAPI 3.");
    }
    if (options_.mode == ImportMode::overwrite) clear();
    TRY(take_info());
    take_settings();
    take_validators();
    take_gateway_responses();
    TRY(take_models());
    TRY(take_security_schemes());
    return take_paths();
}

// All that a definition says; what it does not (tags, endpoint types) stays.
void Importer::clear() {
    Resource root = api_.resources[api_.root_id];
    root.methods.clear();
    api_.resources.clear();
    api_.resources[api_.root_id] = root;
    api_.models.clear();
    api_.validators.clear();
    api_.authorizers.clear();
    api_.gateway_responses.clear();
    api_.binary_media_types.clear();
    api_.minimum_compression_bytes.reset();
    api_.key_source = "HEADER";
    api_.description.clear();
    api_.version.clear();
    api_.policy.clear();
}

Status Importer::take_info() {
    const json::value* info = member_of(document_, "info");
    if (info == nullptr) return {};
    if (const std::string title = text_of(*info, "title"); !title.empty()) api_.name = title;
    if (const std::string text = text_of(*info, "description"); !text.empty()) api_.description = text;
    if (const std::string version = text_of(*info, "version"); !version.empty()) api_.version = version;
    return {};
}

void Importer::take_settings() {
    if (const json::array* types = array_of(document_, "x-amazon-apigateway-binary-media-types")) {
        api_.binary_media_types.clear();
        for (const json::value& type : *types) api_.binary_media_types.push_back(as_text(type));
    }
    if (const json::value* size = member_of(document_, "x-amazon-apigateway-minimum-compression-size");
        size != nullptr && size->is_int64()) {
        const int64_t bytes = size->get_int64();
        if (bytes >= 0 && bytes <= (10 << 20)) {
            api_.minimum_compression_bytes = static_cast<int32_t>(bytes);
        } else {
            warn("Invalid minimum compression size, must be between 0 and 10485760");
        }
    }
    const std::string source = text_of(document_, "x-amazon-apigateway-api-key-source");
    if (source == "HEADER" || source == "AUTHORIZER") api_.key_source = source;
    if (const json::value* policy = member_of(document_, "x-amazon-apigateway-policy")) api_.policy = as_text(*policy);
    // OpenAPI 3 has it at the server, Swagger 2 at the root.
    const json::value* endpoint = member_of(document_, "x-amazon-apigateway-endpoint-configuration");
    if (const json::array* servers = array_of(document_, "servers"); servers != nullptr && !servers->empty()) {
        if (const json::value* own = member_of((*servers)[0], "x-amazon-apigateway-endpoint-configuration")) {
            endpoint = own;
        }
    }
    if (endpoint != nullptr) {
        if (member_of(*endpoint, "disableExecuteApiEndpoint") != nullptr) {
            api_.execute_endpoint_disabled = flag_of(*endpoint, "disableExecuteApiEndpoint");
        }
        if (member_of(*endpoint, "vpcEndpointIds") != nullptr) {
            warn("vpcEndpointIds is not honoured: there are no VPCs");
        }
    }
    for (const std::string_view name : {"x-amazon-apigateway-documentation", "x-amazon-apigateway-cors"}) {
        if (member_of(document_, name) != nullptr) warn(std::string(name) + " is not honoured");
    }
}

void Importer::take_validators() {
    const json::object* validators = object_of(document_, "x-amazon-apigateway-request-validators");
    if (validators == nullptr) return;
    for (const auto& member : *validators) {
        RequestValidator made;
        made.id = new_id(part_id_size);
        made.name = member.key();
        made.body = flag_of(member.value(), "validateRequestBody");
        made.parameters = flag_of(member.value(), "validateRequestParameters");
        for (const auto& [id, validator] : api_.validators) {
            if (validator.name == made.name) made.id = id;
        }
        validator_ids_[made.name] = made.id;
        api_.validators[made.id] = made;
    }
}

void Importer::take_gateway_responses() {
    const json::object* responses = object_of(document_, "x-amazon-apigateway-gateway-responses");
    if (responses == nullptr) return;
    for (const auto& member : *responses) {
        GatewayResponse made;
        made.type = member.key();
        made.status_code = text_of(member.value(), "statusCode");
        made.parameters = texts_of(member.value(), "responseParameters");
        made.templates = texts_of(member.value(), "responseTemplates");
        api_.gateway_responses[made.type] = made;
    }
}

Status Importer::take_paths() {
    const json::object* paths = object_of(document_, "paths");
    if (paths == nullptr) return {};
    const std::string base = path_prefix(document_, options_.base_path);
    for (const auto& member : *paths) {
        if (member.key().starts_with("x-")) continue;
        TRY(take_path(base + std::string(member.key()), member.value()));
    }
    return {};
}

}  // namespace millrace::gateway
