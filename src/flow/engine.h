// The delivery engine: every delivery stream's reader, its checkpoint and the objects it writes.
//
// A record is written once to the log. A Delivery reads log shards from its checkpoint, sends what it reads through the
// processors that the stream has, and streams it into objects that nobody sees yet. When the buffer is full or old
// enough the objects become visible and the checkpoint moves in one atomic write, so that no crash loses or repeats a
// batch. Stopping keeps the checkpoint: the buffer is a range of the log and not memory. See delivery.h and progress.h.
//
// Start: open(), after log, object and catalog. Stop: destruction, before them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/flow/definition.h"
#include "src/flow/processing/partition_query.h"
#include "src/log/log.h"

namespace millrace::io {
class Clock;
}
namespace millrace::function {
class Functions;
}
namespace millrace::table {
class KeyValueStore;
}
namespace millrace::object {
class Store;
}
namespace millrace::catalog {
class Registry;
class Lake;
struct Table;
}  // namespace millrace::catalog
namespace millrace::query {
class RecordConverter;
struct ConversionOptions;
}  // namespace millrace::query

namespace millrace::flow {

using ConverterFactory =
    std::function<Result<std::unique_ptr<query::RecordConverter>>(const catalog::Table&, query::ConversionOptions)>;

// All outlive the engine.
struct EngineParts {
    log::Log& log;
    object::Store& objects;
    table::KeyValueStore& progress;
    catalog::Registry& registry;
    catalog::Lake& lake;
    const io::Clock& clock;
    ConverterFactory make_converter;           // query::RecordConverter::make, but in tests
    function::Functions* functions = nullptr;  // null: destinations with a function can not be acted on
    JqProgram jq;
};

struct EngineOptions {
    // For batches on their way to Parquet, up to twice a buffer's size each. Ours alone: made where absent, and emptied
    // at start of what a killed process left.
    std::string temporary_directory;
    uint64_t conversion_bytes_max = 256 << 20;  // DuckDB's memory in a conversion; one runs at a time
    uint32_t threads_max = 2;                   // deliveries that read and encode at the same moment...
    uint32_t waiting_max = 32;                  // ...and those that wait for their functions meanwhile
    uint32_t gather_ms = 50;                    // after a wake, how long to let records gather before reading
    uint32_t retry_ms_first = 250;              // after a failed delivery, doubling...
    uint32_t retry_ms_max = 30'000;             // ...up to this
    size_t read_bytes_max = 1 << 20;            // one read of the log
};

enum class State : uint8_t { active, deleting };

struct Description {
    Definition definition;
    State state = State::active;
    std::string last_error;  // why the newest attempt to deliver failed; "" while all is well
    TimestampMs last_delivery;
    uint64_t delivered_records = 0;  // since the start of the process
    uint64_t failed_records = 0;     // of which could not be converted and went to the error prefix
    uint64_t delivered_objects = 0;
    uint64_t corrupt_records = 0;  // that the log could not give back, and that were passed over
};

// What PutRecord needs to know, in one look-up; small and copied.
struct PutTarget {
    log::ShardKey shard;
    uint64_t delivery_id = 0;
    bool direct_put = false;  // false: fed by a stream; puts are refused
};

// Any thread. Changes are durable on return.
class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(EngineOptions options, EngineParts parts);
    virtual ~Engine() = default;

    // Starts delivering. Fills id, log_key, version, created and updated. already_exists; not_found where the
    // source stream does not exist; invalid_argument from validate(), and where a JQ expression does not compile.
    virtual Result<Definition> create(Definition definition) = 0;
    // Replaces the destination, from the next object on. failed_precondition where `expected_version` is not current.
    virtual Result<Definition> update(const Scope& scope, std::string_view name, uint64_t expected_version,
                                      Destination destination) = 0;
    virtual Result<Definition> set_tags(const Scope& scope, std::string_view name,
                                        std::map<std::string, std::string> tags) = 0;
    // Stops, forgets and drops what was not delivered yet, as AWS does. not_found.
    virtual Status remove(const Scope& scope, std::string_view name) = 0;
    virtual Result<Description> describe(const Scope& scope, std::string_view name) = 0;  // not_found
    // Names in byte order, strictly after `after`.
    virtual std::vector<std::string> list(const Scope& scope, std::optional<Source> source, std::string_view after,
                                          size_t limit) = 0;

    // The hot look-up; takes a shared lock and never blocks on disk.
    virtual std::optional<PutTarget> find(const Scope& scope, std::string_view name) = 0;

    // For tests and for stopping with little left to redo: asks every delivery to write out what it has now and waits
    // until all that was in the log at the call is delivered, or `timeout_ms` has passed (deadline_exceeded).
    virtual Status flush(uint32_t timeout_ms) = 0;
};

}  // namespace millrace::flow
