#include "src/aws/payload_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::aws {
namespace {

constexpr size_t line_bytes_max = 4096;
constexpr size_t trailers_max = 16;
constexpr uint64_t chunk_bytes_max = uint64_t{5} << 30;  // no object part is larger

// One of the checksums that a trailer may carry, summed as the bytes pass.
class TrailerSum {
  public:
    static std::optional<TrailerSum> of(std::string_view header) {
        if (header == "x-amz-checksum-crc32") return TrailerSum(Kind::crc32);
        if (header == "x-amz-checksum-crc32c") return TrailerSum(Kind::crc32c);
        if (header == "x-amz-checksum-crc64nvme") return TrailerSum(Kind::crc64nvme);
        if (header == "x-amz-checksum-sha1") return TrailerSum(Kind::sha1);
        if (header == "x-amz-checksum-sha256") return TrailerSum(Kind::sha256);
        return std::nullopt;
    }
    void update(std::string_view bytes) {
        switch (kind_) {
            case Kind::crc32:
                sum_ = crc32(static_cast<uint32_t>(sum_), bytes);
                break;
            case Kind::crc32c:
                sum_ = crc32c(static_cast<uint32_t>(sum_), bytes);
                break;
            case Kind::crc64nvme:
                sum_ = crc64nvme(sum_, bytes);
                break;
            case Kind::sha1:
            case Kind::sha256:
                digest_->update(bytes);
        }
    }
    std::string base64() {
        if (digest_) return base64_encode(digest_->finish());
        std::string bytes;
        for (size_t i = kind_ == Kind::crc64nvme ? 8 : 4; i > 0; --i) bytes += static_cast<char>(sum_ >> ((i - 1) * 8));
        return base64_encode(bytes);
    }

  private:
    enum class Kind : uint8_t { crc32, crc32c, crc64nvme, sha1, sha256 };
    explicit TrailerSum(Kind kind) : kind_(kind) {
        if (kind == Kind::sha1) digest_.emplace(Digest::Kind::sha1);
        if (kind == Kind::sha256) digest_.emplace(Digest::Kind::sha256);
    }
    Kind kind_;
    uint64_t sum_ = 0;
    std::optional<Digest> digest_;
};

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// What all readers have in common: the sticky failure.
class Base : public PayloadReader {
  public:
    Base(http::BodyReader& inner, PayloadOptions options) : inner_(inner), options_(std::move(options)) {}
    const std::optional<Failure>& failure() const override { return failure_; }

  protected:
    Error fail(std::string_view code, std::string_view sentence, int status = 400) {
        if (!failure_) failure_ = Failure{std::string(code), std::string(sentence), status, {}, {}};
        return Error{ErrorCode::unauthenticated, failure_->code + ": " + failure_->message};
    }
    Error fail_signature() {
        return fail("SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your key and "
                    "signing method.",
                    403);
    }
    Error fail_incomplete() {
        return fail("IncompleteBody",
                    "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    }

    http::BodyReader& inner_;
    PayloadOptions options_;
    std::optional<Failure> failure_;
};

// Bytes as they are, with the hash of the whole where one was signed.
class WholeReader final : public Base {
  public:
    using Base::Base;
    Result<size_t> read(std::span<char> out) override {
        if (failure_) return fail({}, {});
        if (out.empty()) return size_t{0};
        TRY_ASSIGN(const size_t count, inner_.read(out));
        if (options_.verified.payload != PayloadCheck::whole_hash) return count;
        if (count != 0) {
            hash_.update({out.data(), count});
            return count;
        }
        if (!done_) computed_ = hex_of(hash_.finish());
        done_ = true;
        if (constant_time_equal(view_of(computed_), options_.verified.payload_hash)) return size_t{0};
        Error error = fail("XAmzContentSHA256Mismatch",
                           "The provided 'x-amz-content-sha256' header does not match what was computed.");
        failure_->fields = {{"ClientComputedContentSHA256", options_.verified.payload_hash},
                            {"S3ComputedContentSHA256", std::string(view_of(computed_))}};
        return error;
    }

  private:
    Sha256 hash_;
    Sha256Hex computed_{};
    bool done_ = false;
};

class ChunkedReader final : public Base {
  public:
    ChunkedReader(http::BodyReader& inner, PayloadOptions options) : Base(inner, std::move(options)) {
        const PayloadCheck payload = options_.verified.payload;
        signed_ = payload != PayloadCheck::chunks_unsigned_trailer;
        trailing_ = payload != PayloadCheck::chunks_signed;
        previous_signature_ = options_.verified.seed_signature;
        std::string_view names = options_.trailer_names;
        while (!names.empty()) {
            std::string_view name = names.substr(0, names.find(','));
            names.remove_prefix(std::min(name.size() + 1, names.size()));
            std::string lower(trimmed(name));
            for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
            std::optional<TrailerSum> sum = TrailerSum::of(lower);
            if (sum && sums_.size() < trailers_max) sums_.push_back({lower, std::move(*sum), false});
        }
    }

    Result<size_t> read(std::span<char> out) override {
        if (failure_) return fail({}, {});
        if (out.empty() || done_) return size_t{0};
        while (left_ == 0) {
            if (in_chunk_) TRY(end_chunk());
            TRY(begin_chunk());
            if (done_) return size_t{0};
        }
        const size_t wanted = static_cast<size_t>(std::min<uint64_t>(left_, out.size()));
        TRY_ASSIGN(const size_t count, take(out.subspan(0, wanted)));
        if (count == 0) return fail_incomplete();
        const std::string_view bytes(out.data(), count);
        if (check_signatures()) hash_.update(bytes);
        for (Expected& expected : sums_) expected.sum.update(bytes);
        left_ -= count;
        total_ += count;
        if (options_.decoded_length && total_ > *options_.decoded_length) return fail_incomplete();
        return count;
    }

  private:
    struct Expected {
        std::string name;
        TrailerSum sum;
        bool came;
    };

    bool check_signatures() const { return signed_ && options_.check_signatures; }

    // Bytes from the buffer, or straight from below.
    Result<size_t> take(std::span<char> out) {
        if (at_ == end_ && out.size() < buffer_.size()) TRY(fill());
        if (at_ == end_ && out.size() < buffer_.size()) return size_t{0};
        if (at_ == end_) return inner_.read(out);
        const size_t count = std::min(out.size(), end_ - at_);
        std::memcpy(out.data(), buffer_.data() + at_, count);
        at_ += count;
        return count;
    }
    Status fill() {
        TRY_ASSIGN(end_, inner_.read(buffer_));
        at_ = 0;
        return {};
    }

    // A line without its CRLF.
    Status line(std::string* out) {
        out->clear();
        for (;;) {
            if (at_ == end_) TRY(fill());
            if (at_ == end_) return fail_incomplete();
            const char* from = buffer_.data() + at_;
            const void* newline = std::memchr(from, '\n', end_ - at_);
            const size_t size =
                newline != nullptr ? static_cast<size_t>(static_cast<const char*>(newline) - from) + 1 : end_ - at_;
            out->append(from, size);
            at_ += size;
            if (out->size() > line_bytes_max) return fail("InvalidChunkSizeError", "A chunk's header is too long.");
            if (newline == nullptr) continue;
            out->pop_back();
            if (out->ends_with('\r')) out->pop_back();
            return {};
        }
    }

    Status begin_chunk() {
        std::string header;
        TRY(line(&header));
        std::string_view size_text = std::string_view(header).substr(0, header.find(';'));
        uint64_t size = 0;
        const auto [end, error] = std::from_chars(size_text.data(), size_text.data() + size_text.size(), size, 16);
        if (error != std::errc() || end != size_text.data() + size_text.size() || size > chunk_bytes_max)
            return fail("InvalidChunkSizeError", "A chunk's size can not be read.");
        chunk_signature_.clear();
        constexpr std::string_view mark = "chunk-signature=";
        const size_t at = header.find(mark);
        if (at != std::string::npos) chunk_signature_ = header.substr(at + mark.size());
        if (check_signatures() && chunk_signature_.size() != 64) return fail_signature();
        left_ = size;
        in_chunk_ = size != 0;
        if (size != 0) return {};
        // The last one: empty, signed like the others, then the trailer.
        if (check_signatures()) TRY(check_chunk());
        TRY(trailer());
        done_ = true;
        return finish();
    }

    Status end_chunk() {
        std::string crlf;
        TRY(line(&crlf));
        if (!crlf.empty()) return fail("InvalidChunkSizeError", "A chunk is longer than its header says.");
        in_chunk_ = false;
        if (check_signatures()) TRY(check_chunk());
        return {};
    }

    Status check_chunk() {
        std::string to_sign = "AWS4-HMAC-SHA256-PAYLOAD\n" + options_.verified.date_time + "\n" +
                              options_.verified.scope + "\n" + previous_signature_ + "\n";
        to_sign += empty_sha256;
        to_sign += "\n";
        const Sha256Hex hash = hex_of(hash_.finish());
        to_sign += view_of(hash);
        return check(to_sign, chunk_signature_);
    }

    Status check(std::string_view to_sign, std::string_view signature) {
        const Sha256Hex expected = hex_of(options_.verified.signing_key->tag(to_sign));
        if (!constant_time_equal(view_of(expected), signature)) return fail_signature();
        previous_signature_ = signature;
        return {};
    }

    Status trailer() {
        std::string canonical;
        std::string signature;
        for (size_t count = 0;; ++count) {
            std::string text;
            if (at_ == end_) TRY(fill());
            if (at_ == end_ && count == 0 && !trailing_) break;  // some clients leave the last CRLF out
            TRY(line(&text));
            if (text.empty()) break;
            if (count == trailers_max) return fail("MalformedTrailerError", "The trailer has too many headers.");
            const size_t colon = text.find(':');
            if (colon == std::string::npos)
                return fail("MalformedTrailerError", "The request contained trailing data that was not well-formed.");
            std::string name(trimmed(std::string_view(text).substr(0, colon)));
            const std::string value(trimmed(std::string_view(text).substr(colon + 1)));
            if (name == "x-amz-trailer-signature") {
                signature = value;
                continue;
            }
            canonical += name + ":" + value + "\n";
            TRY(check_sum(name, value));
        }
        if (trailing_ && check_signatures()) {
            std::string to_sign = "AWS4-HMAC-SHA256-TRAILER\n" + options_.verified.date_time + "\n" +
                                  options_.verified.scope + "\n" + previous_signature_ + "\n";
            const Sha256Hex hash = hex_of(sha256_of(canonical));
            to_sign += view_of(hash);
            TRY(check(to_sign, signature));
        }
        return {};
    }

    Status check_sum(std::string_view name, std::string_view value) {
        for (Expected& expected : sums_) {
            if (expected.name != name || expected.came) continue;
            expected.came = true;
            if (expected.sum.base64() != value)
                return fail("BadDigest", "The " + std::string(name.substr(std::string_view("x-amz-checksum-").size())) +
                                             " you specified did not match the calculated checksum.");
        }
        return {};
    }

    Status finish() {
        for (const Expected& expected : sums_) {
            if (!expected.came)
                return fail("MalformedTrailerError",
                            "The trailer lacks " + expected.name + ", which x-amz-trailer names.");
        }
        if (options_.decoded_length && total_ != *options_.decoded_length) return fail_incomplete();
        return {};
    }

    std::array<char, 16 * 1024> buffer_;
    size_t at_ = 0;
    size_t end_ = 0;
    uint64_t left_ = 0;   // of the chunk
    uint64_t total_ = 0;  // decoded
    bool signed_ = false;
    bool trailing_ = false;
    bool in_chunk_ = false;
    bool done_ = false;
    Sha256 hash_;  // of the chunk
    std::string chunk_signature_;
    std::string previous_signature_;
    std::vector<Expected> sums_;
};

}  // namespace

std::unique_ptr<PayloadReader> make_payload_reader(http::BodyReader& inner, PayloadOptions options) {
    const PayloadCheck payload = options.verified.payload;
    if (payload == PayloadCheck::none || payload == PayloadCheck::whole_hash)
        return std::make_unique<WholeReader>(inner, std::move(options));
    return std::make_unique<ChunkedReader>(inner, std::move(options));
}

}  // namespace millrace::aws
