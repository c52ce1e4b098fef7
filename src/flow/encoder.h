// Turns the bytes of a delivery into the bytes of an object as they arrive, in memory that does not grow with them:
// plain, GZIP (RFC 1952), ZIP (one deflated entry), Snappy (framing format) and Hadoop's Snappy (block format).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/flow/definition.h"

namespace millrace::flow {

// Takes encoded bytes; a failure stops the encoder and comes back from write() or finish().
using ByteSink = std::function<Status(std::string_view)>;

// One thread at a time. Small writes are gathered; nothing is complete before finish().
class Encoder {
  public:
    virtual ~Encoder() = default;
    virtual Status write(std::string_view bytes) = 0;
    virtual Status finish() = 0;  // once, last
};

// `entry_name` and `time` go into formats that carry them (ZIP's entry); both fixed by the caller, so that the same
// records give the same bytes.
std::unique_ptr<Encoder> make_encoder(Compression compression, std::string entry_name, TimestampMs time, ByteSink sink);

}  // namespace millrace::flow
