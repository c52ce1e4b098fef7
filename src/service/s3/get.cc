// GetObject, HeadObject, GetObjectAttributes.
#include <algorithm>

#include "src/service/s3/body_source.h"
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

// Which bytes a read is about: the whole, a range, or one part.
struct Selection {
    ByteRange range;
    bool partial = false;  // 206
    bool of_part = false;
};

template <class Input>
aws::Outcome<Selection> select(const Input& input, const object::ObjectInfo& info) {
    Selection selection{{0, info.size}};
    if (input.PartNumber) {
        if (input.Range) return invalid_request("Cannot specify both Range header and partNumber query parameter");
        if (*input.PartNumber < 1 || *input.PartNumber > part_number_max) {
            return invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                                    std::to_string(*input.PartNumber));
        }
        const auto part = static_cast<size_t>(*input.PartNumber);
        if (part > std::max<size_t>(info.part_sizes.size(), 1)) {
            return aws::Failure{"InvalidPartNumber",
                                "The requested partnumber is not satisfiable",
                                416,
                                {{"PartNumberRequested", std::to_string(part)},
                                 {"ActualPartCount", std::to_string(std::max<size_t>(info.part_sizes.size(), 1))}},
                                {}};
        }
        if (!info.part_sizes.empty()) {
            selection.range.size = info.part_sizes[part - 1];
            for (size_t i = 0; i + 1 < part; ++i) selection.range.first += info.part_sizes[i];
        }
        selection.of_part = true;
        selection.partial = info.size > 0;  // an empty object has no range to name
        return selection;
    }
    if (!input.Range) return selection;
    const RangeRequest asked = parse_range(*input.Range, info.size);
    if (asked.kind == RangeKind::unsatisfiable) {
        return aws::Failure{"InvalidRange",
                            "The requested range is not satisfiable",
                            416,
                            {{"RangeRequested", *input.Range}, {"ActualObjectSize", std::to_string(info.size)}},
                            {{"content-range", "bytes */" + std::to_string(info.size)}}};
    }
    if (asked.kind == RangeKind::part) return Selection{asked.range, true, false};
    return selection;
}

template <class Input>
ReadConditions conditions_of(const Input& input) {
    return {input.IfMatch, input.IfNoneMatch, input.IfModifiedSince, input.IfUnmodifiedSince};
}

// What GetObject and HeadObject answer alike.
template <class Input, class Output>
void describe(const Input& input, const object::ObjectInfo& info, const Selection& selection, Output& output) {
    output.AcceptRanges = "bytes";
    output.LastModified = info.modified;
    output.ETag = quoted(info.etag);
    output.ContentLength = static_cast<int64_t>(selection.range.size);
    give_metadata(info, output);
    if (selection.partial) {
        output.ContentRange = "bytes " + std::to_string(selection.range.first) + "-" +
                              std::to_string(selection.range.first + selection.range.size - 1) + "/" +
                              std::to_string(info.size);
    }
    if (selection.of_part && !info.part_sizes.empty()) output.PartsCount = static_cast<int32_t>(info.part_sizes.size());
    // The stored checksum is of the whole: a client could not check a range by it.
    if (input.ChecksumMode == "ENABLED" && !selection.partial && info.checksum) {
        set_checksum(output, info.checksum);
        output.ChecksumType = info.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    if (input.ResponseCacheControl) output.CacheControl = input.ResponseCacheControl;
    if (input.ResponseContentDisposition) output.ContentDisposition = input.ResponseContentDisposition;
    if (input.ResponseContentEncoding) output.ContentEncoding = input.ResponseContentEncoding;
    if (input.ResponseContentLanguage) output.ContentLanguage = input.ResponseContentLanguage;
    if (input.ResponseContentType) output.ContentType = input.ResponseContentType;
    if (input.ResponseExpires) output.Expires = http_date(*input.ResponseExpires);
}

void describe_parts(const shapes::GetObjectAttributesInput& input, const object::ObjectInfo& info,
                    shapes::GetObjectAttributesOutput& output) {
    if (info.part_sizes.empty()) return;  // not a multipart object
    shapes::GetObjectAttributesParts parts;
    const int after = std::max(0, input.PartNumberMarker.value_or(0));
    const int page = std::clamp(input.MaxParts.value_or(page_max), 0, page_max);
    const int count = static_cast<int>(info.part_sizes.size());
    parts.TotalPartsCount = count;
    parts.PartNumberMarker = after;
    parts.MaxParts = page;
    parts.Parts.emplace();
    int number = after;
    while (number < count && static_cast<int>(parts.Parts->size()) < page) {
        shapes::ObjectPart part;
        part.Size = static_cast<int64_t>(info.part_sizes[static_cast<size_t>(number)]);
        part.PartNumber = ++number;
        parts.Parts->push_back(std::move(part));
    }
    parts.NextPartNumberMarker = number;
    parts.IsTruncated = number < count;
    output.ObjectParts = std::move(parts);
}

}  // namespace

aws::Outcome<aws::Streamed<shapes::GetObjectOutput>> S3::get_object(Context context,
                                                                    const shapes::GetObjectInput& input) {
    const Subject subject{input.Bucket, input.Key};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_version(input.VersionId));
    S3_TRY_ASSIGN(std::unique_ptr<object::ObjectReader> reader, store_.open_object(input.Bucket, input.Key), subject);
    const object::ObjectInfo& info = reader->info();
    TRY(check_read(conditions_of(input), info));
    TRY_ASSIGN(const Selection selection, select(input, info));
    aws::Streamed<shapes::GetObjectOutput> answer;
    describe(input, info, selection, answer.output);
    answer.status = selection.partial ? 206 : 200;
    answer.source_size = selection.range.size;
    if (selection.range.size > 0) answer.source = make_object_source(std::move(reader), selection.range);
    return answer;
}

aws::Outcome<aws::Streamed<shapes::HeadObjectOutput>> S3::head_object(Context context,
                                                                      const shapes::HeadObjectInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_version(input.VersionId));
    S3_TRY_ASSIGN(const object::ObjectInfo info, store_.head(input.Bucket, input.Key),
                  (Subject{input.Bucket, input.Key}));
    TRY(check_read(conditions_of(input), info));
    TRY_ASSIGN(const Selection selection, select(input, info));
    aws::Streamed<shapes::HeadObjectOutput> answer;
    describe(input, info, selection, answer.output);
    answer.status = selection.partial ? 206 : 200;
    return answer;
}

aws::Outcome<shapes::GetObjectAttributesOutput> S3::get_object_attributes(
    Context context, const shapes::GetObjectAttributesInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_version(input.VersionId));
    S3_TRY_ASSIGN(const object::ObjectInfo info, store_.head(input.Bucket, input.Key),
                  (Subject{input.Bucket, input.Key}));
    shapes::GetObjectAttributesOutput output;
    output.LastModified = info.modified;
    for (const std::string& attribute : input.ObjectAttributes) {
        if (attribute == "ETag") {
            output.ETag = info.etag;  // here, and here alone, S3 leaves the quotes out
        } else if (attribute == "Checksum") {
            if (!info.checksum) continue;
            output.Checksum.emplace();
            set_checksum(*output.Checksum, info.checksum);
            output.Checksum->ChecksumType = info.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
        } else if (attribute == "ObjectParts") {
            describe_parts(input, info, output);
        } else if (attribute == "StorageClass") {
            output.StorageClass = info.storage_class;
        } else if (attribute == "ObjectSize") {
            output.ObjectSize = static_cast<int64_t>(info.size);
        } else {
            return invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", attribute);
        }
    }
    return output;
}

}  // namespace millrace::service::s3
