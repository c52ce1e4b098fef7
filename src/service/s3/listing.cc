// ListObjects and ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
#include <algorithm>

#include "src/base/base64.h"
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

// As XML can not carry every character of a key, clients ask for them percent-encoded.
class Encoding {
  public:
    explicit Encoding(const std::optional<std::string>& type) : url_(type == "url") {}
    std::string operator()(std::string_view text) const { return url_ ? percent_encode(text) : std::string(text); }
    std::optional<std::string> operator()(const std::optional<std::string>& text) const {
        return text ? std::optional((*this)(std::string_view(*text))) : std::nullopt;
    }

  private:
    bool url_;
};

aws::Outcome<void> check_encoding(const std::optional<std::string>& type) {
    if (!type || *type == "url") return {};
    return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", *type);
}

aws::Outcome<int> page_of(const std::optional<int32_t>& asked) {
    if (asked && *asked < 0) {
        return invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys",
                                std::to_string(*asked));
    }
    return std::min(asked.value_or(page_max), page_max);
}

shapes::Object shown(const object::ObjectInfo& info, const Encoding& encode,
                     const std::optional<shapes::Owner>& owner) {
    shapes::Object out;
    out.Key = encode(std::string_view(info.key));
    out.LastModified = info.modified;
    out.ETag = quoted(info.etag);
    out.Size = static_cast<int64_t>(info.size);
    out.StorageClass = info.storage_class;
    out.Owner = owner;
    if (info.checksum) {
        out.ChecksumAlgorithm = std::vector<std::string>{info.checksum->algorithm};
        out.ChecksumType = info.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    return out;
}

template <class Output>
void fill(const object::ListPage& page, const Encoding& encode, const std::optional<shapes::Owner>& owner,
          Output& output) {
    output.IsTruncated = page.truncated;
    if (!page.objects.empty()) output.Contents.emplace();
    for (const object::ObjectInfo& info : page.objects) output.Contents->push_back(shown(info, encode, owner));
    if (!page.common_prefixes.empty()) output.CommonPrefixes.emplace();
    for (const std::string& prefix : page.common_prefixes) {
        output.CommonPrefixes->push_back({encode(std::string_view(prefix))});
    }
}

}  // namespace

aws::Outcome<shapes::ListObjectsOutput> S3::list_objects(Context context, const shapes::ListObjectsInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_encoding(input.EncodingType));
    TRY_ASSIGN(const int page_size, page_of(input.MaxKeys));
    object::ListOptions options;
    options.prefix = input.Prefix.value_or("");
    options.delimiter = input.Delimiter.value_or("");
    options.start_after = input.Marker.value_or("");
    options.keys_max = static_cast<size_t>(page_size);
    S3_TRY_ASSIGN(const object::ListPage page, store_.list(input.Bucket, options), Subject{input.Bucket});

    const Encoding encode(input.EncodingType);
    shapes::ListObjectsOutput output;
    fill(page, encode, owner_of(context), output);
    output.Name = input.Bucket;
    output.Prefix = encode(std::string_view(options.prefix));
    output.Marker = encode(std::string_view(options.start_after));
    output.MaxKeys = page_size;
    if (!options.delimiter.empty()) output.Delimiter = encode(std::string_view(options.delimiter));
    // Without a delimiter, the last key serves as the next marker, and S3 sends none.
    if (page.truncated && !options.delimiter.empty())
        output.NextMarker = encode(std::string_view(page.next_start_after));
    output.EncodingType = input.EncodingType;
    return output;
}

aws::Outcome<shapes::ListObjectsV2Output> S3::list_objects_v2(Context context,
                                                              const shapes::ListObjectsV2Input& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_encoding(input.EncodingType));
    TRY_ASSIGN(const int page_size, page_of(input.MaxKeys));
    object::ListOptions options;
    options.prefix = input.Prefix.value_or("");
    options.delimiter = input.Delimiter.value_or("");
    options.start_after = input.StartAfter.value_or("");
    options.keys_max = static_cast<size_t>(page_size);
    // A token is where the page before ended; it rules out start-after.
    if (input.ContinuationToken &&
        (!base64_decode(*input.ContinuationToken, &options.start_after) || options.start_after.empty())) {
        return invalid_argument("The continuation token provided is incorrect", "continuation-token",
                                *input.ContinuationToken);
    }
    S3_TRY_ASSIGN(const object::ListPage page, store_.list(input.Bucket, options), Subject{input.Bucket});

    const Encoding encode(input.EncodingType);
    shapes::ListObjectsV2Output output;
    fill(page, encode, input.FetchOwner.value_or(false) ? std::optional(owner_of(context)) : std::nullopt, output);
    output.Name = input.Bucket;
    output.Prefix = encode(std::string_view(options.prefix));
    output.MaxKeys = page_size;
    output.KeyCount = static_cast<int32_t>(page.objects.size() + page.common_prefixes.size());
    if (!options.delimiter.empty()) output.Delimiter = encode(std::string_view(options.delimiter));
    output.ContinuationToken = input.ContinuationToken;
    if (page.truncated) output.NextContinuationToken = base64_encode(page.next_start_after);
    output.StartAfter = encode(input.StartAfter);
    output.EncodingType = input.EncodingType;
    return output;
}

}  // namespace millrace::service::s3
