// Tags of objects.
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {

aws::Outcome<shapes::GetObjectTaggingOutput> S3::get_object_tagging(Context context,
                                                                    const shapes::GetObjectTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_version(input.VersionId));
    S3_TRY_ASSIGN(const object::ObjectInfo info, store_.head(input.Bucket, input.Key),
                  (Subject{input.Bucket, input.Key}));
    shapes::GetObjectTaggingOutput output;
    output.TagSet = to_shapes(info.tags);
    return output;
}

aws::Outcome<shapes::PutObjectTaggingOutput> S3::put_object_tagging(Context context,
                                                                    const shapes::PutObjectTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_version(input.VersionId));
    TRY_ASSIGN(TagMap tags, tags_of(input.Tagging.TagSet, object_tags_max));
    S3_TRY(store_.set_tags(input.Bucket, input.Key, std::move(tags)), (Subject{input.Bucket, input.Key}));
    return shapes::PutObjectTaggingOutput{};
}

aws::Outcome<shapes::DeleteObjectTaggingOutput> S3::delete_object_tagging(
    Context context, const shapes::DeleteObjectTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_version(input.VersionId));
    S3_TRY(store_.set_tags(input.Bucket, input.Key, {}), (Subject{input.Bucket, input.Key}));
    return shapes::DeleteObjectTaggingOutput{};
}

}  // namespace millrace::service::s3
