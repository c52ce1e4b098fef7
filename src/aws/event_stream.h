// AWS's event streams: an answer's body as messages, each with headers and checksums of its own.
// (smithy.io/2.0/aws/amazon-eventstream.html)
//
//   message  = total length (4), headers length (4), CRC-32 of those 8 bytes (4), headers, payload,
//              CRC-32 of all before it (4); numbers are big-endian
//   header   = name length (1), name, type 7 for text (1), value length (2), value
#pragma once

#include <string>
#include <string_view>

namespace millrace::aws {

constexpr std::string_view event_stream_content_type = "application/vnd.amazon.eventstream";

// Appends an event with a JSON payload. The first one of a JSON protocol's answer is "initial-response" with "{}".
void append_event(std::string_view type, std::string_view json, std::string& out);
// Appends an event whose payload is bytes.
void append_binary_event(std::string_view type, std::string_view bytes, std::string& out);
// Appends the end of a stream that failed: "ResourceNotFoundException" and a sentence.
void append_exception(std::string_view code, std::string_view message, std::string& out);

}  // namespace millrace::aws
