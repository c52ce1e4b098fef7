// The table of S3: one row an operation. src/aws/README.md says how rows are written; ./README.md what is partial.
#include "src/service/s3/operations.h"

#include "src/service/s3/s3.h"

namespace millrace::service::s3 {

using namespace aws::s3;  // the generated shapes

namespace {

// Members that several operations share and none honours.

template <class R>
R no_customer_keys(R row) {
    for (const char* member : {"SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"}) {
        row = std::move(row).refuse(member, "objects are not encrypted");
    }
    return row;
}

template <class R>
R no_source_customer_keys(R row) {
    for (const char* member :
         {"CopySourceSSECustomerAlgorithm", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5"}) {
        row = std::move(row).refuse(member, "objects are not encrypted");
    }
    return row;
}

template <class R>
R no_other_checksums(R row) {
    for (const char* member :
         {"ChecksumSHA512", "ChecksumMD5", "ChecksumXXHASH64", "ChecksumXXHASH3", "ChecksumXXHASH128"}) {
        row = std::move(row).refuse(member, "use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256");
    }
    return row;
}

// Of operations that make objects.
template <class R>
R no_encryption_no_locks_no_grants(R row) {
    for (const char* member : {"ServerSideEncryption", "SSEKMSKeyId", "SSEKMSEncryptionContext", "BucketKeyEnabled"}) {
        row = std::move(row).refuse(member, "objects are not encrypted");
    }
    for (const char* member :
         {"ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus", "ObjectLockEventHold",
          "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears"}) {
        row = std::move(row).refuse(member, "objects can not be locked");
    }
    for (const char* member : {"GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"}) {
        row = std::move(row).refuse(member, "the bucket's owner owns every object; there are no ACLs");
    }
    return no_customer_keys(std::move(row));
}

template <class R>
R no_bucket_grants(R row) {
    for (const char* member : {"GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"}) {
        row = std::move(row).refuse(member, "the bucket's owner owns every object; there are no ACLs");
    }
    return row;
}

template <class R>
R no_locks(R row) {
    return std::move(row)
        .refuse("MFA", "buckets have no versions to protect")
        .refuse("BypassGovernanceRetention", "objects can not be locked");
}

constexpr std::string_view directory_buckets = "it belongs to directory buckets, which are not served";

}  // namespace

// clang-format off
aws::Service operations(S3& s3) {
    return aws::make_service(s3, model(), {
        // Buckets
        no_bucket_grants(MILLRACE_OPERATION(CreateBucket, worker, write, "s3:CreateBucket", &S3::create_bucket))
            .refuse("CreateBucketConfiguration.Location", directory_buckets)
            .refuse("CreateBucketConfiguration.Bucket", directory_buckets),
        MILLRACE_OPERATION(HeadBucket, worker, read, "s3:ListBucket", &S3::head_bucket),
        MILLRACE_OPERATION(ListBuckets, worker, read, "s3:ListAllMyBuckets", &S3::list_buckets),
        MILLRACE_OPERATION(DeleteBucket, worker, write, "s3:DeleteBucket", &S3::delete_bucket),
        MILLRACE_OPERATION(GetBucketLocation, worker, read, "s3:GetBucketLocation", &S3::get_bucket_location),
        MILLRACE_OPERATION(GetBucketVersioning, worker, read, "s3:GetBucketVersioning", &S3::get_bucket_versioning),
        MILLRACE_OPERATION(GetBucketTagging, worker, read, "s3:GetBucketTagging", &S3::get_bucket_tagging),
        MILLRACE_OPERATION(PutBucketTagging, worker, write, "s3:PutBucketTagging", &S3::put_bucket_tagging),
        MILLRACE_OPERATION(DeleteBucketTagging, worker, write, "s3:PutBucketTagging", &S3::delete_bucket_tagging),

        // What no bucket has, truthfully (configuration.cc)
        MILLRACE_OPERATION(GetBucketAcl, worker, read, "s3:GetBucketAcl", &S3::get_bucket_acl),
        MILLRACE_OPERATION(GetObjectAcl, worker, read, "s3:GetObjectAcl", &S3::get_object_acl),
        MILLRACE_OPERATION(GetBucketOwnershipControls, worker, read, "s3:GetBucketOwnershipControls", &S3::get_bucket_ownership_controls),
        MILLRACE_OPERATION(GetBucketRequestPayment, worker, read, "s3:GetBucketRequestPayment", &S3::get_bucket_request_payment),
        MILLRACE_OPERATION(GetBucketLogging, worker, read, "s3:GetBucketLogging", &S3::get_bucket_logging),
        MILLRACE_OPERATION(GetBucketNotificationConfiguration, worker, read, "s3:GetBucketNotification", &S3::get_bucket_notification_configuration),
        MILLRACE_OPERATION(GetBucketAccelerateConfiguration, worker, read, "s3:GetAccelerateConfiguration", &S3::get_bucket_accelerate_configuration),
        MILLRACE_OPERATION(GetBucketPolicy, worker, read, "s3:GetBucketPolicy", &S3::get_bucket_policy),
        MILLRACE_OPERATION(GetBucketPolicyStatus, worker, read, "s3:GetBucketPolicyStatus", &S3::get_bucket_policy_status),
        MILLRACE_OPERATION(GetBucketCors, worker, read, "s3:GetBucketCORS", &S3::get_bucket_cors),
        MILLRACE_OPERATION(GetBucketLifecycleConfiguration, worker, read, "s3:GetLifecycleConfiguration", &S3::get_bucket_lifecycle_configuration),
        MILLRACE_OPERATION(GetBucketReplication, worker, read, "s3:GetReplicationConfiguration", &S3::get_bucket_replication),
        MILLRACE_OPERATION(GetBucketEncryption, worker, read, "s3:GetEncryptionConfiguration", &S3::get_bucket_encryption),
        MILLRACE_OPERATION(GetBucketWebsite, worker, read, "s3:GetBucketWebsite", &S3::get_bucket_website),
        MILLRACE_OPERATION(GetObjectLockConfiguration, worker, read, "s3:GetBucketObjectLockConfiguration", &S3::get_object_lock_configuration),
        MILLRACE_OPERATION(GetPublicAccessBlock, worker, read, "s3:GetBucketPublicAccessBlock", &S3::get_public_access_block),

        // Objects
        no_other_checksums(no_encryption_no_locks_no_grants(
            MILLRACE_OPERATION(PutObject, streamed, write, "s3:PutObject", &S3::put_object)))
            .refuse("WriteOffsetBytes", directory_buckets),
        no_customer_keys(MILLRACE_OPERATION(GetObject, worker, read, "s3:GetObject", &S3::get_object)),
        no_customer_keys(MILLRACE_OPERATION(HeadObject, worker, read, "s3:GetObject", &S3::head_object)),
        no_source_customer_keys(no_encryption_no_locks_no_grants(
            MILLRACE_OPERATION(CopyObject, worker, write, "s3:PutObject", &S3::copy_object)))
            .refuse("AnnotationDirective", "objects have no annotations"),
        no_locks(MILLRACE_OPERATION(DeleteObject, worker, write, "s3:DeleteObject", &S3::delete_object))
            .refuse("IfMatchLastModifiedTime", directory_buckets)
            .refuse("IfMatchSize", directory_buckets),
        no_locks(MILLRACE_OPERATION(DeleteObjects, worker, write, "s3:DeleteObject", &S3::delete_objects))
            .refuse("Delete.Objects[].LastModifiedTime", directory_buckets)
            .refuse("Delete.Objects[].Size", directory_buckets),
        MILLRACE_OPERATION(ListObjects, worker, read, "s3:ListBucket", &S3::list_objects),
        MILLRACE_OPERATION(ListObjectsV2, worker, read, "s3:ListBucket", &S3::list_objects_v2),
        no_customer_keys(MILLRACE_OPERATION(GetObjectAttributes, worker, read, "s3:GetObjectAttributes", &S3::get_object_attributes)),
        MILLRACE_OPERATION(GetObjectTagging, worker, read, "s3:GetObjectTagging", &S3::get_object_tagging),
        MILLRACE_OPERATION(PutObjectTagging, worker, write, "s3:PutObjectTagging", &S3::put_object_tagging),
        MILLRACE_OPERATION(DeleteObjectTagging, worker, write, "s3:DeleteObjectTagging", &S3::delete_object_tagging),

        // Multipart uploads
        no_encryption_no_locks_no_grants(
            MILLRACE_OPERATION(CreateMultipartUpload, worker, write, "s3:PutObject", &S3::create_multipart_upload)),
        no_other_checksums(no_customer_keys(
            MILLRACE_OPERATION(UploadPart, streamed, write, "s3:PutObject", &S3::upload_part))),
        no_source_customer_keys(no_customer_keys(
            MILLRACE_OPERATION(UploadPartCopy, worker, write, "s3:PutObject", &S3::upload_part_copy))),
        no_other_checksums(no_customer_keys(
            MILLRACE_OPERATION(CompleteMultipartUpload, worker, write, "s3:PutObject", &S3::complete_multipart_upload))),
        MILLRACE_OPERATION(AbortMultipartUpload, worker, write, "s3:AbortMultipartUpload", &S3::abort_multipart_upload)
            .refuse("IfMatchInitiatedTime", directory_buckets),
        no_customer_keys(MILLRACE_OPERATION(ListParts, worker, read, "s3:ListMultipartUploadParts", &S3::list_parts)),
        MILLRACE_OPERATION(ListMultipartUploads, worker, read, "s3:ListBucketMultipartUploads", &S3::list_multipart_uploads),
    });
}
// clang-format on

}  // namespace millrace::service::s3
