// Making, describing and deleting streams. A stream is ACTIVE as soon as CreateStream answers: there is nothing to
// wait for, and waiters find it so at their first look.
#include <charconv>
#include <cstdio>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/hash_key.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

constexpr std::string_view secret_kind = "kinesis.secret";
constexpr std::string_view secret_name = "tokens";

std::string mode_of(const catalog::Stream& stream) {
    return stream.on_demand ? "ON_DEMAND" : "PROVISIONED";
}

shapes::StreamModeDetails mode_details(const catalog::Stream& stream) {
    shapes::StreamModeDetails details;
    details.StreamMode = mode_of(stream);
    return details;
}

std::vector<shapes::EnhancedMetrics> no_enhanced_monitoring() {
    shapes::EnhancedMetrics metrics;
    metrics.ShardLevelMetrics.emplace();
    return {metrics};
}

// The key that authenticates tokens: made once for a data directory.
Result<std::string> token_key(catalog::Registry& registry) {
    TRY_ASSIGN(auto stored, registry.get(secret_kind, Scope{}, secret_name));
    std::string key;
    if (stored) {
        if (!hex_decode(*stored, &key) || key.size() != 32) {
            return {ErrorCode::corruption, "the key of Kinesis's tokens is damaged"};
        }
        return key;
    }
    key = random_bytes(32);
    TRY(registry.create(secret_kind, Scope{}, secret_name, hex_encode(key)));
    return key;
}

}  // namespace

Kinesis::Kinesis(log::Log& log, catalog::Registry& registry, const io::Clock& clock, std::string key)
    : log_(log), clock_(clock), registry_(registry), streams_(registry), tokens_(std::move(key)) {}

Result<std::unique_ptr<Kinesis>> Kinesis::open(log::Log& log, catalog::Registry& registry, const io::Clock& clock) {
    TRY_ASSIGN(std::string key, token_key(registry));
    std::unique_ptr<Kinesis> kinesis(new Kinesis(log, registry, clock, std::move(key)));
    TRY_ASSIGN(const auto deleting, kinesis->streams_.load());
    for (const catalog::Stream& stream : deleting) TRY(kinesis->remove_stream(stream));
    // Resharding that a crash interrupted: nothing is being put now, so what the log holds of the old shards is all.
    for (const StreamPointer& live : kinesis->streams_.all()) TRY(kinesis->close_shards(live->stream));
    kinesis->retention_ = std::thread([raw = kinesis.get()] { raw->run_retention(); });
    return kinesis;
}

std::optional<aws::Failure> Kinesis::check_room(const Scope& scope, size_t more_shards) const {
    size_t shards = more_shards;
    for (const auto& live : streams_.list(scope, "", SIZE_MAX)) shards += live->open.size();
    if (shards <= account_shards_max) return std::nullopt;
    return limit_exceeded("This request would exceed the shard limit for the account " + scope.account + " in " +
                          scope.region + ": " + std::to_string(account_shards_max) + " shards.");
}

Status Kinesis::remove_stream(const catalog::Stream& stream) {
    std::vector<log::ShardKey> keys;
    for (const auto& shard : stream.shards) keys.emplace_back(shard.log_key);
    TRY(log_.drop_shards(keys));
    return streams_.forget(stream);
}

// By name, by ARN, or by both where they agree.
Outcome<StreamPointer> Kinesis::find(const Scope& scope, const std::optional<std::string>& name,
                                     const std::optional<std::string>& arn) const {
    if (!arn) {
        if (!name) return invalid_argument("Either StreamName or StreamARN must be provided.");
        if (auto stream = streams_.find(scope, *name)) return stream;
        return stream_not_found(scope, *name);
    }
    // arn:aws:kinesis:REGION:ACCOUNT:stream/NAME
    std::vector<std::string_view> parts;
    std::string_view rest = *arn;
    while (parts.size() < 5) {
        const size_t colon = rest.find(':');
        if (colon == std::string_view::npos) return invalid_argument("Invalid StreamARN: " + *arn);
        parts.push_back(rest.substr(0, colon));
        rest.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[2] != "kinesis" || !rest.starts_with("stream/")) {
        return invalid_argument("Invalid StreamARN: " + *arn);
    }
    const std::string_view arn_name = rest.substr(7);
    if (name && *name != arn_name) {
        return invalid_argument("StreamARN " + *arn + " and StreamName " + *name + " do not name the same stream.");
    }
    // Other accounts' streams are not this caller's to see; other regions' are not this endpoint's.
    if (parts[3] == scope.region && parts[4] == scope.account) {
        if (auto stream = streams_.find(scope, arn_name)) return stream;
    }
    return stream_not_found({.account = std::string(parts[4]), .region = std::string(parts[3])}, arn_name);
}

Outcome<shapes::CreateStreamOutput> Kinesis::create_stream(const CallContext& context,
                                                           const shapes::CreateStreamInput& input) {
    catalog::Stream stream;
    stream.scope = context.scope;
    stream.name = input.StreamName;
    stream.on_demand = input.StreamModeDetails && input.StreamModeDetails->StreamMode == "ON_DEMAND";
    int count = on_demand_shards_first;
    if (stream.on_demand) {
        if (input.ShardCount)
            return invalid_argument("ShardCount must not be specified when the stream mode is ON_DEMAND.");
    } else {
        if (!input.ShardCount) return invalid_argument("ShardCount is required when the stream mode is PROVISIONED.");
        count = *input.ShardCount;
    }
    if (count > shards_max) {
        return limit_exceeded("A stream may have up to " + std::to_string(shards_max) + " shards; " +
                              std::to_string(count) + " were asked for.");
    }
    if (input.MaxRecordSizeInKiB) stream.record_kib_max = *input.MaxRecordSizeInKiB;
    if (input.Tags) stream.tags = *input.Tags;
    if (stream.tags.size() > tags_max) {
        return invalid_argument("A stream may have up to " + std::to_string(tags_max) + " tags.");
    }
    stream.retention_hours = retention_hours_default;
    stream.created = clock_.now();
    const std::lock_guard lock(streams_.edit_mutex());
    if (streams_.find(context.scope, input.StreamName)) return stream_exists(context.scope, input.StreamName);
    if (auto failure = check_room(context.scope, static_cast<size_t>(count))) return *std::move(failure);
    auto incarnation = registry_.next_number("kinesis.incarnation");
    if (!incarnation) return failure_of(incarnation.error());
    stream.incarnation = *incarnation;
    auto first = log_.create_shards(static_cast<size_t>(count));
    if (!first) return failure_of(first.error());
    const auto ranges = split_evenly(static_cast<uint32_t>(count));
    std::vector<log::ShardKey> keys;
    for (int i = 0; i < count; ++i) {
        keys.emplace_back(first->value() + static_cast<uint64_t>(i));
        char id[32];
        std::snprintf(id, sizeof id, "shardId-%012d", i);
        auto position = log_.horizon(keys.back());
        if (!position) return failure_of(position.error());
        stream.shards.push_back({.id = id,
                                 .log_key = keys.back().value(),
                                 .hash_first = ranges[static_cast<size_t>(i)].first,
                                 .hash_last = ranges[static_cast<size_t>(i)].second,
                                 .created = stream.created,
                                 .position_first = position->value()});
    }
    if (auto created = streams_.create(std::move(stream)); !created) {
        // It may be on disk all the same: the shards stay, and a start drops those that nobody names.
        if (created.error().code == ErrorCode::already_exists) return stream_exists(context.scope, input.StreamName);
        return failure_of(created.error());
    }
    return shapes::CreateStreamOutput{};
}

Outcome<shapes::DeleteStreamOutput> Kinesis::delete_stream(const CallContext& context,
                                                           const shapes::DeleteStreamInput& input) {
    const std::lock_guard lock(streams_.edit_mutex());
    TRY_ASSIGN(const StreamPointer live, find(context, input.StreamName, input.StreamARN));
    const auto consumers = consumers_.list(live->stream);
    if (!consumers.ok()) return failure_of(consumers.error());
    if (!consumers->empty() && !input.EnforceConsumerDeletion.value_or(false)) {
        return aws::Failure{"ResourceInUseException",
                            "Stream " + live->stream.name + " under account " + context.scope.account +
                                " has registered consumers: deregister them, or set EnforceConsumerDeletion."};
    }
    if (auto gone = consumers_.remove_all(live->stream); !gone) return failure_of(gone.error());
    if (auto begun = streams_.begin_removal(*live); !begun) return failure_of(begun.error());
    if (auto removed = remove_stream(live->stream); !removed) return failure_of(removed.error());
    return shapes::DeleteStreamOutput{};
}

Outcome<shapes::DescribeStreamOutput> Kinesis::describe_stream(const CallContext& context,
                                                               const shapes::DescribeStreamInput& input) {
    TRY_ASSIGN(const StreamPointer live, find(context, input.StreamName, input.StreamARN));
    const catalog::Stream& stream = live->stream;
    shapes::DescribeStreamOutput output;
    shapes::StreamDescription& out = output.StreamDescription;
    out.StreamName = stream.name;
    out.StreamARN = live->arn;
    out.StreamStatus = "ACTIVE";
    out.StreamModeDetails = mode_details(stream);
    out.RetentionPeriodHours = stream.retention_hours;
    out.StreamCreationTimestamp = stream.created;
    out.EnhancedMonitoring = no_enhanced_monitoring();
    out.EncryptionType = "NONE";
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : describe_shards_default;
    out.HasMoreShards = false;
    for (const auto& shard : stream.shards) {
        if (input.ExclusiveStartShardId && shard.id <= *input.ExclusiveStartShardId) continue;
        if (out.Shards.size() == limit) {
            out.HasMoreShards = true;
            break;
        }
        out.Shards.push_back(shard_shape(shard));
    }
    return output;
}

Outcome<shapes::DescribeStreamSummaryOutput> Kinesis::describe_stream_summary(
    const CallContext& context, const shapes::DescribeStreamSummaryInput& input) {
    TRY_ASSIGN(const StreamPointer live, find(context, input.StreamName, input.StreamARN));
    const catalog::Stream& stream = live->stream;
    shapes::DescribeStreamSummaryOutput output;
    shapes::StreamDescriptionSummary& out = output.StreamDescriptionSummary;
    out.StreamName = stream.name;
    out.StreamARN = live->arn;
    out.StreamStatus = "ACTIVE";
    out.StreamModeDetails = mode_details(stream);
    out.RetentionPeriodHours = stream.retention_hours;
    out.StreamCreationTimestamp = stream.created;
    out.EnhancedMonitoring = no_enhanced_monitoring();
    out.EncryptionType = "NONE";
    out.OpenShardCount = static_cast<int32_t>(live->open.size());
    const auto consumers = consumers_.list(live->stream);
    if (!consumers.ok()) return failure_of(consumers.error());
    out.ConsumerCount = static_cast<int32_t>(consumers->size());
    out.MaxRecordSizeInKiB = stream.record_kib_max;
    return output;
}

Outcome<shapes::ListStreamsOutput> Kinesis::list_streams(const CallContext& context,
                                                         const shapes::ListStreamsInput& input) {
    std::string after = input.ExclusiveStartStreamName.value_or("");
    if (input.NextToken) {
        const auto token = tokens_.open_page(*input.NextToken);
        if (!token || !token->stream.empty()) return invalid_argument("Invalid NextToken.");
        if (clock_.now().value() - token->issued.value() > token_lifetime_ms) {
            return aws::Failure{"ExpiredNextTokenException", "The NextToken has expired."};
        }
        after = token->after;
    }
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_streams_default;
    auto found = streams_.list(context.scope, after, limit + 1);
    shapes::ListStreamsOutput output;
    output.HasMoreStreams = found.size() > limit;
    if (output.HasMoreStreams) found.pop_back();
    output.StreamSummaries.emplace();
    for (const auto& live : found) {
        output.StreamNames.push_back(live->stream.name);
        shapes::StreamSummary summary;
        summary.StreamName = live->stream.name;
        summary.StreamARN = live->arn;
        summary.StreamStatus = "ACTIVE";
        summary.StreamModeDetails = mode_details(live->stream);
        summary.StreamCreationTimestamp = live->stream.created;
        output.StreamSummaries->push_back(std::move(summary));
    }
    if (output.HasMoreStreams) {
        output.NextToken = tokens_.seal(PageToken{.after = output.StreamNames.back(), .issued = clock_.now()});
    }
    return output;
}

}  // namespace millrace::service::kinesis
