// The three kinds of readers: of bytes in memory, of one file, of many.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/io/file.h"
#include "src/object/record.h"
#include "src/object/store.h"

namespace millrace::object {

class InlineReader final : public ObjectReader {
  public:
    InlineReader(ObjectInfo info, std::string bytes) : info_(std::move(info)), bytes_(std::move(bytes)) {}
    ~InlineReader() override;
    const ObjectInfo& info() const override { return info_; }
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override;
    const std::vector<Extent>& extents() const override;

  private:
    const ObjectInfo info_;
    const std::string bytes_;
    mutable std::mutex mutex_;  // guards extents_, a sealed memory file made when first asked for
    mutable std::vector<Extent> extents_;
};

class FileReader final : public ObjectReader {
  public:
    FileReader(ObjectInfo info, std::unique_ptr<io::File> file)
        : info_(std::move(info)), file_(std::move(file)), extents_{{file_->descriptor(), 0, info_.size}} {}
    const ObjectInfo& info() const override { return info_; }
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override;
    const std::vector<Extent>& extents() const override { return extents_; }

  private:
    const ObjectInfo info_;
    const std::unique_ptr<io::File> file_;
    const std::vector<Extent> extents_;
};

// Opens a file when it is first read, and keeps a few open.
class PartsReader final : public ObjectReader {
  public:
    using Open = std::function<Result<std::unique_ptr<io::File>>(FileId)>;
    using Release = std::function<void(const std::vector<FileExtent>&)>;
    // The files stay where they are until `release` is called, by the destructor.
    PartsReader(ObjectInfo info, std::vector<FileExtent> parts, Open open, Release release);
    ~PartsReader() override { release_(parts_); }
    const ObjectInfo& info() const override { return info_; }
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override;
    const std::vector<Extent>& extents() const override;

  private:
    Result<std::shared_ptr<io::File>> file(size_t part) const;

    const ObjectInfo info_;
    const std::vector<FileExtent> parts_;
    std::vector<uint64_t> ends_;  // of each part, in the object
    const Open open_;
    const Release release_;
    mutable std::mutex mutex_;  // guards all below
    mutable std::vector<std::pair<size_t, std::shared_ptr<io::File>>> recent_;
    mutable std::vector<std::unique_ptr<io::File>> all_;  // of extents_
    mutable std::vector<Extent> extents_;
};

}  // namespace millrace::object
