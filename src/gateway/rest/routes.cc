#include "src/gateway/rest/routes.h"

#include <vector>

#include "src/gateway/text/uri.h"

namespace millrace::gateway {

struct Routes::Node {
    const Resource* resource = nullptr;
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;       // {name}
    const Resource* rest = nullptr;  // {name+}
    std::string any_name, rest_name;
};

namespace {

constexpr size_t segments_max = 256;

const Method* method_of(const Resource& resource, std::string_view name) {
    const auto exact = resource.methods.find(std::string(name));
    if (exact != resource.methods.end()) return &exact->second;
    const auto any = resource.methods.find("ANY");
    return any == resource.methods.end() ? nullptr : &any->second;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // '/'
        const size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    while (!segments.empty() && segments.back().empty()) segments.pop_back();
    return segments;
}

}  // namespace

Routes::Routes(const RestApi& api) : root_(std::make_unique<Node>()) {
    for (const auto& [id, resource] : api.resources) {
        Node* node = root_.get();
        bool placed = true;
        for (const std::string_view part : segments_of(resource.path)) {
            if (part.starts_with('{') && part.ends_with("+}")) {
                node->rest = &resource;
                node->rest_name = part.substr(1, part.size() - 3);
                placed = false;
            } else if (part.starts_with('{') && part.ends_with('}')) {
                if (!node->any) node->any = std::make_unique<Node>();
                node->any_name = part.substr(1, part.size() - 2);
                node = node->any.get();
            } else {
                std::unique_ptr<Node>& next = node->literals[std::string(part)];
                if (!next) next = std::make_unique<Node>();
                node = next.get();
            }
        }
        if (placed) node->resource = &resource;
    }
}
Routes::~Routes() = default;

RouteMatch Routes::find(std::string_view method, std::string_view path) const {
    RouteMatch match;
    const std::vector<std::string_view> segments = segments_of(path);
    if (segments.size() > segments_max) return match;

    // As deep as it goes by literals and {name}; where that has no such method, back to the last {name+} on the way,
    // whose resource takes the rest. A segment chooses once, as in API Gateway: a literal that leads nowhere does not
    // come back to {name}.
    const auto take = [&](const Resource* resource) {
        if (resource == nullptr) return false;
        match.path_found = true;
        const Method* found = method_of(*resource, method);
        if (found == nullptr) return false;
        match.resource = resource;
        match.method = found;
        return true;
    };
    std::vector<const Node*> way{root_.get()};
    std::map<std::string, std::string> parameters;
    std::vector<std::string> named;  // what each step added; "" where nothing
    for (const std::string_view segment : segments) {
        const Node* node = way.back();
        const std::string decoded = percent_decode(segment);
        const auto literal = node->literals.find(decoded);
        if (literal != node->literals.end()) {
            way.push_back(literal->second.get());
            named.emplace_back();
        } else if (node->any && !segment.empty()) {
            way.push_back(node->any.get());
            named.push_back(node->any_name);
            parameters[node->any_name] = decoded;
        } else {
            break;
        }
    }
    if (way.size() == segments.size() + 1 && take(way.back()->resource)) {
        match.parameters = std::move(parameters);
        return match;
    }
    for (size_t depth = way.size(); depth-- > 0;) {
        const Node* node = way[depth];
        if (depth < segments.size() && take(node->rest)) {
            const char* begin = segments[depth].data();
            const std::string_view rest(begin, static_cast<size_t>(path.data() + path.size() - begin));
            match.parameters = std::move(parameters);
            match.parameters[node->rest_name] = percent_decode(rest);
            match.rest_name = node->rest_name;
            match.rest = rest;
            return match;
        }
        if (depth > 0 && !named[depth - 1].empty()) parameters.erase(named[depth - 1]);
    }
    return match;
}

}  // namespace millrace::gateway
