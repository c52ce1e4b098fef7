// The commands behind the command line. Each prints what it has to say and returns the exit code, or an error that
// the caller prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/aws/signer.h"
#include "src/base/result.h"
#include "src/cli/config.h"

namespace millrace::cli {

// Runs the server until SIGTERM or SIGINT; 0 after a clean stop.
Result<int> serve(const Config& config);

struct KeysArguments {
    std::string data = "./millrace-data";
    std::string account = "000000000000";
    std::string description;
    std::string access_key;  // of delete
    bool json = false;
};
Result<int> keys_create(const KeysArguments& arguments);
Result<int> keys_list(const KeysArguments& arguments);
Result<int> keys_delete(const KeysArguments& arguments);

// The newest key of a data directory; "": the environment's AWS_* variables, or none. not_found where it has no keys.
Result<aws::Credentials> credentials_for(const std::string& data);

struct ProduceArguments {
    std::string input;     // a file, "-", or "" with `generate`
    std::string generate;  // "retail"
    uint64_t records = 0;  // of the generator; 0: all
    std::string format;    // "csv" or "ndjson"; "": by the file's name
    std::string preset;    // "retail": numbers, times and partition key of that set
    std::string stream;    // one of these two
    std::string delivery_stream;
    std::string endpoint = "http://127.0.0.1:4566";
    std::string region = "us-east-1";
    std::string data;  // take the newest key of this data directory; else the environment's AWS_* variables
    std::string partition_key;
    std::vector<std::string> numbers;
    std::vector<std::string> times;  // "COLUMN=FORMAT"
    uint32_t connections = 4;
    uint32_t batch = 500;
    uint64_t rate = 0;
};
Result<int> produce_command(const ProduceArguments& arguments);

struct ConsumersArguments {
    std::string endpoint = "http://127.0.0.1:4566";
    std::string region = "us-east-1";
    std::string data;  // as of produce
    bool json = false;
    std::string uuid;  // of rewind
    std::string to;    // "2026-11-21T10:00:00Z", seconds since 1970, or "15m": so long ago
};
Result<int> consumers_list(const ConsumersArguments& arguments);
Result<int> consumers_rewind(const ConsumersArguments& arguments);

struct DemoArguments {
    std::string data = "./demo-data";  // emptied first, where a demo made it
    std::string csv;                   // "": generated
    uint64_t rows = 0;                 // of the generator; 0: all
    uint32_t connections = 4;
    std::string durability = "fsync";
    bool keep = false;  // leave the server running at the end, until Ctrl-C
};
Result<int> demo(const DemoArguments& arguments);

}  // namespace millrace::cli
