// What travels with an object besides its bytes: system headers, user metadata, storage class, tags.
#pragma once

#include <string>

#include "aws/s3/shapes.h"

#include "src/aws/failure.h"
#include "src/object/store.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/tags.h"

namespace millrace::service::s3 {

// Without the codings that end at the endpoint ("aws-chunked").
std::optional<std::string> stored_encoding(const std::optional<std::string>& header);
// MetadataTooLarge over 2 KiB.
aws::Outcome<void> check_user_metadata(const std::map<std::string, std::string>& metadata);
// A class is a label: objects of all classes that S3 reads at once are kept alike. InvalidStorageClass for a word that
// S3 does not know; NotImplemented for archives and for classes of other kinds of buckets.
aws::Outcome<std::string> storage_class_of(const std::optional<std::string>& header);
// ACLs: buckets have "bucket owner enforced", where S3 takes the default ACLs alone.
aws::Outcome<void> check_acl(const std::optional<std::string>& acl);
// VersionId: "null" is the object itself; there are no others.
aws::Outcome<void> check_version(const std::optional<std::string>& version_id);

// Of PutObject, CopyObject and CreateMultipartUpload: headers, metadata and class, not tags.
template <class Input>
aws::Outcome<void> take_metadata(const Input& input, object::PutOptions& options) {
    const auto keep = [&](const char* name, const std::optional<std::string>& value) {
        if (value && !value->empty()) options.system[name] = *value;
    };
    keep("cache-control", input.CacheControl);
    keep("content-disposition", input.ContentDisposition);
    keep("content-encoding", stored_encoding(input.ContentEncoding));
    keep("content-language", input.ContentLanguage);
    keep("content-type", input.ContentType);
    keep("expires", input.Expires);
    keep("x-amz-website-redirect-location", input.WebsiteRedirectLocation);
    if (input.Metadata) {
        TRY(check_user_metadata(*input.Metadata));
        options.user = *input.Metadata;
    }
    return {};
}

// Of GetObject and HeadObject.
template <class Output>
void give_metadata(const object::ObjectInfo& info, Output& output) {
    const auto give = [&](const char* name, std::optional<std::string>& into) {
        if (const auto found = info.system.find(name); found != info.system.end()) into = found->second;
    };
    give("cache-control", output.CacheControl);
    give("content-disposition", output.ContentDisposition);
    give("content-encoding", output.ContentEncoding);
    give("content-language", output.ContentLanguage);
    give("expires", output.Expires);
    give("x-amz-website-redirect-location", output.WebsiteRedirectLocation);
    output.ContentType = "binary/octet-stream";  // S3's, for objects put without one
    give("content-type", output.ContentType);
    if (!info.user.empty()) output.Metadata = info.user;
    if (!info.tags.empty()) output.TagCount = static_cast<int32_t>(info.tags.size());
    if (info.storage_class != "STANDARD") output.StorageClass = info.storage_class;
}

}  // namespace millrace::service::s3
