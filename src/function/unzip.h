// Unpacks a zip that nobody vouches for.
//
// Names are checked before anything is written, every file is opened below the target with RESOLVE_BENEATH and without
// following links, links are made last and only where they stay inside. So neither a name, nor a link from an earlier
// entry, nor both together lead out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/function/package.h"

namespace millrace::function {

// Makes `directory` and fills it; files are 0644, or 0755 where the zip has any x; synced to disk. Returns the unpacked
// bytes. invalid_argument ("Could not unzip uploaded file. ..."), resource_exhausted (a limit, or the disk), io. After
// an error the directory holds anything.
Result<uint64_t> unzip(std::string_view zip, const std::string& directory, const PackageLimits& limits);

// The same checks without writing anything. Returns the unpacked bytes.
Result<uint64_t> check_zip(std::string_view zip, const PackageLimits& limits);

}  // namespace millrace::function
