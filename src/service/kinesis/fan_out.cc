// Enhanced fan-out: consumers of a stream, and what they subscribe to.
#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

aws::Failure consumer_not_found(const std::string& name) {
    return {"ResourceNotFoundException", "Consumer " + name + " not found."};
}

shapes::Consumer shown(const LiveStream& live, const catalog::Consumer& consumer) {
    shapes::Consumer out;
    out.ConsumerName = consumer.name;
    out.ConsumerARN = catalog::consumer_arn(live.stream, consumer);
    out.ConsumerStatus = "ACTIVE";  // at once
    out.ConsumerCreationTimestamp = consumer.created;
    return out;
}

}  // namespace

// By ConsumerARN, or by StreamARN and ConsumerName.
Outcome<std::pair<StreamPointer, catalog::Consumer>> Kinesis::find_consumer(const CallContext& context,
                                                                            const std::optional<std::string>& arn,
                                                                            std::optional<std::string> stream_arn,
                                                                            std::optional<std::string> name) {
    std::optional<int64_t> created_s;
    if (arn) {
        const auto parsed = catalog::parse_consumer_arn(*arn);
        if (!parsed) return invalid_argument("Invalid ConsumerARN: " + *arn);
        if ((stream_arn && *stream_arn != parsed->stream_arn) || (name && *name != parsed->consumer)) {
            return invalid_argument("ConsumerARN does not agree with StreamARN and ConsumerName.");
        }
        stream_arn = parsed->stream_arn;
        name = parsed->consumer;
        created_s = parsed->created_s;
    }
    if (!stream_arn || !name) {
        return invalid_argument("Either ConsumerARN or both StreamARN and ConsumerName must be provided.");
    }
    TRY_ASSIGN(StreamPointer live, find(context, std::nullopt, stream_arn));
    auto found = consumers_.find(live->stream, *name);
    if (!found.ok()) return failure_of(found.error());
    if (!*found || (created_s && (*found)->created.value() / 1000 != *created_s)) return consumer_not_found(*name);
    return std::pair(std::move(live), **found);
}

Outcome<shapes::RegisterStreamConsumerOutput> Kinesis::register_stream_consumer(
    const CallContext& context, const shapes::RegisterStreamConsumerInput& input) {
    const std::lock_guard lock(streams_.edit_mutex());  // not while the stream is being deleted
    TRY_ASSIGN(const StreamPointer live, find(context, std::nullopt, input.StreamARN));
    const auto added = consumers_.add(live->stream, input.ConsumerName, clock_.now());
    if (!added.ok() && added.error().code == ErrorCode::already_exists) {
        return aws::Failure{"ResourceInUseException", added.error().message};
    }
    if (!added.ok() && added.error().code == ErrorCode::resource_exhausted) {
        return limit_exceeded(added.error().message);
    }
    if (!added.ok()) return failure_of(added.error());
    return shapes::RegisterStreamConsumerOutput{.Consumer = shown(*live, *added)};
}

Outcome<shapes::DeregisterStreamConsumerOutput> Kinesis::deregister_stream_consumer(
    const CallContext& context, const shapes::DeregisterStreamConsumerInput& input) {
    TRY_ASSIGN(const auto found, find_consumer(context, input.ConsumerARN, input.StreamARN, input.ConsumerName));
    const auto removed = consumers_.remove(found.first->stream, found.second.name);
    if (!removed.ok()) return failure_of(removed.error());
    subscriptions_.end(catalog::consumer_arn(found.first->stream, found.second));
    return shapes::DeregisterStreamConsumerOutput{};
}

Outcome<shapes::DescribeStreamConsumerOutput> Kinesis::describe_stream_consumer(
    const CallContext& context, const shapes::DescribeStreamConsumerInput& input) {
    TRY_ASSIGN(const auto found, find_consumer(context, input.ConsumerARN, input.StreamARN, input.ConsumerName));
    const shapes::Consumer consumer = shown(*found.first, found.second);
    shapes::DescribeStreamConsumerOutput output;
    output.ConsumerDescription.ConsumerName = consumer.ConsumerName;
    output.ConsumerDescription.ConsumerARN = consumer.ConsumerARN;
    output.ConsumerDescription.ConsumerStatus = consumer.ConsumerStatus;
    output.ConsumerDescription.ConsumerCreationTimestamp = consumer.ConsumerCreationTimestamp;
    output.ConsumerDescription.StreamARN = found.first->arn;
    return output;
}

Outcome<shapes::ListStreamConsumersOutput> Kinesis::list_stream_consumers(
    const CallContext& context, const shapes::ListStreamConsumersInput& input) {
    TRY_ASSIGN(const StreamPointer live, find(context, std::nullopt, input.StreamARN));
    std::string after;
    if (input.NextToken) {
        const auto token = tokens_.open_page(*input.NextToken);
        if (!token || token->stream != live->arn || token->incarnation != live->stream.incarnation) {
            return invalid_argument("Invalid NextToken.");
        }
        if (clock_.now().value() - token->issued.value() > token_lifetime_ms) {
            return aws::Failure{"ExpiredNextTokenException", "The NextToken has expired."};
        }
        after = token->after;
    }
    if (input.StreamCreationTimestamp &&
        input.StreamCreationTimestamp->value() / 1000 != live->stream.created.value() / 1000) {
        return stream_not_found(context.scope, live->stream.name);
    }
    auto all = consumers_.list(live->stream);
    if (!all.ok()) return failure_of(all.error());
    shapes::ListStreamConsumersOutput output;
    output.Consumers.emplace();
    for (const catalog::Consumer& one : *all) {
        if (!after.empty() && one.name <= after) continue;
        if (output.Consumers->size() == static_cast<size_t>(input.MaxResults.value_or(100))) {
            output.NextToken = tokens_.seal(PageToken{.stream = live->arn,
                                                      .incarnation = live->stream.incarnation,
                                                      .after = output.Consumers->back().ConsumerName,
                                                      .issued = clock_.now()});
            break;
        }
        output.Consumers->push_back(shown(*live, one));
    }
    return output;
}

Outcome<aws::Streamed<shapes::SubscribeToShardOutput>> Kinesis::subscribe_to_shard(
    const CallContext& context, const shapes::SubscribeToShardInput& input) {
    TRY_ASSIGN(const auto found, find_consumer(context, input.ConsumerARN, std::nullopt, std::nullopt));
    const LiveStream& live = *found.first;
    const catalog::Shard* shard = nullptr;
    for (const auto& one : live.stream.shards) {
        if (one.id == input.ShardId) shard = &one;
    }
    if (!shard) return shard_not_found(context.scope, live.stream.name, input.ShardId);
    const log::ShardKey key(shard->log_key);
    auto horizon = log_.horizon(key);
    auto end = log_.end(key);
    if (!horizon || !end) return stream_not_found(context.scope, live.stream.name);  // deleted meanwhile
    const std::string& type = input.StartingPosition.Type;
    log::Position from = *horizon;
    if (type == "LATEST") {
        from = *end;
    } else if (type == "AT_TIMESTAMP") {
        if (!input.StartingPosition.Timestamp) return invalid_argument("Timestamp is required for AT_TIMESTAMP.");
        auto at = log_.find_time(key, *input.StartingPosition.Timestamp);
        if (!at) return failure_of(at.error());
        from = std::max(from, *at);
    } else if (type != "TRIM_HORIZON") {
        if (!input.StartingPosition.SequenceNumber)
            return invalid_argument("SequenceNumber is required for " + type + ".");
        // One below the shard's first is where a subscription to an empty shard goes on.
        const auto at = catalog::parse_sequence_number(*input.StartingPosition.SequenceNumber);
        if (!at || *at + 1 < shard->position_first || *at > end->value()) {
            return invalid_argument("SequenceNumber " + *input.StartingPosition.SequenceNumber +
                                    " did not come from shard " + shard->id + ".");
        }
        from = std::max(from, log::Position(*at + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0)));
    }
    // By its own ARN: others parse to it, too (a partition that nobody looks at, zeros before the time).
    auto source = subscriptions_.open(catalog::consumer_arn(live.stream, found.second), input.ShardId, key, from,
                                      [this, key] { return children_json(key); });
    if (!source.ok() && source.error().code == ErrorCode::failed_precondition) {
        return aws::Failure{"ResourceInUseException", source.error().message};
    }
    if (!source.ok() && source.error().code == ErrorCode::resource_exhausted) {
        return limit_exceeded(source.error().message);
    }
    if (!source.ok()) return failure_of(source.error());
    aws::Streamed<shapes::SubscribeToShardOutput> answer;
    answer.source = *std::move(source);
    return answer;
}

}  // namespace millrace::service::kinesis
