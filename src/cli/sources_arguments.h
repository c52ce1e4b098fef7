// What `millrace sources` and `millrace poll` take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace millrace::cli {

// As typed; what is not given has the default of src/source/definition.h.
struct SourceArguments {
    std::string name;
    std::string url;
    std::string every;  // "1s", "500ms", "15m"
    std::string timeout;
    std::string bytes_max;  // "8MiB"
    std::string redirects_max;
    std::vector<std::string> headers;  // "Name: value"
    std::string format;
    std::string records;
    std::string key;
    std::string remember;  // "24h", "30d"
    std::string keys_max;
    std::string to;  // bus:NAME, stream:NAME, firehose:NAME or an ARN; of poll: also "-"
    std::string event_source;
    std::string detail_type;
    std::string records_per_event;
    std::string partition_key;
};

struct SourcesArguments {
    std::string endpoint = "http://127.0.0.1:4566";
    std::string region = "us-east-1";
    std::string data;  // as of produce
    bool json = false;
    SourceArguments source;
};
Result<int> sources_add(const SourcesArguments& arguments);
Result<int> sources_list(const SourcesArguments& arguments);
Result<int> sources_pause(const SourcesArguments& arguments);
Result<int> sources_resume(const SourcesArguments& arguments);
Result<int> sources_remove(const SourcesArguments& arguments);

struct PollArguments {
    std::string endpoint = "http://127.0.0.1:4566";
    std::string region = "us-east-1";
    std::string account = "000000000000";
    std::string data;
    std::string state;  // directory that remembers keys from one run to the next; "": nothing is kept
    std::string ca_file;
    std::string allow;   // as the setting outbound-allow, beside the URL's own host
    uint64_t polls = 0;  // end after so many; 0: until Ctrl-C
    SourceArguments source;
};
// Polls in the foreground until SIGINT, SIGTERM or as many polls as told; 1 where the last of these failed.
Result<int> poll(const PollArguments& arguments);

// The JSON that POST /_millrace/sources takes. invalid_argument.
Result<std::string> source_json(const SourceArguments& arguments);

}  // namespace millrace::cli
