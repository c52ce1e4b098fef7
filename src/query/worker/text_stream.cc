#include "src/query/worker/text_stream.h"

#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

namespace millrace::query {

namespace {

constexpr size_t buffer_bytes = 256 << 10;
constexpr uint32_t nesting_max = 4096;  // deeper than that no key is folded, so no memory grows

struct GzipState {
    explicit GzipState(ByteSource from) : source(std::move(from)), buffer(buffer_bytes, '\0') {
        ::inflateInit2(&stream, 15 + 32);
    }
    ~GzipState() { ::inflateEnd(&stream); }
    GzipState(const GzipState&) = delete;
    GzipState& operator=(const GzipState&) = delete;

    Result<size_t> read(std::span<char> out) {
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        while (stream.avail_out == out.size()) {
            if (stream.avail_in == 0) {
                TRY_ASSIGN(const size_t got, source(buffer));
                if (got == 0) {
                    if (inside) return Error{ErrorCode::corruption, "a gzip object ends too early"};
                    return size_t{0};
                }
                stream.next_in = reinterpret_cast<Bytef*>(buffer.data());
                stream.avail_in = static_cast<uInt>(got);
            }
            inside = true;
            const int status = ::inflate(&stream, Z_NO_FLUSH);
            if (status == Z_STREAM_END) {
                ::inflateReset(&stream);
                inside = false;
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                return Error{ErrorCode::corruption, "an object is not the gzip that its name says"};
            }
        }
        return out.size() - stream.avail_out;
    }

    ByteSource source;
    std::string buffer;
    z_stream stream{};
    bool inside = false;  // a member has begun and not ended
};

struct ZstdState {
    explicit ZstdState(ByteSource from) : source(std::move(from)), buffer(buffer_bytes, '\0') {}

    Result<size_t> read(std::span<char> out) {
        ZSTD_outBuffer into{out.data(), out.size(), 0};
        while (into.pos == 0) {
            if (input.pos == input.size) {
                TRY_ASSIGN(const size_t got, source(buffer));
                if (got == 0) {
                    if (inside) return Error{ErrorCode::corruption, "a zstd object ends too early"};
                    return size_t{0};
                }
                input = {buffer.data(), got, 0};
            }
            const size_t status = ::ZSTD_decompressStream(stream.get(), &into, &input);
            if (::ZSTD_isError(status) != 0) {
                return Error{ErrorCode::corruption, "an object is not the zstd that its name says"};
            }
            inside = status != 0;
        }
        return into.pos;
    }

    ByteSource source;
    std::string buffer;
    std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream{::ZSTD_createDStream(), ::ZSTD_freeDStream};
    ZSTD_inBuffer input{nullptr, 0, 0};
    bool inside = false;
};

// Hadoop's block format: 4 bytes (big-endian) of the block's plain size, then chunks of 4 bytes of compressed size and
// that many bytes, until the plain size is reached.
struct HadoopSnappyState {
    explicit HadoopSnappyState(ByteSource from) : source(std::move(from)) {}

    Result<size_t> read(std::span<char> out) {
        while (at == plain.size()) {
            TRY_ASSIGN(const bool more, next_chunk());
            if (!more) return size_t{0};
        }
        const size_t count = std::min(out.size(), plain.size() - at);
        plain.copy(out.data(), count, at);
        at += count;
        return count;
    }
    // False where the source ended before the first byte.
    Result<bool> exactly(char* out, size_t size) {
        size_t have = 0;
        while (have < size) {
            TRY_ASSIGN(const size_t got, source(std::span<char>(out + have, size - have)));
            if (got == 0) {
                if (have == 0) return false;
                return Error{ErrorCode::corruption, "a Snappy object ends too early"};
            }
            have += got;
        }
        return true;
    }
    static uint32_t big_endian(const unsigned char* b) {
        return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
    }
    Result<bool> next_chunk() {
        unsigned char size[4];
        if (block_left == 0) {
            TRY_ASSIGN(const bool more, exactly(reinterpret_cast<char*>(size), 4));
            if (!more) return false;
            block_left = big_endian(size);
            if (block_left == 0) return true;
        }
        TRY_ASSIGN(const bool more, exactly(reinterpret_cast<char*>(size), 4));
        compressed.resize(more ? std::min<size_t>(big_endian(size), chunk_bytes_max) : 0);
        TRY_ASSIGN(const bool whole, exactly(compressed.data(), compressed.size()));
        size_t plain_size = 0;
        if (!whole || !snappy::GetUncompressedLength(compressed.data(), compressed.size(), &plain_size) ||
            plain_size > std::min<size_t>(block_left, chunk_bytes_max) ||
            !snappy::Uncompress(compressed.data(), compressed.size(), &plain)) {
            return Error{ErrorCode::corruption, "an object is not Snappy in Hadoop's framing"};
        }
        at = 0;
        block_left -= static_cast<uint32_t>(plain_size);
        return true;
    }

    static constexpr size_t chunk_bytes_max = 64 << 20;
    ByteSource source;
    std::string compressed;
    std::string plain;
    size_t at = 0;
    uint32_t block_left = 0;
};

template <class State>
ByteSource reading(ByteSource source) {
    auto state = std::make_shared<State>(std::move(source));
    return [state](std::span<char> out) { return state->read(out); };
}

}  // namespace

ByteSource decompressing(ByteSource source, std::string_view key) {
    if (key.ends_with(".gz") || key.ends_with(".gzip")) return reading<GzipState>(std::move(source));
    if (key.ends_with(".zst")) return reading<ZstdState>(std::move(source));
    if (key.ends_with(".snappy")) return reading<HadoopSnappyState>(std::move(source));
    return source;
}

void KeyFolder::fold(std::span<char> bytes) {
    for (char& c : bytes) {
        switch (state_) {
            case State::string:
                if (c == '"') {
                    state_ = State::plain;
                } else if (c == '\\') {
                    state_ = State::escaped;
                } else if (folding_ && c >= 'A' && c <= 'Z') {
                    c = static_cast<char>(c + ('a' - 'A'));
                } else if (c == '\n') {  // not JSON: begin afresh on the next line
                    state_ = State::plain;
                    in_object_.clear();
                    key_next_ = false;
                }
                break;
            case State::escaped:
                state_ = State::string;
                break;
            case State::plain:
                switch (c) {
                    case '"':
                        state_ = State::string;
                        folding_ = key_next_ && in_object_.size() <= depth_max_;
                        key_next_ = false;
                        break;
                    case '{':
                    case '[':
                        if (in_object_.size() < nesting_max) in_object_.push_back(c == '{');
                        key_next_ = c == '{';
                        break;
                    case '}':
                    case ']':
                        if (!in_object_.empty()) in_object_.pop_back();
                        key_next_ = false;
                        break;
                    case ',':
                        key_next_ = !in_object_.empty() && in_object_.back();
                        break;
                    case '\n':
                        in_object_.clear();
                        key_next_ = false;
                        break;
                    default:
                        break;
                }
                break;
        }
    }
}

void EscapeFolder::fold(std::string_view bytes, std::string* out) {
    for (const char c : bytes) {
        if (escaped_) {
            escaped_ = false;
            if (c == quote_ || c == escape_) {
                out->append(c == quote_ ? 2 : 1, c);
                continue;
            }
        } else if (c == escape_ && escape_ != quote_) {
            escaped_ = quoted_;
            continue;
        }
        if (c == quote_) quoted_ = !quoted_;
        out->push_back(c);
    }
}

}  // namespace millrace::query
