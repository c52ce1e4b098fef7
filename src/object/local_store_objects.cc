// Putting, reading, copying and removing objects.
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/local_store.h"
#include "src/object/object_reader.h"

namespace millrace::object {
namespace {

constexpr size_t key_bytes_max = 1024;  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html

Status check_key(std::string_view key) {
    if (key.empty() || key.size() > key_bytes_max) {
        return {ErrorCode::invalid_argument, "a key has 1 to 1024 bytes"};
    }
    return {};
}

class ObjectUpload final : public Upload {
  public:
    ObjectUpload(LocalStore& store, FileNames& names, io::FileSystem& files, std::string_view bucket,
                 std::string_view key, PutOptions options, bool sync)
        : store_(store),
          bucket_(bucket),
          key_(key),
          options_(std::move(options)),
          body_(names, files, {.checksum_algorithm = *options_.checksum_algorithm, .sync = sync}) {}

    Status write(std::string_view bytes) override { return body_.write(bytes); }
    uint64_t size() const override { return body_.size(); }
    std::string etag_so_far() override { return body_.md5_hex(); }
    std::optional<Checksum> checksum_so_far() override { return body_.checksum(); }
    Result<ObjectInfo> commit() override {
        TRY_ASSIGN(LocalStore::ObjectCommit commit, prepare());
        TRY(store_.commit_objects({&commit, 1}, {}));
        return std::move(commit.info);
    }
    // Its bytes are durable; what commit_objects() takes. Refers to this upload.
    Result<LocalStore::ObjectCommit> prepare() {
        TRY(body_.finish());
        return LocalStore::ObjectCommit{bucket_, key_, options_, body_, {}};
    }

  private:
    LocalStore& store_;
    const std::string bucket_;
    const std::string key_;
    const PutOptions options_;
    BodyWriter body_;
};

void take_options(ObjectInfo& info, const PutOptions& options) {
    info.system = options.system;
    info.user = options.user;
    info.tags = options.tags;
    info.storage_class = options.storage_class;
}

}  // namespace

Result<std::unique_ptr<Upload>> LocalStore::begin_put(std::string_view bucket, std::string_view key,
                                                      PutOptions options) {
    TRY(check_key(key));
    TRY(find_bucket(bucket));
    if (!options.checksum_algorithm) options.checksum_algorithm = std::string(checksum_algorithm_default);
    if (!is_checksum_algorithm(*options.checksum_algorithm)) {
        return {ErrorCode::invalid_argument, "no checksum algorithm is called " + *options.checksum_algorithm};
    }
    return std::unique_ptr<Upload>(
        std::make_unique<ObjectUpload>(*this, *names_, files_, bucket, key, std::move(options), sync_));
}

Result<ObjectRecord> LocalStore::make_record(const PutOptions& options, BodyWriter& body, table::WriteBatch& batch) {
    ObjectRecord record;
    record.info.size = body.size();
    record.info.etag = body.md5_hex();
    record.info.checksum = body.checksum();
    take_options(record.info, options);
    if (body.file() != 0) {
        record.kind = BodyKind::file;
        record.body = record.owner = body.file();
        batch.put(keys::reference(record.body, record.owner), "");
    } else if (body.size() > 0) {
        record.kind = BodyKind::inline_bytes;
        TRY_ASSIGN(record.body, names_->take());
        names_->settle(record.body);  // has no file
        batch.put(keys::inline_bytes(record.body), body.inline_bytes());
    }
    return record;
}

Status LocalStore::commit_together(std::span<const std::unique_ptr<Upload>> uploads, table::WriteBatch also) {
    std::vector<ObjectCommit> commits;
    for (const std::unique_ptr<Upload>& upload : uploads) {
        auto* object = dynamic_cast<ObjectUpload*>(upload.get());
        MILLRACE_CHECK(object != nullptr);
        TRY_ASSIGN(const ObjectCommit commit, object->prepare());
        commits.push_back(commit);
    }
    return commit_objects(commits, std::move(also));
}

Status LocalStore::commit_objects(std::span<ObjectCommit> commits, table::WriteBatch batch) {
    std::vector<ObjectRecord> records;
    for (const ObjectCommit& commit : commits) {
        TRY_ASSIGN(ObjectRecord record, make_record(commit.options, commit.body, batch));
        records.push_back(std::move(record));
    }
    Dropped dropped;
    {
        std::map<std::string_view, Entered> entered;
        std::vector<std::string> object_keys;
        std::set<std::mutex*> needed;  // by address: the order in which all lock them
        for (const ObjectCommit& commit : commits) {
            if (!entered.contains(commit.bucket)) {
                TRY_ASSIGN(Entered bucket, enter(commit.bucket));
                entered.emplace(commit.bucket, std::move(bucket));
            }
            object_keys.push_back(keys::object(commit.bucket, commit.key));
            needed.insert(&stripe(object_keys.back()));
        }
        std::vector<std::unique_lock<std::mutex>> locks;
        for (std::mutex* mutex : needed) locks.emplace_back(*mutex);
        for (size_t i = 0; i < commits.size(); ++i) {
            TRY_ASSIGN(const std::optional<ObjectRecord> old, find(object_keys[i]));
            TRY(check(old, commits[i].options));
            if (old) TRY(drop_body(*old, batch, dropped));
            records[i].info.modified = clock_.now();
            batch.put(object_keys[i], encode(records[i]));
        }
        Status written = write(batch);
        for (const ObjectCommit& commit : commits) {
            written.ok() ? commit.body.committed() : commit.body.left_in_doubt();
        }
        TRY(written);
    }
    unlink(dropped);
    for (size_t i = 0; i < commits.size(); ++i) {
        commits[i].info = std::move(records[i].info);
        commits[i].info.key = commits[i].key;
    }
    return {};
}

Result<std::unique_ptr<ObjectReader>> LocalStore::open_object(std::string_view bucket, std::string_view key) {
    // What the record names may be replaced and gone before it is opened: then there is a newer record.
    for (;;) {
        TRY_ASSIGN(ObjectRecord record, require(bucket, key));
        const FileId body = record.body;
        const BodyKind kind = record.kind;
        Result<std::unique_ptr<ObjectReader>> reader = open_body(keys::object(bucket, key), std::move(record));
        if (reader.ok() || reader.error().code != ErrorCode::not_found) return reader;
        TRY_ASSIGN(const std::optional<ObjectRecord> now, find(keys::object(bucket, key)));
        if (now && now->body == body && now->kind == kind) {
            return {ErrorCode::corruption,
                    "object " + std::string(key) + ": its bytes are gone: " + reader.error().message};
        }
    }
}

Result<std::unique_ptr<ObjectReader>> LocalStore::open_body(const std::string& object_key, ObjectRecord record) {
    const FileId body = record.body;
    if (record.kind == BodyKind::empty) {
        return std::unique_ptr<ObjectReader>(std::make_unique<InlineReader>(std::move(record.info), ""));
    }
    if (record.kind == BodyKind::inline_bytes) {
        TRY_ASSIGN(std::optional<std::string> bytes, metadata_.get(keys::inline_bytes(body)));
        if (!bytes) return {ErrorCode::not_found, "object: its inline bytes are gone"};
        return std::unique_ptr<ObjectReader>(std::make_unique<InlineReader>(std::move(record.info), std::move(*bytes)));
    }
    if (record.kind == BodyKind::file) {
        TRY_ASSIGN(std::unique_ptr<io::File> file, files_.open(names_->path(body), {}));
        return std::unique_ptr<ObjectReader>(std::make_unique<FileReader>(std::move(record.info), std::move(file)));
    }
    TRY_ASSIGN(std::vector<FileExtent> extents, files_of(record));
    for (const FileExtent& extent : extents) {
        record.info.part_sizes.push_back(extent.size);
        pins_.pin(extent.file);
    }
    auto reader = std::make_unique<PartsReader>(
        std::move(record.info), std::move(extents), [this](FileId file) { return files_.open(names_->path(file), {}); },
        [this](const std::vector<FileExtent>& parts) {
            for (const FileExtent& part : parts) {
                if (pins_.unpin(part.file)) unlink(part);
            }
        });
    // Still the record after the pins: so whoever unlinks these files looks at the pins first.
    TRY_ASSIGN(const std::optional<ObjectRecord> now, find(object_key));
    if (!now || now->body != body || now->kind != BodyKind::parts) {
        return {ErrorCode::not_found, "object was replaced while it was opened"};
    }
    return std::unique_ptr<ObjectReader>(std::move(reader));
}

Result<ObjectInfo> LocalStore::head(std::string_view bucket, std::string_view key) {
    for (;;) {
        TRY_ASSIGN(ObjectRecord record, require(bucket, key));
        if (record.kind == BodyKind::parts) {
            Result<std::vector<FileExtent>> extents = files_of(record);
            if (!extents.ok() && extents.error().code == ErrorCode::not_found) {
                TRY_ASSIGN(const std::optional<ObjectRecord> now, find(keys::object(bucket, key)));
                if (!now || now->body != record.body || now->kind != record.kind) continue;  // replaced in between
                return {ErrorCode::corruption, "object " + std::string(key) + ": " + extents.error().message};
            }
            TRY_ASSIGN(const std::vector<FileExtent> parts, std::move(extents));
            for (const FileExtent& part : parts) record.info.part_sizes.push_back(part.size);
        }
        return std::move(record.info);
    }
}

Result<ObjectInfo> LocalStore::copy(std::string_view source_bucket, std::string_view source_key,
                                    std::string_view bucket, std::string_view key, std::optional<PutOptions> options,
                                    const std::optional<std::string>& source_etag) {
    TRY(check_key(key));
    const std::string source = keys::object(source_bucket, source_key);
    const std::string target = keys::object(bucket, key);
    std::mutex* first = &stripe(source);
    std::mutex* second = &stripe(target);
    if (first > second) std::swap(first, second);
    ObjectRecord record;
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        // The source's stripe is held until the copy is durable: its files keep their references till then.
        const std::unique_lock lock_first(*first);
        const std::unique_lock lock_second =
            second == first ? std::unique_lock<std::mutex>() : std::unique_lock(*second);
        TRY_ASSIGN(record, require(source_bucket, source_key));
        if (source_etag && *source_etag != record.info.etag) {
            return {ErrorCode::cancelled, "object " + std::string(source_key) + " was overwritten while it was copied"};
        }
        TRY_ASSIGN(const std::optional<ObjectRecord> old, find(target));
        if (options) TRY(check(old, *options));
        if (options) take_options(record.info, *options);
        record.info.modified = clock_.now();
        record.upload_id.clear();

        table::WriteBatch batch;
        TRY_ASSIGN(std::vector<FileExtent> extents, files_of(record));
        if (record.kind != BodyKind::empty) {
            // The copy's own number: it names the copy's bytes or list of parts, and owns its references to files.
            TRY_ASSIGN(const FileId number, names_->take());
            names_->settle(number);  // has no file
            for (FileExtent& extent : extents) {
                extent.owner = number;
                batch.put(keys::reference(extent.file, number), "");
            }
            if (record.kind == BodyKind::inline_bytes) {
                TRY_ASSIGN(std::optional<std::string> bytes, metadata_.get(keys::inline_bytes(record.body)));
                if (!bytes)
                    return {ErrorCode::corruption, "object " + std::string(source_key) + ": its bytes are gone"};
                batch.put(keys::inline_bytes(number), std::move(*bytes));
                record.body = number;
            } else if (record.kind == BodyKind::parts) {
                batch.put(keys::extents(number), encode(extents));
                record.body = number;
            } else {
                record.owner = number;
            }
        }
        TRY(replace(target, record, old, std::move(batch), dropped));
    }
    unlink(dropped);
    record.info.key = key;
    return std::move(record.info);
}

Status LocalStore::set_tags(std::string_view bucket, std::string_view key, std::map<std::string, std::string> tags) {
    TRY_ASSIGN(const Entered entered, enter(bucket));
    const std::string object_key = keys::object(bucket, key);
    const std::lock_guard lock(stripe(object_key));
    TRY_ASSIGN(ObjectRecord record, require(bucket, key));
    record.info.tags = std::move(tags);
    table::WriteBatch batch;
    batch.put(object_key, encode(record));
    return write(batch);
}

Status LocalStore::remove(std::string_view bucket, std::string_view key) {
    return remove_many(bucket, {std::string(key)});
}

Status LocalStore::remove_if(std::string_view bucket, std::string_view key, std::string_view etag) {
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        const std::string object_key = keys::object(bucket, key);
        const std::lock_guard lock(stripe(object_key));
        TRY_ASSIGN(const ObjectRecord old, require(bucket, key));
        PutOptions conditions;
        conditions.if_match = etag;
        TRY(check(old, conditions));
        table::WriteBatch batch;
        TRY(drop_body(old, batch, dropped));
        batch.erase(object_key);
        TRY(write(batch));
    }
    unlink(dropped);
    return {};
}

Status LocalStore::remove_many(std::string_view bucket, const std::vector<std::string>& removed) {
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        std::set<std::string> object_keys;  // each once
        std::set<std::mutex*> needed;       // by address: the order in which all lock them
        for (const std::string& key : removed) {
            const auto [object_key, added] = object_keys.insert(keys::object(bucket, key));
            needed.insert(&stripe(*object_key));
        }
        std::vector<std::unique_lock<std::mutex>> locks;
        for (std::mutex* mutex : needed) locks.emplace_back(*mutex);
        table::WriteBatch batch;
        for (const std::string& object_key : object_keys) {
            TRY_ASSIGN(const std::optional<ObjectRecord> old, find(object_key));
            if (!old) continue;
            TRY(drop_body(*old, batch, dropped));
            batch.erase(object_key);
        }
        if (batch.empty()) return {};
        TRY(write(batch));
    }
    unlink(dropped);
    return {};
}

}  // namespace millrace::object
