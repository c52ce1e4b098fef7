#include "src/cli/produce/input.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

namespace millrace::cli {
namespace {

class FileInput : public Input {
  public:
    FileInput(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
    ~FileInput() override {
        if (descriptor_ > 2) ::close(descriptor_);
    }
    Result<size_t> read(std::span<char> out) override {
        while (true) {
            ssize_t count = ::read(descriptor_, out.data(), out.size());
            if (count >= 0) {
                done_ += static_cast<uint64_t>(count);
                return static_cast<size_t>(count);
            }
            if (errno != EINTR) return io_error("reading the input", errno);
        }
    }
    double fraction() const override { return size_ ? static_cast<double>(done_) / static_cast<double>(size_) : -1; }

  private:
    int descriptor_;
    uint64_t size_;
    uint64_t done_ = 0;
};

class ZstdInput : public Input {
  public:
    explicit ZstdInput(std::unique_ptr<Input> packed)
        : packed_(std::move(packed)), stream_(ZSTD_createDStream()), buffer_(ZSTD_DStreamInSize()) {
        MILLRACE_CHECK(stream_ != nullptr);
    }
    ~ZstdInput() override { ZSTD_freeDStream(stream_); }

    Result<size_t> read(std::span<char> out) override {
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        while (to.pos == 0) {
            if (from_.pos == from_.size) {
                TRY_ASSIGN(size_t count, packed_->read(buffer_));
                if (count == 0) {
                    if (frame_open_) return {ErrorCode::corruption, "the .zst input ends in the middle of a frame"};
                    return size_t{0};
                }
                from_ = {buffer_.data(), count, 0};
            }
            size_t hint = ZSTD_decompressStream(stream_, &to, &from_);
            if (ZSTD_isError(hint)) {
                return {ErrorCode::corruption, std::string("the .zst input: ") + ZSTD_getErrorName(hint)};
            }
            frame_open_ = hint != 0;
        }
        return to.pos;
    }
    double fraction() const override { return packed_->fraction(); }

  private:
    std::unique_ptr<Input> packed_;
    ZSTD_DStream* stream_;
    std::vector<char> buffer_;
    ZSTD_inBuffer from_{nullptr, 0, 0};
    bool frame_open_ = false;
};

}  // namespace

Result<std::unique_ptr<Input>> open_input(const std::string& path) {
    if (path == "-") return std::unique_ptr<Input>(std::make_unique<FileInput>(STDIN_FILENO, 0));
    int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return {ErrorCode::not_found, "there is no file " + path};
        return io_error(path, errno);
    }
    struct stat info{};
    if (::fstat(descriptor, &info) != 0 || S_ISDIR(info.st_mode)) {
        ::close(descriptor);
        return {ErrorCode::invalid_argument, path + " is not a file"};
    }
    std::unique_ptr<Input> file = std::make_unique<FileInput>(descriptor, static_cast<uint64_t>(info.st_size));
    if (path.ends_with(".zst")) return std::unique_ptr<Input>(std::make_unique<ZstdInput>(std::move(file)));
    return file;
}

}  // namespace millrace::cli
