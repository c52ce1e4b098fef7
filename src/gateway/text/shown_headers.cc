#include "src/gateway/text/shown_headers.h"

#include "src/http/outbound/outbound.h"

namespace millrace::gateway {

bool ends_here(std::string_view lower) {
    return lower == "expect" || (lower != "content-length" && http::is_hop_by_hop(lower));
}

std::string shown_header_name(std::string_view lower) {
    std::string name(lower);
    bool first = true;
    for (char& c : name) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        first = c == '-';
    }
    return name;
}

std::vector<ShownHeader> shown_headers(const http::RequestHead& head) {
    std::vector<ShownHeader> shown;
    shown.reserve(head.headers.size());
    for (const auto& [lower, value] : head.headers.fields()) {
        if (ends_here(lower)) continue;
        shown.push_back({lower, shown_header_name(lower), value});
    }
    return shown;
}

}  // namespace millrace::gateway
