// What can be changed about a stream but its shards and tags.
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {

std::optional<aws::Failure> Kinesis::edit(const CallContext& context, const std::optional<std::string>& name,
                                          const std::optional<std::string>& arn, const StreamEdit& edit) {
    const std::lock_guard lock(streams_.edit_mutex());
    auto live = find(context, name, arn);
    if (!live) return live.error();
    catalog::Stream stream = (*live)->stream;
    if (auto failure = edit(stream)) return failure;
    if (auto replaced = streams_.replace(std::move(stream)); !replaced) return failure_of(replaced.error());
    return std::nullopt;
}

Outcome<shapes::UpdateStreamModeOutput> Kinesis::update_stream_mode(const CallContext& context,
                                                                    const shapes::UpdateStreamModeInput& input) {
    const auto change = [&](catalog::Stream& stream) -> std::optional<aws::Failure> {
        stream.on_demand = input.StreamModeDetails.StreamMode == "ON_DEMAND";
        return std::nullopt;
    };
    if (auto failure = edit(context, std::nullopt, input.StreamARN, change)) return *std::move(failure);
    return shapes::UpdateStreamModeOutput{};
}

Outcome<shapes::IncreaseStreamRetentionPeriodOutput> Kinesis::increase_retention(
    const CallContext& context, const shapes::IncreaseStreamRetentionPeriodInput& input) {
    const int hours = input.RetentionPeriodHours;
    const auto change = [&](catalog::Stream& stream) -> std::optional<aws::Failure> {
        if (hours > retention_hours_most) {
            return invalid_argument("Maximum allowed retention period is " + std::to_string(retention_hours_most) +
                                    " hours. Requested retention period (" + std::to_string(hours) +
                                    " hours) is too long.");
        }
        if (hours < stream.retention_hours) {
            return invalid_argument("Requested retention period (" + std::to_string(hours) + " hours) for stream " +
                                    stream.name + " can not be shorter than existing retention period (" +
                                    std::to_string(stream.retention_hours) +
                                    " hours). Use DecreaseRetentionPeriod API.");
        }
        stream.retention_hours = hours;
        return std::nullopt;
    };
    if (auto failure = edit(context, input.StreamName, input.StreamARN, change)) return *std::move(failure);
    return shapes::IncreaseStreamRetentionPeriodOutput{};
}

Outcome<shapes::DecreaseStreamRetentionPeriodOutput> Kinesis::decrease_retention(
    const CallContext& context, const shapes::DecreaseStreamRetentionPeriodInput& input) {
    const int hours = input.RetentionPeriodHours;
    const auto change = [&](catalog::Stream& stream) -> std::optional<aws::Failure> {
        if (hours < retention_hours_default) {
            return invalid_argument("Minimum allowed retention period is " + std::to_string(retention_hours_default) +
                                    " hours. Requested retention period (" + std::to_string(hours) +
                                    " hours) is too short.");
        }
        if (hours > stream.retention_hours) {
            return invalid_argument("Requested retention period (" + std::to_string(hours) + " hours) for stream " +
                                    stream.name + " can not be longer than existing retention period (" +
                                    std::to_string(stream.retention_hours) +
                                    " hours). Use IncreaseRetentionPeriod API.");
        }
        stream.retention_hours = hours;
        return std::nullopt;
    };
    if (auto failure = edit(context, input.StreamName, input.StreamARN, change)) return *std::move(failure);
    return shapes::DecreaseStreamRetentionPeriodOutput{};
}

Outcome<shapes::UpdateMaxRecordSizeOutput> Kinesis::update_max_record_size(
    const CallContext& context, const shapes::UpdateMaxRecordSizeInput& input) {
    const auto change = [&](catalog::Stream& stream) -> std::optional<aws::Failure> {
        stream.record_kib_max = input.MaxRecordSizeInKiB;
        return std::nullopt;
    };
    if (auto failure = edit(context, std::nullopt, input.StreamARN, change)) return *std::move(failure);
    return shapes::UpdateMaxRecordSizeOutput{};
}

Outcome<shapes::DescribeLimitsOutput> Kinesis::describe_limits(const CallContext& context,
                                                               const shapes::DescribeLimitsInput&) {
    shapes::DescribeLimitsOutput output;
    output.ShardLimit = static_cast<int32_t>(account_shards_max);
    output.OpenShardCount = 0;
    output.OnDemandStreamCount = 0;
    output.OnDemandStreamCountLimit = static_cast<int32_t>(account_shards_max) / on_demand_shards_first;
    for (const StreamPointer& live : streams_.list(context.scope, "", SIZE_MAX)) {
        if (live->stream.on_demand) ++output.OnDemandStreamCount;
        output.OpenShardCount += static_cast<int32_t>(live->open.size());
    }
    return output;
}

}  // namespace millrace::service::kinesis
