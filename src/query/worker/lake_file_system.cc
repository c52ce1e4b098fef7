// Two kinds of file behind one name. Parquet is read at positions, from many threads. Text is a stream (decompressed
// and folded on the way, see text_stream.h), which DuckDB reads in order and parses in parallel; whether a file can
// seek is a question to its file system in DuckDB, so the streams have one of their own.
#include "src/query/worker/lake_file_system.h"

#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/open_file_info.hpp"
#include <unistd.h>

#include "src/query/worker/text_stream.h"

namespace millrace::query {

namespace {

class Object {
  public:
    Object(std::vector<ObjectExtent> extents, ScanCounter& counter) : extents_(std::move(extents)), counter_(counter) {
        for (const ObjectExtent& extent : extents_) size_ += extent.size;
    }
    uint64_t size() const { return size_; }

    // Short only at the end.
    size_t read_at(uint64_t offset, std::span<char> out) const {
        size_t have = 0;
        uint64_t extent_start = 0;
        for (const ObjectExtent& extent : extents_) {
            while (have < out.size() && offset + have < extent_start + extent.size) {
                const uint64_t within = offset + have - extent_start;
                const size_t wanted = std::min<uint64_t>(out.size() - have, extent.size - within);
                const ssize_t got = ::pread(extent.descriptor.get(), out.data() + have, wanted,
                                            static_cast<off_t>(extent.file_offset + within));
                if (got < 0 && errno == EINTR) continue;
                if (got <= 0) throw duckdb::IOException("an object of the lake could not be read");
                have += static_cast<size_t>(got);
            }
            extent_start += extent.size;
        }
        if (counter_.bytes.fetch_add(have) + have > counter_.bytes_max) {
            throw duckdb::IOException("Bytes scanned limit was exceeded");
        }
        return have;
    }

  private:
    std::vector<ObjectExtent> extents_;
    ScanCounter& counter_;
    uint64_t size_ = 0;
};

class ObjectHandle : public duckdb::FileHandle {
  public:
    ObjectHandle(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags, Object object)
        : FileHandle(files, path, flags), object_(std::move(object)) {}
    void Close() override {}
    const Object& object() const { return object_; }
    uint64_t position = 0;

  private:
    Object object_;
};

class TextHandle : public duckdb::FileHandle {
  public:
    TextHandle(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags, Object object,
               std::shared_ptr<const TableDescription> table, std::string key)
        : FileHandle(files, path, flags),
          object_(std::make_shared<Object>(std::move(object))),
          table_(std::move(table)),
          key_(std::move(key)) {
        rewind();
    }
    void Close() override {}
    uint64_t size() const { return object_->size(); }
    uint64_t position() const { return position_; }

    void rewind() {
        position_ = 0;
        pending_.clear();
        pending_at_ = 0;
        auto offset = std::make_shared<uint64_t>(0);
        source_ = decompressing(
            [object = object_, offset](std::span<char> out) -> Result<size_t> {
                const size_t got = object->read_at(*offset, out);
                *offset += got;
                return got;
            },
            key_);
        json_.reset();
        csv_.reset();
        if (table_->format == TableFormat::json && table_->property("case.insensitive") != "false") {
            bool has_map = false;
            for (const DescribedColumn& column : table_->columns)
                has_map |= column.type.find("map<") != std::string::npos;
            json_ = std::make_unique<KeyFolder>(has_map ? 1 : UINT32_MAX);
        } else if (table_->format == TableFormat::csv) {
            const std::string_view quote = table_->property("quotechar");
            const std::string_view escape = table_->property("escapechar");
            csv_ = std::make_unique<EscapeFolder>(quote.empty() ? '"' : quote[0], escape.empty() ? '\\' : escape[0]);
        }
    }

    int64_t read(std::span<char> out) {
        if (csv_ != nullptr) return read_csv(out);
        const size_t got = take(out);
        if (json_ != nullptr) json_->fold(out.first(got));
        position_ += got;
        return static_cast<int64_t>(got);
    }

  private:
    size_t take(std::span<char> out) {
        Result<size_t> got = source_(out);
        if (!got) throw duckdb::IOException(got.error().message);
        return *got;
    }
    // Folding changes lengths, so what does not fit waits.
    int64_t read_csv(std::span<char> out) {
        while (pending_at_ == pending_.size()) {
            pending_.clear();
            pending_at_ = 0;
            raw_.resize(128 << 10);
            const size_t got = take(raw_);
            if (got == 0) return 0;
            csv_->fold(std::string_view(raw_).substr(0, got), &pending_);
        }
        const size_t count = std::min(out.size(), pending_.size() - pending_at_);
        pending_.copy(out.data(), count, pending_at_);
        pending_at_ += count;
        position_ += count;
        return static_cast<int64_t>(count);
    }

    std::shared_ptr<Object> object_;
    std::shared_ptr<const TableDescription> table_;
    std::string key_;
    ByteSource source_;
    std::unique_ptr<KeyFolder> json_;
    std::unique_ptr<EscapeFolder> csv_;
    std::string raw_;
    std::string pending_;
    size_t pending_at_ = 0;
    uint64_t position_ = 0;
};

std::span<char> span_of(void* buffer, int64_t size) {
    return {static_cast<char*>(buffer), static_cast<size_t>(size)};
}

class TextFileSystem : public duckdb::FileSystem {
  public:
    using idx_t = duckdb::idx_t;
    std::string GetName() const override { return "LakeText"; }
    int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t size) override {
        // Full buffers where there is enough: some of DuckDB's readers take a short read for the end.
        auto& text = handle.Cast<TextHandle>();
        int64_t have = 0;
        while (have < size) {
            const int64_t got = text.read(span_of(static_cast<char*>(buffer) + have, size - have));
            if (got == 0) break;
            have += got;
        }
        return have;
    }
    int64_t GetFileSize(duckdb::FileHandle& handle) override {
        return static_cast<int64_t>(handle.Cast<TextHandle>().size());
    }
    duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle&) override { return duckdb::timestamp_t(0); }
    duckdb::FileType GetFileType(duckdb::FileHandle&) override { return duckdb::FileType::FILE_TYPE_REGULAR; }
    void Reset(duckdb::FileHandle& handle) override { handle.Cast<TextHandle>().rewind(); }
    idx_t SeekPosition(duckdb::FileHandle& handle) override { return handle.Cast<TextHandle>().position(); }
    bool CanSeek() override { return false; }
    bool OnDiskFile(duckdb::FileHandle&) override { return false; }
};

class LakeFileSystem : public duckdb::FileSystem {
  public:
    using idx_t = duckdb::idx_t;
    LakeFileSystem(Parent& parent, ScanCounter& counter) : parent_(parent), counter_(counter) {}
    std::string GetName() const override { return "Lake"; }
    bool CanHandleFile(const std::string& path) override { return path.starts_with(lake_directory); }

    duckdb::unique_ptr<duckdb::FileHandle> OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                    duckdb::optional_ptr<duckdb::FileOpener>) override {
        uint64_t number = 0;
        uint64_t index = 0;
        if (flags.OpenForWriting() || !parse_object_name(path, &number, &index)) {
            throw duckdb::PermissionException("the lake is read-only");
        }
        auto table = parent_.table_by_number(number);
        if (table == nullptr || index >= table->objects.size()) throw duckdb::IOException("no such object");
        Result<std::vector<ObjectExtent>> extents = parent_.open(number, index);
        if (!extents) throw duckdb::IOException(extents.error().message);
        Object object(std::move(*extents), counter_);
        if (table->format == TableFormat::parquet) {
            return duckdb::make_uniq<ObjectHandle>(*this, path, flags, std::move(object));
        }
        std::string key = table->objects[index].path;
        return duckdb::make_uniq<TextHandle>(text_, path, flags, std::move(object), std::move(table), std::move(key));
    }

    void Read(duckdb::FileHandle& handle, void* buffer, int64_t size, idx_t location) override {
        const auto& object = handle.Cast<ObjectHandle>().object();
        if (object.read_at(location, span_of(buffer, size)) != static_cast<size_t>(size)) {
            throw duckdb::IOException("an object ended before its own description says");
        }
    }
    int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t size) override {
        auto& opened = handle.Cast<ObjectHandle>();
        const size_t got = opened.object().read_at(opened.position, span_of(buffer, size));
        opened.position += got;
        return static_cast<int64_t>(got);
    }
    int64_t GetFileSize(duckdb::FileHandle& handle) override {
        return static_cast<int64_t>(handle.Cast<ObjectHandle>().object().size());
    }
    duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle&) override { return duckdb::timestamp_t(0); }
    duckdb::FileType GetFileType(duckdb::FileHandle&) override { return duckdb::FileType::FILE_TYPE_REGULAR; }
    void Seek(duckdb::FileHandle& handle, idx_t location) override { handle.Cast<ObjectHandle>().position = location; }
    void Reset(duckdb::FileHandle& handle) override { handle.Cast<ObjectHandle>().position = 0; }
    idx_t SeekPosition(duckdb::FileHandle& handle) override { return handle.Cast<ObjectHandle>().position; }
    bool CanSeek() override { return true; }
    bool OnDiskFile(duckdb::FileHandle&) override { return true; }
    bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) override {
        return CanHandleFile(path);
    }
    // Object names hold no wildcards: a name is its own list.
    duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener*) override {
        return {duckdb::OpenFileInfo(path)};
    }

  private:
    Parent& parent_;
    ScanCounter& counter_;
    TextFileSystem text_;
};

}  // namespace

duckdb::FileSystem* make_lake_file_system(Parent& parent, ScanCounter& counter) {
    return new LakeFileSystem(parent, counter);
}

}  // namespace millrace::query
