// ListParts and ListMultipartUploads.
#include <algorithm>

#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

aws::Outcome<int> page_of(const char* name, const std::optional<int32_t>& asked) {
    if (asked && *asked < 0) {
        return invalid_argument("Argument " + std::string(name) + " must be an integer between 0 and 2147483647", name,
                                std::to_string(*asked));
    }
    return std::min(asked.value_or(page_max), page_max);
}

shapes::Initiator initiator_of(const aws::CallContext& context) {
    return {owner_of(context).ID, context.access_key.empty() ? "anonymous" : context.access_key};
}

}  // namespace

aws::Outcome<shapes::ListPartsOutput> S3::list_parts(Context context, const shapes::ListPartsInput& input) {
    const Subject subject{input.Bucket, input.Key, input.UploadId};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY_ASSIGN(const int page, page_of("max-parts", input.MaxParts));
    S3_TRY_ASSIGN(const object::MultipartInfo upload, store_.multipart(input.Bucket, input.Key, input.UploadId),
                  subject);
    S3_TRY_ASSIGN(const std::vector<object::PartInfo> parts, store_.parts(input.Bucket, input.Key, input.UploadId),
                  subject);
    shapes::ListPartsOutput output;
    output.Bucket = input.Bucket;
    output.Key = input.Key;
    output.UploadId = input.UploadId;
    output.Initiator = initiator_of(context);
    output.Owner = owner_of(context);
    output.StorageClass = upload.options.storage_class;
    output.ChecksumAlgorithm = upload.options.checksum_algorithm;
    if (upload.options.checksum_algorithm) output.ChecksumType = upload.checksum_type;
    output.PartNumberMarker = input.PartNumberMarker.value_or(0);
    output.NextPartNumberMarker = 0;
    output.MaxParts = page;
    output.IsTruncated = false;
    for (const object::PartInfo& part : parts) {
        if (part.number <= *output.PartNumberMarker) continue;
        if (page == 0) break;
        if (!output.Parts) output.Parts.emplace();
        if (output.Parts->size() == static_cast<size_t>(page)) {
            output.IsTruncated = true;
            break;
        }
        shapes::Part shown;
        shown.PartNumber = part.number;
        shown.LastModified = part.modified;
        shown.ETag = quoted(part.etag);
        shown.Size = static_cast<int64_t>(part.size);
        if (upload.options.checksum_algorithm) set_checksum(shown, part.checksum);
        output.NextPartNumberMarker = part.number;
        output.Parts->push_back(std::move(shown));
    }
    return output;
}

aws::Outcome<shapes::ListMultipartUploadsOutput> S3::list_multipart_uploads(
    Context context, const shapes::ListMultipartUploadsInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    if (input.EncodingType && *input.EncodingType != "url") {
        return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", *input.EncodingType);
    }
    TRY_ASSIGN(const int page, page_of("max-uploads", input.MaxUploads));
    const std::string prefix = input.Prefix.value_or("");
    const std::string delimiter = input.Delimiter.value_or("");
    const std::string key_marker = input.KeyMarker.value_or("");
    const std::string id_marker = key_marker.empty() ? "" : input.UploadIdMarker.value_or("");
    S3_TRY_ASSIGN(const std::vector<object::MultipartInfo> uploads, store_.multiparts(input.Bucket, prefix),
                  Subject{input.Bucket});
    const auto encode = [&](const std::string& text) { return input.EncodingType ? percent_encode(text) : text; };

    shapes::ListMultipartUploadsOutput output;
    output.Bucket = input.Bucket;
    output.Prefix = encode(prefix);
    if (!delimiter.empty()) output.Delimiter = encode(delimiter);
    output.KeyMarker = encode(key_marker);
    output.UploadIdMarker = id_marker;
    output.MaxUploads = page;
    output.IsTruncated = false;
    output.EncodingType = input.EncodingType;
    int shown = 0;
    std::string last_key, last_id, group;
    for (const object::MultipartInfo& upload : uploads) {
        // After the marker: later keys, and, where an upload is named too, later uploads of the same key.
        if (!key_marker.empty()) {
            if (upload.key < key_marker) continue;
            if (upload.key == key_marker && (id_marker.empty() || upload.upload_id <= id_marker)) continue;
        }
        std::string_view common;
        if (!delimiter.empty()) {
            const size_t found = upload.key.find(delimiter, prefix.size());
            if (found != std::string::npos) common = std::string_view(upload.key).substr(0, found + delimiter.size());
        }
        if (!common.empty() && (common == group || common == key_marker)) continue;
        if (shown == page) {
            output.IsTruncated = page > 0;
            break;
        }
        ++shown;
        if (!common.empty()) {
            if (!output.CommonPrefixes) output.CommonPrefixes.emplace();
            group = common;
            output.CommonPrefixes->push_back({encode(group)});
            last_key = group;
            last_id.clear();
            continue;
        }
        if (!output.Uploads) output.Uploads.emplace();
        shapes::MultipartUpload item;
        item.UploadId = upload.upload_id;
        item.Key = encode(upload.key);
        item.Initiated = upload.initiated;
        item.StorageClass = upload.options.storage_class;
        item.Owner = owner_of(context);
        item.Initiator = initiator_of(context);
        item.ChecksumAlgorithm = upload.options.checksum_algorithm;
        if (upload.options.checksum_algorithm) item.ChecksumType = upload.checksum_type;
        output.Uploads->push_back(std::move(item));
        last_key = upload.key;
        last_id = upload.upload_id;
    }
    if (*output.IsTruncated) {
        output.NextKeyMarker = encode(last_key);
        output.NextUploadIdMarker = last_id;
    }
    return output;
}

}  // namespace millrace::service::s3
