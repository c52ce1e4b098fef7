// Takes apart records that hold several (Firehose's RecordDeAggregation): JSON objects one after the other, with or
// without white space between them, or parts between delimiters. At most 500 from one record; one that holds more, or
// is not what it should be, stays whole, as Firehose passes it on.
// https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
#pragma once

#include <string_view>
#include <vector>

namespace millrace::flow {

constexpr size_t deaggregated_records_max = 500;

// Views into `record`, each one JSON object as it stands there.
std::vector<std::string_view> split_json_objects(std::string_view record);
// Views into `record` without the delimiters; what is empty is left out. `delimiter` is not empty.
std::vector<std::string_view> split_delimited(std::string_view record, std::string_view delimiter);

}  // namespace millrace::flow
