// The table of EventBridge Pipes: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/pipes/operations.h"

#include "src/service/pipes/pipes.h"

namespace millrace::service::pipes {

using namespace aws::pipes;  // the generated shapes

aws::Service operations(Pipes& pipes) {
    return aws::make_service(
        pipes, model(),
        {
            MILLRACE_OPERATION(CreatePipe, worker, write, "pipes:CreatePipe", &Pipes::create_pipe)
                .refuse("KmsKeyIdentifier", "pipes are not encrypted with keys of their own")
                .refuse("LogConfiguration", "pipes write no logs; DescribePipe's StateReason says what goes wrong")
                .refuse("SourceParameters.SqsQueueParameters", "Amazon SQS is not served by Millrace")
                .refuse("SourceParameters.ActiveMQBrokerParameters", "Amazon MQ is not served by Millrace")
                .refuse("SourceParameters.RabbitMQBrokerParameters", "Amazon MQ is not served by Millrace")
                .refuse("SourceParameters.ManagedStreamingKafkaParameters", "Amazon MSK is not served by Millrace")
                .refuse("SourceParameters.SelfManagedKafkaParameters", "pipes read no Kafka")
                .refuse("TargetParameters.StepFunctionStateMachineParameters", "Millrace has no such target")
                .refuse("TargetParameters.EcsTaskParameters", "Millrace has no such target")
                .refuse("TargetParameters.BatchJobParameters", "Millrace has no such target")
                .refuse("TargetParameters.SqsQueueParameters", "Amazon SQS is not served by Millrace")
                .refuse("TargetParameters.RedshiftDataParameters", "Millrace has no such target")
                .refuse("TargetParameters.SageMakerPipelineParameters", "Millrace has no such target")
                .refuse("TargetParameters.TimestreamParameters", "Millrace has no such target")
                .refuse("TargetParameters.EventBridgeEventBusParameters.EndpointId", "there are no global endpoints"),
            MILLRACE_OPERATION(UpdatePipe, worker, write, "pipes:UpdatePipe", &Pipes::update_pipe)
                .refuse("KmsKeyIdentifier", "pipes are not encrypted with keys of their own")
                .refuse("LogConfiguration", "pipes write no logs; DescribePipe's StateReason says what goes wrong")
                .refuse("SourceParameters.SqsQueueParameters", "Amazon SQS is not served by Millrace")
                .refuse("SourceParameters.ActiveMQBrokerParameters", "Amazon MQ is not served by Millrace")
                .refuse("SourceParameters.RabbitMQBrokerParameters", "Amazon MQ is not served by Millrace")
                .refuse("SourceParameters.ManagedStreamingKafkaParameters", "Amazon MSK is not served by Millrace")
                .refuse("SourceParameters.SelfManagedKafkaParameters", "pipes read no Kafka")
                .refuse("TargetParameters.StepFunctionStateMachineParameters", "Millrace has no such target")
                .refuse("TargetParameters.EcsTaskParameters", "Millrace has no such target")
                .refuse("TargetParameters.BatchJobParameters", "Millrace has no such target")
                .refuse("TargetParameters.SqsQueueParameters", "Amazon SQS is not served by Millrace")
                .refuse("TargetParameters.RedshiftDataParameters", "Millrace has no such target")
                .refuse("TargetParameters.SageMakerPipelineParameters", "Millrace has no such target")
                .refuse("TargetParameters.TimestreamParameters", "Millrace has no such target")
                .refuse("TargetParameters.EventBridgeEventBusParameters.EndpointId", "there are no global endpoints"),
            MILLRACE_OPERATION(DescribePipe, worker, read, "pipes:DescribePipe", &Pipes::describe_pipe),
            MILLRACE_OPERATION(ListPipes, worker, read, "pipes:ListPipes", &Pipes::list_pipes),
            MILLRACE_OPERATION(DeletePipe, worker, write, "pipes:DeletePipe", &Pipes::delete_pipe),
            MILLRACE_OPERATION(StartPipe, worker, write, "pipes:StartPipe", &Pipes::start_pipe),
            MILLRACE_OPERATION(StopPipe, worker, write, "pipes:StopPipe", &Pipes::stop_pipe),

            MILLRACE_OPERATION(TagResource, worker, write, "pipes:TagResource", &Pipes::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "pipes:UntagResource", &Pipes::untag_resource),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "pipes:ListTagsForResource",
                               &Pipes::list_tags_for_resource),
        });
}

}  // namespace millrace::service::pipes
