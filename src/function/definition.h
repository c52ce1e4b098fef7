// What a function is, and all that belongs to it. Kept in the registry as versioned JSON (registry/record_codec.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/scope.h"

namespace millrace::function {

// A layer version as a function took it: the function keeps it when the layer's owner deletes it.
struct UsedLayer {
    std::string arn;  // with its version
    std::string package_sha256;
    uint64_t package_bytes = 0;
    uint64_t unpacked_bytes = 0;
};

// How it logs (AWS's LoggingConfig). Levels filter JSON logs alone; "" there is INFO.
struct Logging {
    bool json = false;
    std::string application_level;  // of what the function writes: "TRACE" ... "FATAL"
    std::string system_level;       // of what the platform says about it: "DEBUG", "INFO" or "WARN"
    std::string group;              // "" : "/aws/lambda/NAME"
};

// One version: what can be run. A published one never changes again.
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
    uint64_t unpacked_bytes = 0;
    uint32_t timeout_s = 3;
    uint32_t memory_mb = 128;
    uint32_t ephemeral_mb = 512;
    std::string architecture;  // "x86_64" or "arm64": this machine's
    Logging logging;
    std::map<std::string, std::string> environment;
    std::vector<UsedLayer> layers;  // in their order
    std::string revision_id;        // differs whenever anything above does
    TimestampMs modified;
};

struct Alias {
    std::string name;
    std::string version;                       // a number, or "$LATEST"
    std::string description;                   //
    std::map<std::string, double> additional;  // version -> share of the calls, 0 to 1; at most one
    std::string revision_id;
};

// CORS of a function URL; absent lists are empty.
struct UrlCors {
    bool allow_credentials = false;
    std::vector<std::string> allow_headers, allow_methods, allow_origins, expose_headers;
    uint32_t max_age_s = 0;
};

struct UrlConfig {
    std::string id;         // the host's first label: 32 of [a-z0-9]
    std::string auth_type;  // "NONE" or "AWS_IAM"
    bool streams = false;   // InvokeMode RESPONSE_STREAM: the answer is sent as it comes
    std::optional<UrlCors> cors;
    TimestampMs created, modified;
};

// How asynchronous calls are tried; absent members are AWS's defaults.
struct EventInvokeConfig {
    std::optional<uint32_t> retries_max;  // 0 to 2; default 2
    std::optional<uint32_t> age_s_max;    // 60 to 21,600; default 21,600
    std::string on_success, on_failure;   // ARNs; "" where none
    TimestampMs modified;
};

// A resource policy: statements as AWS shows them, by their Sid.
struct Policy {
    std::map<std::string, std::string> statements;  // Sid -> the statement's JSON
    std::string revision_id;
};

struct Provisioned {
    uint32_t count = 0;
    TimestampMs modified;
};

// A function with everything that hangs on its name. Qualifiers are "" for the function itself, else an alias or a
// version's number.
struct FunctionRecord {
    FunctionDefinition latest;   // $LATEST
    uint64_t incarnation = 0;    // differs when a name is used again, so that its old versions are not taken for new
    uint64_t version_next = 1;   // versions below it may exist; they are entries of their own
    std::string version_newest;  // the last published that still counts for "same code: same version"; "" where none
    std::optional<std::string> version_newest_described;  // what $LATEST was described as then; a version may say else
    std::optional<uint32_t> reserved_concurrency;
    std::map<std::string, std::string> tags;
    std::map<std::string, Alias> aliases;
    std::map<std::string, Policy> policies;
    std::map<std::string, UrlConfig> urls;
    std::map<std::string, EventInvokeConfig> event_invoke;
    std::map<std::string, Provisioned> provisioned;
    TimestampMs created;
};

struct LayerVersion {
    Scope scope;
    std::string layer;
    uint64_t version = 0;
    std::string description;
    std::string license;
    std::vector<std::string> runtimes, architectures;
    std::string package_sha256;
    uint64_t package_bytes = 0;
    uint64_t unpacked_bytes = 0;
    Policy policy;
    TimestampMs created;
};

// "arn:aws:lambda:us-east-1:000000000000:function:orders", with ":QUALIFIER" where one is given.
std::string function_arn(const Scope& scope, std::string_view name, std::string_view qualifier = "");
// "arn:aws:lambda:us-east-1:000000000000:layer:tools" and "...:layer:tools:3"
std::string layer_arn(const Scope& scope, std::string_view layer);
std::string layer_version_arn(const LayerVersion& layer);

}  // namespace millrace::function
