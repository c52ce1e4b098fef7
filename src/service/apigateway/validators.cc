#include "src/gateway/registry/new_id.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

const PatchTable<gateway::RequestValidator>& patch_table() {
    using gateway::RequestValidator;
    static const PatchTable<RequestValidator> table(
        PatchErrors::naming_paths,
        {
            {{"/name", "replace"}, patch_text(&RequestValidator::name)},
            {{"/validateRequestParameters", "replace"}, patch_flag(&RequestValidator::parameters)},
            {{"/validateRequestBody", "replace"}, patch_flag(&RequestValidator::body)},
        });
    return table;
}

template <class Api>
auto validator_in(Api& api, const std::string& id) -> aws::Outcome<decltype(&api.validators.begin()->second)> {
    const auto at = api.validators.find(id);
    if (at == api.validators.end()) return not_found("Invalid Request Validator identifier specified");
    return &at->second;
}

}  // namespace

aws::Outcome<CreateRequestValidatorOutput> ApiGateway::create_request_validator(
    const aws::CallContext& context, const CreateRequestValidatorInput& input) {
    gateway::RequestValidator made;
    made.name = input.name.value_or("");
    made.body = input.validateRequestBody.value_or(false);
    made.parameters = input.validateRequestParameters.value_or(false);
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        if (api.validators.size() >= validators_max) {
            return limit_exceeded("Maximum number of request validators has been reached: 100");
        }
        made.id = gateway::new_id(gateway::part_id_size);
        api.validators[made.id] = made;
        return {};
    }));
    return shown<CreateRequestValidatorOutput>(made);
}

aws::Outcome<GetRequestValidatorOutput> ApiGateway::get_request_validator(const aws::CallContext& context,
                                                                          const GetRequestValidatorInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::RequestValidator* found, validator_in(*api, input.requestValidatorId));
    return shown<GetRequestValidatorOutput>(*found);
}

aws::Outcome<GetRequestValidatorsOutput> ApiGateway::get_request_validators(const aws::CallContext& context,
                                                                            const GetRequestValidatorsInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return page_of<GetRequestValidatorsOutput>(
        input, api->validators, [](const auto& it) -> const std::string& { return it.first; },
        [](const auto& it) { return shown<RequestValidator>(it.second); });
}

aws::Outcome<UpdateRequestValidatorOutput> ApiGateway::update_request_validator(
    const aws::CallContext& context, const UpdateRequestValidatorInput& input) {
    gateway::RequestValidator changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::RequestValidator * found, validator_in(api, input.requestValidatorId));
        TRY(patch_table().apply(*found, patches_of(input.patchOperations)));
        if (found->name.empty()) return bad_request("Request Validator name cannot be blank");
        changed = *found;
        return {};
    }));
    return shown<UpdateRequestValidatorOutput>(changed);
}

aws::Outcome<DeleteRequestValidatorOutput> ApiGateway::delete_request_validator(
    const aws::CallContext& context, const DeleteRequestValidatorInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(validator_in(api, input.requestValidatorId));
        for (const auto& [id, resource] : api.resources) {
            for (const auto& [name, method] : resource.methods) {
                if (method.validator_id != input.requestValidatorId) continue;
                return conflict("Cannot delete request validator '" + input.requestValidatorId +
                                "', is referenced in method request: " + resource.path + "/" + name);
            }
        }
        api.validators.erase(input.requestValidatorId);
        return {};
    }));
    return DeleteRequestValidatorOutput{};
}

}  // namespace millrace::service::apigateway
