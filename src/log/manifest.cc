#include "src/log/manifest.h"

#include <cstring>

#include "src/base/checksum.h"
#include "src/log/format.h"

namespace millrace::log {
namespace {

constexpr char manifest_magic[8] = {'M', 'R', 'L', 'O', 'G', 'M', 'A', 'N'};
constexpr size_t header_bytes = 48;
constexpr size_t shard_bytes = 32;

}  // namespace

// magic 8 | version 4 | flags 4 | log id 8 | next shard 8 | shards 8 | reserved 8 | then each shard: key 8, horizon 8,
// created 8, reserved 8 | crc32c of all before 4
std::string encode(const Manifest& manifest) {
    std::string out(header_bytes + manifest.shards.size() * shard_bytes + 4, '\0');
    char* at = out.data();
    std::memcpy(at, manifest_magic, 8);
    put_integer<uint32_t>(at + 8, format_version);
    put_integer<uint64_t>(at + 16, manifest.log_id);
    put_integer<uint64_t>(at + 24, manifest.next_shard);
    put_integer<uint64_t>(at + 32, manifest.shards.size());
    at += header_bytes;
    for (const auto& shard : manifest.shards) {
        put_integer<uint64_t>(at, shard.key);
        put_integer<uint64_t>(at + 8, shard.horizon);
        put_integer<int64_t>(at + 16, shard.created_ms);
        at += shard_bytes;
    }
    put_integer<uint32_t>(at, crc32c(0, std::string_view(out).substr(0, out.size() - 4)));
    return out;
}

Result<Manifest> decode_manifest(std::string_view bytes) {
    const Error damaged{ErrorCode::corruption, "the log's manifest is damaged"};
    if (bytes.size() < header_bytes + 4 || std::memcmp(bytes.data(), manifest_magic, 8) != 0) return damaged;
    const auto whole = bytes.substr(0, bytes.size() - 4);
    if (get_integer<uint32_t>(bytes.data() + whole.size()) != crc32c(0, whole)) return damaged;
    const char* at = bytes.data();
    if (get_integer<uint32_t>(at + 8) != format_version || get_integer<uint32_t>(at + 12) != 0) {
        return {ErrorCode::unsupported, "the log's manifest was written by a later version"};
    }
    Manifest manifest;
    manifest.log_id = get_integer<uint64_t>(at + 16);
    manifest.next_shard = get_integer<uint64_t>(at + 24);
    const uint64_t count = get_integer<uint64_t>(at + 32);
    if ((whole.size() - header_bytes) / shard_bytes != count || (whole.size() - header_bytes) % shard_bytes != 0) {
        return damaged;
    }
    for (at += header_bytes; manifest.shards.size() < count; at += shard_bytes) {
        manifest.shards.push_back(
            {get_integer<uint64_t>(at), get_integer<uint64_t>(at + 8), get_integer<int64_t>(at + 16)});
    }
    return manifest;
}

}  // namespace millrace::log
