#include <algorithm>

#include "src/gateway/registry/new_id.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

bool is_variable(std::string_view part) {
    return part.starts_with('{');
}

aws::Outcome<void> check_part(std::string_view part) {
    if (part.empty()) return bad_request("Resource's path part must be specified");
    std::string_view inside = part;
    if (part.starts_with('{') && part.ends_with('}')) {
        inside = part.substr(1, part.size() - 2);
        if (inside.ends_with('+')) inside.remove_suffix(1);
    }
    if (only_of(inside, std::string(alphanumeric) + "._-:")) return {};
    return bad_request(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces "
        "at the beginning and the end and an optional plus sign before the closing brace.");
}

// That `part` fits beneath its parent, beside the others there. `self` is the resource's id, "" of a new one.
aws::Outcome<void> check_place(const gateway::RestApi& api, const std::string& parent, const std::string& part,
                               const std::string& self) {
    TRY_ASSIGN(const gateway::Resource* above, resource_in(api, parent));
    if (above->path_part.ends_with("+}")) {
        return bad_request("Cannot create a child of a resource with a greedy path variable: " + above->path_part);
    }
    for (const auto& [id, resource] : api.resources) {
        if (resource.parent_id != parent || id == self) continue;
        if (resource.path_part == part) {
            return conflict("Another resource with the same parent already has this name: " + part);
        }
        if (is_variable(part) && is_variable(resource.path_part)) {
            return bad_request("A sibling (" + resource.path_part +
                               ") of this resource already has a variable path part -- only one is allowed");
        }
    }
    return {};
}

std::string path_below(const gateway::Resource& parent, const std::string& part) {
    return (parent.path == "/" ? "" : parent.path) + "/" + part;
}

// A resource and all below it.
std::vector<std::string> subtree(const gateway::RestApi& api, const std::string& root) {
    std::vector<std::string> ids{root};
    for (size_t i = 0; i < ids.size(); ++i) {
        for (const auto& [id, resource] : api.resources) {
            if (resource.parent_id == ids[i]) ids.push_back(id);
        }
    }
    return ids;
}

struct Move {
    gateway::RestApi& api;
    gateway::Resource& resource;
};

aws::Outcome<void> move_to(Move& it, const Patch& patch) {
    if (it.resource.parent_id.empty()) return bad_request("Root resource cannot update its parentId.");
    const std::string parent = patch.text();
    if (!it.api.resources.contains(parent)) return not_found("Invalid Resource identifier specified");
    const std::vector<std::string> below = subtree(it.api, it.resource.id);
    if (std::ranges::find(below, parent) != below.end()) return bad_request("Resources cannot be cyclical.");
    TRY(check_place(it.api, parent, it.resource.path_part, it.resource.id));
    it.resource.parent_id = parent;
    return {};
}

aws::Outcome<void> rename(Move& it, const Patch& patch) {
    if (it.resource.parent_id.empty()) return bad_request("Root resource cannot update its pathPart.");
    TRY(check_part(patch.text()));
    TRY(check_place(it.api, it.resource.parent_id, patch.text(), it.resource.id));
    it.resource.path_part = patch.text();
    return {};
}

const PatchTable<Move>& patch_table() {
    static const PatchTable<Move> table(PatchErrors::naming_paths,
                                        {{{"/parentId", "replace"}, move_to}, {{"/pathPart", "replace"}, rename}});
    return table;
}

template <class Input>
aws::Outcome<bool> embeds_methods(const Input& input) {
    if (!input.embed) return false;
    for (const std::string& what : *input.embed) {
        if (what != "methods") return bad_request("Invalid embed parameter specified: " + what);
    }
    return !input.embed->empty();
}

}  // namespace

aws::Outcome<CreateResourceOutput> ApiGateway::create_resource(const aws::CallContext& context,
                                                               const CreateResourceInput& input) {
    TRY(check_part(input.pathPart));
    gateway::Resource made;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(check_place(api, input.parentId, input.pathPart, ""));
        if (api.resources.size() > resources_max) {
            return limit_exceeded(
                "Maximum number of resources for this API has been reached. Please contact AWS if you "
                "need additional resources.");
        }
        do {
            made.id = gateway::new_id(gateway::part_id_size);
        } while (api.resources.contains(made.id));
        made.parent_id = input.parentId;
        made.path_part = input.pathPart;
        made.path = path_below(api.resources.at(input.parentId), input.pathPart);
        api.resources[made.id] = made;
        return {};
    }));
    return shown<CreateResourceOutput>(made, false);
}

aws::Outcome<GetResourceOutput> ApiGateway::get_resource(const aws::CallContext& context,
                                                         const GetResourceInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Resource* resource, resource_in(*api, input.resourceId));
    TRY_ASSIGN(const bool methods, embeds_methods(input));
    return shown<GetResourceOutput>(*resource, methods);
}

aws::Outcome<GetResourcesOutput> ApiGateway::get_resources(const aws::CallContext& context,
                                                           const GetResourcesInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const bool methods, embeds_methods(input));
    return page_of<GetResourcesOutput>(
        input, api->resources, [](const auto& it) -> const std::string& { return it.first; },
        [&](const auto& it) { return shown<Resource>(it.second, methods); });
}

aws::Outcome<UpdateResourceOutput> ApiGateway::update_resource(const aws::CallContext& context,
                                                               const UpdateResourceInput& input) {
    gateway::Resource changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Resource * resource, resource_in(api, input.resourceId));
        Move move{api, *resource};
        TRY(patch_table().apply(move, patches_of(input.patchOperations)));
        for (const std::string& id : subtree(api, resource->id)) {  // parents come before their children
            gateway::Resource& it = api.resources.at(id);
            if (!it.parent_id.empty()) it.path = path_below(api.resources.at(it.parent_id), it.path_part);
        }
        changed = *resource;
        return {};
    }));
    return shown<UpdateResourceOutput>(changed, false);
}

aws::Outcome<DeleteResourceOutput> ApiGateway::delete_resource(const aws::CallContext& context,
                                                               const DeleteResourceInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(resource_in(api, input.resourceId));
        if (input.resourceId == api.root_id) return bad_request("Root resource cannot be deleted.");
        for (const std::string& id : subtree(api, input.resourceId)) api.resources.erase(id);
        return {};
    }));
    return DeleteResourceOutput{};
}

}  // namespace millrace::service::apigateway
