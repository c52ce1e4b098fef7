// Buckets: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#include <algorithm>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/s3.h"

namespace millrace::service::s3 {
namespace {

constexpr std::string_view classic_region = "us-east-1";

aws::Failure incompatible_location(std::string_view constraint) {
    return {"IllegalLocationConstraintException",
            "The " + std::string(constraint) +
                " location constraint is incompatible for the region specific endpoint this request was sent to.",
            400,
            {},
            {}};
}

// Which region a new bucket gets, by where the request went and what it asked for.
aws::Outcome<std::string> region_of_new(const std::string& endpoint_region,
                                        const std::optional<std::string>& constraint) {
    if (!constraint || constraint->empty()) {
        if (endpoint_region != classic_region) return incompatible_location("unspecified");
        return std::string(classic_region);
    }
    const std::string wanted = *constraint == "EU" ? "eu-west-1" : *constraint;
    if (wanted == classic_region) {
        return aws::Failure{"InvalidLocationConstraint",
                            "The specified location-constraint is not valid",
                            400,
                            {{"LocationConstraint", *constraint}},
                            {}};
    }
    // The classic endpoint makes buckets anywhere; every other one in its own region alone.
    if (endpoint_region != classic_region && endpoint_region != wanted) return incompatible_location(*constraint);
    return wanted;
}

}  // namespace

shapes::Owner owner_of(const aws::CallContext& context) {
    shapes::Owner owner;
    owner.ID = hex_encode(sha256("millrace account " + context.scope.account));
    return owner;
}

std::shared_ptr<S3> make_s3(object::Store& store, const io::Clock& clock) {
    return std::make_shared<S3>(store, clock);
}

aws::Outcome<void> S3::check_owner(Context context, const std::string& bucket,
                                   const std::optional<std::string>& expected) {
    const Status owned = object::check_owner(store_, bucket, context.scope.account);
    const bool denied = !owned.ok() && owned.error().code == ErrorCode::permission_denied;
    if (!denied && (!expected || *expected == context.scope.account)) return {};
    return aws::Failure{"AccessDenied", "Access Denied", 403, {}, {}};
}

aws::Outcome<shapes::CreateBucketOutput> S3::create_bucket(Context context, const shapes::CreateBucketInput& input) {
    if (!is_bucket_name(input.Bucket)) {
        return aws::Failure{
            "InvalidBucketName", "The specified bucket is not valid.", 400, {{"BucketName", input.Bucket}}, {}};
    }
    if (input.ACL && *input.ACL != "private") {
        return aws::Failure{"InvalidBucketAclWithObjectOwnership",
                            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
                            400,
                            {},
                            {}};
    }
    if (input.ObjectOwnership && *input.ObjectOwnership != "BucketOwnerEnforced") {
        return not_implemented("ObjectOwnership " + *input.ObjectOwnership, "the bucket's owner owns every object");
    }
    if (input.ObjectLockEnabledForBucket.value_or(false)) {
        return not_implemented("ObjectLockEnabledForBucket", "objects can not be locked");
    }
    if (input.BucketNamespace && *input.BucketNamespace != "global") {
        return not_implemented("BucketNamespace " + *input.BucketNamespace, "there is one namespace");
    }
    object::BucketInfo bucket;
    bucket.name = input.Bucket;
    bucket.account = context.scope.account;
    bucket.created = clock_.now();
    std::optional<std::string> constraint;
    if (input.CreateBucketConfiguration) {
        const shapes::CreateBucketConfiguration& configuration = *input.CreateBucketConfiguration;
        constraint = configuration.LocationConstraint;
        if (configuration.Tags) {
            TRY_ASSIGN(bucket.tags, tags_of(*configuration.Tags, bucket_tags_max));
        }
    }
    TRY_ASSIGN(bucket.region, region_of_new(context.scope.region, constraint));
    S3_TRY_ASSIGN(const std::vector<object::BucketInfo> all, store_.buckets(), Subject{input.Bucket});
    const Status created = all.size() >= buckets_max ? Status() : store_.create_bucket(bucket);
    if (all.size() >= buckets_max && !store_.bucket(input.Bucket).ok()) {
        return aws::Failure{"TooManyBuckets", "You have attempted to create more buckets than allowed", 400, {}, {}};
    }
    if (!check_owner(context, input.Bucket, {}).ok()) {
        return aws::Failure{"BucketAlreadyExists",
                            "The requested bucket name is not available. The bucket namespace is shared by all users "
                            "of the system. Please select a different name and try again.",
                            409,
                            {{"BucketName", input.Bucket}},
                            {}};
    }
    if (!created.ok()) {
        // Only in us-east-1, for what once was: making one's own bucket again succeeds.
        const bool again = created.error().code == ErrorCode::already_exists && context.scope.region == classic_region;
        if (!again) return failure(created.error(), {input.Bucket});
    }
    shapes::CreateBucketOutput output;
    output.Location =
        context.scope.region == classic_region ? "/" + input.Bucket : context.endpoint + "/" + input.Bucket;
    output.BucketArn = "arn:aws:s3:::" + input.Bucket;
    return output;
}

aws::Outcome<shapes::HeadBucketOutput> S3::head_bucket(Context context, const shapes::HeadBucketInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY_ASSIGN(const object::BucketInfo bucket, store_.bucket(input.Bucket), Subject{input.Bucket});
    shapes::HeadBucketOutput output;
    output.BucketRegion = bucket.region;
    output.BucketArn = "arn:aws:s3:::" + bucket.name;
    output.AccessPointAlias = false;
    return output;
}

aws::Outcome<shapes::ListBucketsOutput> S3::list_buckets(Context context, const shapes::ListBucketsInput& input) {
    const int page = input.MaxBuckets.value_or(buckets_page_max);
    if (page < 1 || page > buckets_page_max) {
        return invalid_argument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
                                std::to_string(page));
    }
    std::string after;
    if (input.ContinuationToken && !base64_decode(*input.ContinuationToken, &after)) {
        return invalid_argument("The continuation token provided is incorrect", "continuation-token",
                                *input.ContinuationToken);
    }
    S3_TRY_ASSIGN(const std::vector<object::BucketInfo> all, store_.buckets(), Subject{});
    shapes::ListBucketsOutput output;
    output.Owner = owner_of(context);
    output.Prefix = input.Prefix;
    output.Buckets.emplace();
    for (const object::BucketInfo& bucket : all) {
        if (!bucket.is_of(context.scope.account)) continue;
        if (!after.empty() && bucket.name <= after) continue;
        if (input.Prefix && !bucket.name.starts_with(*input.Prefix)) continue;
        if (input.BucketRegion && bucket.region != *input.BucketRegion) continue;
        if (output.Buckets->size() == static_cast<size_t>(page)) {
            output.ContinuationToken = base64_encode(*output.Buckets->back().Name);
            break;
        }
        shapes::Bucket shown;
        shown.Name = bucket.name;
        shown.CreationDate = bucket.created;
        // As S3: shown to those who ask with the newer, paging form.
        if (input.MaxBuckets || input.Prefix || input.BucketRegion || input.ContinuationToken) {
            shown.BucketRegion = bucket.region;
            shown.BucketArn = "arn:aws:s3:::" + bucket.name;
        }
        output.Buckets->push_back(std::move(shown));
    }
    return output;
}

aws::Outcome<shapes::DeleteBucketOutput> S3::delete_bucket(Context context, const shapes::DeleteBucketInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY(store_.delete_bucket(input.Bucket), Subject{input.Bucket});
    return shapes::DeleteBucketOutput{};
}

aws::Outcome<shapes::GetBucketLocationOutput> S3::get_bucket_location(Context context,
                                                                      const shapes::GetBucketLocationInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY_ASSIGN(const object::BucketInfo bucket, store_.bucket(input.Bucket), Subject{input.Bucket});
    shapes::GetBucketLocationOutput output;
    if (bucket.region != classic_region) output.LocationConstraint = bucket.region;  // us-east-1 is shown as none
    return output;
}

aws::Outcome<shapes::GetBucketVersioningOutput> S3::get_bucket_versioning(
    Context context, const shapes::GetBucketVersioningInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY(store_.bucket(input.Bucket), Subject{input.Bucket});
    return shapes::GetBucketVersioningOutput{};  // never enabled: neither status
}

aws::Outcome<shapes::GetBucketTaggingOutput> S3::get_bucket_tagging(Context context,
                                                                    const shapes::GetBucketTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY_ASSIGN(const object::BucketInfo bucket, store_.bucket(input.Bucket), Subject{input.Bucket});
    if (bucket.tags.empty()) {
        return aws::Failure{"NoSuchTagSet", "The TagSet does not exist", 404, {{"BucketName", input.Bucket}}, {}};
    }
    return shapes::GetBucketTaggingOutput{to_shapes(bucket.tags)};
}

aws::Outcome<shapes::PutBucketTaggingOutput> S3::put_bucket_tagging(Context context,
                                                                    const shapes::PutBucketTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY_ASSIGN(object::BucketInfo bucket, store_.bucket(input.Bucket), Subject{input.Bucket});
    TRY_ASSIGN(bucket.tags, tags_of(input.Tagging.TagSet, bucket_tags_max));
    S3_TRY(store_.update_bucket(bucket), Subject{input.Bucket});
    return shapes::PutBucketTaggingOutput{};
}

aws::Outcome<shapes::DeleteBucketTaggingOutput> S3::delete_bucket_tagging(
    Context context, const shapes::DeleteBucketTaggingInput& input) {
    TRY(check_owner(context, input.Bucket, input.ExpectedBucketOwner));
    S3_TRY_ASSIGN(object::BucketInfo bucket, store_.bucket(input.Bucket), Subject{input.Bucket});
    bucket.tags.clear();
    S3_TRY(store_.update_bucket(bucket), Subject{input.Bucket});
    return shapes::DeleteBucketTaggingOutput{};
}

}  // namespace millrace::service::s3
