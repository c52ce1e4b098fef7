// Store on a file system and an ordered key-value store. Private to this folder: outside, it is object::Store.
//
// A put: bytes to a new file (or kept, when small) -> fdatasync, folder synced -> one batch of metadata, synced: the
// object's entry, the reference to its file, the old version's reference gone and its file marked for unlinking ->
// unlink of the old file. A crash before the batch leaves the old object and a file without a reference, which the
// lease of its name finds; a crash after it leaves the new object and a mark, which the next start acts on.
//
// Locks, in this order: a bucket's gate (shared to change objects; exclusive to delete the bucket or change it), then
// key stripes (two in address order), then those inside FileNames and Pins. Key stripes are held over the metadata
// write: conditions are checked against what the write replaces. The map of buckets has a lock of its own, never held
// while another is taken.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "src/io/file.h"
#include "src/object/body_writer.h"
#include "src/object/file_names.h"
#include "src/object/pins.h"
#include "src/object/record.h"
#include "src/object/store.h"
#include "src/table/key_value_store.h"

namespace millrace::object {

class LocalStore final : public Store {
  public:
    LocalStore(std::unique_ptr<FileNames> names, table::KeyValueStore& metadata, io::FileSystem& files,
               const io::Clock& clock, bool sync)
        : names_(std::move(names)), metadata_(metadata), files_(files), clock_(clock), sync_(sync) {}
    ~LocalStore() override;

    Status load_buckets();
    // Starts the thread that finishes what a crash interrupted.
    void start_recovery();
    // Waits for that thread. For tests; not while another thread does.
    void finish_recovery() {
        if (recovery_.joinable()) recovery_.join();
    }

    Status create_bucket(const BucketInfo& bucket) override;
    Result<BucketInfo> bucket(std::string_view name) override;
    Status update_bucket(const BucketInfo& bucket) override;
    Status delete_bucket(std::string_view name) override;
    Result<std::vector<BucketInfo>> buckets() override;

    Result<std::unique_ptr<Upload>> begin_put(std::string_view bucket, std::string_view key,
                                              PutOptions options) override;
    Result<std::unique_ptr<ObjectReader>> open_object(std::string_view bucket, std::string_view key) override;
    Result<ObjectInfo> head(std::string_view bucket, std::string_view key) override;
    Result<ObjectInfo> copy(std::string_view source_bucket, std::string_view source_key, std::string_view bucket,
                            std::string_view key, std::optional<PutOptions> replace,
                            const std::optional<std::string>& source_etag) override;
    Status set_tags(std::string_view bucket, std::string_view key, std::map<std::string, std::string> tags) override;
    Status remove(std::string_view bucket, std::string_view key) override;
    Status remove_if(std::string_view bucket, std::string_view key, std::string_view etag) override;
    Status remove_many(std::string_view bucket, const std::vector<std::string>& keys) override;
    Result<ListPage> list(std::string_view bucket, const ListOptions& options) override;

    Result<std::string> create_multipart(std::string_view bucket, std::string_view key, PutOptions options,
                                         std::string checksum_type) override;
    Result<std::unique_ptr<Upload>> begin_part(std::string_view bucket, std::string_view key,
                                               std::string_view upload_id, int number) override;
    Result<ObjectInfo> complete_multipart(std::string_view bucket, std::string_view key, std::string_view upload_id,
                                          std::vector<CompletedPart> parts, PutOptions conditions) override;
    Status abort_multipart(std::string_view bucket, std::string_view key, std::string_view upload_id) override;
    Result<MultipartInfo> multipart(std::string_view bucket, std::string_view key, std::string_view upload_id) override;
    Result<std::vector<PartInfo>> parts(std::string_view bucket, std::string_view key,
                                        std::string_view upload_id) override;
    Result<std::vector<MultipartInfo>> multiparts(std::string_view bucket, std::string_view prefix) override;

    Status commit_together(std::span<const std::unique_ptr<Upload>> uploads, table::WriteBatch also) override;

    // What uploads call to become visible: all of them and `also` in one write. Fills each one's `info`.
    struct ObjectCommit {
        const std::string& bucket;
        const std::string& key;
        const PutOptions& options;
        BodyWriter& body;  // finished
        ObjectInfo info;
    };
    Status commit_objects(std::span<ObjectCommit> commits, table::WriteBatch also);
    Result<ObjectInfo> commit_part(const std::string& bucket, const std::string& key, const std::string& upload_id,
                                   int number, BodyWriter& body);

  private:
    struct Bucket {
        std::shared_mutex gate;
        BucketInfo info;       // guarded by gate
        bool deleted = false;  // guarded by gate
    };
    // Keeps a bucket from being deleted or changed.
    struct Entered {
        std::shared_ptr<Bucket> bucket;
        std::shared_lock<std::shared_mutex> gate;
    };
    // What a change of metadata leaves to unlink.
    using Dropped = std::vector<FileExtent>;

    Result<std::shared_ptr<Bucket>> find_bucket(std::string_view name);
    Result<Entered> enter(std::string_view bucket);
    std::mutex& stripe(std::string_view object_key);

    Result<std::optional<ObjectRecord>> find(const std::string& object_key);
    Result<ObjectRecord> require(std::string_view bucket, std::string_view key);  // with info.key
    Result<std::vector<FileExtent>> files_of(const ObjectRecord& record);

    // Into `batch`: the record of a new object, and its bytes where they are few.
    Result<ObjectRecord> make_record(const PutOptions& options, BodyWriter& body, table::WriteBatch& batch);
    // Makes `record` the object at `object_key`, and `old`, which is there now, nothing; the stripe is held.
    // Afterwards the caller hands `dropped` to unlink().
    Status replace(const std::string& object_key, const ObjectRecord& record, const std::optional<ObjectRecord>& old,
                   table::WriteBatch batch, Dropped& dropped);
    static Status check(const std::optional<ObjectRecord>& old, const PutOptions& conditions);
    Status drop_body(const ObjectRecord& record, table::WriteBatch& batch, Dropped& dropped);
    static void drop_file(const FileExtent& extent, table::WriteBatch& batch, Dropped& dropped);
    // Removes files that have lost their last reference; the write that says so is durable.
    void unlink(const Dropped& dropped);
    void unlink(const FileExtent& extent);
    bool referenced(FileId file);
    Status write(table::WriteBatch& batch);

    // not_found where the record was replaced meanwhile (or its bytes are gone: see open_object).
    Result<std::unique_ptr<ObjectReader>> open_body(const std::string& object_key, ObjectRecord record);

    Result<MultipartInfo> find_upload(std::string_view bucket, std::string_view key, std::string_view upload_id);
    Status for_each_part(std::string_view upload_id, const std::function<void(PartRecord)>& take);
    Status drop_upload(std::string_view bucket, std::string_view key, std::string_view upload_id,
                       table::WriteBatch& batch, Dropped& dropped);

    Status recover();
    void recover_block(uint64_t block);

    const std::unique_ptr<FileNames> names_;
    table::KeyValueStore& metadata_;
    io::FileSystem& files_;
    const io::Clock& clock_;
    const bool sync_;
    Pins pins_;
    std::shared_mutex buckets_mutex_;
    std::map<std::string, std::shared_ptr<Bucket>, std::less<>> buckets_;  // guarded by buckets_mutex_
    std::array<std::mutex, 1024> stripes_;
    std::atomic<bool> stopping_{false};
    std::thread recovery_;
};

}  // namespace millrace::object
