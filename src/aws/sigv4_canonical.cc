#include <algorithm>

#include "src/aws/query.h"
#include "src/aws/sigv4.h"

namespace millrace::aws {
namespace {

// Dot segments and empty ones go, as RFC 3986 says; S3 keeps them, for they are parts of keys.
std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    std::string_view rest = path;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string text;
    for (const std::string_view segment : kept) {
        text += '/';
        text += segment;
    }
    if (text.empty() || path.ends_with('/')) text += '/';
    return text;
}

bool append_path(std::string_view path, bool once, std::string* out) {
    if (path == "/" || path.empty()) {
        out->push_back('/');
        return true;
    }
    if (!once) {
        append_uri_encoded(without_dot_segments(path), true, out);
        return true;
    }
    std::string decoded;
    if (!percent_decode(path, false, &decoded)) return false;
    append_uri_encoded(decoded, true, out);
    return true;
}

bool append_query(std::string_view query, bool presigned, std::string* out) {
    if (query.empty()) return true;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string decoded;
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
        if (field.empty()) continue;
        const size_t equals = std::min(field.find('='), field.size());
        if (presigned && field.substr(0, equals) == "X-Amz-Signature") continue;
        auto& [name, value] = fields.emplace_back();
        if (!percent_decode(field.substr(0, equals), true, &decoded)) return false;
        append_uri_encoded(decoded, false, &name);
        if (!percent_decode(field.substr(std::min(equals + 1, field.size())), true, &decoded)) return false;
        append_uri_encoded(decoded, false, &value);
    }
    std::sort(fields.begin(), fields.end());
    bool first = true;
    for (const auto& [name, value] : fields) {
        if (!first) out->push_back('&');
        first = false;
        *out += name;
        out->push_back('=');
        *out += value;
    }
    return true;
}

// Trimmed, runs of spaces as one.
void append_header_value(std::string_view value, std::string* out) {
    bool space = false;
    bool started = false;
    for (const char c : value) {
        if (c == ' ' || c == '\t') {
            space = started;
            continue;
        }
        if (space) out->push_back(' ');
        space = false;
        started = true;
        out->push_back(c);
    }
}

bool append_headers(const http::RequestHead& head, const std::vector<std::string_view>& names, std::string* out) {
    for (const std::string_view name : names) {
        // The JavaScript SDK signs HTTP/2's own name for the host, which arrives as "host".
        const std::string_view stored = head.version == 20 && name == ":authority" ? "host" : name;
        bool found = false;
        for (const auto& [field, value] : head.headers.fields()) {
            if (field != stored) continue;
            if (!found) {
                *out += name;
                out->push_back(':');
            } else {
                out->push_back(',');
            }
            found = true;
            append_header_value(value, out);
        }
        if (!found) return false;
        out->push_back('\n');
    }
    return true;
}

}  // namespace

bool append_canonical_request(const http::RequestHead& head, const std::vector<std::string_view>& signed_headers,
                              std::string_view payload_hash, bool once, bool presigned, std::string* out) {
    *out += head.method;
    out->push_back('\n');
    if (!append_path(head.path, once, out)) return false;
    out->push_back('\n');
    if (!append_query(head.query, presigned, out)) return false;
    out->push_back('\n');
    if (!append_headers(head, signed_headers, out)) return false;
    out->push_back('\n');
    bool first = true;
    for (const std::string_view name : signed_headers) {
        if (!first) out->push_back(';');
        first = false;
        *out += name;
    }
    out->push_back('\n');
    *out += payload_hash;
    return true;
}

void append_string_to_sign(std::string_view date_time, std::string_view scope, std::string_view canonical_request,
                           std::string* out) {
    *out += algorithm_name;
    out->push_back('\n');
    *out += date_time;
    out->push_back('\n');
    *out += scope;
    out->push_back('\n');
    const Sha256Hex hash = hex_of(sha256_of(canonical_request));
    *out += view_of(hash);
}

HmacSha256 signing_key(std::string_view secret, std::string_view date, std::string_view region,
                       std::string_view service) {
    std::string first = "AWS4";
    first += secret;
    Sha256Digest key = HmacSha256(first).tag(date);
    key = HmacSha256(view_of(key)).tag(region);
    key = HmacSha256(view_of(key)).tag(service);
    key = HmacSha256(view_of(key)).tag("aws4_request");
    return HmacSha256(view_of(key));
}

}  // namespace millrace::aws
