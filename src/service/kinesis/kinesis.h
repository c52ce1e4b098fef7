// Kinesis Data Streams over the log: a stream is an entry in the catalog, a shard is a shard of the log, a record's
// sequence number is its position there. streams.cc makes and describes streams, shards.cc lists shards, tags.cc
// tags, put.cc takes records, get.cc gives them back, retention.cc lets go of what has expired.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "aws/kinesis/shapes.h"

#include "src/aws/call.h"
#include "src/io/clock.h"
#include "src/log/log.h"
#include "src/service/kinesis/consumers.h"
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
    Outcome<std::pair<StreamPointer, Consumer>> find_consumer(const CallContext& context,
                                                              const std::optional<std::string>& arn,
                                                              std::optional<std::string> stream_arn,
                                                              std::optional<std::string> name);
    std::optional<aws::Failure> edit_tags(const StreamPointer& stream, const std::map<std::string, std::string>& add,
                                          const std::vector<std::string>& remove);
    Status remove_stream(const catalog::Stream& stream);
    bool put_record_json(const aws::RawCall& call);
    bool put_records_json(const aws::RawCall& call);
    void run_retention();

    log::Log& log_;
    const io::Clock& clock_;
    catalog::Registry& registry_;
    StreamTable streams_;
    const Tokens tokens_;
    Consumers consumers_{registry_};
    Subscriptions subscriptions_{log_, clock_};

    std::mutex retention_mutex_;
    std::condition_variable retention_wakes_;
    bool stopping_ = false;
    std::thread retention_;
};

// "1 validation error..." free helper of streams.cc and shards.cc: the model's Shard of one of ours.
shapes::Shard shard_shape(const catalog::Shard& shard);

}  // namespace millrace::service::kinesis
