// base64(kind 1 | fields | HMAC-SHA256 of all before, 16 bytes of it)
#include "src/service/kinesis/token.h"

#include <cstring>

#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::service::kinesis {
namespace {

constexpr char iterator_kind = 'I';
constexpr char page_kind = 'P';
constexpr size_t tag_bytes = 16;

template <class T>
void add(std::string* out, T value) {
    out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T take(std::string_view* in) {
    T value;
    std::memcpy(&value, in->data(), sizeof value);
    in->remove_prefix(sizeof value);
    return value;
}

}  // namespace

std::string Tokens::sealed(std::string body) const {
    body += hmac_sha256(key_, body).substr(0, tag_bytes);
    return base64_encode(body);
}

std::optional<std::string> Tokens::opened(std::string_view text, char kind) const {
    std::string bytes;
    if (!base64_decode(text, &bytes) || bytes.size() <= tag_bytes || bytes[0] != kind) return std::nullopt;
    const std::string tag = bytes.substr(bytes.size() - tag_bytes);
    bytes.resize(bytes.size() - tag_bytes);
    if (!constant_time_equal(tag, hmac_sha256(key_, bytes).substr(0, tag_bytes))) return std::nullopt;
    return bytes.substr(1);
}

std::string Tokens::seal(const ShardIterator& iterator) const {
    std::string body(1, iterator_kind);
    add(&body, iterator.log_key);
    add(&body, iterator.position);
    add(&body, iterator.issued.value());
    return sealed(std::move(body));
}

std::optional<ShardIterator> Tokens::open_iterator(std::string_view text) const {
    const auto body = opened(text, iterator_kind);
    if (!body || body->size() != 24) return std::nullopt;
    std::string_view in = *body;
    ShardIterator iterator;
    iterator.log_key = take<uint64_t>(&in);
    iterator.position = take<uint64_t>(&in);
    iterator.issued = TimestampMs(take<int64_t>(&in));
    return iterator;
}

std::string Tokens::seal(const PageToken& token) const {
    std::string body(1, page_kind);
    add(&body, token.incarnation);
    add(&body, token.issued.value());
    add(&body, static_cast<uint16_t>(token.stream.size()));
    body += token.stream;
    body += token.after;
    return sealed(std::move(body));
}

std::optional<PageToken> Tokens::open_page(std::string_view text) const {
    const auto body = opened(text, page_kind);
    if (!body || body->size() < 18) return std::nullopt;
    std::string_view in = *body;
    PageToken token;
    token.incarnation = take<uint64_t>(&in);
    token.issued = TimestampMs(take<int64_t>(&in));
    const auto stream_bytes = take<uint16_t>(&in);
    if (stream_bytes > in.size()) return std::nullopt;
    token.stream = in.substr(0, stream_bytes);
    token.after = in.substr(stream_bytes);
    return token;
}

}  // namespace millrace::service::kinesis
