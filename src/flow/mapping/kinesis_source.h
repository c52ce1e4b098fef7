// A Kinesis stream as a source: the log's shards, by the stream's definition in the catalog.
#pragma once

#include <memory>
#include <string>

#include "src/flow/mapping/source.h"

namespace millrace::flow::mapping {

std::unique_ptr<Source> make_kinesis_source(SourceName name, std::string arn, const SourceParts& parts);

}  // namespace millrace::flow::mapping
