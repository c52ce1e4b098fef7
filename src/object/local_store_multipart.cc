// Multipart uploads: each part is a file that its own number owns; completing takes the files over as they are.
#include <cstdio>

#include "src/base/bytes.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/local_store.h"

namespace millrace::object {
namespace {

constexpr int part_number_max = 10'000;

Error no_upload(std::string_view upload_id) {
    return {ErrorCode::not_found, "upload " + std::string(upload_id) + " does not exist: completed or aborted"};
}

class PartUpload final : public Upload {
  public:
    PartUpload(LocalStore& store, FileNames& names, io::FileSystem& files, std::string_view bucket,
               std::string_view key, std::string_view upload_id, int number, std::string algorithm, bool sync)
        : store_(store),
          bucket_(bucket),
          key_(key),
          upload_id_(upload_id),
          number_(number),
          body_(names, files, {.checksum_algorithm = std::move(algorithm), .always_file = true, .sync = sync}) {}

    Status write(std::string_view bytes) override { return body_.write(bytes); }
    uint64_t size() const override { return body_.size(); }
    std::string etag_so_far() override { return body_.md5_hex(); }
    std::optional<Checksum> checksum_so_far() override { return body_.checksum(); }
    Result<ObjectInfo> commit() override {
        TRY(body_.finish());
        return store_.commit_part(bucket_, key_, upload_id_, number_, body_);
    }

  private:
    LocalStore& store_;
    const std::string bucket_;
    const std::string key_;
    const std::string upload_id_;
    const int number_;
    BodyWriter body_;
};

// What was not asked for stays absent in what is stored, so that ListParts can tell.
std::string algorithm_of(const PutOptions& options) {
    return options.checksum_algorithm.value_or(std::string(checksum_algorithm_default));
}

Error bad_part(int number, const char* what) {
    return {ErrorCode::invalid_argument, "part " + std::to_string(number) + " " + what};
}

}  // namespace

Result<std::string> LocalStore::create_multipart(std::string_view bucket, std::string_view key, PutOptions options,
                                                 std::string checksum_type) {
    if (key.empty() || key.size() > 1024) return {ErrorCode::invalid_argument, "a key has 1 to 1024 bytes"};
    MultipartInfo upload;
    const std::string algorithm = algorithm_of(options);
    if (checksum_type.empty()) checksum_type = multipart_checksum_type_default(algorithm);
    if (!multipart_checksum_allowed(algorithm, checksum_type)) {
        return {ErrorCode::invalid_argument, algorithm + " has no " + checksum_type + " checksum"};
    }
    upload.initiated = clock_.now();
    upload.options = std::move(options);
    upload.checksum_type = std::move(checksum_type);
    // Begins with the time, so that the uploads of a key sort by it.
    char time[24];
    std::snprintf(time, sizeof time, "%012llx", static_cast<unsigned long long>(upload.initiated.value()));
    const std::string upload_id = time + hex_encode(random_bytes(16));
    TRY_ASSIGN(const Entered entered, enter(bucket));
    table::WriteBatch batch;
    batch.put(keys::upload(bucket, key, upload_id), encode(upload));
    TRY(write(batch));
    return upload_id;
}

Result<MultipartInfo> LocalStore::find_upload(std::string_view bucket, std::string_view key,
                                              std::string_view upload_id) {
    TRY_ASSIGN(const std::optional<std::string> stored, metadata_.get(keys::upload(bucket, key, upload_id)));
    if (!stored) return no_upload(upload_id);
    TRY_ASSIGN(MultipartInfo upload, decode_upload(*stored));
    upload.key = key;
    upload.upload_id = upload_id;
    return upload;
}

Result<MultipartInfo> LocalStore::multipart(std::string_view bucket, std::string_view key, std::string_view upload_id) {
    TRY(find_bucket(bucket));
    return find_upload(bucket, key, upload_id);
}

Result<std::unique_ptr<Upload>> LocalStore::begin_part(std::string_view bucket, std::string_view key,
                                                       std::string_view upload_id, int number) {
    if (number < 1 || number > part_number_max) return bad_part(number, "is not between 1 and 10000");
    TRY_ASSIGN(const MultipartInfo upload, multipart(bucket, key, upload_id));
    return std::unique_ptr<Upload>(std::make_unique<PartUpload>(*this, *names_, files_, bucket, key, upload_id, number,
                                                                algorithm_of(upload.options), sync_));
}

Result<ObjectInfo> LocalStore::commit_part(const std::string& bucket, const std::string& key,
                                           const std::string& upload_id, int number, BodyWriter& body) {
    PartRecord part;
    part.info.size = body.size();
    part.info.etag = body.md5_hex();
    part.info.checksum = body.checksum();
    part.extent = {body.file(), body.file(), body.size()};
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        const std::lock_guard lock(stripe(keys::object(bucket, key)));
        TRY(find_upload(bucket, key, upload_id));
        part.info.modified = clock_.now();
        table::WriteBatch batch;
        const std::string part_key = keys::part(upload_id, number);
        TRY_ASSIGN(const std::optional<std::string> stored, metadata_.get(part_key));
        if (stored) {
            TRY_ASSIGN(const PartRecord old, decode_part(*stored));
            drop_file(old.extent, batch, dropped);
        }
        batch.put(part_key, encode(part));
        batch.put(keys::reference(part.extent.file, part.extent.owner), "");
        Status written = write(batch);
        if (!written.ok()) {
            body.left_in_doubt();
            return std::move(written).error();
        }
        body.committed();
    }
    unlink(dropped);
    ObjectInfo info;
    info.key = key;
    info.size = part.info.size;
    info.etag = part.info.etag;
    info.modified = part.info.modified;
    info.checksum = part.info.checksum;
    return info;
}

Status LocalStore::for_each_part(std::string_view upload_id, const std::function<void(PartRecord)>& take) {
    const std::string prefix = keys::parts_of(upload_id);
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        const std::string_view number = cursor->key().substr(prefix.size());
        if (number.size() != 2) return {ErrorCode::corruption, "object metadata: a part's key is malformed"};
        TRY_ASSIGN(PartRecord part, decode_part(cursor->value()));
        part.info.number = static_cast<unsigned char>(number[0]) << 8 | static_cast<unsigned char>(number[1]);
        take(std::move(part));
    }
    return cursor->status();
}

Result<std::vector<PartInfo>> LocalStore::parts(std::string_view bucket, std::string_view key,
                                                std::string_view upload_id) {
    TRY(multipart(bucket, key, upload_id));
    std::vector<PartInfo> parts;
    TRY(for_each_part(upload_id, [&](PartRecord part) { parts.push_back(std::move(part.info)); }));
    return parts;
}

Result<std::vector<MultipartInfo>> LocalStore::multiparts(std::string_view bucket, std::string_view key_prefix) {
    TRY(find_bucket(bucket));
    std::vector<MultipartInfo> uploads;
    const std::string base = keys::uploads_of(bucket);
    const std::string prefix = keys::uploads_of(bucket, key_prefix);
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        TRY_ASSIGN(MultipartInfo upload, decode_upload(cursor->value()));
        upload.key = keys::key_of_upload(cursor->key(), base);
        upload.upload_id = cursor->key().substr(cursor->key().rfind(std::string_view("\0\1", 2)) + 2);
        uploads.push_back(std::move(upload));
    }
    TRY(cursor->status());
    return uploads;
}

Status LocalStore::drop_upload(std::string_view bucket, std::string_view key, std::string_view upload_id,
                               table::WriteBatch& batch, Dropped& dropped) {
    batch.erase(keys::upload(bucket, key, upload_id));
    return for_each_part(upload_id, [&](const PartRecord& part) {
        batch.erase(keys::part(upload_id, part.info.number));
        drop_file(part.extent, batch, dropped);
    });
}

Status LocalStore::abort_multipart(std::string_view bucket, std::string_view key, std::string_view upload_id) {
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        const std::lock_guard lock(stripe(keys::object(bucket, key)));
        TRY(find_upload(bucket, key, upload_id));
        table::WriteBatch batch;
        TRY(drop_upload(bucket, key, upload_id, batch, dropped));
        TRY(write(batch));
    }
    unlink(dropped);
    return {};
}

Result<ObjectInfo> LocalStore::complete_multipart(std::string_view bucket, std::string_view key,
                                                  std::string_view upload_id, std::vector<CompletedPart> listed,
                                                  PutOptions conditions) {
    if (listed.empty()) return {ErrorCode::invalid_argument, "an object has at least one part"};
    for (size_t i = 1; i < listed.size(); ++i) {
        if (listed[i - 1].number >= listed[i].number) return bad_part(listed[i].number, "is out of order");
    }
    ObjectRecord record;
    record.info.key = key;
    Dropped dropped;
    {
        TRY_ASSIGN(const Entered entered, enter(bucket));
        const std::string object_key = keys::object(bucket, key);
        const std::lock_guard lock(stripe(object_key));
        TRY_ASSIGN(std::optional<ObjectRecord> old, find(object_key));
        Result<MultipartInfo> found = find_upload(bucket, key, upload_id);
        if (!found.ok() && found.error().code == ErrorCode::not_found && old && old->upload_id == upload_id) {
            old->info.key = key;
            return std::move(old->info);  // completed before: the client did not hear it
        }
        TRY_ASSIGN(const MultipartInfo upload, std::move(found));
        TRY(check(old, conditions));

        table::WriteBatch batch;
        std::vector<FileExtent> extents;
        std::vector<PartSum> sums;
        Digest etags(Digest::Kind::md5);
        auto wanted = listed.begin();
        Status wrong;
        TRY(for_each_part(upload_id, [&](const PartRecord& part) {
            batch.erase(keys::part(upload_id, part.info.number));
            if (wanted == listed.end() || wanted->number != part.info.number) {
                drop_file(part.extent, batch, dropped);  // uploaded, and not wanted
                return;
            }
            std::string raw;
            const bool is_md5 = hex_decode(part.info.etag, &raw);
            MILLRACE_CHECK(is_md5 && part.info.checksum);
            if (wanted->etag != part.info.etag) wrong = bad_part(wanted->number, "has another ETag");
            if (wanted->checksum && wanted->checksum->value != part.info.checksum->value) {
                wrong = bad_part(wanted->number, "has another checksum");
            }
            etags.update(raw);
            extents.push_back(part.extent);
            sums.push_back({part.info.checksum->value, part.info.size});
            record.info.size += part.info.size;
            ++wanted;
        }));
        TRY(std::move(wrong));
        if (wanted != listed.end()) return bad_part(wanted->number, "was not uploaded");

        record.info.etag = hex_encode(etags.finish()) + "-" + std::to_string(listed.size());
        TRY_ASSIGN(record.info.checksum, combined_checksum(algorithm_of(upload.options), upload.checksum_type, sums));
        record.info.system = upload.options.system;
        record.info.user = upload.options.user;
        record.info.tags = upload.options.tags;
        record.info.storage_class = upload.options.storage_class;
        record.info.modified = clock_.now();
        record.upload_id = upload_id;
        record.kind = BodyKind::parts;
        TRY_ASSIGN(record.body, names_->take());
        names_->settle(record.body);  // has no file
        batch.put(keys::extents(record.body), encode(extents));
        batch.erase(keys::upload(bucket, key, upload_id));
        TRY(replace(object_key, record, old, std::move(batch), dropped));
        for (const FileExtent& extent : extents) record.info.part_sizes.push_back(extent.size);
    }
    unlink(dropped);
    return std::move(record.info);
}

}  // namespace millrace::object
