#include "src/aws/sigv2.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "src/aws/query.h"
#include "src/aws/router.h"
#include "src/base/base64.h"
#include "src/base/checksum.h"
#include "src/base/result.h"

namespace millrace::aws {
namespace {

// What is signed of the query string: the list of the documentation, and the sub-resources that S3 got after it was
// written and that the SDKs sign. Sorted.
constexpr std::string_view signed_names[] = {
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
};

// Younger sub-resources that no version 2 signs. Sorted.
constexpr std::string_view refused_names[] = {
    "abac",
    "annotation",
    "attributes",
    "encryption",
    "intelligent-tiering",
    "legal-hold",
    "metadataAnnotationTable",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "ownershipControls",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "retention",
    "session",
};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
    return std::binary_search(names.begin(), names.end(), name);
}

std::string_view trimmed(std::string_view text) {
    const size_t from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

struct Parameter {
    std::string name;
    std::string value;
    bool has_value = false;  // "acl" or "acl="
};

// The parameters, decoded as the operation's own decoder will see them.
bool split_query(std::string_view query, std::vector<Parameter>* out) {
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
        if (field.empty()) continue;
        const size_t equals = std::min(field.find('='), field.size());
        Parameter& parameter = out->emplace_back();
        parameter.has_value = equals < field.size();
        if (!percent_decode(field.substr(0, equals), true, &parameter.name) ||
            !percent_decode(field.substr(std::min(equals + 1, field.size())), true, &parameter.value))
            return false;
    }
    return true;
}

// "name:value,value\n" of every x-amz-* header, by name, and of those that came as parameters instead (boto3 moves them
// there). The date is the Expires parameter's part here.
void append_amz_headers(const http::RequestHead& head, const std::vector<Parameter>& parameters, std::string* out) {
    std::map<std::string_view, std::string> joined;
    for (const auto& [name, value] : head.headers.fields()) {
        if (!name.starts_with("x-amz-") || name == "x-amz-date") continue;
        const auto [at, first] = joined.try_emplace(name);
        if (!first) at->second.push_back(',');
        at->second += trimmed(value);
    }
    for (const Parameter& one : parameters) {
        if (!one.name.starts_with("x-amz-") || head.headers.find(one.name) != nullptr) continue;
        joined.try_emplace(one.name, trimmed(one.value));  // the first of a name, as the decoder takes it
    }
    for (const auto& [name, values] : joined) {
        *out += name;
        out->push_back(':');
        *out += values;
        out->push_back('\n');
    }
}

}  // namespace

bool parse_query_v2(const http::RequestHead& head, Authorization* out) {
    std::string_view key, signature;
    if (!find_query(head.query, "AWSAccessKeyId", &key) || !find_query(head.query, "Signature", &signature))
        return false;
    // The query services' own version 2: another string to sign, and not served.
    if (find_query(head.query, "SignatureVersion", nullptr) || find_query(head.query, "Action", nullptr)) return false;
    find_query(head.query, "Expires", &out->date_time);
    // A plus is itself here, not a space: it is one of base64's digits, which careless clients do not escape.
    if (percent_decode(key, false, &out->decoded_credential)) out->scope.access_key = out->decoded_credential;
    if (percent_decode(signature, false, &out->decoded_signature)) out->signature = out->decoded_signature;
    out->scope.service = "s3";
    return true;
}

bool append_string_to_sign_v2(const http::RequestHead& head, std::string_view expires, std::string* out) {
    std::vector<Parameter> parameters;
    if (!split_query(head.query, &parameters)) return false;
    *out += head.method;
    out->push_back('\n');
    *out += trimmed(head.headers.get("content-md5"));
    out->push_back('\n');
    *out += trimmed(head.headers.get("content-type"));
    out->push_back('\n');
    *out += expires;
    out->push_back('\n');
    append_amz_headers(head, parameters, out);

    const std::string_view bucket = bucket_of_host(head.headers.get("host"));
    if (!bucket.empty()) {
        out->push_back('/');
        *out += bucket;
    }
    *out += head.path;
    std::multimap<std::string_view, const Parameter*> kept;  // of one name, as they came
    for (const Parameter& one : parameters) {
        if (is_one_of(signed_names, one.name)) kept.emplace(one.name, &one);
    }
    char separator = '?';
    for (const auto& [name, one] : kept) {
        out->push_back(separator);
        separator = '&';
        *out += name;
        if (one->has_value) {
            out->push_back('=');
            *out += one->value;
        }
    }
    return true;
}

bool is_signed_v2(const http::RequestHead& head, std::string_view expires, std::string_view secret,
                  std::string_view signature) {
    std::string text;
    if (!append_string_to_sign_v2(head, expires, &text)) return false;
    const bool literal = constant_time_equal(signature_v2(secret, text), signature);
    if (literal || head.path.size() < 2 || head.path.find('/', 1) != std::string::npos) return literal;
    // "/bucket" is signed as it is by some and as "/bucket/" by others (boto3): S3 takes both, for it is one resource.
    http::RequestHead closed = head;
    closed.path.push_back('/');
    text.clear();
    return append_string_to_sign_v2(closed, expires, &text) &&
           constant_time_equal(signature_v2(secret, text), signature);
}

std::string signature_v2(std::string_view secret, std::string_view string_to_sign) {
    unsigned char digest[20];
    unsigned size = sizeof(digest);
    MILLRACE_CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                        reinterpret_cast<const unsigned char*>(string_to_sign.data()), string_to_sign.size(), digest,
                        &size) != nullptr &&
                   size == sizeof(digest));
    return base64_encode(std::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string unsigned_selector_of(const http::RequestHead& head) {
    std::vector<Parameter> parameters;
    if (!split_query(head.query, &parameters)) return {};  // nothing that can be verified
    std::set<std::string> seen;
    for (Parameter& one : parameters) {
        if (is_one_of(refused_names, one.name)) return std::move(one.name);
        std::string lower = one.name;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (!lower.starts_with("x-amz-")) continue;
        const std::string* header = head.headers.find(lower);
        const bool differs = header != nullptr && trimmed(*header) != trimmed(one.value);
        const bool again = !seen.insert(lower).second;
        if (differs || again || lower != one.name) return lower;
    }
    return {};
}

}  // namespace millrace::aws
