// CBOR (RFC 8949) as AWS speaks it: smithy's rpc-v2-cbor, and the older application/x-amz-cbor-1.1 of the Java SDKs
// with Kinesis. They differ in timestamps: tag 1 with seconds in the first, tag 1 with integer milliseconds in the
// second.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"

namespace millrace::aws {

enum class CborTime : uint8_t { seconds, milliseconds };

// Fills `out` from a map. Definite and indefinite lengths, every float width, tags skipped. An empty body counts as an
// empty map. Returns false with decoding.refused set where the bytes are not such a map.
bool decode_cbor(const Shape& shape, std::string_view body, CborTime time, void* out, Decoding& decoding);

void encode_cbor(const Shape& shape, const void* value, CborTime time, std::string& out);
void append_cbor_text(std::string_view text, std::string& out);
void append_cbor_map_head(size_t entries, std::string& out);

}  // namespace millrace::aws
