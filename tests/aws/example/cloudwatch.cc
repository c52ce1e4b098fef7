#include "aws_example/cloudwatch/shapes.h"
#include "tests/aws/example/example.h"

namespace millrace::aws::testing {
namespace {

using namespace aws::cloudwatch;

// Each datum comes back as a datapoint of the statistics.
Outcome<GetMetricStatisticsOutput> statistics(Example&, const CallContext&, const GetMetricStatisticsInput& input) {
    GetMetricStatisticsOutput output;
    output.Label = input.MetricName;
    Datapoint point;
    point.Timestamp = input.StartTime;
    point.Average = 0.1;
    point.Maximum = static_cast<double>(input.EndTime.value());
    point.ExtendedStatistics = std::map<std::string, double>{{"p99", -1.5e300}};
    output.Datapoints = std::vector<Datapoint>{point};
    return output;
}

Outcome<PutMetricDataOutput> put(Example&, const CallContext&, const PutMetricDataInput& input) {
    if (input.Namespace == "missing") return Failure{"ResourceNotFoundException", "there is none"};
    return PutMetricDataOutput{};
}

}  // namespace

Service monitoring_service(Example& example) {
    return make_service(
        example, cloudwatch::model(),
        {
            MILLRACE_OPERATION(GetMetricStatistics, worker, read, "cloudwatch:GetMetricStatistics", &statistics),
            MILLRACE_OPERATION(PutMetricData, worker, write, "cloudwatch:PutMetricData", &put),
        });
}

}  // namespace millrace::aws::testing
