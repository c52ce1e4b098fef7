#include <boost/json.hpp>

#include "src/gateway/registry/new_id.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

const PatchTable<gateway::Model>& patch_table() {
    using gateway::Model;
    static const PatchTable<Model> table(PatchErrors::naming_paths,
                                         {
                                             {{"/description", "replace"}, patch_text(&Model::description)},
                                             {{"/schema", "replace"}, patch_text(&Model::schema)},
                                         });
    return table;
}

template <class Api>
auto model_in(Api& api, const std::string& name) -> aws::Outcome<decltype(&api.models.begin()->second)> {
    const auto at = api.models.find(name);
    if (at == api.models.end()) return not_found("Invalid model name specified: " + name);
    return &at->second;
}

aws::Outcome<void> check_unused(const gateway::RestApi& api, const std::string& name) {
    const auto in_use = [&](const gateway::TextMap& models) {
        for (const auto& [content_type, model] : models) {
            if (model == name) return true;
        }
        return false;
    };
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [verb, method] : resource.methods) {
            const std::string place = (resource.path == "/" ? "/" : resource.path) + "/" + verb;
            if (in_use(method.models)) {
                return conflict("Cannot delete model '" + name + "', is referenced in method request: " + place);
            }
            for (const auto& [status, response] : method.responses) {
                if (!in_use(response.models)) continue;
                return conflict("Cannot delete model '" + name + "', is referenced in method response: " + place + "/" +
                                status);
            }
        }
    }
    return {};
}

}  // namespace

aws::Outcome<void> check_model_schema(const std::string& schema) {
    if (schema.size() > schema_bytes_max) return bad_request("Model schema is over 400 KB");
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(schema, error);
    if (error || !parsed.is_object()) return bad_request("Invalid model schema specified: it is not a JSON object");
    return {};
}

aws::Outcome<CreateModelOutput> ApiGateway::create_model(const aws::CallContext& context,
                                                         const CreateModelInput& input) {
    if (input.name.empty()) return bad_request("Model name must be non-empty");
    if (!only_of(input.name, alphanumeric)) {
        return bad_request("Model name must be alphanumeric: " + input.name);
    }
    gateway::Model made;
    made.name = input.name;
    made.description = input.description.value_or("");
    made.content_type = input.contentType;
    made.schema = input.schema.value_or("");
    if (made.schema.empty() || made.schema == "{}") {
        return bad_request("Model schema must have at least 1 property or array items defined");
    }
    TRY(check_model_schema(made.schema));
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        if (api.models.contains(made.name)) return conflict("Model name already exists for this REST API");
        if (api.models.size() >= models_max) return limit_exceeded("Maximum number of models has been reached: 300");
        made.id = gateway::new_id(gateway::part_id_size);
        api.models[made.name] = made;
        return {};
    }));
    return shown<CreateModelOutput>(made);
}

aws::Outcome<GetModelOutput> ApiGateway::get_model(const aws::CallContext& context, const GetModelInput& input) {
    if (input.flatten.value_or(false)) return not_honoured("flatten", "a schema is shown as it was written");
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Model* found, model_in(*api, input.modelName));
    return shown<GetModelOutput>(*found);
}

aws::Outcome<GetModelsOutput> ApiGateway::get_models(const aws::CallContext& context, const GetModelsInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return page_of<GetModelsOutput>(
        input, api->models, [](const auto& it) -> const std::string& { return it.first; },
        [](const auto& it) { return shown<Model>(it.second); });
}

aws::Outcome<UpdateModelOutput> ApiGateway::update_model(const aws::CallContext& context,
                                                         const UpdateModelInput& input) {
    gateway::Model changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Model * found, model_in(api, input.modelName));
        TRY(patch_table().apply(*found, patches_of(input.patchOperations)));
        TRY(check_model_schema(found->schema));
        changed = *found;
        return {};
    }));
    return shown<UpdateModelOutput>(changed);
}

aws::Outcome<DeleteModelOutput> ApiGateway::delete_model(const aws::CallContext& context,
                                                         const DeleteModelInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(model_in(api, input.modelName));
        TRY(check_unused(api, input.modelName));
        api.models.erase(input.modelName);
        return {};
    }));
    return DeleteModelOutput{};
}

}  // namespace millrace::service::apigateway
