// What streams there are.
#include <algorithm>
#include <tuple>

#include "src/service/dynamodbstreams/errors.h"
#include "src/service/dynamodbstreams/streams.h"
#include "src/table/arn.h"
#include "src/table/change_names.h"

namespace millrace::service::dynamodbstreams {
namespace {

constexpr size_t list_limit_max = 100;  // and the default, as AWS's

std::vector<shapes::KeySchemaElement> key_schema(const table::KeyNames& key) {
    std::vector<shapes::KeySchemaElement> schema{{.AttributeName = key.partition, .KeyType = "HASH"}};
    if (!key.sort.empty()) schema.push_back({.AttributeName = key.sort, .KeyType = "RANGE"});
    return schema;
}

// By table and label, which is the order they are listed in. Tables that are gone count while their streams last.
std::vector<shapes::Stream> streams_of(table::Tables& tables, const Scope& scope,
                                       const std::optional<std::string>& of_table) {
    std::vector<shapes::Stream> streams;
    const auto add = [&](const table::TableDefinition& table, const table::ChangeStream& stream) {
        streams.push_back(
            {.StreamArn = table::arn_of(table, stream), .TableName = table.name, .StreamLabel = stream.label});
    };
    const auto add_all = [&](const std::vector<table::TableRef>& found) {
        for (const table::TableRef& table : found) {
            if (table->scope != scope || (of_table && table->name != *of_table)) continue;
            for (const table::ChangeStream& old : table->old_streams) add(*table, old);
            if (table->stream) add(*table, *table->stream);
        }
    };
    add_all(tables.all());
    add_all(tables.removed());
    std::sort(streams.begin(), streams.end(), [](const shapes::Stream& a, const shapes::Stream& b) {
        return std::tie(*a.TableName, *a.StreamLabel) < std::tie(*b.TableName, *b.StreamLabel);
    });
    return streams;
}

}  // namespace

Outcome<Streams::Found> Streams::find(const CallContext& context, const std::string& arn) const {
    const auto parsed = table::parse_arn(arn);
    if (!parsed || parsed->kind != "stream") return validation("Invalid StreamArn: " + arn);
    if (parsed->scope != context.scope) return stream_not_found(arn);
    if (auto table = tables_.find(parsed->scope, parsed->table); table.ok()) {
        const table::ChangeStream* stream = table::find_stream(**table, parsed->part);
        if (stream) return Found{*std::move(table), stream};
    }
    for (const table::TableRef& table : tables_.removed()) {  // its streams outlive a table
        if (table->scope != parsed->scope || table->name != parsed->table) continue;
        const table::ChangeStream* stream = table::find_stream(*table, parsed->part);
        if (stream) return Found{table, stream};
    }
    return stream_not_found(arn);
}

Outcome<shapes::ListStreamsOutput> Streams::list_streams(const CallContext& context,
                                                         const shapes::ListStreamsInput& input) {
    const size_t limit =
        std::min<size_t>(input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_max, list_limit_max);
    std::string after_table, after_label;
    if (input.ExclusiveStartStreamArn) {
        const auto parsed = table::parse_arn(*input.ExclusiveStartStreamArn);
        if (!parsed || parsed->kind != "stream") {
            return validation("Invalid ExclusiveStartStreamArn: " + *input.ExclusiveStartStreamArn);
        }
        after_table = parsed->table;
        after_label = parsed->part;
    }
    shapes::ListStreamsOutput output;
    output.Streams.emplace();  // AWS answers an empty list for a table that does not exist, too
    for (shapes::Stream& stream : streams_of(tables_, context.scope, input.TableName)) {
        if (std::tie(*stream.TableName, *stream.StreamLabel) <= std::tie(after_table, after_label)) continue;
        if (output.Streams->size() == limit) {
            output.LastEvaluatedStreamArn = output.Streams->back().StreamArn;
            break;
        }
        output.Streams->push_back(std::move(stream));
    }
    return output;
}

Outcome<shapes::DescribeStreamOutput> Streams::describe_stream(const CallContext& context,
                                                               const shapes::DescribeStreamInput& input) {
    TRY_ASSIGN(const Found found, find(context, input.StreamArn));
    const table::ChangeStream& stream = *found.stream;
    shapes::DescribeStreamOutput output;
    shapes::StreamDescription& out = output.StreamDescription.emplace();
    out.StreamArn = table::arn_of(*found.table, stream);
    out.StreamLabel = stream.label;
    out.StreamStatus = stream.enabled ? "ENABLED" : "DISABLED";
    out.StreamViewType = table::view_name(stream.view);
    out.CreationRequestDateTime = stream.created;
    out.TableName = found.table->name;
    out.KeySchema = key_schema(found.table->key);
    out.Shards.emplace();
    if (input.ShardFilter) {
        // A shard stays open as long as its stream: none has children.
        if (!input.ShardFilter->Type || !input.ShardFilter->ShardId) {
            return validation("ShardFilter must have a Type and a ShardId");
        }
        if (!table::find_shard(stream, *input.ShardFilter->ShardId)) {
            return shard_not_found(*input.ShardFilter->ShardId, input.StreamArn);
        }
        return output;
    }
    uint32_t next = 0;
    if (input.ExclusiveStartShardId) {
        const auto after = table::find_shard(stream, *input.ExclusiveStartShardId);
        if (!after) return output;  // as AWS answers: no shard comes after one that is not there
        next = *after + 1;
    }
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_max;
    for (; next < table::change_shards; ++next) {
        if (out.Shards->size() == limit) {
            out.LastEvaluatedShardId = out.Shards->back().ShardId;
            break;
        }
        shapes::Shard& shard = out.Shards->emplace_back();
        shard.ShardId = table::shard_id(stream, next);
        const table::ChangeSequence begin = tables_.changes_begin(stream.id, next);
        auto& range = shard.SequenceNumberRange.emplace();
        range.StartingSequenceNumber = table::sequence_text(begin);
        if (!stream.enabled) {
            const uint64_t end = tables_.changes_end(stream.id, next).value();
            const table::ChangeSequence last(end > 0 ? end - 1 : 0);
            range.EndingSequenceNumber = table::sequence_text(std::max(begin, last));
        }
    }
    return output;
}

}  // namespace millrace::service::dynamodbstreams
