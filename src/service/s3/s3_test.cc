// The handlers over a real store, without the wire. tests/s3 has the same through real clients.
#include "src/service/s3/s3.h"

#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/memory_key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::service::s3 {
namespace {

class TextBody final : public http::BodyReader {
  public:
    explicit TextBody(std::string text) : text_(std::move(text)) {}
    Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min({out.size(), text_.size() - at_, size_t{100'000}});
        std::copy_n(text_.data() + at_, count, out.data());
        at_ += count;
        return count;
    }

  private:
    std::string text_;
    size_t at_ = 0;
};

class CutBody final : public http::BodyReader {
  public:
    Result<size_t> read(std::span<char>) override { return Error{ErrorCode::cancelled, "the peer went away"}; }
};

class S3Test : public testing::Test {
  protected:
    S3Test() {
        auto opened =
            object::Store::open(directory_.path() + "/objects", metadata_, io::posix_file_system(), clock_, false);
        store_ = std::move(*opened);
        s3_.emplace(*store_, clock_);
        context_.head = &head_;
        context_.endpoint = "http://127.0.0.1:4566";
        shapes::CreateBucketInput input;
        input.Bucket = "bucket";
        EXPECT_TRUE(s3_->create_bucket(context_, input).ok());
    }
    aws::Outcome<shapes::PutObjectOutput> put(const std::string& key, std::string text,
                                              shapes::PutObjectInput input = {}) {
        input.Bucket = "bucket";
        input.Key = key;
        TextBody body(std::move(text));
        return s3_->put_object(context_, input, body);
    }
    aws::Outcome<aws::Streamed<shapes::GetObjectOutput>> get(const std::string& key,
                                                             shapes::GetObjectInput input = {}) {
        input.Bucket = "bucket";
        input.Key = key;
        return s3_->get_object(context_, input);
    }
    static std::string text_of(aws::Streamed<shapes::GetObjectOutput>& answer) {
        std::string text;
        char piece[1000];
        while (answer.source) {
            const auto count = answer.source->read(piece);
            EXPECT_TRUE(count.ok());
            if (*count == 0) break;
            text.append(piece, *count);
        }
        EXPECT_EQ(text.size(), answer.source_size);
        return text;
    }
    std::string part(const std::string& id, int number, const std::string& text, shapes::UploadPartInput input = {}) {
        input.Bucket = "bucket";
        input.Key = "m";
        input.UploadId = id;
        input.PartNumber = number;
        TextBody body(text);
        const auto output = s3_->upload_part(context_, input, body);
        return output.ok() ? *output->ETag : output.error().code;
    }
    std::string create_upload(shapes::CreateMultipartUploadInput input = {}) {
        input.Bucket = "bucket";
        input.Key = "m";
        const auto output = s3_->create_multipart_upload(context_, input);
        return output.ok() ? *output->UploadId : output.error().code;
    }
    shapes::CompleteMultipartUploadInput completion(const std::string& id,
                                                    std::vector<std::pair<int, std::string>> parts) {
        shapes::CompleteMultipartUploadInput input;
        input.Bucket = "bucket";
        input.Key = "m";
        input.UploadId = id;
        input.MultipartUpload.emplace();
        input.MultipartUpload->Parts.emplace();
        for (auto& [number, etag] : parts) {
            shapes::CompletedPart completed;
            completed.PartNumber = number;
            completed.ETag = etag;
            input.MultipartUpload->Parts->push_back(std::move(completed));
        }
        return input;
    }
    std::string complete(const shapes::CompleteMultipartUploadInput& input) {
        const auto output = s3_->complete_multipart_upload(context_, input);
        return output.ok() ? *output->ETag : output.error().code;
    }

    table::TemporaryDirectory directory_;
    object::MemoryKeyValueStore metadata_;
    io::ManualClock clock_;
    std::unique_ptr<object::Store> store_;
    std::optional<S3> s3_;
    http::RequestHead head_;
    aws::CallContext context_;
};

TEST_F(S3Test, BucketsFollowTheRulesOfRegions) {
    const auto create = [&](const char* name, const char* region, std::optional<std::string> constraint) {
        context_.scope.region = region;
        shapes::CreateBucketInput input;
        input.Bucket = name;
        if (constraint) {
            input.CreateBucketConfiguration.emplace();
            input.CreateBucketConfiguration->LocationConstraint = constraint;
        }
        const auto output = s3_->create_bucket(context_, input);
        return output.ok() ? *output->Location : output.error().code;
    };
    EXPECT_EQ(create("first", "us-east-1", std::nullopt), "/first");
    EXPECT_EQ(create("first", "us-east-1", std::nullopt), "/first");  // again is fine here
    EXPECT_EQ(create("other", "us-east-1", "eu-west-1"), "/other");
    EXPECT_EQ(create("second", "eu-west-1", std::nullopt), "IllegalLocationConstraintException");
    EXPECT_EQ(create("second", "eu-west-1", "us-west-2"), "IllegalLocationConstraintException");
    EXPECT_EQ(create("second", "eu-west-1", "eu-west-1"), "http://127.0.0.1:4566/second");
    EXPECT_EQ(create("second", "eu-west-1", "eu-west-1"), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(create("x", "us-east-1", std::nullopt), "InvalidBucketName");
    const auto location = s3_->get_bucket_location(context_, {"second", {}});
    EXPECT_EQ(location->LocationConstraint, "eu-west-1");
    EXPECT_EQ(s3_->get_bucket_location(context_, {"first", {}})->LocationConstraint, std::nullopt);
    EXPECT_EQ(*s3_->head_bucket(context_, {"other", {}})->BucketRegion, "eu-west-1");
    EXPECT_EQ(s3_->head_bucket(context_, {"other", "999999999999"}).error().status, 403);
    EXPECT_EQ(s3_->head_bucket(context_, {"absent", {}}).error().code, "NoSuchBucket");

    shapes::ListBucketsInput page;
    page.MaxBuckets = 3;
    const auto one = s3_->list_buckets(context_, page);
    ASSERT_EQ(one->Buckets->size(), 3u);
    EXPECT_EQ(*(*one->Buckets)[0].Name, "bucket");
    page.ContinuationToken = one->ContinuationToken;
    const auto two = s3_->list_buckets(context_, page);
    ASSERT_EQ(two->Buckets->size(), 1u);
    EXPECT_EQ(*(*two->Buckets)[0].Name, "second");
    EXPECT_EQ(two->ContinuationToken, std::nullopt);

    ASSERT_TRUE(put("k", "x").ok());
    EXPECT_EQ(s3_->delete_bucket(context_, {"bucket", {}}).error().code, "BucketNotEmpty");
    EXPECT_TRUE(s3_->delete_bucket(context_, {"first", {}}).ok());
}

TEST_F(S3Test, GivesBackBytesHeadersAndChecksum) {
    shapes::PutObjectInput with;
    with.ContentType = "text/plain";
    with.ContentEncoding = "gzip,aws-chunked";
    with.Metadata = std::map<std::string, std::string>{{"a", "1"}};
    with.Tagging = "t=1&u=2";
    with.StorageClass = "STANDARD_IA";
    const std::string text = random_bytes(700'000);
    const auto stored = put("a//b", text, with);
    ASSERT_TRUE(stored.ok()) << stored.error().message;
    EXPECT_EQ(*stored->ETag, "\"" + hex_encode(md5(text)) + "\"");
    EXPECT_TRUE(stored->ChecksumCRC64NVME.has_value());
    shapes::GetObjectInput how;
    how.ChecksumMode = "ENABLED";
    auto answer = get("a//b", how);
    ASSERT_TRUE(answer.ok());
    EXPECT_TRUE(answer->source->file_range().has_value());
    EXPECT_EQ(text_of(*answer), text);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(*answer->output.ContentType, "text/plain");
    EXPECT_EQ(*answer->output.ContentEncoding, "gzip");
    EXPECT_EQ(answer->output.Metadata->at("a"), "1");
    EXPECT_EQ(*answer->output.TagCount, 2);
    EXPECT_EQ(*answer->output.StorageClass, "STANDARD_IA");
    EXPECT_EQ(answer->output.ChecksumCRC64NVME, stored->ChecksumCRC64NVME);
    EXPECT_EQ(get("absent").error().code, "NoSuchKey");
    EXPECT_EQ(get(std::string(1025, 'k')).error().code, "KeyTooLongError");
}

TEST_F(S3Test, RangesAndPartsAre206) {
    ASSERT_TRUE(put("k", "0123456789").ok());
    shapes::GetObjectInput how;
    how.Range = "bytes=-3";
    auto answer = get("k", how);
    EXPECT_EQ(text_of(*answer), "789");
    EXPECT_EQ(answer->status, 206);
    EXPECT_EQ(*answer->output.ContentRange, "bytes 7-9/10");
    EXPECT_EQ(*answer->output.ContentLength, 3);
    how.Range = "bytes=10-";
    EXPECT_EQ(get("k", how).error().status, 416);
    how = {};
    how.PartNumber = 1;
    EXPECT_EQ(get("k", how)->status, 206);
    how.PartNumber = 2;
    EXPECT_EQ(get("k", how).error().status, 416);
    how = {};
    how.IfNoneMatch = "*";
    EXPECT_EQ(get("k", how).error().status, 304);
    how = {};
    how.ResponseContentType = "image/png";
    EXPECT_EQ(*get("k", how)->output.ContentType, "image/png");
}

TEST_F(S3Test, ABodyThatIsNotWhatWasPromisedNeverBecomesVisible) {
    shapes::PutObjectInput with;
    with.ContentMD5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
    EXPECT_EQ(put("k", "not empty", with).error().code, "BadDigest");
    with = {};
    with.ChecksumCRC32 = "AAAAAA==";
    EXPECT_EQ(put("k", "not empty", with).error().code, "BadDigest");
    with.ChecksumCRC32 = base64_encode(std::string_view("\xcb\xf4\x39\x26", 4));
    EXPECT_TRUE(put("good", "123456789", with).ok());
    CutBody cut;
    shapes::PutObjectInput input;
    input.Bucket = "bucket";
    input.Key = "k";
    EXPECT_EQ(s3_->put_object(context_, input, cut).error().code, "IncompleteBody");
    EXPECT_EQ(get("k").error().code, "NoSuchKey");
    with = {};
    with.IfNoneMatch = "*";
    EXPECT_EQ(put("good", "x", with).error().code, "PreconditionFailed");
    with = {};
    with.IfMatch = "x";
    EXPECT_EQ(put("good", "x", with).error().code, "PreconditionFailed");
    EXPECT_EQ(put("absent", "x", with).error().code, "NoSuchKey");
    with = {};
    with.ACL = "public-read";
    EXPECT_EQ(put("good", "x", with).error().code, "AccessControlListNotSupported");
}

TEST_F(S3Test, CopiesWithDirectives) {
    shapes::PutObjectInput with;
    with.Metadata = std::map<std::string, std::string>{{"a", "1"}};
    with.Tagging = "t=1";
    ASSERT_TRUE(put("from here", "bytes", with).ok());
    shapes::CopyObjectInput copy;
    copy.Bucket = "bucket";
    copy.Key = "to";
    copy.CopySource = "bucket/from%20here";
    ASSERT_TRUE(s3_->copy_object(context_, copy).ok());
    EXPECT_EQ(get("to")->output.Metadata->at("a"), "1");
    EXPECT_EQ(*get("to")->output.TagCount, 1);
    copy.MetadataDirective = "REPLACE";
    copy.Metadata = std::map<std::string, std::string>{{"b", "2"}};
    copy.TaggingDirective = "REPLACE";
    copy.ChecksumAlgorithm = "SHA256";
    const auto copied = s3_->copy_object(context_, copy);
    ASSERT_TRUE(copied.ok());
    EXPECT_EQ(*copied->CopyObjectResult->ChecksumSHA256, base64_encode(sha256("bytes")));
    auto answer = get("to");
    EXPECT_EQ(text_of(*answer), "bytes");
    EXPECT_FALSE(answer->output.Metadata->contains("a"));
    EXPECT_EQ(answer->output.TagCount, std::nullopt);
    copy.CopySourceIfNoneMatch = "*";
    EXPECT_EQ(s3_->copy_object(context_, copy).error().status, 412);
    copy = {};
    copy.Bucket = "bucket";
    copy.Key = "to";
    copy.CopySource = "bucket/to";
    EXPECT_EQ(s3_->copy_object(context_, copy).error().code, "InvalidRequest");
    copy.CopySource = "bucket/absent";
    EXPECT_EQ(s3_->copy_object(context_, copy).error().code, "NoSuchKey");
    copy.CopySource = "absent/x";
    EXPECT_EQ(s3_->copy_object(context_, copy).error().code, "NoSuchBucket");
}

TEST_F(S3Test, ListsBothWays) {
    for (const char* key : {"a b", "p/1", "p/2", "q", "z"}) ASSERT_TRUE(put(key, "x").ok());
    shapes::ListObjectsV2Input two;
    two.Bucket = "bucket";
    two.Delimiter = "/";
    two.EncodingType = "url";
    two.MaxKeys = 2;
    auto page = s3_->list_objects_v2(context_, two);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(*(*page->Contents)[0].Key, "a%20b");
    EXPECT_EQ((*page->Contents)[0].Owner, std::nullopt);
    EXPECT_EQ(*(*page->CommonPrefixes)[0].Prefix, "p/");
    EXPECT_EQ(page->KeyCount, 2);
    EXPECT_TRUE(*page->IsTruncated);
    two.ContinuationToken = page->NextContinuationToken;
    two.FetchOwner = true;
    page = s3_->list_objects_v2(context_, two);
    EXPECT_EQ(*(*page->Contents)[0].Key, "q");
    EXPECT_TRUE((*page->Contents)[0].Owner.has_value());
    EXPECT_FALSE(*page->IsTruncated);
    two.ContinuationToken = "?";
    EXPECT_EQ(s3_->list_objects_v2(context_, two).error().code, "InvalidArgument");
    shapes::ListObjectsInput one;
    one.Bucket = "bucket";
    one.Delimiter = "/";
    one.MaxKeys = 2;
    const auto first = s3_->list_objects(context_, one);
    EXPECT_EQ(*first->NextMarker, "p/");
    one.Marker = first->NextMarker;
    EXPECT_EQ(s3_->list_objects(context_, one)->Contents->size(), 2u);
    one.MaxKeys = -1;
    EXPECT_EQ(s3_->list_objects(context_, one).error().code, "InvalidArgument");
}

TEST_F(S3Test, DeletesManyAndReportsEach) {
    for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(key, "x").ok());
    shapes::DeleteObjectsInput input;
    input.Bucket = "bucket";
    input.Delete.Objects = {{"a"}, {"absent"}, {std::string(1025, 'k')}, {"b", {}, "\"other\""}};
    const auto output = s3_->delete_objects(context_, input);
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(output->Deleted->size(), 2u);
    ASSERT_EQ(output->Errors->size(), 2u);
    EXPECT_EQ(*(*output->Errors)[0].Code, "KeyTooLongError");
    EXPECT_EQ(*(*output->Errors)[1].Code, "PreconditionFailed");
    EXPECT_EQ(get("a").error().code, "NoSuchKey");
    EXPECT_TRUE(get("b").ok());
    input.Delete.Objects.clear();
    EXPECT_EQ(s3_->delete_objects(context_, input).error().code, "MalformedXML");
}

TEST_F(S3Test, CompletesUploadsAfterCheckingEveryPart) {
    const std::string large(5 << 20, 'l');
    const std::string id = create_upload();
    EXPECT_EQ(part(id, 0, "x"), "InvalidArgument");
    EXPECT_EQ(part("absent", 1, "x"), "NoSuchUpload");
    const std::string one = part(id, 1, large), two = part(id, 2, "small"), three = part(id, 3, "end");
    EXPECT_EQ(complete(completion(id, {})), "MalformedXML");
    EXPECT_EQ(complete(completion(id, {{2, two}, {1, one}})), "InvalidPartOrder");
    EXPECT_EQ(complete(completion(id, {{1, two}})), "InvalidPart");
    EXPECT_EQ(complete(completion(id, {{1, one}, {4, two}})), "InvalidPart");
    EXPECT_EQ(complete(completion(id, {{1, one}, {2, two}, {3, three}})), "EntityTooSmall");
    auto good = completion(id, {{1, one}, {3, three}});
    good.MpuObjectSize = 1;
    EXPECT_EQ(complete(good), "InvalidRequest");
    good.MpuObjectSize = (5 << 20) + 3;
    good.ChecksumCRC64NVME = "AAAAAAAAAAA=";
    EXPECT_EQ(complete(good), "BadDigest");
    good.ChecksumCRC64NVME = object::checksum_of("CRC64NVME", large + "end").value;
    const std::string etag = complete(good);
    EXPECT_EQ(etag, "\"" + hex_encode(md5(md5(large) + md5("end"))) + "-2\"");
    EXPECT_EQ(complete(good), etag);  // sent again
    shapes::GetObjectInput how;
    how.PartNumber = 2;
    auto answer = get("m", how);
    EXPECT_EQ(text_of(*answer), "end");
    EXPECT_EQ(*answer->output.PartsCount, 2);
    auto whole = get("m");
    EXPECT_EQ(text_of(*whole), large + "end");
    shapes::GetObjectAttributesInput attributes;
    attributes.Bucket = "bucket";
    attributes.Key = "m";
    attributes.ObjectAttributes = {"ETag", "ObjectParts", "ObjectSize", "Checksum", "StorageClass"};
    const auto described = s3_->get_object_attributes(context_, attributes);
    EXPECT_EQ("\"" + *described->ETag + "\"", etag);
    EXPECT_EQ(*described->ObjectParts->TotalPartsCount, 2);
    EXPECT_EQ(*described->Checksum->ChecksumType, "FULL_OBJECT");
}

TEST_F(S3Test, UploadsWithADeclaredChecksumTakeThatOneAlone) {
    shapes::CreateMultipartUploadInput create;
    create.ChecksumAlgorithm = "SHA256";
    const std::string id = create_upload(create);
    shapes::UploadPartInput with;
    with.ChecksumCRC32 = "AAAAAA==";
    EXPECT_EQ(part(id, 1, "x", with), "InvalidRequest");
    with = {};
    with.ChecksumSHA256 = base64_encode(sha256("x"));
    const std::string etag = part(id, 1, "x", with);
    auto input = completion(id, {{1, etag}});
    EXPECT_EQ(complete(input), "InvalidRequest");  // composite: each part's checksum has to come
    (*input.MultipartUpload->Parts)[0].ChecksumSHA256 = with.ChecksumSHA256;
    input.ChecksumSHA256 = base64_encode(sha256(sha256("x")));
    EXPECT_EQ(complete(input).substr(0, 1), "\"");
    create.ChecksumType = "FULL_OBJECT";
    EXPECT_EQ(create_upload(create), "InvalidRequest");
    // Without a declared one, any comes and is checked.
    const std::string open_id = create_upload();
    with = {};
    with.ChecksumCRC32 = "AAAAAA==";
    EXPECT_EQ(part(open_id, 1, "x", with), "BadDigest");
    with.ChecksumCRC32 = object::checksum_of("CRC32", "x").value;
    EXPECT_EQ(part(open_id, 1, "x", with).substr(0, 1), "\"");
}

TEST_F(S3Test, ListsUploadsAndPartsInPages) {
    const std::string id = create_upload();
    for (int number : {1, 2, 3}) part(id, number, "x");
    shapes::ListPartsInput parts;
    parts.Bucket = "bucket";
    parts.Key = "m";
    parts.UploadId = id;
    parts.MaxParts = 2;
    const auto first = s3_->list_parts(context_, parts);
    EXPECT_EQ(first->Parts->size(), 2u);
    EXPECT_TRUE(*first->IsTruncated);
    parts.PartNumberMarker = first->NextPartNumberMarker;
    EXPECT_EQ(s3_->list_parts(context_, parts)->Parts->size(), 1u);

    clock_.advance_ms(5);
    const std::string second = create_upload();
    shapes::ListMultipartUploadsInput uploads;
    uploads.Bucket = "bucket";
    uploads.MaxUploads = 1;
    const auto page = s3_->list_multipart_uploads(context_, uploads);
    EXPECT_EQ(*(*page->Uploads)[0].UploadId, id);
    EXPECT_TRUE(*page->IsTruncated);
    uploads.KeyMarker = page->NextKeyMarker;
    uploads.UploadIdMarker = page->NextUploadIdMarker;
    const auto next = s3_->list_multipart_uploads(context_, uploads);
    EXPECT_EQ(*(*next->Uploads)[0].UploadId, second);
    EXPECT_FALSE(*next->IsTruncated);

    shapes::UploadPartCopyInput copy;
    ASSERT_TRUE(put("source", "0123456789").ok());
    copy.Bucket = "bucket";
    copy.Key = "m";
    copy.UploadId = id;
    copy.PartNumber = 4;
    copy.CopySource = "bucket/source";
    copy.CopySourceRange = "bytes=2-4";
    EXPECT_EQ(*s3_->upload_part_copy(context_, copy)->CopyPartResult->ETag, "\"" + hex_encode(md5("234")) + "\"");
    copy.CopySourceRange = "bytes=5-20";
    EXPECT_EQ(s3_->upload_part_copy(context_, copy).error().code, "InvalidArgument");
    EXPECT_TRUE(s3_->abort_multipart_upload(context_, {"bucket", "m", id}).ok());
    EXPECT_EQ(s3_->list_parts(context_, parts).error().code, "NoSuchUpload");
}

TEST_F(S3Test, TagsOfObjectsAndBuckets) {
    ASSERT_TRUE(put("k", "x").ok());
    shapes::PutObjectTaggingInput input;
    input.Bucket = "bucket";
    input.Key = "k";
    input.Tagging.TagSet = {{"a", "1"}};
    ASSERT_TRUE(s3_->put_object_tagging(context_, input).ok());
    EXPECT_EQ(s3_->get_object_tagging(context_, {"bucket", "k"})->TagSet.size(), 1u);
    ASSERT_TRUE(s3_->delete_object_tagging(context_, {"bucket", "k"}).ok());
    EXPECT_EQ(s3_->get_object_tagging(context_, {"bucket", "k"})->TagSet.size(), 0u);
    EXPECT_EQ(s3_->get_object_tagging(context_, {"bucket", "absent"}).error().code, "NoSuchKey");
    EXPECT_EQ(s3_->get_bucket_tagging(context_, {"bucket", {}}).error().code, "NoSuchTagSet");
    shapes::PutBucketTaggingInput bucket;
    bucket.Bucket = "bucket";
    bucket.Tagging.TagSet = {{"a", "1"}};
    ASSERT_TRUE(s3_->put_bucket_tagging(context_, bucket).ok());
    EXPECT_EQ(s3_->get_bucket_tagging(context_, {"bucket", {}})->TagSet.size(), 1u);
}

TEST_F(S3Test, ACopyIsOneVersionOfItsSourceThoughThatIsOverwrittenMeanwhile) {
    const auto put_version = [this](const std::string& version) {
        shapes::PutObjectInput input;
        input.Metadata.emplace();
        (*input.Metadata)["version"] = version;
        return put("source", version, std::move(input)).ok();
    };
    for (const bool reads_bytes : {false, true}) {
        ASSERT_TRUE(put_version("old"));
        metadata_.after_get = [&](std::string_view key) {
            if (!key.ends_with("source")) return;
            metadata_.after_get = nullptr;
            EXPECT_TRUE(put_version("new"));
        };
        shapes::CopyObjectInput copy;
        copy.Bucket = "bucket";
        copy.Key = "copy";
        copy.CopySource = "bucket/source";
        if (reads_bytes) copy.ChecksumAlgorithm = "SHA256";
        ASSERT_TRUE(s3_->copy_object(context_, copy).ok());
        auto copied = get("copy");
        ASSERT_TRUE(copied.ok());
        EXPECT_EQ((*copied->output.Metadata)["version"], "new");
        EXPECT_EQ(text_of(*copied), "new");
        // What the client said about its source holds for the bytes that are copied.
        ASSERT_TRUE(put_version("old"));
        copy.CopySourceIfMatch = *get("source")->output.ETag;
        metadata_.after_get = [&](std::string_view key) {
            if (!key.ends_with("source")) return;
            metadata_.after_get = nullptr;
            EXPECT_TRUE(put_version("new"));
        };
        EXPECT_EQ(s3_->copy_object(context_, copy).error().code, "PreconditionFailed");
    }
}

}  // namespace
}  // namespace millrace::service::s3
