#include <algorithm>
#include <array>

#include "src/gateway/open_api/importer.h"
#include "src/gateway/registry/new_id.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

constexpr size_t resources_max = 300;  // API Gateway's quota of an API
constexpr std::string_view any_method = "x-amazon-apigateway-any-method";
constexpr std::array<std::string_view, 8> verbs{"get", "put", "post", "delete", "patch", "options", "head", any_method};

bool is_part(std::string_view part) {
    std::string_view inside = part;
    if (part.starts_with('{') && part.ends_with('}')) {
        inside = part.substr(1, part.size() - 2);
        if (inside.ends_with('+')) inside.remove_suffix(1);
    }
    constexpr std::string_view good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
    return !inside.empty() && inside.find_first_not_of(good) == std::string_view::npos;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return out;
}

bool is_status(std::string_view text) {
    return text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Status Importer::take_path(const std::string& path, const json::value& item) {
    const json::object* operations = item.if_object();
    if (operations == nullptr) return {};
    TRY(resource_at(path));
    for (const auto& member : *operations) {
        if (std::ranges::find(verbs, std::string_view(member.key())) == verbs.end()) continue;
        const std::string verb = member.key() == any_method ? "ANY" : upper(member.key());
        TRY(take_operation(path, item, verb, member.value()));
    }
    return {};
}

// The resource of a path, which is made where there is none, with those above it.
Result<Resource*> Importer::resource_at(const std::string& path) {
    Resource* at = &api_.resources[api_.root_id];
    size_t start = 0;
    while (start < path.size()) {
        const size_t slash = std::min(path.find('/', start), path.size());
        const std::string part = path.substr(start, slash - start);
        start = slash + 1;
        if (part.empty()) continue;
        if (!is_part(part)) {
            return invalid_import(
                "Invalid OpenAPI input. Resource's path part only allow a-zA-Z0-9._-: or a valid "
                "greedy path variable: " +
                path);
        }
        Resource* below = nullptr;
        for (auto& [id, resource] : api_.resources) {
            if (resource.parent_id != at->id) continue;
            if (resource.path_part == part) below = &resource;
            if (resource.path_part != part && resource.path_part.starts_with('{') && part.starts_with('{')) {
                return invalid_import(
                    "A sibling (" + resource.path_part +
                    ") of this resource already has a variable path part -- only one is allowed: " + path);
            }
        }
        if (below == nullptr) {
            if (at->path_part.ends_with("+}")) {
                return invalid_import("Cannot create a child of a resource with a greedy path variable: " +
                                      at->path_part);
            }
            if (api_.resources.size() > resources_max) {
                return Error{ErrorCode::resource_exhausted,
                             "Maximum number of resources for this API has been reached"};
            }
            Resource made;
            made.id = new_id(part_id_size);
            made.parent_id = at->id;
            made.path_part = part;
            made.path = (at->path == "/" ? "" : at->path) + "/" + part;
            below = &(api_.resources[made.id] = made);
        }
        at = below;
    }
    return at;
}

Status Importer::take_operation(const std::string& path, const json::value& item, std::string verb,
                                const json::value& operation) {
    TRY_ASSIGN(Resource * resource, resource_at(path));
    Method method;
    method.http_method = verb;
    method.operation_name = text_of(operation, "operationId");
    TRY(secure(operation, method));
    std::string validator = text_of(operation, "x-amazon-apigateway-request-validator");
    if (validator.empty()) validator = text_of(document_, "x-amazon-apigateway-request-validator");
    if (!validator.empty()) {
        const auto id = validator_ids_.find(validator);
        if (id == validator_ids_.end()) {
            return invalid_import("Invalid OpenAPI input. There is no request validator " + validator);
        }
        method.validator_id = id->second;
    }
    take_parameters(array_of(item, "parameters"), operation, method);
    take_parameters(array_of(operation, "parameters"), operation, method);
    take_path_parameters(path, method);
    take_body(operation, method);
    take_responses(operation, method);
    const json::value* extension = member_of(operation, "x-amazon-apigateway-integration");
    if (extension != nullptr && (extension = resolve(*extension)) != nullptr) {
        const std::string place = "'" + verb + "' for resource at path '" + resource->path + "'";
        TRY(take_integration(place, *extension, *resource, method));
    }
    resource->methods[verb] = std::move(method);
    return {};
}

void Importer::take_parameters(const json::array* parameters, const json::value& operation, Method& method) {
    if (parameters == nullptr) return;
    for (const json::value& each : *parameters) {
        const json::value* parameter = resolve(each);
        if (parameter == nullptr) {
            warn("A parameter of " + method.http_method + " refers to nothing: " + text_of(each, "$ref"));
            continue;
        }
        const std::string in = text_of(*parameter, "in");
        const std::string name = text_of(*parameter, "name");
        if (in == "body") {  // Swagger 2
            const json::value* schema = member_of(*parameter, "schema");
            const std::string model = schema == nullptr ? "" : model_for(*schema);
            if (model.empty()) continue;
            const json::array* consumes = array_of(operation, "consumes");
            if (consumes == nullptr) consumes = array_of(document_, "consumes");
            if (consumes == nullptr || consumes->empty()) method.models["application/json"] = model;
            if (consumes == nullptr) continue;
            for (const json::value& type : *consumes) method.models[as_text(type)] = model;
            continue;
        }
        const std::string place = in == "query" ? "querystring" : in == "header" || in == "path" ? in : "";
        if (place.empty() || name.empty()) {
            warn("A parameter in " + in + " is not honoured: " + name);
            continue;
        }
        method.parameters["method.request." + place + "." + name] = flag_of(*parameter, "required");
    }
}

// What a path names and no parameter declares is required all the same.
void Importer::take_path_parameters(std::string_view path, Method& method) {
    for (size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
        const std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
        if (!name.ends_with('+')) method.parameters.try_emplace("method.request.path." + std::string(name), true);
    }
}

void Importer::take_body(const json::value& operation, Method& method) {
    const json::value* body = member_of(operation, "requestBody");
    if (body == nullptr || (body = resolve(*body)) == nullptr) return;
    const json::object* content = object_of(*body, "content");
    if (content == nullptr) return;
    for (const auto& type : *content) {
        const json::value* schema = member_of(type.value(), "schema");
        const std::string model = schema == nullptr ? "" : model_for(*schema);
        if (!model.empty()) method.models[std::string(type.key())] = model;
    }
}

void Importer::take_responses(const json::value& operation, Method& method) {
    const json::object* responses = object_of(operation, "responses");
    if (responses == nullptr) return;
    for (const auto& member : *responses) {
        const json::value* response = resolve(member.value());
        if (response == nullptr || !is_status(std::string_view(member.key()))) continue;
        MethodResponse made;
        made.status_code = member.key();
        if (const json::object* headers = object_of(*response, "headers")) {
            for (const auto& header : *headers) {
                made.parameters["method.response.header." + std::string(header.key())] = false;
            }
        }
        if (const json::value* schema = member_of(*response, "schema")) {  // Swagger 2
            const std::string model = model_for(*schema);
            const json::array* produces = array_of(operation, "produces");
            if (produces == nullptr) produces = array_of(document_, "produces");
            const bool any = produces != nullptr && !produces->empty();
            if (!model.empty() && !any) made.models["application/json"] = model;
            if (!model.empty() && any) {
                for (const json::value& type : *produces) made.models[as_text(type)] = model;
            }
        }
        if (const json::object* content = object_of(*response, "content")) {
            for (const auto& type : *content) {
                const json::value* schema = member_of(type.value(), "schema");
                const std::string model = schema == nullptr ? "" : model_for(*schema);
                if (!model.empty()) made.models[std::string(type.key())] = model;
            }
        }
        method.responses[made.status_code] = std::move(made);
    }
}

}  // namespace millrace::gateway
