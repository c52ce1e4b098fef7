// PutObject: the body goes straight to the store in pieces, and becomes visible once all that the client said about
// it holds.
#include <vector>

#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

constexpr size_t piece_bytes = 256 * 1024;  // the store takes pieces of this size without gathering them

aws::Failure too_large(uint64_t bytes) {
    return {"EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed object size.",
            400,
            {{"ProposedSize", std::to_string(bytes)}, {"MaxSizeAllowed", std::to_string(object_bytes_max_single_put)}},
            {}};
}

}  // namespace

aws::Outcome<void> S3::receive(http::BodyReader& body, object::Upload& upload, const Claims& claims,
                               object::RunningChecksum* sum) {
    // As many bytes as a small body needs; a large one grows it once.
    std::string piece(32 * 1024, '\0');
    for (;;) {
        const Result<size_t> count = body.read(std::span<char>(piece));
        if (!count.ok()) return body_failure(count.error());
        if (*count == 0) break;
        const std::string_view bytes(piece.data(), *count);
        if (upload.size() + bytes.size() > object_bytes_max_single_put) return too_large(upload.size() + bytes.size());
        if (sum != nullptr) sum->update(bytes);
        S3_TRY(upload.write(bytes), Subject{});
        if (*count == piece.size() && piece.size() < piece_bytes) piece.resize(piece_bytes);
    }
    return verify(claims, upload, sum);
}

aws::Outcome<shapes::PutObjectOutput> S3::put_object(Context context, const shapes::PutObjectInput& input,
                                                     http::BodyReader& body) {
    const Subject subject{input.Bucket, input.Key};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_acl(input.ACL));
    if (input.ContentLength.value_or(0) > static_cast<int64_t>(object_bytes_max_single_put) + (64 << 20)) {
        return too_large(static_cast<uint64_t>(*input.ContentLength));  // framing counts in it, so not to the byte
    }
    object::PutOptions options;
    TRY(take_metadata(input, options));
    TRY_ASSIGN(options.storage_class, storage_class_of(input.StorageClass));
    TRY(take_write_conditions(input.IfMatch, input.IfNoneMatch, options));
    if (input.Tagging) {
        TRY_ASSIGN(options.tags, parse_tagging_header(*input.Tagging, object_tags_max));
    }
    TRY_ASSIGN(const Claims claims, claims_of(input, *context.head));
    options.checksum_algorithm = claims.algorithm;

    S3_TRY_ASSIGN(const std::unique_ptr<object::Upload> upload,
                  store_.begin_put(input.Bucket, input.Key, std::move(options)), subject);
    TRY(receive(body, *upload, claims, nullptr));
    S3_TRY_ASSIGN(const object::ObjectInfo info, upload->commit(), subject);

    shapes::PutObjectOutput output;
    output.ETag = quoted(info.etag);
    set_checksum(output, info.checksum);
    output.ChecksumType = "FULL_OBJECT";
    return output;
}

}  // namespace millrace::service::s3
