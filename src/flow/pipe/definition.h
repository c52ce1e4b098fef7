// What a pipe is; its versioned JSON in the registry is definition_codec.cc's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/flow/mapping/definition.h"

namespace millrace::flow::pipe {

// Of a request to an API destination; each value may be a path into the event ("$.detail.id").
struct HttpParameters {
    std::vector<std::string> path_values;
    std::map<std::string, std::string> headers, query;
    bool operator==(const HttpParameters&) const = default;
};

// What an enrichment or a target is, and how it is called. The service checks which belong to which kind of target.
// Texts that are marked so may be paths into the event.
struct Endpoint {
    std::string arn;             // "" of an enrichment: there is none
    std::string input_template;  // input_template.h; "": the event as it is
    std::optional<HttpParameters> http;
    bool fire_and_forget = false;                                        // functions
    std::optional<std::string> partition_key;                            // streams; may be a path
    std::string source, detail_type, time;                               // buses; may be paths
    std::vector<std::string> resources;                                  // likewise
    std::string log_stream, log_time;                                    // log groups; likewise
    bool has_invocation_type = false, has_bus = false, has_log = false;  // were given, and so are shown
    bool operator==(const Endpoint&) const = default;
};

struct Pipe {
    Scope scope;
    std::string name;
    std::string uid;  // names its checkpoint
    std::string description;
    std::string role;
    std::string source;  // a Kinesis stream, a consumer of one, or a table's change stream
    mapping::StartingPosition start = mapping::StartingPosition::latest;
    TimestampMs start_time;
    // Batches, windows, lanes, retries, filters, where failures go; `enabled` is the desired state. Of `function`
    // nothing is used.
    mapping::Settings settings;
    Endpoint enrichment, target;
    std::map<std::string, std::string> tags;
    TimestampMs created, modified;
    uint64_t version = 1;  // moves with every change that the mapping has to carry out
    bool deleting = false;
};

inline constexpr std::string_view pipe_kind = "pipes.pipe";  // in the Registry, by scope and name

std::string encode(const Pipe& pipe);
Result<Pipe> decode_pipe(const Scope& scope, std::string_view name, std::string_view json);  // corruption

std::string arn_of(const Scope& scope, std::string_view name);  // "arn:aws:pipes:us-east-1:000000000000:pipe/NAME"

}  // namespace millrace::flow::pipe
