// The table of Lambda: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/lambda/operations.h"

#include "src/service/lambda/lambda.h"

namespace millrace::service::lambda {

using namespace aws::lambda;  // the generated shapes

namespace {

constexpr std::string_view no_images = "functions run from zip packages, not from container images";
constexpr std::string_view no_kms = "there is no key management: nothing is encrypted by us";
constexpr std::string_view no_signing = "code is not signed";
constexpr std::string_view no_file_systems = "there are no EFS file systems";
constexpr std::string_view no_capacity = "there are no capacity providers: functions run on this machine";
constexpr std::string_view no_durable = "there are no durable executions";
constexpr std::string_view no_tenants = "environments are not kept apart by tenant";
constexpr std::string_view no_accelerators = "there are no accelerators";
constexpr std::string_view no_runtime_config = "a runtime is what this machine has of it";
constexpr std::string_view no_organizations = "there are no organizations";
constexpr std::string_view no_publish_to = "there is no $LATEST.PUBLISHED";
constexpr std::string_view no_versions_of_objects = "objects have one version";
constexpr std::string_view no_replicas = "there is no Lambda@Edge";
constexpr std::string_view no_metrics =
    "there are no metrics of event source mappings; millrace consumers shows their lag";
constexpr std::string_view no_mapping_logs = "event source mappings write no logs of their own";
constexpr std::string_view no_queues =
    "event sources are Kinesis streams and DynamoDB change streams; queues are not read";
constexpr std::string_view no_kafka =
    "event sources are Kinesis streams and DynamoDB change streams; Kafka is not read";
constexpr std::string_view no_documents =
    "event sources are Kinesis streams and DynamoDB change streams; DocumentDB is not read";
constexpr std::string_view no_pollers =
    "a shard is read by as many lanes as ParallelizationFactor says, without pollers";
constexpr std::string_view no_source_access = "event sources are read without credentials of their own";
constexpr std::string_view no_successes = "event source mappings have destinations of failures alone";
constexpr std::string_view no_tokens = "there is no Alexa";

}  // namespace

aws::Service operations(Lambda& lambda) {
    return aws::make_service(
        lambda, model(),
        {
            MILLRACE_OPERATION(Invoke, direct, write, "lambda:InvokeFunction", &Lambda::invoke)
                .refuse("DurableExecutionName", no_durable)
                .refuse("TenantId", no_tenants),

            MILLRACE_OPERATION(InvokeWithResponseStream, direct, write, "lambda:InvokeFunction",
                               &Lambda::invoke_with_response_stream)
                .refuse("TenantId", no_tenants),
            MILLRACE_OPERATION(InvokeAsync, raw, write, "lambda:InvokeAsync", &Lambda::invoke_async),

            MILLRACE_OPERATION(CreateFunction, worker, write, "lambda:CreateFunction", &Lambda::create_function)
                .refuse("Code.ImageUri", no_images)
                .refuse("Code.SourceKMSKeyArn", no_kms)
                .refuse("ImageConfig", no_images)
                .refuse("PublishTo", no_publish_to)
                .refuse("FileSystemConfigs[]", no_file_systems)
                .refuse("CodeSigningConfigArn", no_signing)
                .refuse("TenancyConfig", no_tenants)
                .refuse("CapacityProviderConfig", no_capacity)
                .refuse("DurableConfig", no_durable)
                .refuse("RuntimeConfig", no_runtime_config)
                .refuse("AcceleratorConfig", no_accelerators),
            MILLRACE_OPERATION(GetFunction, worker, read, "lambda:GetFunction", &Lambda::get_function),
            MILLRACE_OPERATION(GetFunctionConfiguration, worker, read, "lambda:GetFunctionConfiguration",
                               &Lambda::get_function_configuration),
            MILLRACE_OPERATION(ListFunctions, worker, read, "lambda:ListFunctions", &Lambda::list_functions)
                .refuse("MasterRegion", no_replicas),
            MILLRACE_OPERATION(DeleteFunction, worker, write, "lambda:DeleteFunction", &Lambda::delete_function),
            MILLRACE_OPERATION(UpdateFunctionCode, worker, write, "lambda:UpdateFunctionCode",
                               &Lambda::update_function_code)
                .refuse("ImageUri", no_images)
                .refuse("SourceKMSKeyArn", no_kms)
                .refuse("PublishTo", no_publish_to),
            MILLRACE_OPERATION(UpdateFunctionConfiguration, worker, write, "lambda:UpdateFunctionConfiguration",
                               &Lambda::update_function_configuration)
                .refuse("ImageConfig", no_images)
                .refuse("FileSystemConfigs[]", no_file_systems)
                .refuse("CapacityProviderConfig", no_capacity)
                .refuse("DurableConfig", no_durable)
                .refuse("RuntimeConfig", no_runtime_config)
                .refuse("AcceleratorConfig", no_accelerators),
            MILLRACE_OPERATION(GetAccountSettings, worker, read, "lambda:GetAccountSettings",
                               &Lambda::get_account_settings),

            MILLRACE_OPERATION(PublishVersion, worker, write, "lambda:PublishVersion", &Lambda::publish_version)
                .refuse("PublishTo", no_publish_to),
            MILLRACE_OPERATION(ListVersionsByFunction, worker, read, "lambda:ListVersionsByFunction",
                               &Lambda::list_versions_by_function),
            MILLRACE_OPERATION(CreateAlias, worker, write, "lambda:CreateAlias", &Lambda::create_alias),
            MILLRACE_OPERATION(GetAlias, worker, read, "lambda:GetAlias", &Lambda::get_alias),
            MILLRACE_OPERATION(ListAliases, worker, read, "lambda:ListAliases", &Lambda::list_aliases),
            MILLRACE_OPERATION(UpdateAlias, worker, write, "lambda:UpdateAlias", &Lambda::update_alias),
            MILLRACE_OPERATION(DeleteAlias, worker, write, "lambda:DeleteAlias", &Lambda::delete_alias),

            MILLRACE_OPERATION(PublishLayerVersion, worker, write, "lambda:PublishLayerVersion",
                               &Lambda::publish_layer_version)
                .refuse("Content.S3ObjectVersion", no_versions_of_objects),
            MILLRACE_OPERATION(GetLayerVersion, worker, read, "lambda:GetLayerVersion", &Lambda::get_layer_version),
            MILLRACE_OPERATION(GetLayerVersionByArn, worker, read, "lambda:GetLayerVersion",
                               &Lambda::get_layer_version_by_arn),
            MILLRACE_OPERATION(ListLayers, worker, read, "lambda:ListLayers", &Lambda::list_layers),
            MILLRACE_OPERATION(ListLayerVersions, worker, read, "lambda:ListLayerVersions",
                               &Lambda::list_layer_versions),
            MILLRACE_OPERATION(DeleteLayerVersion, worker, write, "lambda:DeleteLayerVersion",
                               &Lambda::delete_layer_version),
            MILLRACE_OPERATION(AddLayerVersionPermission, worker, write, "lambda:AddLayerVersionPermission",
                               &Lambda::add_layer_version_permission)
                .refuse("OrganizationId", no_organizations),
            MILLRACE_OPERATION(RemoveLayerVersionPermission, worker, write, "lambda:RemoveLayerVersionPermission",
                               &Lambda::remove_layer_version_permission),
            MILLRACE_OPERATION(GetLayerVersionPolicy, worker, read, "lambda:GetLayerVersionPolicy",
                               &Lambda::get_layer_version_policy),

            MILLRACE_OPERATION(AddPermission, worker, write, "lambda:AddPermission", &Lambda::add_permission)
                .refuse("PrincipalOrgID", no_organizations)
                .refuse("EventSourceToken", no_tokens),
            MILLRACE_OPERATION(RemovePermission, worker, write, "lambda:RemovePermission", &Lambda::remove_permission),
            MILLRACE_OPERATION(GetPolicy, worker, read, "lambda:GetPolicy", &Lambda::get_policy),
            MILLRACE_OPERATION(ListTags, worker, read, "lambda:ListTags", &Lambda::list_tags),
            MILLRACE_OPERATION(TagResource, worker, write, "lambda:TagResource", &Lambda::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "lambda:UntagResource", &Lambda::untag_resource),

            MILLRACE_OPERATION(PutFunctionConcurrency, worker, write, "lambda:PutFunctionConcurrency",
                               &Lambda::put_function_concurrency),
            MILLRACE_OPERATION(GetFunctionConcurrency, worker, read, "lambda:GetFunctionConcurrency",
                               &Lambda::get_function_concurrency),
            MILLRACE_OPERATION(DeleteFunctionConcurrency, worker, write, "lambda:DeleteFunctionConcurrency",
                               &Lambda::delete_function_concurrency),
            MILLRACE_OPERATION(PutProvisionedConcurrencyConfig, worker, write, "lambda:PutProvisionedConcurrencyConfig",
                               &Lambda::put_provisioned_concurrency_config),
            MILLRACE_OPERATION(GetProvisionedConcurrencyConfig, worker, read, "lambda:GetProvisionedConcurrencyConfig",
                               &Lambda::get_provisioned_concurrency_config),
            MILLRACE_OPERATION(ListProvisionedConcurrencyConfigs, worker, read,
                               "lambda:ListProvisionedConcurrencyConfigs",
                               &Lambda::list_provisioned_concurrency_configs),
            MILLRACE_OPERATION(DeleteProvisionedConcurrencyConfig, worker, write,
                               "lambda:DeleteProvisionedConcurrencyConfig",
                               &Lambda::delete_provisioned_concurrency_config),

            MILLRACE_OPERATION(CreateFunctionUrlConfig, worker, write, "lambda:CreateFunctionUrlConfig",
                               &Lambda::create_function_url_config),
            MILLRACE_OPERATION(GetFunctionUrlConfig, worker, read, "lambda:GetFunctionUrlConfig",
                               &Lambda::get_function_url_config),
            MILLRACE_OPERATION(UpdateFunctionUrlConfig, worker, write, "lambda:UpdateFunctionUrlConfig",
                               &Lambda::update_function_url_config),
            MILLRACE_OPERATION(ListFunctionUrlConfigs, worker, read, "lambda:ListFunctionUrlConfigs",
                               &Lambda::list_function_url_configs),
            MILLRACE_OPERATION(DeleteFunctionUrlConfig, worker, write, "lambda:DeleteFunctionUrlConfig",
                               &Lambda::delete_function_url_config),

            MILLRACE_OPERATION(PutFunctionEventInvokeConfig, worker, write, "lambda:PutFunctionEventInvokeConfig",
                               &Lambda::put_function_event_invoke_config),
            MILLRACE_OPERATION(UpdateFunctionEventInvokeConfig, worker, write, "lambda:UpdateFunctionEventInvokeConfig",
                               &Lambda::update_function_event_invoke_config),
            MILLRACE_OPERATION(GetFunctionEventInvokeConfig, worker, read, "lambda:GetFunctionEventInvokeConfig",
                               &Lambda::get_function_event_invoke_config),
            MILLRACE_OPERATION(ListFunctionEventInvokeConfigs, worker, read, "lambda:ListFunctionEventInvokeConfigs",
                               &Lambda::list_function_event_invoke_configs),
            MILLRACE_OPERATION(DeleteFunctionEventInvokeConfig, worker, write, "lambda:DeleteFunctionEventInvokeConfig",
                               &Lambda::delete_function_event_invoke_config),

            MILLRACE_OPERATION(CreateEventSourceMapping, worker, write, "lambda:CreateEventSourceMapping",
                               &Lambda::create_event_source_mapping)
                .refuse("KMSKeyArn", no_kms)
                .refuse("MetricsConfig", no_metrics)
                .refuse("LoggingConfig", no_mapping_logs)
                .refuse("ScalingConfig", no_queues)
                .refuse("DestinationConfig.OnSuccess.Destination", no_successes)
                .refuse("SourceAccessConfigurations[]", no_source_access)
                .refuse("AmazonManagedKafkaEventSourceConfig", no_kafka)
                .refuse("SelfManagedKafkaEventSourceConfig", no_kafka)
                .refuse("DocumentDBEventSourceConfig", no_documents)
                .refuse("ProvisionedPollerConfig", no_pollers)
                .refuse("Topics", no_kafka)
                .refuse("Queues", no_queues)
                .refuse("SelfManagedEventSource", no_kafka),
            MILLRACE_OPERATION(GetEventSourceMapping, worker, read, "lambda:GetEventSourceMapping",
                               &Lambda::get_event_source_mapping),
            MILLRACE_OPERATION(ListEventSourceMappings, worker, read, "lambda:ListEventSourceMappings",
                               &Lambda::list_event_source_mappings),
            MILLRACE_OPERATION(UpdateEventSourceMapping, worker, write, "lambda:UpdateEventSourceMapping",
                               &Lambda::update_event_source_mapping)
                .refuse("KMSKeyArn", no_kms)
                .refuse("MetricsConfig", no_metrics)
                .refuse("LoggingConfig", no_mapping_logs)
                .refuse("ScalingConfig", no_queues)
                .refuse("DestinationConfig.OnSuccess.Destination", no_successes)
                .refuse("SourceAccessConfigurations[]", no_source_access)
                .refuse("AmazonManagedKafkaEventSourceConfig", no_kafka)
                .refuse("SelfManagedKafkaEventSourceConfig", no_kafka)
                .refuse("DocumentDBEventSourceConfig", no_documents)
                .refuse("ProvisionedPollerConfig", no_pollers),
            MILLRACE_OPERATION(DeleteEventSourceMapping, worker, write, "lambda:DeleteEventSourceMapping",
                               &Lambda::delete_event_source_mapping),

            MILLRACE_OPERATION(GetFunctionCodeSigningConfig, worker, read, "lambda:GetFunctionCodeSigningConfig",
                               &Lambda::get_function_code_signing_config),
            MILLRACE_OPERATION(GetRuntimeManagementConfig, worker, read, "lambda:GetRuntimeManagementConfig",
                               &Lambda::get_runtime_management_config),
            MILLRACE_OPERATION(GetFunctionRecursionConfig, worker, read, "lambda:GetFunctionRecursionConfig",
                               &Lambda::get_function_recursion_config),
        });
}

}  // namespace millrace::service::lambda
