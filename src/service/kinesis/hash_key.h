// Places in Kinesis's 128-bit hash space, and how a stream divides it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/catalog/streams.h"

namespace millrace::service::kinesis {

using catalog::HashKey;

// Where a partition key lies: the MD5 of its UTF-8 bytes, read as a big-endian number.
HashKey hash_of(std::string_view partition_key);
std::string decimal(HashKey key);
// nullopt where the text is not a decimal number below 2^128 without leading zeroes.
std::optional<HashKey> parse_hash_key(std::string_view text);
HashKey key_before(HashKey key);  // of a key that is not 0
// `count` (at least 1) neighbouring ranges of equal size, first and last inclusive; the last takes the remainder.
std::vector<std::pair<HashKey, HashKey>> split_evenly(uint32_t count);

}  // namespace millrace::service::kinesis
