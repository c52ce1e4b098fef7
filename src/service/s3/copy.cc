// CopyObject and UploadPartCopy.
#include <algorithm>

#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

constexpr int copy_attempts_max = 100;  // of a source that is overwritten again and again

template <class Input>
ReadConditions source_conditions_of(const Input& input) {
    return {input.CopySourceIfMatch, input.CopySourceIfNoneMatch, input.CopySourceIfModifiedSince,
            input.CopySourceIfUnmodifiedSince};
}

aws::Outcome<bool> replaces(const char* name, const std::optional<std::string>& directive) {
    if (!directive || *directive == "COPY") return false;
    if (*directive == "REPLACE") return true;
    return invalid_argument("Unknown metadata directive.", name, *directive);
}

// What CopyObject stores with the copy.
aws::Outcome<object::PutOptions> options_of(const shapes::CopyObjectInput& input, const object::ObjectInfo& source) {
    object::PutOptions options;
    TRY_ASSIGN(const bool new_metadata, replaces("x-amz-metadata-directive", input.MetadataDirective));
    TRY_ASSIGN(const bool new_tags, replaces("x-amz-tagging-directive", input.TaggingDirective));
    if (new_metadata) {
        TRY(take_metadata(input, options));
    } else {
        options.system = source.system;
        options.user = source.user;
        // Of its system headers, S3 copies all but this one.
        options.system.erase("x-amz-website-redirect-location");
        if (input.WebsiteRedirectLocation) {
            options.system["x-amz-website-redirect-location"] = *input.WebsiteRedirectLocation;
        }
    }
    if (new_tags) {
        TRY_ASSIGN(options.tags, parse_tagging_header(input.Tagging.value_or(""), object_tags_max));
    } else {
        options.tags = source.tags;
    }
    TRY_ASSIGN(options.storage_class, storage_class_of(input.StorageClass));
    TRY(take_write_conditions(input.IfMatch, input.IfNoneMatch, options));
    return options;
}

// Bytes from a reader into an upload.
Status pour(const object::ObjectReader& reader, ByteRange range, object::Upload& upload) {
    std::string piece(std::min<uint64_t>(range.size, 512 * 1024), '\0');
    while (range.size > 0) {
        const std::span<char> out(piece.data(), std::min<uint64_t>(range.size, piece.size()));
        TRY_ASSIGN(const size_t count, reader.read_at(range.first, out));
        if (count == 0) return Error{ErrorCode::corruption, "object ends before its size"};
        TRY(upload.write(std::string_view(piece.data(), count)));
        range.first += count;
        range.size -= count;
    }
    return {};
}

}  // namespace

aws::Outcome<shapes::CopyObjectOutput> S3::copy_object(Context context, const shapes::CopyObjectInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_acl(input.ACL));
    TRY_ASSIGN(const CopySource source, parse_copy_source(input.CopySource));
    TRY(check_owner(context, source.bucket, input.ExpectedSourceBucketOwner));
    const Subject source_subject{source.bucket, source.key};
    const Subject subject{input.Bucket, input.Key};
    // What is checked, described and copied is one version of the source; where it is overwritten in between, again.
    std::optional<object::ObjectInfo> made;
    for (int attempt = 0; !made; ++attempt) {
        S3_TRY_ASSIGN(const object::ObjectInfo info, store_.head(source.bucket, source.key), source_subject);
        TRY(check_copy_source(source_conditions_of(input), info));
        if (info.size > object_bytes_max_single_put) {
            return invalid_request(
                "The specified copy source is larger than the maximum allowable size for a copy source: " +
                std::to_string(object_bytes_max_single_put));
        }
        TRY_ASSIGN(object::PutOptions options, options_of(input, info));
        if (source.bucket == input.Bucket && source.key == input.Key && input.MetadataDirective != "REPLACE" &&
            !input.StorageClass && !input.WebsiteRedirectLocation) {
            return invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without "
                "changing the object's metadata, storage class, website redirect location or encryption "
                "attributes.");
        }
        std::optional<std::string> algorithm;
        if (input.ChecksumAlgorithm) {
            TRY_ASSIGN(algorithm, known_algorithm(*input.ChecksumAlgorithm));
        }
        // With conditions on the target, "not found" is about it; the source was there a moment ago.
        const Subject& blamed = options.if_match ? subject : source_subject;
        Result<object::ObjectInfo> copied = Error{ErrorCode::cancelled, "the source was overwritten"};
        if (algorithm && (!info.checksum || info.checksum->algorithm != *algorithm || info.checksum->composite)) {
            // Another checksum than the stored one: the bytes have to be read.
            options.checksum_algorithm = algorithm;
            S3_TRY_ASSIGN(const std::unique_ptr<object::ObjectReader> reader,
                          store_.open_object(source.bucket, source.key), source_subject);
            if (reader->info().etag == info.etag) {
                S3_TRY_ASSIGN(const std::unique_ptr<object::Upload> upload,
                              store_.begin_put(input.Bucket, input.Key, std::move(options)), subject);
                S3_TRY(pour(*reader, {0, reader->info().size}, *upload), source_subject);
                copied = upload->commit();
            }
        } else {
            S3_TRY(store_.bucket(input.Bucket), subject);
            copied = store_.copy(source.bucket, source.key, input.Bucket, input.Key, std::move(options), info.etag);
        }
        const bool overwritten = !copied.ok() && copied.error().code == ErrorCode::cancelled;
        if (overwritten && attempt < copy_attempts_max) continue;
        S3_TRY_ASSIGN(made, std::move(copied), blamed);
    }
    const object::ObjectInfo& copied = *made;
    shapes::CopyObjectOutput output;
    output.CopyObjectResult.emplace();
    output.CopyObjectResult->ETag = quoted(copied.etag);
    output.CopyObjectResult->LastModified = copied.modified;
    set_checksum(*output.CopyObjectResult, copied.checksum);
    if (copied.checksum) {
        output.CopyObjectResult->ChecksumType = copied.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    return output;
}

aws::Outcome<shapes::UploadPartCopyOutput> S3::upload_part_copy(Context context,
                                                                const shapes::UploadPartCopyInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    if (input.PartNumber < 1 || input.PartNumber > part_number_max) {
        return invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                                std::to_string(input.PartNumber));
    }
    TRY_ASSIGN(const CopySource source, parse_copy_source(input.CopySource));
    TRY(check_owner(context, source.bucket, input.ExpectedSourceBucketOwner));
    const Subject source_subject{source.bucket, source.key};
    const Subject subject{input.Bucket, input.Key, input.UploadId};
    S3_TRY_ASSIGN(const std::unique_ptr<object::Upload> part,
                  store_.begin_part(input.Bucket, input.Key, input.UploadId, input.PartNumber), subject);
    S3_TRY_ASSIGN(const std::unique_ptr<object::ObjectReader> reader, store_.open_object(source.bucket, source.key),
                  source_subject);
    const object::ObjectInfo& info = reader->info();
    TRY(check_copy_source(source_conditions_of(input), info));
    ByteRange range{0, info.size};
    if (input.CopySourceRange) {
        const std::optional<ByteRange> asked = parse_copy_range(*input.CopySourceRange);
        if (!asked) {
            return invalid_argument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
                "and last are the zero-based offsets of the first and last bytes to copy",
                "x-amz-copy-source-range", *input.CopySourceRange);
        }
        if (asked->first >= info.size || asked->size > info.size - asked->first) {
            return invalid_argument(
                "Range specified is not valid for source object of size: " + std::to_string(info.size),
                "x-amz-copy-source-range", *input.CopySourceRange);
        }
        range = *asked;
    }
    if (range.size > object_bytes_max_single_put) {
        return invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: " +
            std::to_string(object_bytes_max_single_put));
    }
    S3_TRY(pour(*reader, range, *part), source_subject);
    S3_TRY_ASSIGN(const object::ObjectInfo copied, part->commit(), subject);
    shapes::UploadPartCopyOutput output;
    output.CopyPartResult.emplace();
    output.CopyPartResult->ETag = quoted(copied.etag);
    output.CopyPartResult->LastModified = copied.modified;
    set_checksum(*output.CopyPartResult, copied.checksum);
    return output;
}

}  // namespace millrace::service::s3
