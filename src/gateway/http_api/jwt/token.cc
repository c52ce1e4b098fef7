#include "src/gateway/http_api/jwt/token.h"

#include <algorithm>

#include <boost/json.hpp>

#include "src/base/base64.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

Error malformed(std::string_view why) {
    return {ErrorCode::invalid_argument, std::string(why)};
}

std::string shown(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string().data(), value.as_string().size());
    if (!value.is_array()) return json::serialize(value);
    std::string list = "[";
    for (const json::value& one : value.as_array()) list += (list.size() > 1 ? " " : "") + shown(one);
    return list + "]";
}

Result<json::object> object_of(std::string_view part, std::string_view what) {
    const std::optional<std::string> text = base64url_decode(part);
    if (!text) return malformed("the token's " + std::string(what) + " is not base64url");
    boost::system::error_code bad;
    json::value value = json::parse(*text, bad);  // 32 levels at most: Boost's own bound
    if (bad || !value.is_object()) return malformed("the token's " + std::string(what) + " is not a JSON object");
    return std::move(value.as_object());
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? shown(*value) : std::string();
}

void add_texts(const json::value& value, std::vector<std::string>& out) {
    if (value.is_string()) out.push_back(shown(value));
    if (!value.is_array()) return;
    for (const json::value& one : value.as_array()) {
        if (one.is_string()) out.push_back(shown(one));
    }
}

void add_words(std::string_view text, std::vector<std::string>& out) {
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (!word.empty()) out.emplace_back(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
}

Status read_time(const json::object& claims, std::string_view name, std::optional<double>& out) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_number()) return malformed("the token's " + std::string(name) + " is not a number");
    out = value->to_number<double>();
    return {};
}

Status read_claims(const json::object& claims, Token& token) {
    for (const auto& claim : claims) token.claims[claim.key()] = shown(claim.value());
    token.issuer = text_of(claims, "iss");
    const json::value* audience = claims.if_contains("aud");
    if (audience == nullptr) audience = claims.if_contains("client_id");
    if (audience != nullptr) add_texts(*audience, token.audience);
    if (const json::value* scope = claims.if_contains("scope"); scope != nullptr && scope->is_string()) {
        add_words(shown(*scope), token.scopes);
    } else if (const json::value* scp = claims.if_contains("scp")) {
        if (scp->is_string()) {
            add_words(shown(*scp), token.scopes);
        } else {
            add_texts(*scp, token.scopes);
        }
    }
    TRY(read_time(claims, "exp", token.expires_s));
    TRY(read_time(claims, "nbf", token.not_before_s));
    return read_time(claims, "iat", token.issued_s);
}

Error refused(std::string_view why) {
    return {ErrorCode::permission_denied, std::string(why)};
}

}  // namespace

Result<Token> parse_token(std::string_view text) {
    if (text.size() > token_bytes_max) return malformed("the token is longer than 16 KiB");
    const size_t first = text.find('.');
    const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return malformed("the token does not have three parts");
    }
    TRY_ASSIGN(const json::object header, object_of(text.substr(0, first), "header"));
    TRY_ASSIGN(const json::object claims, object_of(text.substr(first + 1, second - first - 1), "payload"));
    std::optional<std::string> signature = base64url_decode(text.substr(second + 1));
    if (!signature) return malformed("the token's signature is not base64url");
    if (header.contains("crit")) return malformed("the token has a critical extension");
    Token token;
    token.algorithm = text_of(header, "alg");
    token.key_id = text_of(header, "kid");
    token.signed_part = text.substr(0, second);
    token.signature = std::move(*signature);
    TRY(read_claims(claims, token));
    return token;
}

Status check_claims(const Token& token, std::string_view issuer, const std::vector<std::string>& audience,
                    TimestampMs now) {
    const double now_s = static_cast<double>(now.value()) / 1000;
    if (token.issuer != issuer) return refused("the token was issued by another issuer");
    const bool meant = std::any_of(token.audience.begin(), token.audience.end(), [&](const std::string& one) {
        return std::find(audience.begin(), audience.end(), one) != audience.end();
    });
    if (!meant) return refused("the token does not have a valid audience");
    if (!token.expires_s) return refused("the token does not say when it expires");
    // Written so that a NaN, were there one, is refused.
    if (!(now_s < *token.expires_s + clock_leeway_s)) return refused("the token has expired");
    if (token.not_before_s && !(*token.not_before_s <= now_s + clock_leeway_s)) {
        return refused("the token is not valid yet");
    }
    if (token.issued_s && !(*token.issued_s <= now_s + clock_leeway_s)) {
        return refused("the token was issued in the future");
    }
    return {};
}

std::string_view without_bearer(std::string_view value) {
    constexpr std::string_view scheme = "bearer ";
    if (value.size() < scheme.size()) return value;
    for (size_t i = 0; i < scheme.size(); ++i) {
        const char c = value[i] >= 'A' && value[i] <= 'Z' ? static_cast<char>(value[i] + 32) : value[i];
        if (c != scheme[i]) return value;
    }
    value.remove_prefix(scheme.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
}

std::optional<std::string> base64url_decode(std::string_view text) {
    std::string plain(text);
    for (char& c : plain) {
        if (c == '+' || c == '/' || c == '=') return std::nullopt;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    while (plain.size() % 4 != 0) plain += '=';
    std::string bytes;
    if (!base64_decode(plain, &bytes)) return std::nullopt;
    return bytes;
}

}  // namespace millrace::gateway::http_api
