// AWS Lambda: the object behind the operations. Handlers run on the executor and may block, but invoke(), which runs on
// the I/O thread; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "aws/lambda/shapes.h"

#include "src/aws/call.h"
#include "src/aws/endpoint.h"
#include "src/aws/streamed_reply.h"
#include "src/function/functions.h"
#include "src/service/lambda/names.h"

namespace millrace::aws {
class Keys;
}
namespace millrace::flow::mapping {
class Engine;
}
namespace millrace::io {
class Executor;
}
namespace millrace::object {
class Store;
}

namespace millrace::service::lambda {

struct LambdaParts {  // all of them outlive it
    function::Functions& functions;
    object::Store& objects;  // packages that lie in S3
    aws::Keys& keys;         // for URLs under which packages can be fetched
    io::Executor& executor;  // for large payloads, and for asynchronous calls, which are written to disk
    const io::Clock& clock;
    flow::mapping::Engine& mappings;
};

class Lambda {
  public:
    explicit Lambda(LambdaParts parts);

#define MILLRACE_LAMBDA_HANDLER(NAME, FUNCTION)                                       \
    aws::Outcome<aws::lambda::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                     const aws::lambda::NAME##Input& input)

    // invoke.cc
    void invoke(const aws::CallContext& context, const aws::lambda::InvokeInput& input,
                aws::Reply<aws::lambda::InvokeOutput> reply);
    // invoke_streamed.cc
    void invoke_with_response_stream(const aws::CallContext& context,
                                     const aws::lambda::InvokeWithResponseStreamInput& input,
                                     aws::StreamedReply<aws::lambda::InvokeWithResponseStreamOutput> reply);
    // invoke_async.cc
    void invoke_async(aws::RawCall call);
    // functions.cc
    MILLRACE_LAMBDA_HANDLER(CreateFunction, create_function);
    MILLRACE_LAMBDA_HANDLER(GetFunction, get_function);
    MILLRACE_LAMBDA_HANDLER(GetFunctionConfiguration, get_function_configuration);
    MILLRACE_LAMBDA_HANDLER(ListFunctions, list_functions);
    MILLRACE_LAMBDA_HANDLER(DeleteFunction, delete_function);
    MILLRACE_LAMBDA_HANDLER(UpdateFunctionCode, update_function_code);
    MILLRACE_LAMBDA_HANDLER(UpdateFunctionConfiguration, update_function_configuration);
    // versions.cc
    MILLRACE_LAMBDA_HANDLER(PublishVersion, publish_version);
    MILLRACE_LAMBDA_HANDLER(ListVersionsByFunction, list_versions_by_function);
    // aliases.cc
    MILLRACE_LAMBDA_HANDLER(CreateAlias, create_alias);
    MILLRACE_LAMBDA_HANDLER(GetAlias, get_alias);
    MILLRACE_LAMBDA_HANDLER(ListAliases, list_aliases);
    MILLRACE_LAMBDA_HANDLER(UpdateAlias, update_alias);
    MILLRACE_LAMBDA_HANDLER(DeleteAlias, delete_alias);
    // layers.cc
    MILLRACE_LAMBDA_HANDLER(PublishLayerVersion, publish_layer_version);
    MILLRACE_LAMBDA_HANDLER(GetLayerVersion, get_layer_version);
    MILLRACE_LAMBDA_HANDLER(GetLayerVersionByArn, get_layer_version_by_arn);
    MILLRACE_LAMBDA_HANDLER(ListLayers, list_layers);
    MILLRACE_LAMBDA_HANDLER(ListLayerVersions, list_layer_versions);
    MILLRACE_LAMBDA_HANDLER(DeleteLayerVersion, delete_layer_version);
    // permissions.cc
    MILLRACE_LAMBDA_HANDLER(AddPermission, add_permission);
    MILLRACE_LAMBDA_HANDLER(RemovePermission, remove_permission);
    MILLRACE_LAMBDA_HANDLER(GetPolicy, get_policy);
    MILLRACE_LAMBDA_HANDLER(AddLayerVersionPermission, add_layer_version_permission);
    MILLRACE_LAMBDA_HANDLER(RemoveLayerVersionPermission, remove_layer_version_permission);
    MILLRACE_LAMBDA_HANDLER(GetLayerVersionPolicy, get_layer_version_policy);
    // tags.cc
    MILLRACE_LAMBDA_HANDLER(ListTags, list_tags);
    MILLRACE_LAMBDA_HANDLER(TagResource, tag_resource);
    MILLRACE_LAMBDA_HANDLER(UntagResource, untag_resource);
    // concurrency.cc
    MILLRACE_LAMBDA_HANDLER(GetAccountSettings, get_account_settings);
    MILLRACE_LAMBDA_HANDLER(PutFunctionConcurrency, put_function_concurrency);
    MILLRACE_LAMBDA_HANDLER(GetFunctionConcurrency, get_function_concurrency);
    MILLRACE_LAMBDA_HANDLER(DeleteFunctionConcurrency, delete_function_concurrency);
    MILLRACE_LAMBDA_HANDLER(PutProvisionedConcurrencyConfig, put_provisioned_concurrency_config);
    MILLRACE_LAMBDA_HANDLER(GetProvisionedConcurrencyConfig, get_provisioned_concurrency_config);
    MILLRACE_LAMBDA_HANDLER(ListProvisionedConcurrencyConfigs, list_provisioned_concurrency_configs);
    MILLRACE_LAMBDA_HANDLER(DeleteProvisionedConcurrencyConfig, delete_provisioned_concurrency_config);
    // url_configs.cc
    MILLRACE_LAMBDA_HANDLER(CreateFunctionUrlConfig, create_function_url_config);
    MILLRACE_LAMBDA_HANDLER(GetFunctionUrlConfig, get_function_url_config);
    MILLRACE_LAMBDA_HANDLER(UpdateFunctionUrlConfig, update_function_url_config);
    MILLRACE_LAMBDA_HANDLER(ListFunctionUrlConfigs, list_function_url_configs);
    MILLRACE_LAMBDA_HANDLER(DeleteFunctionUrlConfig, delete_function_url_config);
    // event_invoke.cc
    MILLRACE_LAMBDA_HANDLER(PutFunctionEventInvokeConfig, put_function_event_invoke_config);
    MILLRACE_LAMBDA_HANDLER(UpdateFunctionEventInvokeConfig, update_function_event_invoke_config);
    MILLRACE_LAMBDA_HANDLER(GetFunctionEventInvokeConfig, get_function_event_invoke_config);
    MILLRACE_LAMBDA_HANDLER(ListFunctionEventInvokeConfigs, list_function_event_invoke_configs);
    MILLRACE_LAMBDA_HANDLER(DeleteFunctionEventInvokeConfig, delete_function_event_invoke_config);
    // mappings.cc
    MILLRACE_LAMBDA_HANDLER(CreateEventSourceMapping, create_event_source_mapping);
    MILLRACE_LAMBDA_HANDLER(GetEventSourceMapping, get_event_source_mapping);
    MILLRACE_LAMBDA_HANDLER(ListEventSourceMappings, list_event_source_mappings);
    MILLRACE_LAMBDA_HANDLER(UpdateEventSourceMapping, update_event_source_mapping);
    MILLRACE_LAMBDA_HANDLER(DeleteEventSourceMapping, delete_event_source_mapping);
    // fixed_settings.cc
    MILLRACE_LAMBDA_HANDLER(GetFunctionCodeSigningConfig, get_function_code_signing_config);
    MILLRACE_LAMBDA_HANDLER(GetRuntimeManagementConfig, get_runtime_management_config);
    MILLRACE_LAMBDA_HANDLER(GetFunctionRecursionConfig, get_function_recursion_config);

#undef MILLRACE_LAMBDA_HANDLER

    // url_requests.cc: what a function's URL is asked.
    aws::HostHandler url_handler();
    // package_location.cc: GET /_millrace/function-package, where the Location of code leads.
    aws::OwnRoute package_route();

  private:
    // A zip from the request or from S3, kept and unpacked. code.cc
    struct CodeSource;
    struct Code;
    aws::Outcome<Code> take_code(const aws::CallContext& context, const CodeSource& source);
    template <class Input>
    static CodeSource source_of(const Input& input);
    std::string package_location(const aws::CallContext& context, const std::string& sha256) const;
    // layers of that ARN, in order. settings.cc
    template <class Input>
    aws::Outcome<void> apply_settings(const aws::CallContext& context, const Input& input,
                                      function::FunctionDefinition& definition);
    aws::Outcome<std::vector<function::UsedLayer>> use_layers(const aws::CallContext& context,
                                                              const std::vector<std::string>& arns);
    aws::Outcome<function::FunctionDefinition> publish(const function::FunctionName& name,
                                                       std::optional<std::string> description,
                                                       const std::optional<std::string>& code_sha256,
                                                       const std::optional<std::string>& revision_id);
    void invoke_now(const aws::CallContext& context, const aws::lambda::InvokeInput& input, function::FunctionName name,
                    const aws::Reply<aws::lambda::InvokeOutput>& reply);
    void invoke_streamed(const aws::CallContext& context, const aws::lambda::InvokeWithResponseStreamInput& input,
                         const function::FunctionName& name,
                         const aws::StreamedReply<aws::lambda::InvokeWithResponseStreamOutput>& reply);
    void accept_async(const aws::RawCall& call, const aws::lambda::InvokeAsyncInput& input);
    void answer_url(aws::HostCall call);
    // Where `resource` is a mapping's ARN, keeps what `change` makes of its tags; false where it is none. mappings.cc
    aws::Outcome<bool> edit_mapping_tags(
        const aws::CallContext& context, const std::string& resource,
        const std::function<aws::Outcome<void>(std::map<std::string, std::string>&)>& change);

    // What lets a package be fetched, by who holds it: only this process gives it out, to who may read the function.
    std::string package_grant(std::string_view hex) const;

    const LambdaParts parts_;
    const std::string grant_key_;
    function::Functions& functions_;
};

}  // namespace millrace::service::lambda
