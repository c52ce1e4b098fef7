#include <algorithm>
#include <charconv>

#include "src/aws/query.h"
#include "src/aws/router.h"
#include "src/aws/sigv2.h"
#include "src/aws/sigv4.h"

namespace millrace::aws {
namespace {

// Between the three pairs of the header: AWS takes blanks alone as well as the commas that it documents.
constexpr std::string_view separators = ", \t";

void split_headers(std::string_view names, std::vector<std::string_view>* out) {
    while (!names.empty()) {
        const std::string_view name = names.substr(0, names.find(';'));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        if (!name.empty()) out->push_back(name);
    }
}

bool finish(Authorization* out) {
    return !out->scope.access_key.empty() && !out->signed_headers.empty() && !out->signature.empty();
}

AuthForm parse_header(std::string_view value, Authorization* out) {
    if (value.starts_with("AWS4-ECDSA-P256-SHA256")) return AuthForm::asymmetric;
    if (!value.starts_with(algorithm_name)) return AuthForm::other;
    value.remove_prefix(algorithm_name.size());
    while (!value.empty()) {
        const std::string_view pair = value.substr(0, value.find_first_of(separators));
        value.remove_prefix(std::min(pair.size() + 1, value.size()));
        const size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const std::string_view content = pair.substr(std::min(equals + 1, pair.size()));
        if (name == "Credential") {
            const auto scope = parse_credential(content);
            if (!scope) return AuthForm::unreadable;
            out->scope = *scope;
        } else if (name == "SignedHeaders") {
            split_headers(content, &out->signed_headers);
        } else if (name == "Signature") {
            out->signature = content;
        }
    }
    return finish(out) ? AuthForm::header : AuthForm::unreadable;
}

AuthForm parse_query(const http::RequestHead& head, std::string_view algorithm, Authorization* out) {
    if (algorithm.starts_with("AWS4-ECDSA")) return AuthForm::asymmetric;
    if (algorithm != algorithm_name) return AuthForm::unreadable;
    std::string_view credential, names, expires;
    if (!find_query(head.query, "X-Amz-Credential", &credential) ||
        !find_query(head.query, "X-Amz-SignedHeaders", &names) ||
        !find_query(head.query, "X-Amz-Signature", &out->signature) ||
        !find_query(head.query, "X-Amz-Date", &out->date_time) || !find_query(head.query, "X-Amz-Expires", &expires))
        return AuthForm::unreadable;
    if (!percent_decode(credential, false, &out->decoded_credential) ||
        !percent_decode(names, false, &out->decoded_headers))
        return AuthForm::unreadable;
    const auto scope = parse_credential(out->decoded_credential);
    const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), out->expires_s);
    if (!scope || error != std::errc() || end != expires.data() + expires.size() || out->expires_s < 1 ||
        out->expires_s > 604'800)
        return AuthForm::unreadable;
    out->scope = *scope;
    split_headers(out->decoded_headers, &out->signed_headers);
    return finish(out) ? AuthForm::presigned : AuthForm::unreadable;
}

}  // namespace

std::optional<CredentialScope> parse_credential(std::string_view credential) {
    // From the right: an access key might hold a slash, the rest does not.
    CredentialScope scope;
    constexpr std::string_view terminator = "/aws4_request";
    if (!credential.ends_with(terminator)) return std::nullopt;
    std::string_view rest = credential.substr(0, credential.size() - terminator.size());
    for (std::string_view* part : {&scope.service, &scope.region, &scope.date}) {
        const size_t slash = rest.rfind('/');
        if (slash == std::string_view::npos) return std::nullopt;
        *part = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
    }
    scope.access_key = rest;
    scope.text = credential.substr(rest.size() + 1);
    if (rest.empty() || scope.date.empty() || scope.region.empty() || scope.service.empty()) return std::nullopt;
    return scope;
}

void parse_authorization(const http::RequestHead& head, Authorization* out) {
    out->payload_hash = head.headers.get("x-amz-content-sha256");
    if (const std::string* header = head.headers.find("authorization")) {
        out->date_time = head.headers.get("x-amz-date");
        out->form = parse_header(*header, out);
        return;
    }
    std::string_view algorithm;
    if (find_query(head.query, "X-Amz-Algorithm", &algorithm)) {
        out->form = parse_query(head, algorithm, out);
    } else if (parse_query_v2(head, out)) {
        out->form = AuthForm::presigned_v2;
    } else if (find_query(head.query, "Signature", nullptr) && find_query(head.query, "AWSAccessKeyId", nullptr)) {
        out->form = AuthForm::other;  // the query services' version 2
    }
}

}  // namespace millrace::aws
