// Names of the objects that Firehose writes (docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html):
//   PREFIX NAME-VERSION-yyyy-MM-dd-HH-mm-ss-UUID EXTENSION
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/flow/definition.h"
#include "src/io/time_zone.h"

namespace millrace::flow {

// ".gz", ".zip", ".snappy", ".hsnappy", ".parquet" or "", unless the destination names its own.
std::string extension_of(const Destination& destination);

// What follows the prefix, without extension: "orders-1-2026-11-20-18-40-03-<uuid>".
std::string object_stem(std::string_view name, uint64_t version, TimestampMs oldest, const io::TimeZone& zone,
                        std::string_view uuid);

}  // namespace millrace::flow
