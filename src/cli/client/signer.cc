#include "src/cli/client/signer.h"

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/checksum.h"

namespace millrace::cli {
namespace {

std::string amazon_time(TimestampMs now) {
    time_t seconds = now.value() / 1000;
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[20];
    strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
    return text;
}

}  // namespace

Signer::Signer(Credentials credentials, std::string region, std::string service)
    : credentials_(std::move(credentials)), region_(std::move(region)), service_(std::move(service)) {}

const std::string& Signer::signing_key(std::string_view day) {
    if (key_day_ != day) {
        key_day_ = std::string(day);
        key_ = hmac_sha256("AWS4" + credentials_.secret_key, day);
        for (std::string_view part :
             {std::string_view(region_), std::string_view(service_), std::string_view("aws4_request")}) {
            key_ = hmac_sha256(key_, part);
        }
    }
    return key_;
}

void Signer::sign(std::string_view method, std::string_view path, std::string_view query, std::string_view body,
                  TimestampMs now, http::Headers& headers) {
    if (credentials_.access_key.empty()) return;
    const std::string time = amazon_time(now);
    const std::string day = time.substr(0, 8);
    const std::string payload = hex_encode(sha256(body));
    headers.set("x-amz-date", time);
    if (service_ == "s3") headers.set("x-amz-content-sha256", payload);

    const auto fields = headers.fields();
    std::vector<std::pair<std::string, std::string>> sorted(fields.begin(), fields.end());
    std::sort(sorted.begin(), sorted.end());
    std::string canonical = std::string(method) + "\n" + std::string(path) + "\n" + std::string(query) + "\n";
    std::string names;
    for (const auto& [name, value] : sorted) {
        canonical += name + ":" + value + "\n";
        names += (names.empty() ? "" : ";") + name;
    }
    canonical += "\n" + names + "\n" + payload;

    const std::string scope = day + "/" + region_ + "/" + service_ + "/aws4_request";
    const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hex_encode(sha256(canonical));
    headers.set("authorization", "AWS4-HMAC-SHA256 Credential=" + credentials_.access_key + "/" + scope +
                                     ", SignedHeaders=" + names +
                                     ", Signature=" + hex_encode(hmac_sha256(signing_key(day), to_sign)));
}

}  // namespace millrace::cli
