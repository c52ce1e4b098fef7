// JSON bodies of awsJson 1.0, 1.1 and restJson1, in both directions, by the generated tables.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"
#include "src/base/json_text.h"
#include "src/base/named.h"

namespace millrace::aws {

// Fills `out` (the struct that `shape` describes) from a JSON object. At least 64 bytes after the body's end may be
// read. An empty body counts as {}. Members that do not travel in the body are left alone; unknown ones are skipped.
// Returns false with decoding.refused set where the text is not such an object.
bool decode_json(const Shape& shape, std::string_view padded_body, void* out, Decoding& decoding);

// Appends the value as JSON: of a structure the members that travel in the body.
void encode_json(const Shape& shape, const void* value, std::string& out);
using millrace::append_json_escaped;
using millrace::append_json_string;

// Appends the shortest text that reads back as the same number; "NaN", "Infinity" and "-Infinity" for the others.
void append_number(double value, std::string& out);
void append_number(float value, std::string& out);
void append_number(int64_t value, std::string& out);
// Seconds since 1970 with milliseconds where there are any: 1700000000.123
void append_epoch_seconds(TimestampMs time, std::string& out);

}  // namespace millrace::aws
