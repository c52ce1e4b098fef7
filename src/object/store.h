// Buckets and objects on a file system. An object's bytes are immutable files whose names are ours (never the key);
// its metadata is one entry in an ordered key-value store, written after the bytes are durable: so a put is visible
// whole or not at all, and a reader that opened an object keeps reading the version it opened. Bytes of small objects
// (inline_bytes_max) live in the key-value store too: one synced write a put. src/object/README.md has the whole story.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::io {
class Clock;
class FileSystem;
}  // namespace millrace::io
namespace millrace::table {
class KeyValueStore;
class WriteBatch;
}  // namespace millrace::table

namespace millrace::object {

// Objects up to this size have no file. Their reader's extents() are a private memory file.
inline constexpr size_t inline_bytes_max = 16 * 1024;

struct BucketInfo {
    std::string name;
    std::string region;
    TimestampMs created;
    std::map<std::string, std::string> tags;
    std::string account;  // who owns it; empty: everybody (made before buckets had owners)

    bool is_of(std::string_view who) const { return account.empty() || account == who; }
};

struct Checksum {
    std::string algorithm;   // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"
    std::string value;       // base64 as S3 shows it (with "-N" for composite ones)
    bool composite = false;  // of part checksums (COMPOSITE) rather than of the whole (FULL_OBJECT)
};

struct ObjectInfo {
    std::string key;
    uint64_t size = 0;
    std::string etag;  // without quotes: MD5 hex, or "hex-N" for multipart
    TimestampMs modified;
    std::map<std::string, std::string> system;  // content-type, cache-control, content-encoding...: lower-case names
    std::map<std::string, std::string> user;    // x-amz-meta-*, without the prefix
    std::map<std::string, std::string> tags;
    std::optional<Checksum> checksum;
    std::vector<uint64_t> part_sizes;  // multipart objects, for GetObject?partNumber
    std::string storage_class = "STANDARD";
};

// An object being read: pread from any thread; keeps the bytes alive although the key is overwritten or deleted.
// Outlived by its store.
class ObjectReader {
  public:
    virtual ~ObjectReader() = default;
    virtual const ObjectInfo& info() const = 0;
    virtual Result<size_t> read_at(uint64_t offset, std::span<char> out) const = 0;  // short only at the end
    // The bytes as ranges of files, in order (more than one for multipart objects): for sendfile and for handing
    // read-only descriptors to a query's child process. Descriptors are ours; dup to keep.
    // Opens every part's file the first time: empty for an object that is not empty where that failed (an object of
    // 10,000 parts needs 10,000 descriptors): read_at() then, which opens a part when it needs it.
    struct Extent {
        int descriptor;
        uint64_t file_offset;
        uint64_t size;
    };
    virtual const std::vector<Extent>& extents() const = 0;
};

struct PutOptions {
    std::map<std::string, std::string> system;
    std::map<std::string, std::string> user;
    std::map<std::string, std::string> tags;
    std::string storage_class = "STANDARD";
    std::optional<std::string> checksum_algorithm;  // to compute and store; default CRC64NVME as S3 does
    // Conditions on what is there at commit; checked and taken atomically with the write.
    std::optional<std::string> if_match;  // etag (or "*"); failed_precondition where it differs, not_found where absent
    bool if_none_match = false;           // failed_precondition where the key exists
};

// Bytes on their way in. Not visible until commit(); destroyed uncommitted, they are gone. One thread at a time;
// outlived by its store. After an error nothing but destruction is left to do.
class Upload {
  public:
    virtual ~Upload() = default;
    virtual Status write(std::string_view bytes) = 0;
    virtual uint64_t size() const = 0;  // bytes written so far
    // The digests of all that was written, for verifying before commit(). The first of these ends writing.
    virtual std::string etag_so_far() = 0;                  // MD5 hex
    virtual std::optional<Checksum> checksum_so_far() = 0;  // by the algorithm of PutOptions
    // Durable and visible on return. not_found: bucket (or multipart upload) gone; failed_precondition: see PutOptions.
    virtual Result<ObjectInfo> commit() = 0;
};

struct ListOptions {
    std::string prefix;
    std::string delimiter;    // "" for none
    std::string start_after;  // keys strictly after this (a continuation token or marker decoded)
    size_t keys_max = 1000;
};
struct ListPage {
    std::vector<ObjectInfo> objects;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string next_start_after;  // hand back as start_after (skips a whole common prefix where one came last)
};

struct PartInfo {
    int number = 0;
    uint64_t size = 0;
    std::string etag;
    TimestampMs modified;
    std::optional<Checksum> checksum;
};
struct MultipartInfo {
    std::string upload_id;
    std::string key;
    TimestampMs initiated;
    PutOptions options;
    std::string checksum_type;  // COMPOSITE or FULL_OBJECT
};
struct CompletedPart {
    int number = 0;
    std::string etag;  // without quotes
    std::optional<Checksum> checksum;
};

// All calls from any thread; they may block on disk. Errors, unless said otherwise: not_found (bucket, object or
// upload: the message begins with "bucket", "object" or "upload"), invalid_argument (a key over 1024 bytes or empty, a
// bucket name with a NUL or '/'), io, resource_exhausted (disk full), corruption.
class Store {
  public:
    // `metadata`, `files` and `clock` outlive the store. Quick whatever is stored: what a crash left over is removed by
    // a background thread, which reads the journal of unfinished work alone. `sync` false: nothing waits for the disk.
    static Result<std::unique_ptr<Store>> open(std::string directory, table::KeyValueStore& metadata,
                                               io::FileSystem& files, const io::Clock& clock, bool sync);
    virtual ~Store() = default;

    virtual Status create_bucket(const BucketInfo& bucket) = 0;    // already_exists
    virtual Result<BucketInfo> bucket(std::string_view name) = 0;  // not_found
    virtual Status update_bucket(const BucketInfo& bucket) = 0;
    virtual Status delete_bucket(std::string_view name) = 0;  // not_found, failed_precondition where not empty
    virtual Result<std::vector<BucketInfo>> buckets() = 0;

    virtual Result<std::unique_ptr<Upload>> begin_put(std::string_view bucket, std::string_view key,
                                                      PutOptions options) = 0;
    Result<ObjectInfo> put(std::string_view bucket, std::string_view key, std::string_view bytes, PutOptions options);
    // Makes uploads of this store visible, and writes `also` into the key-value store beside them, in one atomic,
    // durable write: all of it has happened, or nothing. Errors as commit(). No two uploads have the same key; none is
    // a part.
    virtual Status commit_together(std::span<const std::unique_ptr<Upload>> uploads, table::WriteBatch also) = 0;
    virtual Result<std::unique_ptr<ObjectReader>> open_object(std::string_view bucket, std::string_view key) = 0;
    virtual Result<ObjectInfo> head(std::string_view bucket, std::string_view key) = 0;
    // Copies without moving bytes through the caller. `replace`: new metadata; absent: the source's. `source_etag`: the
    // version that the caller looked at; `cancelled` where the source has been overwritten since (look again).
    virtual Result<ObjectInfo> copy(std::string_view source_bucket, std::string_view source_key,
                                    std::string_view bucket, std::string_view key, std::optional<PutOptions> replace,
                                    const std::optional<std::string>& source_etag = std::nullopt) = 0;
    virtual Status set_tags(std::string_view bucket, std::string_view key, std::map<std::string, std::string> tags) = 0;
    virtual Status remove(std::string_view bucket, std::string_view key) = 0;  // fine where absent, as S3
    // Only where its ETag is this ("*": any): failed_precondition where it differs, not_found where absent.
    virtual Status remove_if(std::string_view bucket, std::string_view key, std::string_view etag) = 0;
    // All of them in one atomic, durable write.
    virtual Status remove_many(std::string_view bucket, const std::vector<std::string>& keys) = 0;
    virtual Result<ListPage> list(std::string_view bucket, const ListOptions& options) = 0;

    // Multipart: a part is a file, completing writes metadata alone. `options` become the object's; checksum_type is
    // COMPOSITE, FULL_OBJECT (invalid_argument where the algorithm has no such kind) or "" for the algorithm's
    // default. Returns the upload id.
    virtual Result<std::string> create_multipart(std::string_view bucket, std::string_view key, PutOptions options,
                                                 std::string checksum_type) = 0;
    virtual Result<std::unique_ptr<Upload>> begin_part(std::string_view bucket, std::string_view key,
                                                       std::string_view upload_id, int number) = 0;
    // `parts` by ascending number; invalid_argument where one is out of order, missing, or has another etag or
    // checksum. Of `conditions` the if_* members count alone. Again after success: the object, while it is still the
    // key's newest.
    virtual Result<ObjectInfo> complete_multipart(std::string_view bucket, std::string_view key,
                                                  std::string_view upload_id, std::vector<CompletedPart> parts,
                                                  PutOptions conditions) = 0;
    virtual Status abort_multipart(std::string_view bucket, std::string_view key, std::string_view upload_id) = 0;
    virtual Result<MultipartInfo> multipart(std::string_view bucket, std::string_view key,
                                            std::string_view upload_id) = 0;
    virtual Result<std::vector<PartInfo>> parts(std::string_view bucket, std::string_view key,
                                                std::string_view upload_id) = 0;
    // By key, then by time of initiation.
    virtual Result<std::vector<MultipartInfo>> multiparts(std::string_view bucket, std::string_view prefix) = 0;
};

// For all that act for an account, before they touch a bucket: the store itself asks nobody who they are.
// permission_denied where another account owns it; not_found.
Status check_owner(Store& store, std::string_view bucket, std::string_view account);

}  // namespace millrace::object
