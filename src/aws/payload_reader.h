// A streamed body as the handler may trust it: decoded from aws-chunked, chunk and trailer signatures, trailer
// checksums and the whole payload's hash checked as the bytes pass. read() fails where one is wrong; `failure` then
// says it in S3's words. Nothing may be kept of a body before read() has returned 0.
//
//   aws-chunked = *( hex-size [";chunk-signature=" hex64] CRLF data CRLF )
//                 "0" [";chunk-signature=" hex64] CRLF *( name ":" value CRLF ) ["x-amz-trailer-signature:" hex64 CRLF]
//                 CRLF
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "src/aws/failure.h"
#include "src/aws/verifier.h"
#include "src/http/message.h"

namespace millrace::aws {

class PayloadReader : public http::BodyReader {
  public:
    // What was wrong, where read() failed because of it; nothing where the failure came from below.
    virtual const std::optional<Failure>& failure() const = 0;
};

struct PayloadOptions {
    Verified verified;                       // `payload` says what is to be done
    std::optional<uint64_t> decoded_length;  // x-amz-decoded-content-length: checked where it is known
    std::string trailer_names;               // x-amz-trailer: what the trailer has to bring
    bool check_signatures = true;            // false under Auth::off: there is no key to check with
};

// `inner` outlives the reader.
std::unique_ptr<PayloadReader> make_payload_reader(http::BodyReader& inner, PayloadOptions options);

}  // namespace millrace::aws
