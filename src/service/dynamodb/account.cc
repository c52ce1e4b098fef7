// What holds for the account, and where to find us.
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"

namespace millrace::service::dynamodb {
namespace {

// What AWS grants an account at first. Not enforced: capacity is the machine's.
constexpr int64_t account_units_max = 80'000;
constexpr int64_t table_units_max = 40'000;
constexpr int64_t endpoint_cache_minutes = 1440;

}  // namespace

Outcome<shapes::DescribeLimitsOutput> describe_limits(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeLimitsInput&) {
    shapes::DescribeLimitsOutput output;
    output.AccountMaxReadCapacityUnits = account_units_max;
    output.AccountMaxWriteCapacityUnits = account_units_max;
    output.TableMaxReadCapacityUnits = table_units_max;
    output.TableMaxWriteCapacityUnits = table_units_max;
    return output;
}

// An address without a scheme, as AWS's: this endpoint.
Outcome<shapes::DescribeEndpointsOutput> describe_endpoints(DynamoDb&, const CallContext& context,
                                                            const shapes::DescribeEndpointsInput&) {
    shapes::DescribeEndpointsOutput output;
    const size_t scheme = context.endpoint.find("://");
    shapes::Endpoint endpoint;
    endpoint.Address = scheme == std::string::npos ? context.endpoint : context.endpoint.substr(scheme + 3);
    endpoint.CachePeriodInMinutes = endpoint_cache_minutes;
    output.Endpoints.push_back(std::move(endpoint));
    return output;
}

}  // namespace millrace::service::dynamodb
