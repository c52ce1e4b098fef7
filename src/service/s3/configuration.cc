// What tools such as Terraform ask about every bucket, of features that no bucket here has. The answers are true: S3
// answers a bucket without a policy, rules or a website in these words. Putting any of them is refused (501).
#include "src/service/s3/errors.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

aws::Failure absent(const std::string& bucket, const char* code, const char* message) {
    return {code, message, 404, {{"BucketName", bucket}}, {}};
}

// The one grant that there is where the bucket's owner owns every object.
shapes::Grant full_control(const shapes::Owner& owner) {
    shapes::Grant grant;
    grant.Grantee.emplace();
    grant.Grantee->Type = "CanonicalUser";
    grant.Grantee->ID = owner.ID;
    grant.Permission = "FULL_CONTROL";
    return grant;
}

}  // namespace

template <class Input>
aws::Outcome<void> S3::check_bucket(Context context, const Input& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY(store_.bucket(input.Bucket), Subject{input.Bucket});
    return {};
}

aws::Outcome<shapes::GetBucketAclOutput> S3::get_bucket_acl(Context context, const shapes::GetBucketAclInput& input) {
    TRY(check_bucket(context, input));
    shapes::GetBucketAclOutput output;
    output.Owner = owner_of(context);
    output.Grants = std::vector{full_control(*output.Owner)};
    return output;
}

aws::Outcome<shapes::GetObjectAclOutput> S3::get_object_acl(Context context, const shapes::GetObjectAclInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    TRY(check_version(input.VersionId));
    S3_TRY(store_.head(input.Bucket, input.Key), (Subject{input.Bucket, input.Key}));
    shapes::GetObjectAclOutput output;
    output.Owner = owner_of(context);
    output.Grants = std::vector{full_control(*output.Owner)};
    return output;
}

aws::Outcome<shapes::GetBucketOwnershipControlsOutput> S3::get_bucket_ownership_controls(
    Context context, const shapes::GetBucketOwnershipControlsInput& input) {
    TRY(check_bucket(context, input));
    shapes::GetBucketOwnershipControlsOutput output;
    output.OwnershipControls.emplace();
    output.OwnershipControls->Rules = {{"BucketOwnerEnforced"}};
    return output;
}

aws::Outcome<shapes::GetBucketRequestPaymentOutput> S3::get_bucket_request_payment(
    Context context, const shapes::GetBucketRequestPaymentInput& input) {
    TRY(check_bucket(context, input));
    shapes::GetBucketRequestPaymentOutput output;
    output.Payer = "BucketOwner";
    return output;
}

aws::Outcome<shapes::GetBucketLoggingOutput> S3::get_bucket_logging(Context context,
                                                                    const shapes::GetBucketLoggingInput& input) {
    TRY(check_bucket(context, input));
    return shapes::GetBucketLoggingOutput{};
}

aws::Outcome<shapes::GetBucketNotificationConfigurationOutput> S3::get_bucket_notification_configuration(
    Context context, const shapes::GetBucketNotificationConfigurationInput& input) {
    TRY(check_bucket(context, input));
    return shapes::GetBucketNotificationConfigurationOutput{};
}

aws::Outcome<shapes::GetBucketAccelerateConfigurationOutput> S3::get_bucket_accelerate_configuration(
    Context context, const shapes::GetBucketAccelerateConfigurationInput& input) {
    TRY(check_bucket(context, input));
    return shapes::GetBucketAccelerateConfigurationOutput{};
}

aws::Outcome<shapes::GetBucketPolicyOutput> S3::get_bucket_policy(Context context,
                                                                  const shapes::GetBucketPolicyInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchBucketPolicy", "The bucket policy does not exist");
}

aws::Outcome<shapes::GetBucketPolicyStatusOutput> S3::get_bucket_policy_status(
    Context context, const shapes::GetBucketPolicyStatusInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchBucketPolicy", "The bucket policy does not exist");
}

aws::Outcome<shapes::GetBucketCorsOutput> S3::get_bucket_cors(Context context,
                                                              const shapes::GetBucketCorsInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchCORSConfiguration", "The CORS configuration does not exist");
}

aws::Outcome<shapes::GetBucketLifecycleConfigurationOutput> S3::get_bucket_lifecycle_configuration(
    Context context, const shapes::GetBucketLifecycleConfigurationInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
}

aws::Outcome<shapes::GetBucketReplicationOutput> S3::get_bucket_replication(
    Context context, const shapes::GetBucketReplicationInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "ReplicationConfigurationNotFoundError", "The replication configuration was not found");
}

aws::Outcome<shapes::GetBucketEncryptionOutput> S3::get_bucket_encryption(
    Context context, const shapes::GetBucketEncryptionInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "ServerSideEncryptionConfigurationNotFoundError",
                  "The server side encryption configuration was not found");
}

aws::Outcome<shapes::GetBucketWebsiteOutput> S3::get_bucket_website(Context context,
                                                                    const shapes::GetBucketWebsiteInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchWebsiteConfiguration",
                  "The specified bucket does not have a website configuration");
}

aws::Outcome<shapes::GetObjectLockConfigurationOutput> S3::get_object_lock_configuration(
    Context context, const shapes::GetObjectLockConfigurationInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "ObjectLockConfigurationNotFoundError",
                  "Object Lock configuration does not exist for this bucket");
}

aws::Outcome<shapes::GetPublicAccessBlockOutput> S3::get_public_access_block(
    Context context, const shapes::GetPublicAccessBlockInput& input) {
    TRY(check_bucket(context, input));
    return absent(input.Bucket, "NoSuchPublicAccessBlockConfiguration",
                  "The public access block configuration was not found");
}

}  // namespace millrace::service::s3
