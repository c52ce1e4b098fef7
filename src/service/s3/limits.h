// S3's published limits. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html and the pages named.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::s3 {

inline constexpr uint64_t object_bytes_max_single_put = uint64_t{5} << 30;  // PutObject, UploadPart, CopyObject
inline constexpr uint64_t part_bytes_min = uint64_t{5} << 20;               // but the last
inline constexpr int part_number_max = 10'000;
inline constexpr size_t key_bytes_max = 1024;            // UserGuide/object-keys.html
inline constexpr size_t user_metadata_bytes_max = 2048;  // UserGuide/UsingMetadata.html: names and values together
inline constexpr size_t object_tags_max = 10;            // UserGuide/object-tagging.html
inline constexpr size_t bucket_tags_max = 50;            // UserGuide/CostAllocTagging.html
inline constexpr size_t tag_key_characters_max = 128;
inline constexpr size_t tag_value_characters_max = 256;
inline constexpr size_t buckets_max = 10'000;  // general purpose buckets an account, the default quota
inline constexpr int page_max = 1000;          // keys, parts, uploads and deletions a request
inline constexpr int buckets_page_max = 10'000;

}  // namespace millrace::service::s3
