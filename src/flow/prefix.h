// Firehose's prefixes: text with expressions `!{namespace:value}` that are evaluated for each object.
//
//   !{timestamp:PATTERN}            the arrival of the oldest record in the object, by a Java DateTimeFormatter pattern
//   !{firehose:random-string}       11 characters, new each time it stands there
//   !{firehose:error-output-type}   "format-conversion-failed"...; in error prefixes only, and a must there
//   !{partitionKeyFromQuery:NAME}, !{partitionKeyFromLambda:NAME}   a partition key of the record, by JQ or by its
//   function
//
// Rules (docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html): a Prefix without a timestamp expression gets
// `!{timestamp:yyyy/MM/dd/HH/}` appended, unless it has partition keys, which stand in Prefix alone. ErrorOutputPrefix
// may be absent only where Prefix holds no expression; then, and where it is plain text, it evaluates to TEXT +
// error-output-type + "/yyyy/MM/dd/HH/" (the documentation shows the type and the date without the slash; Firehose
// writes one). "!{" stands in expressions alone. Evaluated, neither is longer than 512 characters.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/flow/java_time.h"
#include "src/flow/processing/partition_query.h"
#include "src/io/time_zone.h"

namespace millrace::flow {

// Of one record; null where there are none.
struct RecordKeys {
    const PartitionKeys* from_query = nullptr;
    const PartitionKeys* from_function = nullptr;
};

class PrefixExpression {
  public:
    enum class Use : uint8_t { prefix, error_prefix };
    // With the defaults above applied. `text` absent is "" for a prefix; for an error prefix it is taken from
    // `prefix_text` (pass what the destination has as Prefix). Errors: invalid_argument; unsupported for dynamic
    // partitioning; each names the field.
    static Result<PrefixExpression> parse(Use use, const std::optional<std::string>& text,
                                          const std::optional<std::string>& prefix_text);

    // `random` gives a new 11-character string each time it is called. `keys`: those of any record of the object's
    // partition. resource_exhausted over 512 characters.
    Result<std::string> evaluate(TimestampMs oldest, const io::TimeZone& zone, std::string_view error_type,
                                 const std::function<std::string()>& random, RecordKeys keys = {}) const;

    bool has_partition_keys() const { return has(Kind::from_query) || has(Kind::from_function); }
    bool has_keys_from_query() const { return has(Kind::from_query); }
    bool has_keys_from_function() const { return has(Kind::from_function); }
    // What tells the record's partition from others: the values of the keys that stand in the expression. Absent where
    // one of them is missing or empty.
    std::optional<std::string> partition(RecordKeys keys) const;

  private:
    enum class Kind : uint8_t { literal, timestamp, random, error_type, from_query, from_function };
    struct Piece {
        Kind kind = Kind::literal;
        std::string literal;  // or the partition key's name
        JavaTimePattern pattern;
    };
    static Result<std::vector<Piece>> split(std::string_view field, std::string_view text);
    bool has(Kind kind) const;
    static const std::string* key_of(const Piece& piece, RecordKeys keys);

    std::string_view field_;
    std::vector<Piece> pieces_;
};

// 11 characters as AWS's examples have them: the head of a random UUID, "046b6c7f-0b".
std::string random_prefix_string();

}  // namespace millrace::flow
