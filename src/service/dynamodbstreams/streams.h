// DynamoDB Streams over the table engine's change streams: a stream is one definition's, a shard is one of the engine's
// change shards, a sequence number is the engine's. Keeps nothing itself.
#pragma once

#include <memory>
#include <string>

#include "aws/dynamodbstreams/shapes.h"

#include "src/aws/call.h"
#include "src/service/dynamodbstreams/iterator.h"
#include "src/table/tables.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::io {
class Clock;
}

namespace millrace::service::dynamodbstreams {

namespace shapes = aws::dynamodbstreams;
using aws::CallContext;
using aws::Outcome;

class Streams {
  public:
    // All outlive it. The registry keeps the key that iterators are signed with.
    static Result<std::unique_ptr<Streams>> open(table::Tables& tables, catalog::Registry& registry,
                                                 const io::Clock& clock);

    // describe.cc
    Outcome<shapes::ListStreamsOutput> list_streams(const CallContext&, const shapes::ListStreamsInput&);
    Outcome<shapes::DescribeStreamOutput> describe_stream(const CallContext&, const shapes::DescribeStreamInput&);
    // read.cc
    Outcome<shapes::GetShardIteratorOutput> get_shard_iterator(const CallContext&,
                                                               const shapes::GetShardIteratorInput&);
    Outcome<shapes::GetRecordsOutput> get_records(const CallContext&, const shapes::GetRecordsInput&);

  private:
    // A stream and the table that it is of; `stream` lives as long as `table`.
    struct Found {
        table::TableRef table;
        const table::ChangeStream* stream = nullptr;
    };
    Streams(table::Tables& tables, const io::Clock& clock, std::string key)
        : tables_(tables), clock_(clock), iterators_(std::move(key)) {}
    Outcome<Found> find(const CallContext& context, const std::string& arn) const;

    table::Tables& tables_;
    const io::Clock& clock_;
    const Iterators iterators_;
};

}  // namespace millrace::service::dynamodbstreams
