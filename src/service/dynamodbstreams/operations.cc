// The table of DynamoDB Streams: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/dynamodbstreams/operations.h"

#include "src/service/dynamodbstreams/streams.h"

namespace millrace::service::dynamodbstreams {

using namespace aws::dynamodbstreams;  // the generated shapes

aws::Service operations(Streams& streams) {
    return aws::make_service(
        streams, model(),
        {
            MILLRACE_OPERATION(ListStreams, worker, read, "dynamodb:ListStreams", &Streams::list_streams),
            MILLRACE_OPERATION(DescribeStream, worker, read, "dynamodb:DescribeStream", &Streams::describe_stream),
            MILLRACE_OPERATION(GetShardIterator, worker, read, "dynamodb:GetShardIterator",
                               &Streams::get_shard_iterator),
            MILLRACE_OPERATION(GetRecords, worker, read, "dynamodb:GetRecords", &Streams::get_records),
        });
}

}  // namespace millrace::service::dynamodbstreams
