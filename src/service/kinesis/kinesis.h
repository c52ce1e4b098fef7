// Kinesis Data Streams over the log: a stream is an entry in the catalog, a shard is a shard of the log, a record's
// sequence number is its position there. streams.cc makes and describes streams, shards.cc lists shards, reshard.cc
// splits and merges them, settings.cc changes streams, tags.cc tags, put.cc takes records, get.cc gives them back,
// retention.cc lets go of what has expired.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "aws/kinesis/shapes.h"

#include "src/aws/call.h"
#include "src/catalog/consumers.h"
#include "src/io/clock.h"
#include "src/log/log.h"
#include "src/service/kinesis/division.h"
#include "src/service/kinesis/stream_table.h"
#include "src/service/kinesis/subscriptions.h"
#include "src/service/kinesis/token.h"

namespace millrace::service::kinesis {

namespace shapes = aws::kinesis;
using aws::CallContext;
using aws::Outcome;

class Kinesis {
  public:
    // Reads the streams, ends deletions that a crash interrupted, and starts the retention thread. `log`, `registry`
    // and `clock` outlive the object; so does every call.
    static Result<std::unique_ptr<Kinesis>> open(log::Log& log, catalog::Registry& registry, const io::Clock& clock);
    ~Kinesis();

    Outcome<shapes::CreateStreamOutput> create_stream(const CallContext&, const shapes::CreateStreamInput&);
    Outcome<shapes::DeleteStreamOutput> delete_stream(const CallContext&, const shapes::DeleteStreamInput&);
    Outcome<shapes::DescribeStreamOutput> describe_stream(const CallContext&, const shapes::DescribeStreamInput&);
    Outcome<shapes::DescribeStreamSummaryOutput> describe_stream_summary(const CallContext&,
                                                                         const shapes::DescribeStreamSummaryInput&);
    Outcome<shapes::ListStreamsOutput> list_streams(const CallContext&, const shapes::ListStreamsInput&);
    Outcome<shapes::ListShardsOutput> list_shards(const CallContext&, const shapes::ListShardsInput&);

    // reshard.cc
    Outcome<shapes::SplitShardOutput> split_shard(const CallContext&, const shapes::SplitShardInput&);
    Outcome<shapes::MergeShardsOutput> merge_shards(const CallContext&, const shapes::MergeShardsInput&);
    Outcome<shapes::UpdateShardCountOutput> update_shard_count(const CallContext&,
                                                               const shapes::UpdateShardCountInput&);

    // settings.cc
    Outcome<shapes::UpdateStreamModeOutput> update_stream_mode(const CallContext&,
                                                               const shapes::UpdateStreamModeInput&);
    Outcome<shapes::IncreaseStreamRetentionPeriodOutput> increase_retention(
        const CallContext&, const shapes::IncreaseStreamRetentionPeriodInput&);
    Outcome<shapes::DecreaseStreamRetentionPeriodOutput> decrease_retention(
        const CallContext&, const shapes::DecreaseStreamRetentionPeriodInput&);
    Outcome<shapes::UpdateMaxRecordSizeOutput> update_max_record_size(const CallContext&,
                                                                      const shapes::UpdateMaxRecordSizeInput&);
    Outcome<shapes::DescribeLimitsOutput> describe_limits(const CallContext&, const shapes::DescribeLimitsInput&);

    void put_record(aws::RawCall call);
    void put_records(aws::RawCall call);
    Outcome<shapes::GetShardIteratorOutput> get_shard_iterator(const CallContext&,
                                                               const shapes::GetShardIteratorInput&);
    Outcome<shapes::GetRecordsOutput> get_records(const CallContext&, const shapes::GetRecordsInput&);

    // fan_out.cc
    Outcome<shapes::RegisterStreamConsumerOutput> register_stream_consumer(const CallContext&,
                                                                           const shapes::RegisterStreamConsumerInput&);
    Outcome<shapes::DeregisterStreamConsumerOutput> deregister_stream_consumer(
        const CallContext&, const shapes::DeregisterStreamConsumerInput&);
    Outcome<shapes::DescribeStreamConsumerOutput> describe_stream_consumer(const CallContext&,
                                                                           const shapes::DescribeStreamConsumerInput&);
    Outcome<shapes::ListStreamConsumersOutput> list_stream_consumers(const CallContext&,
                                                                     const shapes::ListStreamConsumersInput&);
    Outcome<aws::Streamed<shapes::SubscribeToShardOutput>> subscribe_to_shard(const CallContext&,
                                                                              const shapes::SubscribeToShardInput&);
    // Each open one holds a worker thread: how many there may be, and their end when the server stops.
    Subscriptions& subscriptions() { return subscriptions_; }

    Outcome<shapes::AddTagsToStreamOutput> add_tags_to_stream(const CallContext&, const shapes::AddTagsToStreamInput&);
    Outcome<shapes::RemoveTagsFromStreamOutput> remove_tags_from_stream(const CallContext&,
                                                                        const shapes::RemoveTagsFromStreamInput&);
    Outcome<shapes::ListTagsForStreamOutput> list_tags_for_stream(const CallContext&,
                                                                  const shapes::ListTagsForStreamInput&);
    Outcome<shapes::TagResourceOutput> tag_resource(const CallContext&, const shapes::TagResourceInput&);
    Outcome<shapes::UntagResourceOutput> untag_resource(const CallContext&, const shapes::UntagResourceInput&);
    Outcome<shapes::ListTagsForResourceOutput> list_tags_for_resource(const CallContext&,
                                                                      const shapes::ListTagsForResourceInput&);

    // Trims every shard to its stream's retention; the retention thread does so each minute.
    void trim_expired();

  private:
    Kinesis(log::Log& log, catalog::Registry& registry, const io::Clock& clock, std::string token_key);
    Outcome<StreamPointer> find(const Scope& scope, const std::optional<std::string>& name,
                                const std::optional<std::string>& arn) const;
    Outcome<StreamPointer> find(const CallContext& context, const std::optional<std::string>& name,
                                const std::optional<std::string>& arn) const {
        return find(context.scope, name, arn);
    }
    Outcome<std::pair<StreamPointer, catalog::Consumer>> find_consumer(const CallContext& context,
                                                                       const std::optional<std::string>& arn,
                                                                       std::optional<std::string> stream_arn,
                                                                       std::optional<std::string> name);
    std::optional<aws::Failure> edit_tags(const StreamPointer& stream, const std::map<std::string, std::string>& add,
                                          const std::vector<std::string>& remove);
    Status remove_stream(const catalog::Stream& stream);
    // reshard.cc; the first three hold edit_mutex().
    std::optional<aws::Failure> check_room(const Scope& scope, size_t more_shards) const;
    std::optional<aws::Failure> reshard(StreamPointer live, Division division);
    Status close_shards(catalog::Stream stream);
    void close_late(const StreamPointer& live);
    void drop_expired_shards(const StreamPointer& live, TimestampMs oldest);
    using StreamEdit = std::function<std::optional<aws::Failure>(catalog::Stream&)>;
    std::optional<aws::Failure> edit(const CallContext& context, const std::optional<std::string>& name,
                                     const std::optional<std::string>& arn, const StreamEdit& edit);
    std::optional<std::string> children_json(log::ShardKey shard);
    bool put_record_json(const aws::RawCall& call);
    bool put_records_json(const aws::RawCall& call);
    void run_retention();

    log::Log& log_;
    const io::Clock& clock_;
    catalog::Registry& registry_;
    StreamTable streams_;
    const Tokens tokens_;
    catalog::Consumers consumers_{registry_};
    Subscriptions subscriptions_{log_, clock_};

    std::mutex retention_mutex_;
    std::condition_variable retention_wakes_;
    bool stopping_ = false;
    std::thread retention_;
};

// "1 validation error..." free helper of streams.cc and shards.cc: the model's Shard of one of ours.
shapes::Shard shard_shape(const catalog::Shard& shard);
// What a shard was split or merged into.
std::vector<shapes::ChildShard> children_of(const catalog::Stream& stream, const std::string& parent);

}  // namespace millrace::service::kinesis
