#include "src/http/outbound/url.h"

#include <charconv>

#include <boost/url.hpp>

namespace millrace::http {
namespace {

namespace urls = boost::urls;

constexpr size_t url_bytes_max = 8192;

Error wrong(std::string_view text, std::string_view why) {
    return {ErrorCode::invalid_argument, "\"" + std::string(text.substr(0, 200)) + "\" " + std::string(why)};
}

Result<OutboundUrl> from(const urls::url_view& url, std::string_view shown) {
    OutboundUrl out;
    out.secure = url.scheme_id() == urls::scheme::https;
    if (!out.secure && url.scheme_id() != urls::scheme::http)
        return wrong(shown, "can not be called: a URL begins with https:// or http://");
    if (url.has_userinfo())
        return wrong(url.scheme(), "URLs with a name or password are refused: send them in an Authorization header");
    const std::string_view zone_sign = "%";
    const std::string host(url.host_address());  // decoded, without brackets
    if (host.empty()) return wrong(shown, "has no host");
    for (char c : host) {
        const bool ok =
            c > 0x20 && c < 0x7f && std::string_view("/\\@?#[]<>\"'`{}|^").find(c) == std::string_view::npos;
        if (!ok || host.find(zone_sign) != std::string::npos)
            return wrong(shown, "has a forbidden character in its host");
        out.host += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (out.host.back() == '.') out.host.pop_back();
    const bool empty_label =
        out.host.starts_with('.') || out.host.ends_with('.') || out.host.find("..") != std::string::npos;
    if (out.host.empty() || out.host.size() > 253 || empty_label) return wrong(shown, "has no valid host");
    out.port = out.secure ? 443 : 80;
    const std::string_view port(url.port().data(), url.port().size());
    const uint16_t usual = out.port;
    if (!port.empty()) {
        const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (problem != std::errc() || end != port.data() + port.size() || out.port == 0)
            return wrong(shown, "has a port that is none");
    }
    out.authority = out.host.find(':') == std::string::npos ? out.host : "[" + out.host + "]";
    if (out.port != usual) out.authority += ":" + std::to_string(out.port);
    out.target = std::string(url.encoded_path());
    if (!out.target.starts_with('/')) out.target.insert(0, "/");
    if (url.has_query()) {
        out.target += '?';
        out.target += std::string_view(url.encoded_query().data(), url.encoded_query().size());
    }
    out.text = (out.secure ? "https://" : "http://") + out.authority + out.target;
    return out;
}

}  // namespace

Result<OutboundUrl> parse_outbound_url(std::string_view text) {
    if (text.size() > url_bytes_max) return wrong(text, "... is longer than 8192 bytes");
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (!parsed) return wrong(text, "is no absolute URL (special characters must be percent-encoded)");
    return from(*parsed, text);
}

Result<OutboundUrl> resolve_outbound_url(const OutboundUrl& base, std::string_view location) {
    if (location.size() > url_bytes_max) return wrong(location, "... is longer than 8192 bytes");
    const auto reference = urls::parse_uri_reference({location.data(), location.size()});
    const auto start = urls::parse_uri({base.text.data(), base.text.size()});
    if (!reference || !start) return wrong(location, "is no URL to be redirected to");
    urls::url resolved;
    if (!urls::resolve(*start, *reference, resolved)) return wrong(location, "is no URL to be redirected to");
    return from(resolved, location);
}

}  // namespace millrace::http
