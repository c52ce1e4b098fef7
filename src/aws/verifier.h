// Who asks, and is it true? Verifies SigV4 headers and presigned URLs against the keys, in each protocol's own words.
//
// A request is good when its time is within the skew (a presigned one: not before its date less the skew, nor after its
// expiry), its key is known and active, the signature over its canonical request matches (compared in constant time),
// "host" and every x-amz-* header are signed, and its body has the hash that was signed. S3 says which hash in
// x-amz-content-sha256 (or that there is none: UNSIGNED-PAYLOAD, STREAMING-*); for all others the body's own is worked
// out here. S3's presigned URLs of version 2 have rules of their own (sigv2.h), of which these hold: time, key,
// signature.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/aws/keys.h"
#include "src/aws/protocol.h"
#include "src/aws/sigv4.h"
#include "src/http/message.h"
#include "src/io/clock.h"

namespace millrace::aws {

// How the body has still to be checked while it streams.
enum class PayloadCheck : uint8_t {
    none,                     // UNSIGNED-PAYLOAD, or checked already
    whole_hash,               // against Verified::payload_hash
    chunks_unsigned_trailer,  // aws-chunked, STREAMING-UNSIGNED-PAYLOAD-TRAILER
    chunks_signed,            // aws-chunked, STREAMING-AWS4-HMAC-SHA256-PAYLOAD
    chunks_signed_trailer,    // ... with a signed trailer
};

struct Verified {
    std::shared_ptr<const Key> key;  // null where nothing was verified
    PayloadCheck payload = PayloadCheck::none;
    std::string payload_hash;  // hex, of whole_hash
    // For chunk signatures.
    std::shared_ptr<const HmacSha256> signing_key;
    std::string seed_signature, date_time, scope;
};

// What a streamed body says of itself, without any signature: what x-amz-content-sha256 means.
std::optional<PayloadCheck> payload_check_of(std::string_view payload_hash);

class Verifier {
  public:
    // `keys` and `clock` outlive the verifier.
    Verifier(Keys& keys, const io::Clock& clock, uint32_t skew_s_max);

    // `body` is the gathered one; ignored where `streamed`. Any thread.
    Outcome<Verified> verify(const http::RequestHead& head, const Authorization& authorization, Protocol protocol,
                             bool is_s3, std::string_view body, bool streamed) const;

  private:
    Outcome<Verified> verify_v2(const http::RequestHead& head, const Authorization& authorization) const;

    Keys& keys_;
    const io::Clock& clock_;
    const int64_t skew_ms_max_;
};

}  // namespace millrace::aws
