// S3: the object behind the operations. Decode has happened; each handler checks what S3 documents, calls the object
// store and says what S3 would answer.
#pragma once

#include "aws/s3/shapes.h"

#include "src/aws/call.h"
#include "src/object/store.h"
#include "src/service/s3/conditions.h"
#include "src/service/s3/integrity.h"
#include "src/service/s3/names.h"
#include "src/service/s3/range.h"

namespace millrace::io {
class Clock;
}

namespace millrace::service::s3 {

namespace shapes = aws::s3;

class S3 {
  public:
    S3(object::Store& store, const io::Clock& clock) : store_(store), clock_(clock) {}

    template <class T>
    using Outcome = aws::Outcome<T>;
    using Context = const aws::CallContext&;

    // buckets.cc
    Outcome<shapes::CreateBucketOutput> create_bucket(Context, const shapes::CreateBucketInput&);
    Outcome<shapes::HeadBucketOutput> head_bucket(Context, const shapes::HeadBucketInput&);
    Outcome<shapes::ListBucketsOutput> list_buckets(Context, const shapes::ListBucketsInput&);
    Outcome<shapes::DeleteBucketOutput> delete_bucket(Context, const shapes::DeleteBucketInput&);
    Outcome<shapes::GetBucketLocationOutput> get_bucket_location(Context, const shapes::GetBucketLocationInput&);
    Outcome<shapes::GetBucketVersioningOutput> get_bucket_versioning(Context, const shapes::GetBucketVersioningInput&);
    Outcome<shapes::GetBucketTaggingOutput> get_bucket_tagging(Context, const shapes::GetBucketTaggingInput&);
    Outcome<shapes::PutBucketTaggingOutput> put_bucket_tagging(Context, const shapes::PutBucketTaggingInput&);
    Outcome<shapes::DeleteBucketTaggingOutput> delete_bucket_tagging(Context, const shapes::DeleteBucketTaggingInput&);

    // configuration.cc
    Outcome<shapes::GetBucketAclOutput> get_bucket_acl(Context, const shapes::GetBucketAclInput&);
    Outcome<shapes::GetObjectAclOutput> get_object_acl(Context, const shapes::GetObjectAclInput&);
    Outcome<shapes::GetBucketOwnershipControlsOutput> get_bucket_ownership_controls(
        Context, const shapes::GetBucketOwnershipControlsInput&);
    Outcome<shapes::GetBucketRequestPaymentOutput> get_bucket_request_payment(
        Context, const shapes::GetBucketRequestPaymentInput&);
    Outcome<shapes::GetBucketLoggingOutput> get_bucket_logging(Context, const shapes::GetBucketLoggingInput&);
    Outcome<shapes::GetBucketNotificationConfigurationOutput> get_bucket_notification_configuration(
        Context, const shapes::GetBucketNotificationConfigurationInput&);
    Outcome<shapes::GetBucketAccelerateConfigurationOutput> get_bucket_accelerate_configuration(
        Context, const shapes::GetBucketAccelerateConfigurationInput&);
    Outcome<shapes::GetBucketPolicyOutput> get_bucket_policy(Context, const shapes::GetBucketPolicyInput&);
    Outcome<shapes::GetBucketPolicyStatusOutput> get_bucket_policy_status(Context,
                                                                          const shapes::GetBucketPolicyStatusInput&);
    Outcome<shapes::GetBucketCorsOutput> get_bucket_cors(Context, const shapes::GetBucketCorsInput&);
    Outcome<shapes::GetBucketLifecycleConfigurationOutput> get_bucket_lifecycle_configuration(
        Context, const shapes::GetBucketLifecycleConfigurationInput&);
    Outcome<shapes::GetBucketReplicationOutput> get_bucket_replication(Context,
                                                                       const shapes::GetBucketReplicationInput&);
    Outcome<shapes::GetBucketEncryptionOutput> get_bucket_encryption(Context, const shapes::GetBucketEncryptionInput&);
    Outcome<shapes::GetBucketWebsiteOutput> get_bucket_website(Context, const shapes::GetBucketWebsiteInput&);
    Outcome<shapes::GetObjectLockConfigurationOutput> get_object_lock_configuration(
        Context, const shapes::GetObjectLockConfigurationInput&);
    Outcome<shapes::GetPublicAccessBlockOutput> get_public_access_block(Context,
                                                                        const shapes::GetPublicAccessBlockInput&);

    // put.cc
    Outcome<shapes::PutObjectOutput> put_object(Context, const shapes::PutObjectInput&, http::BodyReader&);
    // copy.cc
    Outcome<shapes::CopyObjectOutput> copy_object(Context, const shapes::CopyObjectInput&);
    Outcome<shapes::UploadPartCopyOutput> upload_part_copy(Context, const shapes::UploadPartCopyInput&);
    // get.cc
    Outcome<aws::Streamed<shapes::GetObjectOutput>> get_object(Context, const shapes::GetObjectInput&);
    Outcome<aws::Streamed<shapes::HeadObjectOutput>> head_object(Context, const shapes::HeadObjectInput&);
    Outcome<shapes::GetObjectAttributesOutput> get_object_attributes(Context, const shapes::GetObjectAttributesInput&);
    // remove.cc
    Outcome<shapes::DeleteObjectOutput> delete_object(Context, const shapes::DeleteObjectInput&);
    Outcome<shapes::DeleteObjectsOutput> delete_objects(Context, const shapes::DeleteObjectsInput&);
    // object_tagging.cc
    Outcome<shapes::GetObjectTaggingOutput> get_object_tagging(Context, const shapes::GetObjectTaggingInput&);
    Outcome<shapes::PutObjectTaggingOutput> put_object_tagging(Context, const shapes::PutObjectTaggingInput&);
    Outcome<shapes::DeleteObjectTaggingOutput> delete_object_tagging(Context, const shapes::DeleteObjectTaggingInput&);
    // listing.cc
    Outcome<shapes::ListObjectsOutput> list_objects(Context, const shapes::ListObjectsInput&);
    Outcome<shapes::ListObjectsV2Output> list_objects_v2(Context, const shapes::ListObjectsV2Input&);
    // multipart.cc
    Outcome<shapes::CreateMultipartUploadOutput> create_multipart_upload(Context,
                                                                         const shapes::CreateMultipartUploadInput&);
    Outcome<shapes::UploadPartOutput> upload_part(Context, const shapes::UploadPartInput&, http::BodyReader&);
    Outcome<shapes::CompleteMultipartUploadOutput> complete_multipart_upload(
        Context, const shapes::CompleteMultipartUploadInput&);
    Outcome<shapes::AbortMultipartUploadOutput> abort_multipart_upload(Context,
                                                                       const shapes::AbortMultipartUploadInput&);
    // multipart_listing.cc
    Outcome<shapes::ListPartsOutput> list_parts(Context, const shapes::ListPartsInput&);
    Outcome<shapes::ListMultipartUploadsOutput> list_multipart_uploads(Context,
                                                                       const shapes::ListMultipartUploadsInput&);

  private:
    // AccessDenied where another account owns the bucket, or the client expects one to. Fine where there is no bucket:
    // the store says so.
    Outcome<void> check_owner(Context context, const std::string& bucket, const std::optional<std::string>& expected);
    template <class Input>
    Outcome<void> check_bucket(Context context, const Input& input);  // there, and its owner as expected
    // The body into `upload`, verified; nothing is committed. `sum` sees the bytes too where it is not null.
    static Outcome<void> receive(http::BodyReader& body, object::Upload& upload, const Claims& claims,
                                 object::RunningChecksum* sum);

    object::Store& store_;
    const io::Clock& clock_;
};

// The owner of everything in an account, as canonical user ids look. Made from the account's number.
shapes::Owner owner_of(const aws::CallContext& context);

}  // namespace millrace::service::s3
