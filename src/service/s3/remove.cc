// DeleteObject and DeleteObjects.
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {

aws::Outcome<shapes::DeleteObjectOutput> S3::delete_object(Context context, const shapes::DeleteObjectInput& input) {
    const Subject subject{input.Bucket, input.Key};
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_key(input.Key));
    TRY(check_version(input.VersionId));
    if (input.IfMatch) {
        S3_TRY(store_.remove_if(input.Bucket, input.Key, unquoted(*input.IfMatch)), subject);
    } else {
        S3_TRY(store_.remove(input.Bucket, input.Key), subject);
    }
    return shapes::DeleteObjectOutput{};
}

aws::Outcome<shapes::DeleteObjectsOutput> S3::delete_objects(Context context, const shapes::DeleteObjectsInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    const Subject subject{input.Bucket};
    const std::vector<shapes::ObjectIdentifier>& asked = input.Delete.Objects;
    if (asked.empty() || asked.size() > static_cast<size_t>(page_max)) return malformed_xml();
    S3_TRY(store_.bucket(input.Bucket), subject);

    // Unconditional deletions are one write. What is wrong with one key is said of that key.
    shapes::DeleteObjectsOutput output;
    output.Deleted.emplace();
    output.Errors.emplace();
    std::vector<std::string> removed;
    const auto report = [&](const shapes::ObjectIdentifier& object, const aws::Failure& wrong) {
        shapes::Error error;
        error.Key = object.Key;
        error.Code = wrong.code;
        error.Message = wrong.message;
        error.VersionId = object.VersionId;
        output.Errors->push_back(std::move(error));
    };
    std::vector<const shapes::ObjectIdentifier*> done;
    for (const shapes::ObjectIdentifier& object : asked) {
        aws::Outcome<void> fine = check_key(object.Key);
        if (fine.ok()) fine = check_version(object.VersionId);
        if (fine.ok() && object.Key.empty())
            fine = aws::Failure{"UserKeyMustBeSpecified", "A key must be specified.", 400};
        if (fine.ok() && object.ETag) {
            const Status conditional = store_.remove_if(input.Bucket, object.Key, unquoted(*object.ETag));
            if (!conditional.ok()) fine = failure(conditional.error(), {input.Bucket, object.Key});
        } else if (fine.ok()) {
            removed.push_back(object.Key);
        }
        if (fine.ok()) {
            done.push_back(&object);
        } else {
            report(object, fine.error());
        }
    }
    if (!removed.empty()) S3_TRY(store_.remove_many(input.Bucket, removed), subject);
    if (!input.Delete.Quiet.value_or(false)) {
        for (const shapes::ObjectIdentifier* object : done) {
            shapes::DeletedObject shown;
            shown.Key = object->Key;
            shown.VersionId = object->VersionId;
            output.Deleted->push_back(std::move(shown));
        }
    }
    return output;
}

}  // namespace millrace::service::s3
