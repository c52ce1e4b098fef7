// How the shards and records of change streams are called from outside: DynamoDB Streams answers with these names, and
// functions get them in their events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/table/definition.h"
#include "src/table/tables.h"

namespace millrace::table {

// "shardId-" and when the stream was made, as AWS's, then which stream and shard it is.
std::string shard_id(const ChangeStream& stream, uint32_t shard);
// nullopt where the stream has no such shard.
std::optional<uint32_t> find_shard(const ChangeStream& stream, std::string_view id);

// 21 digits, the fewest that AWS's model allows; they sort as text as they do as numbers.
std::string sequence_text(ChangeSequence sequence);
std::optional<ChangeSequence> parse_sequence(std::string_view text);  // nullopt: not one of ours

// The same for the same change however often it is read: consumers tell repeats by it.
std::string event_id(uint64_t stream_id, ChangeSequence sequence);
std::string_view event_name(ChangeKind kind);  // "INSERT", "MODIFY", "REMOVE"
std::string_view view_name(StreamView view);   // "KEYS_ONLY", ..., "NEW_AND_OLD_IMAGES"

}  // namespace millrace::table
