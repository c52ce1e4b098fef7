#include "src/object/local_store.h"

#include "src/io/clock.h"
#include "src/io/file.h"

namespace millrace::object {
namespace {

bool bucket_name_possible(std::string_view name) {
    return !name.empty() && name.size() <= 255 && name.find('\0') == std::string_view::npos &&
           name.find('/') == std::string_view::npos;
}

Error no_bucket(std::string_view name) {
    return {ErrorCode::not_found, "bucket " + std::string(name) + " does not exist"};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(std::string directory, table::KeyValueStore& metadata, io::FileSystem& files,
                                           const io::Clock& clock, bool sync) {
    TRY(files.make_directories(directory));
    const size_t slash = directory.rfind('/');
    if (slash != std::string::npos && slash > 0) TRY(files.sync_directory(directory.substr(0, slash)));
    TRY_ASSIGN(std::unique_ptr<FileNames> names, FileNames::open(std::move(directory), metadata, files, sync));
    auto store = std::make_unique<LocalStore>(std::move(names), metadata, files, clock, sync);
    TRY(store->load_buckets());
    store->start_recovery();
    return std::unique_ptr<Store>(std::move(store));
}

Result<ObjectInfo> Store::put(std::string_view bucket, std::string_view key, std::string_view bytes,
                              PutOptions options) {
    TRY_ASSIGN(const std::unique_ptr<Upload> upload, begin_put(bucket, key, std::move(options)));
    TRY(upload->write(bytes));
    return upload->commit();
}

Status check_owner(Store& store, std::string_view bucket, std::string_view account) {
    TRY_ASSIGN(const BucketInfo info, store.bucket(bucket));
    if (info.is_of(account)) return {};
    return {ErrorCode::permission_denied, "access denied: bucket " + info.name + " belongs to another account"};
}

LocalStore::~LocalStore() {
    stopping_ = true;
    if (recovery_.joinable()) recovery_.join();
    names_->end_leases();
}

Status LocalStore::load_buckets() {
    const std::string prefix = keys::all_buckets();
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        auto bucket = std::make_shared<Bucket>();
        TRY_ASSIGN(bucket->info, decode_bucket(cursor->value()));
        bucket->info.name = cursor->key().substr(prefix.size());
        buckets_.emplace(bucket->info.name, bucket);
    }
    return cursor->status();
}

Status LocalStore::create_bucket(const BucketInfo& info) {
    if (!bucket_name_possible(info.name)) {
        return {ErrorCode::invalid_argument, "a bucket's name has 1 to 255 bytes and neither NUL nor '/'"};
    }
    auto bucket = std::make_shared<Bucket>();
    const std::unique_lock gate(bucket->gate);
    bucket->info = info;
    bucket->deleted = true;  // until it is durable: who finds it in the map meanwhile waits at the gate
    {
        std::unique_lock lock(buckets_mutex_);
        if (!buckets_.emplace(info.name, bucket).second) {
            return {ErrorCode::already_exists, "bucket " + info.name + " exists"};
        }
    }
    table::WriteBatch batch;
    batch.put(keys::bucket(info.name), encode(info));
    Status written = write(batch);
    if (written.ok()) {
        bucket->deleted = false;
    } else {
        std::unique_lock lock(buckets_mutex_);
        buckets_.erase(info.name);
    }
    return written;
}

Result<BucketInfo> LocalStore::bucket(std::string_view name) {
    TRY_ASSIGN(const Entered entered, enter(name));
    return entered.bucket->info;
}

Status LocalStore::update_bucket(const BucketInfo& info) {
    TRY_ASSIGN(const std::shared_ptr<Bucket> bucket, find_bucket(info.name));
    const std::unique_lock gate(bucket->gate);
    if (bucket->deleted) return no_bucket(info.name);
    table::WriteBatch batch;
    batch.put(keys::bucket(info.name), encode(info));
    TRY(write(batch));
    bucket->info = info;
    return {};
}

Status LocalStore::delete_bucket(std::string_view name) {
    TRY_ASSIGN(const std::shared_ptr<Bucket> bucket, find_bucket(name));
    table::WriteBatch batch;
    Dropped dropped;
    {
        const std::unique_lock gate(bucket->gate);
        if (bucket->deleted) return no_bucket(name);
        const std::string objects = keys::objects_of(name);
        const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
        cursor->seek(objects);
        if (cursor->valid() && cursor->key().starts_with(objects)) {
            return {ErrorCode::failed_precondition, "bucket " + std::string(name) + " is not empty"};
        }
        TRY(cursor->status());
        // Multipart uploads that never completed do not keep a bucket: they end with it.
        TRY_ASSIGN(const std::vector<MultipartInfo> uploads, multiparts(name, ""));
        for (const MultipartInfo& upload : uploads) {
            TRY(drop_upload(name, upload.key, upload.upload_id, batch, dropped));
        }
        batch.erase(keys::bucket(name));
        TRY(write(batch));
        bucket->deleted = true;
        std::unique_lock lock(buckets_mutex_);
        if (const auto found = buckets_.find(name); found != buckets_.end() && found->second == bucket) {
            buckets_.erase(found);
        }
    }
    unlink(dropped);
    return {};
}

Result<std::vector<BucketInfo>> LocalStore::buckets() {
    std::vector<std::shared_ptr<Bucket>> all;
    {
        std::shared_lock lock(buckets_mutex_);
        for (const auto& [name, bucket] : buckets_) all.push_back(bucket);
    }
    std::vector<BucketInfo> infos;
    for (const std::shared_ptr<Bucket>& bucket : all) {
        const std::shared_lock gate(bucket->gate);
        if (!bucket->deleted) infos.push_back(bucket->info);
    }
    return infos;
}

Result<std::shared_ptr<LocalStore::Bucket>> LocalStore::find_bucket(std::string_view name) {
    std::shared_lock lock(buckets_mutex_);
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return no_bucket(name);
    return found->second;
}

Result<LocalStore::Entered> LocalStore::enter(std::string_view name) {
    TRY_ASSIGN(std::shared_ptr<Bucket> bucket, find_bucket(name));
    std::shared_lock gate(bucket->gate);
    if (bucket->deleted) return no_bucket(name);
    return Entered{std::move(bucket), std::move(gate)};
}

std::mutex& LocalStore::stripe(std::string_view object_key) {
    return stripes_[std::hash<std::string_view>{}(object_key) % stripes_.size()];
}

Result<std::optional<ObjectRecord>> LocalStore::find(const std::string& object_key) {
    TRY_ASSIGN(const std::optional<std::string> stored, metadata_.get(object_key));
    if (!stored) return std::optional<ObjectRecord>();
    TRY_ASSIGN(ObjectRecord record, decode_object(*stored));
    return std::optional<ObjectRecord>(std::move(record));
}

Result<ObjectRecord> LocalStore::require(std::string_view bucket, std::string_view key) {
    TRY(find_bucket(bucket));
    TRY_ASSIGN(std::optional<ObjectRecord> record, find(keys::object(bucket, key)));
    if (!record) {
        return {ErrorCode::not_found, "object " + std::string(bucket) + "/" + std::string(key) + " does not exist"};
    }
    record->info.key = key;
    return std::move(*record);
}

Result<std::vector<FileExtent>> LocalStore::files_of(const ObjectRecord& record) {
    if (record.kind == BodyKind::file) {
        return std::vector<FileExtent>{{record.body, record.owner, record.info.size}};
    }
    if (record.kind != BodyKind::parts) return std::vector<FileExtent>();
    TRY_ASSIGN(const std::optional<std::string> stored, metadata_.get(keys::extents(record.body)));
    if (!stored) return {ErrorCode::not_found, "object: its list of parts is gone"};
    return decode_extents(*stored);
}

Status LocalStore::check(const std::optional<ObjectRecord>& old, const PutOptions& conditions) {
    if (conditions.if_none_match && old) {
        return {ErrorCode::failed_precondition, "object exists already (If-None-Match)"};
    }
    if (!conditions.if_match) return {};
    if (!old) return {ErrorCode::not_found, "object does not exist (If-Match)"};
    if (*conditions.if_match != "*" && *conditions.if_match != old->info.etag) {
        return {ErrorCode::failed_precondition, "object has another ETag (If-Match)"};
    }
    return {};
}

Status LocalStore::replace(const std::string& object_key, const ObjectRecord& record,
                           const std::optional<ObjectRecord>& old, table::WriteBatch batch, Dropped& dropped) {
    if (old) TRY(drop_body(*old, batch, dropped));
    batch.put(object_key, encode(record));
    return write(batch);
}

Status LocalStore::drop_body(const ObjectRecord& record, table::WriteBatch& batch, Dropped& dropped) {
    if (record.kind == BodyKind::inline_bytes) batch.erase(keys::inline_bytes(record.body));
    if (record.kind == BodyKind::parts) batch.erase(keys::extents(record.body));
    TRY_ASSIGN(const std::vector<FileExtent> extents, files_of(record));
    for (const FileExtent& extent : extents) drop_file(extent, batch, dropped);
    return {};
}

void LocalStore::drop_file(const FileExtent& extent, table::WriteBatch& batch, Dropped& dropped) {
    batch.erase(keys::reference(extent.file, extent.owner));
    batch.put(keys::doomed(extent.file, extent.owner), "");
    dropped.push_back(extent);
}

void LocalStore::unlink(const Dropped& dropped) {
    for (const FileExtent& extent : dropped) {
        // Another copy uses it; or a reader does, which unlinks it when it lets go, or else the next start will.
        if (referenced(extent.file)) {
            names_->erase_later(keys::doomed(extent.file, extent.owner));
        } else if (pins_.doom(extent.file)) {
            unlink(extent);
        }
    }
}

void LocalStore::unlink(const FileExtent& extent) {
    const Status removed = files_.remove(names_->path(extent.file));
    // What can not be removed now keeps its mark, and the next start tries again.
    if (!removed.ok() && removed.error().code != ErrorCode::not_found) return;
    names_->removed(extent.file, keys::doomed(extent.file, extent.owner));
}

bool LocalStore::referenced(FileId file) {
    const std::string prefix = keys::references_of(file);
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    cursor->seek(prefix);
    // Unreadable metadata: better a file too many than an object without bytes.
    return cursor->valid() ? cursor->key().starts_with(prefix) : !cursor->status().ok();
}

Status LocalStore::write(table::WriteBatch& batch) {
    names_->ride_along(batch);
    return metadata_.write(batch);
}

}  // namespace millrace::object
