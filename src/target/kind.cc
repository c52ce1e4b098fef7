#include <array>

#include "src/target/arn.h"
#include "src/target/target.h"

namespace millrace::target {
namespace {

struct Unserved {
    std::string_view service, name;
};

// What EventBridge, Scheduler and Pipes take as targets in AWS, and is not here.
constexpr auto unserved = std::to_array<Unserved>({
    {"sqs", "Amazon SQS queues"},
    {"sns", "Amazon SNS topics"},
    {"ecs", "Amazon ECS tasks"},
    {"states", "Step Functions state machines"},
    {"batch", "AWS Batch job queues"},
    {"codebuild", "CodeBuild projects"},
    {"codepipeline", "CodePipeline pipelines"},
    {"redshift", "Redshift clusters"},
    {"redshift-serverless", "Redshift Serverless workgroups"},
    {"sagemaker", "SageMaker pipelines"},
    {"ssm", "Systems Manager documents"},
    {"ssm-incidents", "Incident Manager response plans"},
    {"inspector", "Inspector assessment templates"},
    {"appsync", "AppSync APIs"},
    {"execute-api", "API Gateway stages as targets (use an API destination with the stage's URL)"},
    {"automation", "Systems Manager automations"},
    {"timestream", "Timestream tables"},
});

}  // namespace

Result<Kind> kind_of(std::string_view text) {
    const std::optional<Arn> arn = parse_arn(text);
    if (!arn) return {ErrorCode::invalid_argument, std::string(text) + " is not a valid ARN"};
    if (arn->service == "kinesis" && arn->after("stream/")) return Kind::stream;
    if (arn->service == "firehose" && arn->after("deliverystream/")) return Kind::firehose;
    if (arn->service == "lambda" && arn->after("function:")) return Kind::function;
    if (arn->service == "logs" && arn->after("log-group:")) return Kind::log_group;
    if (arn->service == "events" && arn->after("event-bus/")) return Kind::bus;
    if (arn->service == "events" && arn->after("api-destination/")) return Kind::api_destination;
    if (arn->service == "scheduler" && arn->after("aws-sdk:")) return Kind::action;
    for (const Unserved& each : unserved) {
        if (arn->service != each.service) continue;
        return {ErrorCode::unsupported,
                std::string(each.name) +
                    " are not served by Millrace: a target is a Kinesis stream, a Firehose stream, a function, a log "
                    "group, an event bus or an API destination"};
    }
    return {ErrorCode::invalid_argument,
            std::string(text) +
                " names nothing that events can be sent to: a target is a Kinesis stream, a Firehose stream, a "
                "function, a log group, an event bus or an API destination"};
}

}  // namespace millrace::target
