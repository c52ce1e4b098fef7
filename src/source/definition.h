// What a person says of a source: where to look, how often, what is a record there, and where records go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/target/target.h"

namespace millrace::source {

enum class Format : uint8_t {
    json,    // one JSON text; `records` says where its records are
    ndjson,  // a JSON value a line, each a record
    body,    // the body is one record, JSON or not
};

struct Definition {
    Scope scope;
    std::string name;  // 1 to 64 of a-z A-Z 0-9 . _ -
    std::string url;
    uint32_t every_ms = 1'000;     // 50 ms to 7 days, from the beginning of one poll to that of the next
    uint32_t timeout_ms = 10'000;  // of a whole poll
    uint64_t bytes_max = 8 << 20;  // of a body, unpacked; at most 64 MiB
    uint32_t redirects_max = 0;    // at most 10
    std::vector<std::pair<std::string, std::string>> headers;

    Format format = Format::json;
    // json: a JSON path (src/vtl/json_path.h). An array there is its elements, anything else is one record, null none.
    std::string records = "$";
    // De-duplication: a path into a record, that names one place; "" where every record is sent. "$" is all of it.
    std::string key;
    uint64_t remember_ms = 86'400'000;  // how long a key is remembered after it was seen last: 1 s to 400 days
    uint64_t keys_max = 1'000'000;      // over it, those that would be forgotten first are: 1 to 100 million

    std::string destination;   // the ARN of a bus, a stream or a Firehose of the same account
    std::string event_source;  // buses; "": "millrace.NAME"
    std::string detail_type = "Polled record";
    uint32_t records_per_event = 1;  // buses: over 1, the detail is {"records":[...]}; at most 10,000
    std::string partition_key;       // streams: a path into a record; "": spread evenly

    bool paused = false;
    uint64_t id = 0;  // never given twice: what is remembered hangs on it
    TimestampMs created;
};

// invalid_argument says what is wrong and what would be right; unsupported names what is not there.
Status check(const Definition& definition);

// As users write it, in JSON: {"Name", "Url", "EveryMillis", "TimeoutMillis", "BytesMax", "RedirectsMax", "Headers"
// {name: value}, "Format", "Records", "Key", "RememberSeconds", "KeysMax", "Destination", "EventSource", "DetailType",
// "RecordsPerEvent", "PartitionKey"}. Destination is an ARN, or "bus:NAME", "stream:NAME", "firehose:NAME" in `scope`.
// What is absent has its default; what is unknown is invalid_argument.
Result<Definition> from_user(std::string_view json, const Scope& scope);

// For the registry.
std::string encode(const Definition& definition);
Result<Definition> decode(std::string_view stored, const Scope& scope);  // corruption

std::string_view name_of(Format format);

}  // namespace millrace::source
