// Any bytes as a package: refused or unpacked, within the limits, and nothing outside its directory.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "src/base/result.h"
#include "src/function/unzip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    static const std::string root = [] {
        std::string pattern = std::filesystem::temp_directory_path() / "unzip-fuzz-XXXXXX";
        return std::string(::mkdtemp(pattern.data()));
    }();
    const function::PackageLimits limits{.unpacked_bytes_max = 1 << 20, .entries_max = 64, .ratio_free_bytes = 1 << 16};
    const std::string_view zip(reinterpret_cast<const char*>(data), size);
    const std::string directory = root + "/package";
    Result<uint64_t> checked = function::check_zip(zip, limits);
    Result<uint64_t> unpacked = function::unzip(zip, directory, limits);
    MILLRACE_CHECK(!unpacked.ok() || (checked.ok() && *checked == *unpacked));
    MILLRACE_CHECK(!unpacked.ok() || *unpacked <= limits.unpacked_bytes_max);
    std::filesystem::remove_all(directory);
    MILLRACE_CHECK(std::filesystem::is_empty(root));
    return 0;
}
