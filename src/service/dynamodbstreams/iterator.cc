// ARN "|1|" base64(stream id 8 | shard 4 | sequence 8 | issued 8 | HMAC-SHA256 of ARN and those, 16 bytes of it)
#include "src/service/dynamodbstreams/iterator.h"

#include <cstring>

#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::service::dynamodbstreams {
namespace {

constexpr std::string_view version = "|1|";
constexpr size_t fields_bytes = 28;
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

std::string tag_of(const std::string& key, std::string_view arn, std::string_view fields) {
    return hmac_sha256(key, std::string(arn) + std::string(fields)).substr(0, tag_bytes);
}

}  // namespace

std::string Iterators::seal(const Iterator& iterator) const {
    std::string fields;
    add(&fields, iterator.stream_id);
    add(&fields, iterator.shard);
    add(&fields, iterator.sequence);
    add(&fields, iterator.issued.value());
    const std::string tag = tag_of(key_, iterator.stream_arn, fields);
    return iterator.stream_arn + std::string(version) + base64_encode(fields + tag);
}

std::optional<Iterator> Iterators::open(std::string_view text) const {
    const size_t at = text.find(version);
    std::string bytes;
    if (at == std::string_view::npos || !base64_decode(text.substr(at + version.size()), &bytes)) return std::nullopt;
    if (bytes.size() != fields_bytes + tag_bytes) return std::nullopt;
    std::string_view fields = std::string_view(bytes).substr(0, fields_bytes);
    const std::string_view arn = text.substr(0, at);
    if (!constant_time_equal(std::string_view(bytes).substr(fields_bytes), tag_of(key_, arn, fields))) {
        return std::nullopt;
    }
    Iterator iterator;
    iterator.stream_arn = arn;
    iterator.stream_id = take<uint64_t>(&fields);
    iterator.shard = take<uint32_t>(&fields);
    iterator.sequence = take<uint64_t>(&fields);
    iterator.issued = TimestampMs(take<int64_t>(&fields));
    return iterator;
}

}  // namespace millrace::service::dynamodbstreams
