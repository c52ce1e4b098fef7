// Where objects live in the ordered key-value store, which they share with the catalog and checkpoints.
//
//   object/b/<bucket>                      a bucket                                       (record.h: BucketInfo)
//   object/k/<bucket> 00 <key>             an object: what it is and where its bytes are  (ObjectRecord)
//   object/i/<body>                        bytes of an object of at most inline_bytes_max
//   object/x/<body>                        the files of a multipart object, in order      (Extents)
//   object/r/<file><owner>                 "this body (or part) uses this file"; empty value
//   object/d/<file><owner>                 intent: the owner is gone; unlink the file unless another uses it
//   object/l/<block>                       intent: files of this block of names may have been begun
//   object/n                               the first block never leased
//   object/u/<bucket> 00 <escaped key> 00 01 <upload id>   a multipart upload             (MultipartInfo)
//   object/p/<upload id><number>           a part of it                                   (PartRecord)
//
// Numbers are big-endian, so that byte order is number order: file, owner, body and block 8 bytes, part number 2.
// <key> is the raw key: the bytes' order is S3's (UTF-8 binary order). A bucket's name has neither 00 nor '/'. An
// escaped key has 00 FF for 00, so that uploads of a key sort before those of a longer key that begins with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::object {

using FileId = uint64_t;  // names a file; also a body (which then has the number of its own first file, or none)

namespace keys {

std::string bucket(std::string_view name);
std::string object(std::string_view bucket, std::string_view key);
std::string inline_bytes(FileId body);
std::string extents(FileId body);
std::string reference(FileId file, FileId owner);
std::string doomed(FileId file, FileId owner);
std::string lease(uint64_t block);
std::string next_block();
std::string upload(std::string_view bucket, std::string_view key, std::string_view upload_id);
std::string part(std::string_view upload_id, int number);

// Prefixes for walking.
std::string all_buckets();
std::string objects_of(std::string_view bucket);
std::string references_of(FileId file);
std::string all_doomed();
std::string all_leases();
std::string uploads_of(std::string_view bucket);
// All uploads of keys that begin with `key_prefix`.
std::string uploads_of(std::string_view bucket, std::string_view key_prefix);
std::string parts_of(std::string_view upload_id);

// The number in the 8 bytes at `offset` after the tag; 0 where they are not there.
uint64_t number_in(std::string_view key, size_t offset = 0);
// The object's key out of an upload's, given its bucket's prefix; empty where malformed (no key is empty).
std::string key_of_upload(std::string_view stored, std::string_view bucket_prefix);
// The first string after every string that begins with `prefix`; empty where there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace keys
}  // namespace millrace::object
