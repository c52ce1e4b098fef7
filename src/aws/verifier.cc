#include "src/aws/verifier.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "src/aws/query.h"
#include "src/aws/router.h"
#include "src/aws/sigv2.h"
#include "src/aws/time_text.h"
#include "src/base/checksum.h"

namespace millrace::aws {
namespace {

// Every refusal in the words of the family that the request belongs to. The codes and sentences are AWS's.
class Refuser {
  public:
    Refuser(Protocol protocol, bool is_s3) : protocol_(protocol), s3_(is_s3) {}

    Failure missing() const {
        if (s3_) return {"AccessDenied", "Access Denied", 403, {}, {}};
        return other("MissingAuthenticationToken", "MissingAuthenticationTokenException",
                     "Request is missing Authentication Token");
    }
    Failure unreadable(bool presigned) const {
        if (s3_ && presigned)
            return {
                "AuthorizationQueryParametersError",
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters, the last between 1 "
                "and 604800.",
                400,
                {},
                {}};
        if (s3_)
            return {"AuthorizationHeaderMalformed",
                    "The authorization header is malformed; it needs Credential, SignedHeaders and Signature.",
                    400,
                    {},
                    {}};
        return other("IncompleteSignature", "IncompleteSignatureException",
                     "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
                     "parameter. Authorization header requires 'SignedHeaders' parameter.");
    }
    Failure unsupported(std::string_view what) const {
        const std::string sentence = "Millrace does not verify " + std::string(what) + ": sign with AWS4-HMAC-SHA256.";
        if (s3_) return {"InvalidRequest", sentence, 400, {}, {}};
        return other("IncompleteSignature", "IncompleteSignatureException", sentence);
    }
    Failure unknown_key() const {
        if (s3_)
            return {
                "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403, {}, {}};
        return other("InvalidClientTokenId", "UnrecognizedClientException",
                     "The security token included in the request is invalid.");
    }
    Failure session_token() const {
        if (s3_) return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400, {}, {}};
        return unknown_key();
    }
    Failure mismatch() const {
        if (s3_)
            return {"SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your key and "
                    "signing method.",
                    403,
                    {},
                    {}};
        return other("SignatureDoesNotMatch", "InvalidSignatureException",
                     "The request signature we calculated does not match the signature you provided. Check your AWS "
                     "Secret Access Key and signing method. Consult the service documentation for details.");
    }
    Failure scope_mismatch(std::string_view sentence) const {
        if (s3_) return {"AuthorizationHeaderMalformed", std::string(sentence), 400, {}, {}};
        return other("SignatureDoesNotMatch", "InvalidSignatureException", sentence);
    }
    Failure skewed(TimestampMs then, TimestampMs now, int64_t skew_ms) const {
        if (s3_)
            return {"RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.",
                    403,
                    {{"RequestTime", basic_date_time(then)},
                     {"ServerTime", iso8601(now)},
                     {"MaxAllowedSkewMilliseconds", std::to_string(skew_ms)}},
                    {}};
        const bool late = then < now;
        const TimestampMs bound(now.value() + (late ? -skew_ms : skew_ms));
        const std::string sentence =
            (late ? "Signature expired: " : "Signature not yet current: ") + basic_date_time(then) +
            (late ? " is now earlier than " : " is still later than ") + basic_date_time(bound) + " (" +
            basic_date_time(now) + (late ? " - " : " + ") + std::to_string(skew_ms / 60'000) + " min.)";
        return other("SignatureDoesNotMatch", "InvalidSignatureException", sentence);
    }
    Failure expired(TimestampMs expiry, TimestampMs now) const {
        if (s3_)
            return {"AccessDenied",
                    "Request has expired",
                    403,
                    {{"Expires", iso8601(expiry)}, {"ServerTime", iso8601(now)}},
                    {}};
        return other("SignatureDoesNotMatch", "InvalidSignatureException",
                     "Signature expired: " + basic_date_time(expiry) + " is now earlier than " + basic_date_time(now));
    }
    Failure unsigned_header(std::string_view name) const {
        if (s3_)
            return {"AccessDenied",
                    "There were headers present in the request which were not signed",
                    403,
                    {{"HeadersNotSigned", std::string(name)}},
                    {}};
        return other("SignatureDoesNotMatch", "InvalidSignatureException",
                     "'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization.");
    }
    Failure no_expiry(std::string_view said) const {
        if (said.empty())
            return {"AccessDenied",
                    "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
                    403,
                    {},
                    {}};
        return {"AccessDenied", "Invalid date (should be seconds since epoch): " + std::string(said), 403, {}, {}};
    }
    Failure no_payload_hash() const {
        return {"InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400, {}, {}};
    }
    Failure bad_payload_hash() const {
        return {
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            400,
            {{"ArgumentName", "x-amz-content-sha256"}},
            {}};
    }
    Failure hash_mismatch(std::string_view said, std::string_view computed) const {
        return {
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            400,
            {{"ClientComputedContentSHA256", std::string(said)}, {"S3ComputedContentSHA256", std::string(computed)}},
            {}};
    }

  private:
    // awsQuery and the restful services answer 403, the JSON ones 400.
    Failure other(std::string_view query_code, std::string_view json_code, std::string_view sentence) const {
        const bool query = protocol_ == Protocol::query;
        const bool forbidden = query || protocol_ == Protocol::rest_json;
        return {std::string(query ? query_code : json_code), std::string(sentence), forbidden ? 403 : 400, {}, {}};
    }

    Protocol protocol_;
    bool s3_;
};

// Derived keys of this thread, by everything they depend on. The day changes: bounded, and thrown away whole.
std::shared_ptr<const HmacSha256> cached_signing_key(const Key& key, const CredentialScope& scope) {
    constexpr size_t entries_max = 256;
    thread_local std::unordered_map<std::string, std::shared_ptr<const HmacSha256>> cache;
    thread_local std::string name;
    name.assign(key.secret);
    name += '\0';
    name += scope.text;
    const auto at = cache.find(name);
    if (at != cache.end()) return at->second;
    if (cache.size() >= entries_max) cache.clear();
    auto made = std::make_shared<const HmacSha256>(signing_key(key.secret, scope.date, scope.region, scope.service));
    cache.emplace(name, made);
    return made;
}

// The header that must be signed and is not: host, and every x-amz-* but the trailer's own.
std::string_view unsigned_header_of(const http::RequestHead& head, const Authorization& authorization) {
    const auto is_signed = [&authorization](std::string_view name) {
        return std::find(authorization.signed_headers.begin(), authorization.signed_headers.end(), name) !=
               authorization.signed_headers.end();
    };
    if (!is_signed("host") && !(head.version == 20 && is_signed(":authority"))) return "host";
    for (const auto& [name, value] : head.headers.fields()) {
        if (name.starts_with("x-amz-") && !is_signed(name)) {
            // A presigned URL's own payload header is not part of what was signed.
            if (authorization.form == AuthForm::presigned && name == "x-amz-content-sha256") continue;
            if (name == "x-amz-user-agent") continue;  // changes nothing, and proxies add it
            return name;
        }
    }
    return {};
}

// Is it the token of that key: in its header, or as that parameter of a presigned URL? Keys of users have none ("").
bool has_session_token(const http::RequestHead& head, std::string_view parameter, std::string_view token) {
    const std::string* header = head.headers.find("x-amz-security-token");
    std::string_view raw;
    const bool in_query = find_query(head.query, parameter, &raw);
    std::string decoded;
    if (in_query && !percent_decode(raw, false, &decoded)) return false;
    if (header != nullptr && !constant_time_equal(*header, token)) return false;
    if (in_query && !constant_time_equal(decoded, token)) return false;
    return header != nullptr || in_query || token.empty();
}

bool is_hex64(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::optional<PayloadCheck> payload_check_of(std::string_view payload_hash) {
    if (payload_hash.empty() || payload_hash == unsigned_payload) return PayloadCheck::none;
    if (payload_hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadCheck::chunks_unsigned_trailer;
    if (payload_hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadCheck::chunks_signed;
    if (payload_hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") return PayloadCheck::chunks_signed_trailer;
    if (is_hex64(payload_hash)) return PayloadCheck::whole_hash;
    return std::nullopt;
}

Verifier::Verifier(Keys& keys, const io::Clock& clock, uint32_t skew_s_max)
    : keys_(keys), clock_(clock), skew_ms_max_(int64_t{1000} * skew_s_max) {}

Outcome<Verified> Verifier::verify(const http::RequestHead& head, const Authorization& authorization, Protocol protocol,
                                   bool is_s3, std::string_view body, bool streamed) const {
    const Refuser refuse(protocol, is_s3);
    const bool presigned = authorization.form == AuthForm::presigned;
    switch (authorization.form) {
        case AuthForm::none:
            return refuse.missing();
        case AuthForm::unreadable:
            return refuse.unreadable(head.headers.find("authorization") == nullptr);
        case AuthForm::asymmetric:
            return refuse.unsupported("SigV4A (AWS4-ECDSA-P256-SHA256)");
        case AuthForm::other:
            return refuse.unsupported(head.headers.get("authorization").starts_with("AWS ")
                                          ? "signature version 2 but in S3's presigned URLs"
                                          : "this authorization scheme");
        case AuthForm::presigned_v2:
            if (!is_s3) return refuse.unsupported("signature version 2 but in S3's presigned URLs");
            return verify_v2(head, authorization);
        case AuthForm::header:
        case AuthForm::presigned:
            break;
    }

    // Time first: it costs nothing.
    std::string date_from_header;
    std::string_view date_time = authorization.date_time;
    std::optional<TimestampMs> then = parse_basic_date_time(date_time);
    if (!then && !presigned && date_time.empty()) {  // the older Date header, as RFC 7231 writes it
        then = parse_http_date(head.headers.get("date"));
        if (then) date_from_header = basic_date_time(*then);
        date_time = date_from_header;
    }
    if (!then) return refuse.unreadable(presigned);
    const TimestampMs now = clock_.now();
    const int64_t age_ms = now.value() - then->value();
    if (presigned) {
        const TimestampMs expiry(then->value() + int64_t{1000} * authorization.expires_s);
        if (age_ms < -skew_ms_max_) return refuse.skewed(*then, now, skew_ms_max_);
        if (now > expiry) return refuse.expired(expiry, now);
    } else if (age_ms > skew_ms_max_ || age_ms < -skew_ms_max_) {
        return refuse.skewed(*then, now, skew_ms_max_);
    }
    if (date_time.substr(0, 8) != authorization.scope.date)
        return refuse.scope_mismatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            "from HTTP");

    const std::shared_ptr<const Key> key = keys_.find(authorization.scope.access_key);
    if (key == nullptr || !key->active) return refuse.unknown_key();
    if (!has_session_token(head, "X-Amz-Security-Token", key->session_token)) return refuse.session_token();
    const std::string_view not_signed = unsigned_header_of(head, authorization);
    if (!not_signed.empty()) return refuse.unsigned_header(not_signed);

    // The hash that the signature covers.
    Verified verified;
    Sha256Hex computed;
    std::string_view signed_hash = authorization.payload_hash;
    if (is_s3 && presigned) {
        signed_hash = unsigned_payload;
    } else if (is_s3) {
        if (signed_hash.empty()) return refuse.no_payload_hash();
        const auto check = payload_check_of(signed_hash);
        if (!check) return refuse.bad_payload_hash();
        verified.payload = *check;
    } else {
        computed = hex_of(sha256_of(body));
        signed_hash = view_of(computed);
    }

    thread_local std::string canonical;
    thread_local std::string to_sign;
    canonical.clear();
    to_sign.clear();
    if (!append_canonical_request(head, authorization.signed_headers, signed_hash, is_s3, presigned, &canonical))
        return refuse.mismatch();
    append_string_to_sign(date_time, authorization.scope.text, canonical, &to_sign);
    std::shared_ptr<const HmacSha256> derived = cached_signing_key(*key, authorization.scope);
    const Sha256Hex expected = hex_of(derived->tag(to_sign));
    if (!constant_time_equal(view_of(expected), authorization.signature)) return refuse.mismatch();

    verified.key = key;
    if (verified.payload == PayloadCheck::whole_hash && !streamed) {
        computed = hex_of(sha256_of(body));
        if (!constant_time_equal(view_of(computed), signed_hash))
            return refuse.hash_mismatch(signed_hash, view_of(computed));
        verified.payload = PayloadCheck::none;
    }
    if (verified.payload != PayloadCheck::none) {
        verified.payload_hash = signed_hash;
        verified.signing_key = std::move(derived);
        verified.seed_signature = authorization.signature;
        verified.date_time = date_time;
        verified.scope = authorization.scope.text;
    }
    return verified;
}

Outcome<Verified> Verifier::verify_v2(const http::RequestHead& head, const Authorization& authorization) const {
    constexpr int64_t expires_s_max = 253'402'300'799;  // the last second of the year 9999
    const Refuser refuse(Protocol::rest_xml, true);
    const std::string_view said = authorization.date_time;
    int64_t expires_s = 0;
    const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), expires_s);
    if (error != std::errc() || end != said.data() + said.size() || expires_s < 0 || expires_s > expires_s_max)
        return refuse.no_expiry(said);
    const TimestampMs expiry(expires_s * 1000);
    const TimestampMs now = clock_.now();
    if (now > expiry) return refuse.expired(expiry, now);

    const std::shared_ptr<const Key> key = keys_.find(authorization.scope.access_key);
    if (key == nullptr || !key->active) return refuse.unknown_key();
    if (!has_session_token(head, "x-amz-security-token", key->session_token)) return refuse.session_token();
    const std::string selector = unsigned_selector_of(head);
    if (!selector.empty())
        return refuse.unsupported("the parameter " + selector + " in a URL presigned with signature version 2");

    if (!is_signed_v2(head, said, key->secret, authorization.signature)) return refuse.mismatch();

    Verified verified;
    verified.key = key;
    const auto check = payload_check_of(authorization.payload_hash);
    if (!check) return refuse.bad_payload_hash();
    // Chunk signatures are chained to a signature of version 4, which there is none of.
    if (*check == PayloadCheck::chunks_signed || *check == PayloadCheck::chunks_signed_trailer)
        return refuse.unsupported("signed chunks after a URL presigned with signature version 2");
    verified.payload = *check;
    verified.payload_hash = authorization.payload_hash;
    return verified;
}

}  // namespace millrace::aws
