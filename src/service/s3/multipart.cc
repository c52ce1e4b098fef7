// Multipart uploads: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

std::string algorithm_of(const object::MultipartInfo& upload) {
    return upload.options.checksum_algorithm.value_or(std::string(object::checksum_algorithm_default));
}

aws::Failure invalid_part(const std::string& upload_id, const object::CompletedPart& part) {
    return {"InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
            "specified entity tag may not match the part's entity tag.",
            400,
            {{"UploadId", upload_id}, {"PartNumber", std::to_string(part.number)}, {"ETag", part.etag}},
            {}};
}

aws::Outcome<void> check_part_number(int number) {
    if (number >= 1 && number <= part_number_max) return {};
    return invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                            std::to_string(number));
}

// The parts as the client lists them. A checksum of another algorithm than the upload's was checked when the part came
// and is not kept; the ETag stands for the bytes.
aws::Outcome<std::vector<object::CompletedPart>> listed_parts(const shapes::CompleteMultipartUploadInput& input,
                                                              const object::MultipartInfo& upload) {
    if (!input.MultipartUpload || !input.MultipartUpload->Parts || input.MultipartUpload->Parts->empty()) {
        return malformed_xml();
    }
    std::vector<object::CompletedPart> parts;
    for (const shapes::CompletedPart& given : *input.MultipartUpload->Parts) {
        if (!given.PartNumber || !given.ETag) return malformed_xml();
        object::CompletedPart part{*given.PartNumber, std::string(unquoted(*given.ETag)), {}};
        TRY_ASSIGN(part.checksum, checksum_in(given));
        if (part.checksum && part.checksum->algorithm != algorithm_of(upload)) {
            if (upload.options.checksum_algorithm) return invalid_part(input.UploadId, part);
            part.checksum.reset();
        }
        if (!parts.empty() && parts.back().number >= part.number) {
            return aws::Failure{"InvalidPartOrder",
                                "The list of parts was not in ascending order. Parts must be ordered by part number.",
                                400,
                                {{"UploadId", input.UploadId}},
                                {}};
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

// Each listed part is there with that etag and checksum, is large enough, and together they are what the client says.
aws::Outcome<void> check_parts(const shapes::CompleteMultipartUploadInput& input, const object::MultipartInfo& upload,
                               const std::vector<object::CompletedPart>& listed,
                               const std::vector<object::PartInfo>& there) {
    std::vector<object::PartSum> sums;
    uint64_t total = 0;
    auto at = there.begin();
    for (const object::CompletedPart& part : listed) {
        while (at != there.end() && at->number < part.number) ++at;
        if (at == there.end() || at->number != part.number || at->etag != part.etag) {
            return invalid_part(input.UploadId, part);
        }
        if (part.checksum && at->checksum && part.checksum->value != at->checksum->value) {
            return invalid_part(input.UploadId, part);
        }
        if (!part.checksum && upload.options.checksum_algorithm && upload.checksum_type == "COMPOSITE") {
            return invalid_request("The upload was created using a " + *upload.options.checksum_algorithm +
                                   " checksum. The complete request must include the checksum for each part. It was "
                                   "missing for part " +
                                   std::to_string(part.number) + " in the request.");
        }
        if (at->size < part_bytes_min && &part != &listed.back()) {
            return aws::Failure{"EntityTooSmall",
                                "Your proposed upload is smaller than the minimum allowed size",
                                400,
                                {{"ProposedSize", std::to_string(at->size)},
                                 {"MinSizeAllowed", std::to_string(part_bytes_min)},
                                 {"PartNumber", std::to_string(part.number)},
                                 {"ETag", part.etag}},
                                {}};
        }
        if (at->checksum) sums.push_back({at->checksum->value, at->size});
        total += at->size;
    }
    if (input.MpuObjectSize && *input.MpuObjectSize != static_cast<int64_t>(total)) {
        return invalid_request("The provided 'x-amz-mp-object-size' header value " +
                               std::to_string(*input.MpuObjectSize) +
                               " does not match what was computed: " + std::to_string(total));
    }
    if (input.ChecksumType && *input.ChecksumType != upload.checksum_type) {
        return invalid_request("The upload was created using the " + upload.checksum_type +
                               " checksum mode. The complete request must use the same checksum mode.");
    }
    TRY_ASSIGN(const std::optional<object::Checksum> claimed, checksum_in(input));
    if (!claimed) return {};
    const Result<object::Checksum> computed =
        object::combined_checksum(algorithm_of(upload), upload.checksum_type, sums);
    if (!computed.ok()) return failure(computed.error(), Subject{input.Bucket, input.Key, input.UploadId});
    // A composite may come with or without its "-N".
    const bool same = claimed->algorithm == computed->algorithm &&
                      (claimed->value == computed->value ||
                       (computed->composite && computed->value.starts_with(claimed->value + "-")));
    if (same) return {};
    return aws::Failure{"BadDigest",
                        "The " + claimed->algorithm + " you specified did not match the calculated checksum.",
                        400,
                        {},
                        {}};
}

}  // namespace

aws::Outcome<shapes::CreateMultipartUploadOutput> S3::create_multipart_upload(
    Context context, const shapes::CreateMultipartUploadInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_acl(input.ACL));
    object::PutOptions options;
    TRY(take_metadata(input, options));
    TRY_ASSIGN(options.storage_class, storage_class_of(input.StorageClass));
    if (input.Tagging) {
        TRY_ASSIGN(options.tags, parse_tagging_header(*input.Tagging, object_tags_max));
    }
    if (input.ChecksumAlgorithm) {
        TRY_ASSIGN(options.checksum_algorithm, known_algorithm(*input.ChecksumAlgorithm));
    }
    if (input.ChecksumType) {
        if (!input.ChecksumAlgorithm) {
            return invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
                "header.");
        }
        if (!object::multipart_checksum_allowed(*options.checksum_algorithm, *input.ChecksumType)) {
            return invalid_request("The " + *input.ChecksumType + " checksum type cannot be used with the " +
                                   *options.checksum_algorithm + " checksum algorithm.");
        }
    }
    shapes::CreateMultipartUploadOutput output;
    output.ChecksumAlgorithm = options.checksum_algorithm;
    if (options.checksum_algorithm) {
        output.ChecksumType = input.ChecksumType.value_or(
            std::string(object::multipart_checksum_type_default(*options.checksum_algorithm)));
    }
    S3_TRY_ASSIGN(output.UploadId,
                  store_.create_multipart(input.Bucket, input.Key, std::move(options), input.ChecksumType.value_or("")),
                  (Subject{input.Bucket, input.Key}));
    output.Bucket = input.Bucket;
    output.Key = input.Key;
    return output;
}

aws::Outcome<shapes::UploadPartOutput> S3::upload_part(Context context, const shapes::UploadPartInput& input,
                                                       http::BodyReader& body) {
    const Subject subject{input.Bucket, input.Key, input.UploadId};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_part_number(input.PartNumber));
    TRY_ASSIGN(const Claims claims, claims_of(input, *context.head));
    S3_TRY_ASSIGN(const object::MultipartInfo upload, store_.multipart(input.Bucket, input.Key, input.UploadId),
                  subject);
    const std::string algorithm = algorithm_of(upload);
    std::optional<object::RunningChecksum> other;
    if (claims.algorithm && *claims.algorithm != algorithm) {
        if (upload.options.checksum_algorithm) {
            return invalid_request("Checksum Type mismatch occurred, expected checksum Type: " + algorithm +
                                   ", actual checksum Type: " + *claims.algorithm);
        }
        // The upload promised none, so a part may come with any.
        other.emplace(*claims.algorithm);
    }
    S3_TRY_ASSIGN(const std::unique_ptr<object::Upload> part,
                  store_.begin_part(input.Bucket, input.Key, input.UploadId, input.PartNumber), subject);
    TRY(receive(body, *part, claims, other ? &*other : nullptr));
    S3_TRY_ASSIGN(const object::ObjectInfo info, part->commit(), subject);
    shapes::UploadPartOutput output;
    output.ETag = quoted(info.etag);
    set_checksum(output, other ? std::optional(other->value()) : info.checksum);
    return output;
}

aws::Outcome<shapes::CompleteMultipartUploadOutput> S3::complete_multipart_upload(
    Context context, const shapes::CompleteMultipartUploadInput& input) {
    const Subject subject{input.Bucket, input.Key, input.UploadId};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    object::PutOptions conditions;
    TRY(take_write_conditions(input.IfMatch, input.IfNoneMatch, conditions));
    // An upload that is gone may have been completed by this very request, sent before: the store knows.
    Result<object::MultipartInfo> upload = store_.multipart(input.Bucket, input.Key, input.UploadId);
    const bool gone = !upload.ok() && upload.error().code == ErrorCode::not_found;
    if (!upload.ok() && !gone) return failure(upload.error(), subject);
    TRY_ASSIGN(std::vector<object::CompletedPart> listed,
               listed_parts(input, gone ? object::MultipartInfo{} : *upload));
    if (!gone) {
        S3_TRY_ASSIGN(const std::vector<object::PartInfo> there, store_.parts(input.Bucket, input.Key, input.UploadId),
                      subject);
        TRY(check_parts(input, *upload, listed, there));
    }
    // The store checks etags and checksums again, under its lock; what changed since then is an invalid part.
    const object::CompletedPart last = listed.back();
    Result<object::ObjectInfo> completed =
        store_.complete_multipart(input.Bucket, input.Key, input.UploadId, std::move(listed), std::move(conditions));
    if (!completed.ok() && completed.error().code == ErrorCode::invalid_argument) {
        return invalid_part(input.UploadId, last);
    }
    S3_TRY_ASSIGN(const object::ObjectInfo info, std::move(completed), subject);
    shapes::CompleteMultipartUploadOutput output;
    output.Location = context.endpoint + "/" + input.Bucket + "/" + percent_encode(input.Key);
    output.Bucket = input.Bucket;
    output.Key = input.Key;
    output.ETag = quoted(info.etag);
    set_checksum(output, info.checksum);
    if (info.checksum) output.ChecksumType = info.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
    return output;
}

aws::Outcome<shapes::AbortMultipartUploadOutput> S3::abort_multipart_upload(
    Context context, const shapes::AbortMultipartUploadInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY(store_.abort_multipart(input.Bucket, input.Key, input.UploadId),
           (Subject{input.Bucket, input.Key, input.UploadId}));
    return shapes::AbortMultipartUploadOutput{};
}

}  // namespace millrace::service::s3
