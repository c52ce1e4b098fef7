#include "src/gateway/http_api/route_key.h"

#include <algorithm>

#include "src/base/url_text.h"

namespace millrace::gateway::http_api {
namespace {

constexpr std::string_view methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"};
constexpr size_t key_bytes_max = 1024;
constexpr size_t segments_max = 64;

Error refused(std::string_view text, std::string_view why) {
    return {ErrorCode::invalid_argument, "Invalid route key '" + std::string(text) + "': " + std::string(why)};
}

bool is_parameter_name(std::string_view name) {
    if (name.empty()) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.' || c == ':';
    });
}

// 0: literal, 1: parameter, 2: greedy. Lower is more specific.
int rank(const RouteKey::Segment& segment) {
    return segment.greedy ? 2 : segment.parameter ? 1 : 0;
}

bool more_specific(const RouteKey& a, const RouteKey& b) {
    const size_t common = std::min(a.segments.size(), b.segments.size());
    for (size_t i = 0; i < common; ++i) {
        const int left = rank(a.segments[i]);
        const int right = rank(b.segments[i]);
        if (left != right) return left < right;
    }
    if (a.segments.size() != b.segments.size()) return a.segments.size() > b.segments.size();
    return a.method != "ANY" && b.method == "ANY";
}

std::string_view next_segment(std::string_view& path) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
}

bool decode(std::string_view raw, std::string* out) {
    return percent_decode(raw, false, out);
}

bool match(const RouteKey& key, std::string_view path, RouteTable::Match* found) {
    TextMap* parameters = &found->parameters;
    parameters->clear();
    std::string_view rest = path.substr(std::min<size_t>(1, path.size()));  // without the first slash
    bool ended = rest.empty();
    for (const RouteKey::Segment& segment : key.segments) {
        if (ended) return false;
        std::string decoded;
        if (segment.greedy) {
            if (rest.empty()) return false;
            if (!decode(rest, &decoded)) decoded = rest;
            (*parameters)[segment.text] = std::move(decoded);
            found->rest_name = segment.text;
            found->rest = rest;
            return true;
        }
        const bool last = rest.find('/') == std::string_view::npos;
        const std::string_view raw = next_segment(rest);
        const bool readable = decode(raw, &decoded);
        if (segment.parameter) {
            if (raw.empty()) return false;
            (*parameters)[segment.text] = readable ? std::move(decoded) : std::string(raw);
        } else if (!readable || decoded != segment.text) {
            return false;
        }
        ended = last;
    }
    return ended;
}

}  // namespace

Result<RouteKey> parse_route_key(std::string_view text) {
    RouteKey key;
    if (text == "$default") {
        key.is_default = true;
        return key;
    }
    if (text.size() > key_bytes_max) return refused(text.substr(0, 64), "it is longer than 1,024 characters");
    const size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return refused(text, "it is neither $default nor a method and a path");
    key.method = text.substr(0, blank);
    if (std::find(std::begin(methods), std::end(methods), key.method) == std::end(methods)) {
        return refused(text, "the method is none of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS and ANY");
    }
    std::string_view path = text.substr(blank + 1);
    if (!path.starts_with('/')) return refused(text, "the path does not begin with a slash");
    path.remove_prefix(1);
    while (!path.empty()) {
        if (key.segments.size() == segments_max) return refused(text, "it has more than 64 segments");
        if (!key.segments.empty() && key.segments.back().greedy) return refused(text, "a greedy parameter is the last");
        const bool last = path.find('/') == std::string_view::npos;
        std::string_view part = next_segment(path);
        if (part.empty() || (path.empty() && !last)) return refused(text, "a segment of the path is empty");
        RouteKey::Segment segment;
        if (part.starts_with('{') && part.ends_with('}')) {
            part = part.substr(1, part.size() - 2);
            segment.parameter = true;
            segment.greedy = part.ends_with('+');
            if (segment.greedy) part.remove_suffix(1);
            if (!is_parameter_name(part)) return refused(text, "a parameter's name has other characters than letters");
            for (const RouteKey::Segment& other : key.segments) {
                if (other.parameter && other.text == part) return refused(text, "a parameter is named twice");
            }
        } else if (part.find_first_of("{}? #") != std::string_view::npos) {
            return refused(text, "a segment is either a text or one {parameter}");
        }
        segment.text = part;
        key.segments.push_back(std::move(segment));
    }
    return key;
}

bool conflict(const RouteKey& a, const RouteKey& b) {
    if (a.is_default || b.is_default) return a.is_default && b.is_default;
    if (a.method != b.method || a.segments.size() != b.segments.size()) return false;
    for (size_t i = 0; i < a.segments.size(); ++i) {
        if (rank(a.segments[i]) != rank(b.segments[i])) return false;
        if (!a.segments[i].parameter && a.segments[i].text != b.segments[i].text) return false;
    }
    return true;
}

RouteTable::RouteTable(const std::map<std::string, Route>& routes) {
    for (const auto& [id, route] : routes) {
        Result<RouteKey> key = parse_route_key(route.key);
        if (!key.ok()) continue;
        if (key->is_default) {
            fallback_ = &route;
        } else {
            ordered_.push_back({&route, std::move(key).value()});
        }
    }
    std::sort(ordered_.begin(), ordered_.end(),
              [](const Compiled& a, const Compiled& b) { return more_specific(a.key, b.key); });
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
    Match found;
    for (const Compiled& one : ordered_) {
        if (one.key.method != "ANY" && one.key.method != method) continue;
        if (!match(one.key, path, &found)) continue;
        found.route = one.route;
        return found;
    }
    found.parameters.clear();
    found.route = fallback_;
    return found;
}

}  // namespace millrace::gateway::http_api
