#include "src/flow/table_jobs/object_text.h"

#include <cstring>

#include <zlib.h>
#include <zstd.h>

namespace millrace::flow {
namespace {

constexpr size_t in_bytes = 256 << 10;
constexpr size_t out_bytes = 512 << 10;

// Takes compressed bytes piece by piece. `write` gets what comes out of one piece, in parts of at most out_bytes.
class Decompressor {
  public:
    virtual ~Decompressor() = default;
    // Decompresses some of *in (moving it) into `out`; returns how much came out. 0 with *in empty: more is needed.
    virtual Result<size_t> step(std::string_view* in, char* out, size_t size) = 0;
    virtual bool at_boundary() const = 0;  // the input may end here
};

class Plain final : public Decompressor {
  public:
    Result<size_t> step(std::string_view* in, char* out, size_t size) override {
        const size_t count = std::min(size, in->size());
        if (count > 0) std::memcpy(out, in->data(), count);
        in->remove_prefix(count);
        return count;
    }
    bool at_boundary() const override { return true; }
};

Error not_compressed(std::string_view how) {
    return {ErrorCode::invalid_argument, "the object is not " + std::string(how) + ", or is damaged"};
}

class Gzip final : public Decompressor {
  public:
    Gzip() { MILLRACE_CHECK(inflateInit2(&stream_, 15 + 16) == Z_OK); }
    ~Gzip() override { inflateEnd(&stream_); }
    Result<size_t> step(std::string_view* in, char* out, size_t size) override {
        if (ended_ && !in->empty()) {  // another member follows
            MILLRACE_CHECK(inflateReset(&stream_) == Z_OK);
            ended_ = false;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in->data()));
        stream_.avail_in = static_cast<uInt>(in->size());
        stream_.next_out = reinterpret_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(size);
        started_ = started_ || !in->empty();
        const int outcome = inflate(&stream_, Z_NO_FLUSH);
        if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return not_compressed("GZIP");
        in->remove_prefix(in->size() - stream_.avail_in);
        ended_ = outcome == Z_STREAM_END;
        return size - stream_.avail_out;
    }
    bool at_boundary() const override { return ended_ || !started_; }

  private:
    z_stream stream_{};
    bool started_ = false;
    bool ended_ = false;
};

class Zstd final : public Decompressor {
  public:
    Zstd() : stream_(ZSTD_createDStream()) {
        MILLRACE_CHECK(stream_ != nullptr);
        // What a frame may ask us to keep in memory.
        MILLRACE_CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27)));
    }
    ~Zstd() override { ZSTD_freeDStream(stream_); }
    Result<size_t> step(std::string_view* in, char* out, size_t size) override {
        ZSTD_inBuffer input{in->data(), in->size(), 0};
        ZSTD_outBuffer output{out, size, 0};
        const size_t hint = ZSTD_decompressStream(stream_, &output, &input);
        if (ZSTD_isError(hint)) return not_compressed("ZSTD");
        in->remove_prefix(input.pos);
        if (input.pos > 0 || output.pos > 0) boundary_ = hint == 0;
        return output.pos;
    }
    bool at_boundary() const override { return boundary_; }

  private:
    ZSTD_DStream* stream_;
    bool boundary_ = true;
};

std::unique_ptr<Decompressor> make_decompressor(InputCompression compression) {
    switch (compression) {
        case InputCompression::gzip:
            return std::make_unique<Gzip>();
        case InputCompression::zstd:
            return std::make_unique<Zstd>();
        case InputCompression::none:
            break;
    }
    return std::make_unique<Plain>();
}

}  // namespace

struct ObjectText::State {
    std::unique_ptr<Decompressor> decompressor;
    ByteSource source;
    std::string in = std::string(in_bytes, '\0');
    std::string_view pending;  // of `in`, not yet decompressed
    std::string text;          // decompressed, from `at` on not yet taken
    size_t at = 0;
    uint64_t taken = 0;
    bool ended = false;
};

ObjectText::ObjectText(InputCompression compression, ByteSource source) : state_(std::make_unique<State>()) {
    state_->decompressor = make_decompressor(compression);
    state_->source = std::move(source);
}
ObjectText::~ObjectText() = default;

std::string_view ObjectText::window() const {
    return std::string_view(state_->text).substr(state_->at);
}

void ObjectText::take(size_t bytes) {
    state_->at += bytes;
    state_->taken += bytes;
}

uint64_t ObjectText::taken() const {
    return state_->taken;
}

Result<bool> ObjectText::fill() {
    State& state = *state_;
    if (state.at > 0) {
        state.text.erase(0, state.at);
        state.at = 0;
    }
    while (true) {
        const size_t before = state.text.size();
        state.text.resize(before + out_bytes);
        auto made = state.decompressor->step(&state.pending, state.text.data() + before, out_bytes);
        state.text.resize(before + (made.ok() ? *made : 0));
        if (!made.ok()) return std::move(made).error();
        if (*made > 0) return true;
        if (!state.pending.empty()) continue;
        if (state.ended) {
            if (state.decompressor->at_boundary()) return false;
            return {ErrorCode::invalid_argument, "the object ends in the middle of its compressed bytes"};
        }
        TRY_ASSIGN(const size_t got, state.source(state.in.data(), state.in.size()));
        state.pending = std::string_view(state.in).substr(0, got);
        state.ended = got == 0;
        if (state.ended && state.decompressor->at_boundary()) return false;
    }
}

}  // namespace millrace::flow
