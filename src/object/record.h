// What is stored about buckets, objects, uploads and parts, as bytes.
//
// A record is a version byte (1) and fields, each a tag byte and a value: numbers are LEB128 varints, texts a varint
// size and that many bytes, maps a varint count and that many pairs of texts. The grammar of a value is its tag's; a
// field that has its default is left out. An unknown tag or a byte too few is corruption: a later version that adds a
// field raises the version byte. Objects begin with what a listing shows, so that listing reads no further.
//
// Example, an object of 3 bytes in file 5 (hex): 01 | 01 03 size | 02 01 61 etag "a" | 03 07 modified |
// 10 02 body is a file | 11 05 its number. record_test.cc holds this example and longer ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/object/keys.h"
#include "src/object/store.h"

namespace millrace::object {

enum class BodyKind : uint8_t { empty = 0, inline_bytes = 1, file = 2, parts = 3 };

// One file of a body and who refers to it (the owner half of its reference key).
struct FileExtent {
    FileId file = 0;
    FileId owner = 0;
    uint64_t size = 0;
    bool operator==(const FileExtent&) const = default;
};

struct ObjectRecord {
    ObjectInfo info;  // without key and part_sizes
    BodyKind kind = BodyKind::empty;
    FileId body = 0;        // file, inline or parts: its number
    FileId owner = 0;       // of the file, for kind file
    std::string upload_id;  // of the multipart upload that made it: completing twice is recognized by it
};

struct PartRecord {
    PartInfo info;  // without number
    FileExtent extent;
};

std::string encode(const BucketInfo& bucket);  // without the name
Result<BucketInfo> decode_bucket(std::string_view bytes);
std::string encode(const ObjectRecord& object);
Result<ObjectRecord> decode_object(std::string_view bytes);
// What listings show: size, etag, modified, storage class and checksum; stops there.
Result<ObjectInfo> decode_listed(std::string_view bytes);
std::string encode(const std::vector<FileExtent>& extents);
Result<std::vector<FileExtent>> decode_extents(std::string_view bytes);
std::string encode(const MultipartInfo& upload);  // without upload_id and key
Result<MultipartInfo> decode_upload(std::string_view bytes);
std::string encode(const PartRecord& part);
Result<PartRecord> decode_part(std::string_view bytes);

}  // namespace millrace::object
