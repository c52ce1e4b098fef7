// The control plane's handlers: all that is around items. Each is Outcome<XOutput>(DynamoDb&, context, input); they run
// on the executor and may block. Grouped by file, as AWS's documentation groups them.
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

namespace shapes = aws::dynamodb;
using aws::CallContext;
using aws::Outcome;

// tables.cc, update_table.cc
Outcome<shapes::CreateTableOutput> create_table(DynamoDb&, const CallContext&, const shapes::CreateTableInput&);
Outcome<shapes::DescribeTableOutput> describe_table(DynamoDb&, const CallContext&, const shapes::DescribeTableInput&);
Outcome<shapes::ListTablesOutput> list_tables(DynamoDb&, const CallContext&, const shapes::ListTablesInput&);
Outcome<shapes::UpdateTableOutput> update_table(DynamoDb&, const CallContext&, const shapes::UpdateTableInput&);
Outcome<shapes::DeleteTableOutput> delete_table(DynamoDb&, const CallContext&, const shapes::DeleteTableInput&);
// account.cc
Outcome<shapes::DescribeLimitsOutput> describe_limits(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeLimitsInput&);
Outcome<shapes::DescribeEndpointsOutput> describe_endpoints(DynamoDb&, const CallContext&,
                                                            const shapes::DescribeEndpointsInput&);
// tags.cc
Outcome<shapes::TagResourceOutput> tag_resource(DynamoDb&, const CallContext&, const shapes::TagResourceInput&);
Outcome<shapes::UntagResourceOutput> untag_resource(DynamoDb&, const CallContext&, const shapes::UntagResourceInput&);
Outcome<shapes::ListTagsOfResourceOutput> list_tags_of_resource(DynamoDb&, const CallContext&,
                                                                const shapes::ListTagsOfResourceInput&);
// policies.cc
Outcome<shapes::PutResourcePolicyOutput> put_resource_policy(DynamoDb&, const CallContext&,
                                                             const shapes::PutResourcePolicyInput&);
Outcome<shapes::GetResourcePolicyOutput> get_resource_policy(DynamoDb&, const CallContext&,
                                                             const shapes::GetResourcePolicyInput&);
Outcome<shapes::DeleteResourcePolicyOutput> delete_resource_policy(DynamoDb&, const CallContext&,
                                                                   const shapes::DeleteResourcePolicyInput&);
// ttl.cc
Outcome<shapes::DescribeTimeToLiveOutput> describe_time_to_live(DynamoDb&, const CallContext&,
                                                                const shapes::DescribeTimeToLiveInput&);
Outcome<shapes::UpdateTimeToLiveOutput> update_time_to_live(DynamoDb&, const CallContext&,
                                                            const shapes::UpdateTimeToLiveInput&);

}  // namespace millrace::service::dynamodb
