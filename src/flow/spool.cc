#include "src/flow/spool.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace millrace::flow {
namespace {

constexpr size_t gather_bytes = 256 * 1024;
constexpr size_t header_bytes = 20;

template <class T>
void append(std::string* out, T value) {
    out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T load(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::make(const std::string& directory) {
    int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {  // a file system without unnamed files
        std::string path = directory + "/spool-XXXXXX";
        descriptor = ::mkostemp(path.data(), O_CLOEXEC);
        if (descriptor >= 0) ::unlink(path.c_str());
    }
    if (descriptor < 0) return io_error("temporary file in " + directory, errno);
    return std::unique_ptr<Spool>(new Spool(descriptor));
}

Spool::~Spool() {
    if (mapped_) ::munmap(const_cast<char*>(mapped_), written_);
    ::close(descriptor_);
}

Status Spool::add(const log::RecordView& record) {
    append(&gathered_, record.position.value());
    append(&gathered_, record.time.value());
    append(&gathered_, static_cast<uint32_t>(record.data.size()));
    gathered_ += record.data;
    ++count_;
    return gathered_.size() >= gather_bytes ? flush() : Status();
}

Status Spool::flush() {
    std::string_view rest = gathered_;
    while (!rest.empty()) {
        const ssize_t taken = ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(written_));
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return io_error("temporary file", errno);
        written_ += static_cast<uint64_t>(taken);
        rest.remove_prefix(static_cast<size_t>(taken));
    }
    gathered_.clear();
    return {};
}

Status Spool::map(std::vector<std::string_view>* data) {
    TRY(flush());
    gathered_ = std::string();
    data->clear();
    if (written_ == 0) return {};
    void* mapped = ::mmap(nullptr, written_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (mapped == MAP_FAILED) return io_error("mapping a temporary file", errno);
    mapped_ = static_cast<const char*>(mapped);
    data->reserve(count_);
    starts_.reserve(count_);
    for (const char* at = mapped_; at < mapped_ + written_;) {
        const auto size = load<uint32_t>(at + 16);
        starts_.push_back(at);
        data->emplace_back(at + header_bytes, size);
        at += header_bytes + size;
    }
    return {};
}

SpooledRecord Spool::record(size_t index) const {
    const char* at = starts_.at(index);
    return {log::Position(load<uint64_t>(at)), TimestampMs(load<int64_t>(at + 8)),
            std::string_view(at + header_bytes, load<uint32_t>(at + 16))};
}

}  // namespace millrace::flow
