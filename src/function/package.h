// Packages: the zip files of functions and layers, kept and unpacked by the SHA-256 of their bytes.
//
//     DIRECTORY/zip/HEX           the zip as it came
//     DIRECTORY/tree/HEX          unpacked, read-only; appears by rename, whole or not at all
//     DIRECTORY/merged/HEX        layers merged in their order (HEX: of their names); hard links into tree/
//     DIRECTORY/unpacking/        what is on its way; emptied when opened
//
// A zip is hostile until proven otherwise: names with "..", absolute names, links that leave the tree, devices,
// too many entries, too many bytes or an absurd ratio are refused, nothing is written outside its own directory.
//
// Any thread. What put() returned is durable.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::function {

// AWS's limits where it documents one.
struct PackageLimits {
    uint64_t unpacked_bytes_max = 262'144'000;  // 250 MB, AWS's
    uint64_t entries_max = 100'000;
    uint64_t ratio_max = 1'000;  // unpacked to packed, once past ratio_free_bytes
    uint64_t ratio_free_bytes = 16 << 20;
    uint32_t depth_max = 64;  // folders in folders
};

struct StoredPackage {
    std::string sha256;  // base64, as CodeSha256; names it everywhere below
    uint64_t bytes = 0;  // of the zip
    uint64_t unpacked_bytes = 0;
};

class PackageStore {
  public:
    static Result<std::unique_ptr<PackageStore>> open(std::string directory, PackageLimits limits = {});
    virtual ~PackageStore() = default;

    // Checks, unpacks and keeps; the same bytes again cost a digest. invalid_argument says what is wrong with the zip
    // ("Could not unzip uploaded file. ..." begins AWS's message), resource_exhausted: the disk, or a limit above
    // ("Unzipped size must be smaller than 262144000 bytes").
    virtual Result<StoredPackage> put(std::string_view zip) = 0;
    // Where it is unpacked; unpacks again where someone removed it. not_found, corruption.
    virtual Result<std::string> directory(const std::string& sha256) = 0;
    // The zip's path (for GetFunction's Code.Location). not_found.
    virtual Result<std::string> zip_file(const std::string& sha256) = 0;
    // One directory with all of them laid over each other, later over earlier; "" for none. At most 250 MB together
    // with the function's code on AWS; the caller checks with unpacked_bytes.
    virtual Result<std::string> merge(const std::vector<std::string>& sha256s) = 0;

    // Forgets what is not named and was not put in the last `keep_ms`. A directory that an environment still uses goes
    // under it: retire first. Returns how many packages went.
    virtual Result<size_t> collect(const std::set<std::string>& sha256s_in_use, uint64_t keep_ms) = 0;
};

}  // namespace millrace::function
