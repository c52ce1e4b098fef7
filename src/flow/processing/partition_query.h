// Firehose's MetadataExtraction: a JQ expression that makes an object of partition keys of each record, such as
// {customer_id:.customer_id,year:.timestamp|strftime("%Y")}. Runs in a child of its own (jq_worker.h), which lives as
// long as this, and is started again after it died.
// https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow {

using PartitionKeys = std::map<std::string, std::string, std::less<>>;

struct JqProgram {  // how to run the child
    std::string program = "/proc/self/exe";
    std::vector<std::string> arguments = {"millrace", "jq-worker"};
    int64_t batch_ms_max = 10'000;  // for all records of one extract()
    int64_t tries_ms_max = 60'000;  // for all of them, tried one by one
};

struct ExtractedKeys {
    PartitionKeys keys;
    std::string error;  // "": it went well
};

// One thread at a time.
class PartitionQuery {
  public:
    // invalid_argument with jq's message where `text` does not compile.
    static Result<std::unique_ptr<PartitionQuery>> start(JqProgram program, std::string text);
    virtual ~PartitionQuery() = default;
    // One answer a record, in order. Where the query brings its child to an end or takes too long, each record is tried
    // by itself, so that only those that do so fail; after tries_ms_max of that the rest fail, too: a query that hangs
    // on each of a batch's records would take days. An Error is ours (the child can not be started; unavailable:
    // `stopping`), not the query's.
    virtual Result<std::vector<ExtractedKeys>> extract(std::span<const std::string_view> records,
                                                       const std::atomic<bool>* stopping = nullptr) = 0;
};

}  // namespace millrace::flow
