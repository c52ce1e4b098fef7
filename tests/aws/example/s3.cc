#include "aws_example/s3/shapes.h"
#include "tests/aws/example/example.h"

#include "src/base/checksum.h"

namespace millrace::aws::testing {
namespace {

using namespace aws::s3;

class StringSource final : public http::BodySource {
  public:
    explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
    Result<size_t> read(std::span<char> out) override {
        const size_t count = bytes_.copy(out.data(), out.size(), at_);
        at_ += count;
        return count;
    }

  private:
    std::string bytes_;
    size_t at_ = 0;
};

Outcome<PutObjectOutput> put_object(Example& example, const CallContext&, const PutObjectInput& input,
                                    http::BodyReader& body) {
    std::string bytes;
    char piece[8192];
    for (;;) {
        const Result<size_t> count = body.read(piece);
        if (!count.ok()) return Failure{"InternalError", count.error().message, 500};
        if (*count == 0) break;
        bytes.append(piece, *count);
    }
    PutObjectOutput output;
    output.ETag = "\"" + std::to_string(bytes.size()) + "\"";
    const std::lock_guard lock(example.mutex);
    example.objects[input.Bucket + "/" + input.Key] = std::move(bytes);
    return output;
}

Outcome<Streamed<GetObjectOutput>> get_object(Example& example, const CallContext&, const GetObjectInput& input) {
    const std::lock_guard lock(example.mutex);
    const auto at = example.objects.find(input.Bucket + "/" + input.Key);
    if (at == example.objects.end())
        return Failure{"NoSuchKey", "The specified key does not exist.", 404, {{"Key", input.Key}}, {}};
    Streamed<GetObjectOutput> answer;
    answer.output.ContentLength = static_cast<int64_t>(at->second.size());
    answer.output.LastModified = TimestampMs(1'700'000'000'000);
    answer.output.Metadata = std::map<std::string, std::string>{{"color", "blue"}};
    answer.source = std::make_unique<StringSource>(at->second);
    return answer;
}

Outcome<HeadObjectOutput> head_object(Example& example, const CallContext&, const HeadObjectInput& input) {
    const std::lock_guard lock(example.mutex);
    const auto at = example.objects.find(input.Bucket + "/" + input.Key);
    if (at == example.objects.end()) return Failure{"NotFound", "Not Found", 404};
    HeadObjectOutput output;
    output.ContentLength = static_cast<int64_t>(at->second.size());
    return output;
}

Outcome<ListObjectsV2Output> list_objects(Example& example, const CallContext&, const ListObjectsV2Input& input) {
    ListObjectsV2Output output;
    output.Name = input.Bucket;
    output.Prefix = input.Prefix;
    output.IsTruncated = false;
    output.Contents.emplace();
    const std::lock_guard lock(example.mutex);
    for (const auto& [name, bytes] : example.objects) {
        if (!name.starts_with(input.Bucket + "/" + input.Prefix.value_or(""))) continue;
        Object& object = output.Contents->emplace_back();
        object.Key = name.substr(input.Bucket.size() + 1);
        object.Size = static_cast<int64_t>(bytes.size());
        object.LastModified = TimestampMs(1'700'000'000'123);
    }
    output.CommonPrefixes = std::vector<CommonPrefix>{{"a&b/"}, {"<c>/"}};
    return output;
}

Outcome<DeleteObjectsOutput> delete_objects(Example& example, const CallContext&, const DeleteObjectsInput& input) {
    DeleteObjectsOutput output;
    output.Deleted.emplace();
    const std::lock_guard lock(example.mutex);
    for (const ObjectIdentifier& object : input.Delete.Objects) {
        example.objects.erase(input.Bucket + "/" + object.Key);
        output.Deleted->emplace_back().Key = object.Key;
    }
    return output;
}

Outcome<CreateBucketOutput> create_bucket(Example&, const CallContext&, const CreateBucketInput& input) {
    CreateBucketOutput output;
    output.Location = "/" + input.Bucket;
    if (input.CreateBucketConfiguration && input.CreateBucketConfiguration->LocationConstraint)
        *output.Location += "@" + *input.CreateBucketConfiguration->LocationConstraint;
    return output;
}

Outcome<GetBucketLocationOutput> get_bucket_location(Example&, const CallContext& context,
                                                     const GetBucketLocationInput&) {
    GetBucketLocationOutput output;
    output.LocationConstraint = context.scope.region;
    return output;
}

}  // namespace

Service s3_service(Example& example) {
    return make_service(
        example, s3::model(),
        {
            MILLRACE_OPERATION(PutObject, streamed, write, "s3:PutObject", &put_object)
                .refuse("WebsiteRedirectLocation", "there are no websites"),
            MILLRACE_OPERATION(GetObject, worker, read, "s3:GetObject", &get_object),
            MILLRACE_OPERATION(HeadObject, worker, read, "s3:GetObject", &head_object),
            MILLRACE_OPERATION(ListObjectsV2, worker, read, "s3:ListBucket", &list_objects),
            MILLRACE_OPERATION(DeleteObjects, worker, write, "s3:DeleteObject", &delete_objects),
            MILLRACE_OPERATION(CreateBucket, worker, write, "s3:CreateBucket", &create_bucket),
            MILLRACE_OPERATION(GetBucketLocation, worker, read, "s3:GetBucketLocation", &get_bucket_location),
        });
}

}  // namespace millrace::aws::testing
