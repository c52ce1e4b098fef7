#include "src/aws/signer.h"

#include <algorithm>
#include <optional>

#include "src/aws/sigv4.h"
#include "src/aws/time_text.h"

namespace millrace::aws {

struct Signer::State {
    Credentials credentials;
    std::string region;
    std::string service;
    std::string date;  // of `key`
    std::optional<HmacSha256> key;
    std::string canonical, to_sign;

    // The signature over the head, as hex; `scope` is filled.
    std::string signature(const http::RequestHead& head, const std::vector<std::string_view>& names,
                          std::string_view payload_hash, bool presigned, std::string_view date_time,
                          std::string* scope) {
        if (date != date_time.substr(0, 8)) {
            date = date_time.substr(0, 8);
            key.emplace(signing_key(credentials.secret, date, region, service));
        }
        *scope = date + "/" + region + "/" + service + "/aws4_request";
        canonical.clear();
        to_sign.clear();
        append_canonical_request(head, names, payload_hash, service == "s3", presigned, &canonical);
        append_string_to_sign(date_time, *scope, canonical, &to_sign);
        const Sha256Hex hex = hex_of(key->tag(to_sign));
        return std::string(view_of(hex));
    }
};

Signer::Signer(Credentials credentials, std::string region, std::string service) : state_(std::make_unique<State>()) {
    state_->credentials = std::move(credentials);
    state_->region = std::move(region);
    state_->service = std::move(service);
}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;

void Signer::sign(http::RequestHead& head, std::string_view body, TimestampMs now) {
    const std::string date_time = basic_date_time(now);
    const Sha256Hex hash = hex_of(sha256_of(body));
    head.headers.set("x-amz-date", date_time);
    if (state_->service == "s3") head.headers.set("x-amz-content-sha256", view_of(hash));
    std::vector<std::string_view> names;
    for (const auto& [name, value] : head.headers.fields()) {
        if (name == "host" || name == "content-type" || name.starts_with("x-amz-")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string scope;
    const std::string signature = state_->signature(head, names, view_of(hash), false, date_time, &scope);
    std::string text(algorithm_name);
    text += " Credential=" + state_->credentials.access_key_id + "/" + scope + ", SignedHeaders=";
    for (size_t i = 0; i < names.size(); ++i) {
        if (i != 0) text += ';';
        text += names[i];
    }
    text += ", Signature=" + signature;
    head.headers.set("authorization", text);
}

std::string Signer::presigned_query(const http::RequestHead& head, TimestampMs now, uint32_t expires_s) {
    const std::string date_time = basic_date_time(now);
    http::RequestHead whole = head;
    std::string credential = state_->credentials.access_key_id + "/" + date_time.substr(0, 8) + "/" + state_->region +
                             "/" + state_->service + "/aws4_request";
    std::string& query = whole.query;
    if (!query.empty()) query += '&';
    query += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=";
    append_uri_encoded(credential, false, &query);
    query += "&X-Amz-Date=" + date_time + "&X-Amz-Expires=" + std::to_string(expires_s) + "&X-Amz-SignedHeaders=host";
    std::string scope;
    const std::string_view payload = state_->service == "s3" ? unsigned_payload : empty_sha256;
    const std::string signature = state_->signature(whole, {"host"}, payload, true, date_time, &scope);
    return query + "&X-Amz-Signature=" + signature;
}

}  // namespace millrace::aws
