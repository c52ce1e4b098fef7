// Hands JSON to whatever an ARN names: what rules of event buses, schedules, pipes and polling sources deliver through.
//
// | the ARN names | what is called | what one item is |
// | --- | --- | --- |
// | a Kinesis stream | PutRecords | a record's data |
// | a Firehose stream | PutRecordBatch | a record's data |
// | a function (or its version or alias) | Invoke, of type Event unless `wait_for_answer` | the event |
// | a log group | PutLogEvents, into `log_stream`, which is created where it is absent | a line |
// | an event bus | PutEvents, under `heading` | the detail |
// | an API destination | an HTTP request, with its connection's secrets | the body |
// | `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION` | that action | its parameters, in AWS's JSON |
//
// Many items for one stream become few calls. Services are called in process through a ServiceCaller: whatever they
// refuse a client, they refuse here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace {
class ServiceCaller;
}
namespace millrace::catalog {
class Registry;
}
namespace millrace::http {
class Outbound;
}
namespace millrace::io {
class Clock;
class Executor;
}  // namespace millrace::io

namespace millrace::target {

enum class Kind : uint8_t { stream, firehose, function, log_group, bus, api_destination, action };

// What the ARN names. invalid_argument: it is no ARN. unsupported: Millrace has no such thing; the message says what
// ("Amazon SQS queues are not served by Millrace: ..."). Does not look whether it exists.
Result<Kind> kind_of(std::string_view arn);

// Parameters of an HTTP request, as API destinations take them; values that were JSON paths are resolved by now.
struct HttpParameters {
    std::vector<std::string> path_values;  // for the * of the endpoint, in order
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::pair<std::string, std::string>> query;
    bool operator==(const HttpParameters&) const = default;
};

// How an item that is sent to a bus becomes an event.
struct Heading {
    std::string source;
    std::string detail_type;
    std::vector<std::string> resources;
    std::optional<TimestampMs> time;
    std::string trace_header;
};

// Where to, and how. Cheap enough to be made for each delivery.
struct Target {
    std::string arn;
    // On whose behalf: what the ARN names has to be of this account, but for a bus, whose policy may let others put
    // events. It is called in the ARN's region.
    Scope scope;
    std::string role;              // kept and shown by others; there are no policies to hold it to
    bool wait_for_answer = false;  // functions: RequestResponse, and the outcome carries what the function answered
    std::string log_stream;        // log groups; "": one a day of ours, "millrace/2026-11-21"
    Heading heading;               // buses
    std::string content_type = "application/json";  // API destinations
};

struct Item {
    std::string body;                    // JSON, but for streams and Firehose, which take any bytes
    std::string partition_key;           // streams; "": a random one. At most 256 characters
    std::optional<TimestampMs> time;     // log groups: the line's; absent: now
    std::optional<HttpParameters> http;  // API destinations
};

// What became of one item.
struct Outcome {
    enum class Kind : uint8_t {
        delivered,  // durable there, as far as the target promises it
        retryable,  // throttled, busy, unreachable, a 5xx: try again later
        permanent,  // refused: the same item will be refused again (no such stream, no permission, malformed)
    };
    Kind kind = Kind::delivered;
    std::string code;            // the service's own ("ResourceNotFoundException"), or EventBridge's for dead letters:
                                 // NO_RESOURCE, THIRD_PARTY_TIMEOUT, SDK_CLIENT_ERROR, ...
    std::string message;         // a sentence
    std::string answer;          // of a function that was waited for, an action, an API destination: the body
    int64_t retry_after_ms = 0;  // where the other side asked for it (429 with Retry-After), or a rate is kept
    bool attempted = true;       // false: it was not even tried (a rate is kept, nobody is free): no attempt of its own
    bool ok() const { return kind == Kind::delivered; }
};

struct Options {
    uint32_t http_ms_max = 5'000;  // of a request to an API destination, as AWS
};

// Any thread. All references outlive it. `outbound` is how API destinations are called: its policy says which addresses
// they may have.
class Deliverer {
  public:
    static std::unique_ptr<Deliverer> make(Options options, ServiceCaller& services, catalog::Registry& registry,
                                           http::Outbound& outbound, io::Executor& executor, const io::Clock& clock);
    virtual ~Deliverer() = default;

    using Done = std::function<void(std::vector<Outcome>)>;
    // Hands over all items; `done` is called exactly once, with one outcome an item, in their order: on any thread,
    // perhaps this one before deliver() returns, perhaps the log's writer. It must be quick and not block. Items of one
    // stream that share a partition key arrive in order, unless one of them fails. Takes any number of items; sends at
    // most a few calls at a time.
    virtual void deliver(const Target& target, std::vector<Item> items, Done done) = 0;
};

// deliver(), and waits. Not from an I/O thread, nor from a thread that calls back.
std::vector<Outcome> deliver_and_wait(Deliverer& deliverer, const Target& target, std::vector<Item> items);

}  // namespace millrace::target
