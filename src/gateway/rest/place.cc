#include "src/gateway/rest/place.h"

#include "src/gateway/rest_apis.h"
#include "src/gateway/text/aws_request.h"
#include "src/gateway/text/uri.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view prefix = "/restapis/", mark = "_user_request_", host_mark = ".execute-api.";

std::string_view without_port(std::string_view host) {
    const size_t colon = host.rfind(':');
    return colon == std::string_view::npos || host.ends_with(']') ? host : host.substr(0, colon);
}

std::string_view take_segment(std::string_view* path) {
    if (path->starts_with('/')) path->remove_prefix(1);
    const std::string_view segment = path->substr(0, path->find('/'));
    path->remove_prefix(segment.size());
    return segment;
}

// "/restapis/ID/STAGE/_user_request_" and what is below it.
std::optional<Place> by_path(std::string_view path) {
    if (!path.starts_with(prefix)) return std::nullopt;
    std::string_view rest = path.substr(prefix.size() - 1);
    Place place;
    place.api_id = take_segment(&rest);
    place.stage = percent_decode(take_segment(&rest));
    if (take_segment(&rest) != mark || place.api_id.empty() || place.stage.empty()) return std::nullopt;
    place.path = rest.empty() ? "/" : std::string(rest);
    place.event_path = place.path;
    place.request_path = "/" + place.stage + place.path;
    return place;
}

bool is_api_host(std::string_view host) {
    const size_t at = host.find(host_mark);
    return at != std::string_view::npos && at > 0 && host.substr(0, at).find('.') == std::string_view::npos;
}

std::optional<Place> by_host(std::string_view host, std::string_view path) {
    Place place;
    place.api_id = host.substr(0, host.find('.'));
    std::string_view rest = path;
    place.stage = percent_decode(take_segment(&rest));
    if (place.stage.empty()) return std::nullopt;
    place.path = rest.empty() ? "/" : std::string(rest);
    place.event_path = place.path;
    place.request_path = path;
    return place;
}

std::optional<Place> by_domain(const DomainName& domain, std::string_view path) {
    const BasePath* best = nullptr;
    size_t taken = 0;
    for (const auto& [base, mapping] : domain.base_paths) {
        if (base == "(none)" || base.empty()) {
            if (best == nullptr) best = &mapping;
            continue;
        }
        const std::string below = "/" + base;
        const bool under = path.starts_with(below) && (path.size() == below.size() || path[below.size()] == '/');
        if (!under || below.size() < taken) continue;
        best = &mapping;
        taken = below.size();
    }
    if (best == nullptr) return std::nullopt;
    Place place;
    std::string_view rest = path.substr(taken);
    place.api_id = best->api_id;
    place.stage = best->stage.empty() ? percent_decode(take_segment(&rest)) : best->stage;
    if (place.stage.empty()) return std::nullopt;
    place.path = rest.empty() ? "/" : std::string(rest);
    place.event_path = path;
    place.request_path = path;
    return place;
}

// Addresses and "localhost" are nobody's custom domain, and every AWS request is sent to them: no look-up for those.
bool may_be_domain(std::string_view host) {
    if (host.empty() || host == "localhost" || host.starts_with('[')) return false;
    return host.find_first_not_of("0123456789.") != std::string_view::npos;
}

std::shared_ptr<const DomainName> domain_of(std::string_view host, RestApis& apis) {
    return may_be_domain(host) ? apis.domain_of_host(lower_case(host)) : nullptr;
}

}  // namespace

bool is_for_an_api(const http::RequestHead& head, RestApis& apis) {
    if (head.path.starts_with(prefix) && head.path.find(mark) != std::string::npos && by_path(head.path)) return true;
    const std::string_view host = without_port(head.headers.get("host"));
    return is_api_host(host) || (domain_of(host, apis) != nullptr && !is_for_aws(head));
}

std::optional<Place> place_of(const http::RequestHead& head, RestApis& apis) {
    const std::string_view host = without_port(head.headers.get("host"));
    std::optional<Place> place = by_path(head.path);
    if (!place && is_api_host(host)) place = by_host(host, head.path);
    if (!place) {
        if (const std::shared_ptr<const DomainName> domain = domain_of(host, apis))
            place = by_domain(*domain, head.path);
        if (place) place->custom_domain = true;
    }
    if (place) {
        place->domain_name = host;
        place->domain_prefix = host.substr(0, host.find('.'));
    }
    return place;
}

}  // namespace millrace::gateway
