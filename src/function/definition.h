// What a function is. Kept in the registry as versioned JSON (definition_codec.cc).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/scope.h"

namespace millrace::function {

struct FunctionDefinition {
    Scope scope;
    std::string name;
    std::string version = "$LATEST";
    std::string runtime;  // "python3.12", "nodejs20.x", "provided.al2023"
    std::string handler;
    std::string role;
    std::string description;
    std::string package_sha256;  // base64, as CodeSha256; also the package's name on disk
    uint64_t package_bytes = 0;
    uint32_t timeout_s = 3;
    uint32_t memory_mb = 128;
    uint32_t ephemeral_mb = 512;
    std::map<std::string, std::string> environment;
    std::vector<std::string> layers;  // layer version ARNs
    std::map<std::string, std::string> tags;
    std::string revision_id;
    TimestampMs modified;
};

}  // namespace millrace::function
