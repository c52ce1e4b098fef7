#include "src/aws/router.h"

#include <algorithm>
#include <map>

namespace millrace::aws {
namespace {

struct Segment {
    std::string_view text;  // literal, or a label's name
    bool label = false;
    bool greedy = false;  // takes the rest of the path, slashes and all
};

// One operation of a restful service: "/{Bucket}/{Key+}?uploads" with what the model requires besides.
struct RestPattern {
    const OperationModel* model = nullptr;
    std::vector<Segment> segments;
    Fields literals;  // of the query string
    size_t weight = 0;
    bool served = false;
};

struct Entry {
    const Service* service = nullptr;
    std::map<std::string_view, const Operation*> served;
    std::vector<RestPattern> patterns;  // of restful services, the most demanding first
};

RestPattern compile(const OperationModel& model, bool served) {
    RestPattern pattern;
    pattern.model = &model;
    pattern.served = served;
    const std::string_view uri = model.request_uri;
    std::string_view path = uri.substr(0, uri.find('?'));
    if (path.size() < uri.size()) parse_form(uri.substr(path.size() + 1), &pattern.literals);
    size_t literal_segments = 0;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(part.size());
        if (part.empty()) continue;
        Segment segment{part, false, false};
        if (part.starts_with('{')) {
            segment.greedy = part.ends_with("+}");
            segment.label = true;
            segment.text = part.substr(1, part.size() - (segment.greedy ? 3 : 2));
        } else {
            ++literal_segments;
        }
        pattern.segments.push_back(segment);
    }
    // A literal segment says more than anything in the query string.
    pattern.weight = literal_segments * 100 + pattern.literals.size() * 2 + model.required_query.size() +
                     model.required_headers.size();
    return pattern;
}

bool is_restful(const ServiceModel& model) {
    return model.protocol.starts_with("rest");
}

Protocol json_protocol(std::string_view content_type) {
    if (content_type.starts_with("application/x-amz-cbor-1.1")) return Protocol::amz_cbor;
    return content_type.starts_with("application/x-amz-json-1.0") ? Protocol::json_1_0 : Protocol::json_1_1;
}

const OperationModel* find_model(const ServiceModel& model, std::string_view name) {
    const auto at = std::lower_bound(model.operations.begin(), model.operations.end(), name,
                                     [](const OperationModel& one, std::string_view n) { return one.name < n; });
    return at != model.operations.end() && at->name == name ? &*at : nullptr;
}

void settle(const Entry& entry, std::string_view name, Routed* routed) {
    routed->service = entry.service;
    routed->operation_name = name;
    const auto at = entry.served.find(name);
    if (at != entry.served.end()) {
        routed->found = Found::served;
        routed->operation = at->second;
        routed->model = at->second->model;
        routed->operation_name = at->second->name;
        return;
    }
    routed->model = find_model(*entry.service->model, name);
    routed->found = routed->model != nullptr ? Found::not_served : Found::unknown_operation;
    if (routed->model != nullptr) routed->operation_name = routed->model->name;
}

bool match(const RestPattern& pattern, const http::RequestHead& head, std::string_view path,
           std::vector<std::pair<std::string_view, std::string_view>>* raw_labels) {
    if (pattern.model->method != head.method) return false;
    raw_labels->clear();
    size_t at = 0;
    for (const Segment& segment : pattern.segments) {
        if (at >= path.size()) return false;
        const std::string_view rest = path.substr(at + 1);  // path[at] is '/'
        const std::string_view part = segment.greedy ? rest : rest.substr(0, rest.find('/'));
        if (part.empty() || (!segment.label && part != segment.text)) return false;
        if (segment.label) raw_labels->emplace_back(segment.text, part);
        at += 1 + part.size();
    }
    if (at < path.size() && path.substr(at) != "/") return false;
    for (const auto& [name, value] : pattern.literals) {
        std::string_view sent;
        if (!find_query(head.query, name, &sent) || (!value.empty() && sent != value)) return false;
    }
    for (const std::string_view name : pattern.model->required_query) {
        if (!find_query(head.query, name, nullptr)) return false;
    }
    for (const std::string_view name : pattern.model->required_headers) {
        // Or moved into the query string by whoever presigned the URL: see rest.cc.
        if (head.headers.find(name) == nullptr && !find_query(head.query, name, nullptr)) return false;
    }
    return true;
}

// The most demanding pattern that the request meets.
bool match_any(const Entry& entry, const http::RequestHead& head, std::string_view path, Routed* routed) {
    std::vector<std::pair<std::string_view, std::string_view>> raw_labels;
    for (const RestPattern& pattern : entry.patterns) {
        if (!match(pattern, head, path, &raw_labels)) continue;
        settle(entry, pattern.model->name, routed);
        for (const auto& [name, raw] : raw_labels) {
            routed->labels.emplace_back(name, std::string());
            if (!percent_decode(raw, false, &routed->labels.back().second)) routed->found = Found::malformed;
        }
        return true;
    }
    return false;
}

bool is_form(const http::RequestHead& head) {
    return head.headers.get("content-type").starts_with("application/x-www-form-urlencoded");
}

const std::string* field_of(const Fields& fields, std::string_view name) {
    for (const Field& field : fields) {
        if (field.first == name) return &field.second;
    }
    return nullptr;
}

}  // namespace

struct Router::State {
    std::vector<Entry> entries;
    std::map<std::string_view, const Entry*> by_target;
    // Most have one; API Gateway's two versions share theirs, and so do DynamoDB and its streams.
    std::map<std::string_view, std::vector<const Entry*>> by_signing_name;
    std::map<std::string_view, const Entry*> by_version;
    const Entry* s3 = nullptr;

    static const Entry* find(const std::map<std::string_view, const Entry*>& index, std::string_view name) {
        const auto at = index.find(name);
        return at == index.end() ? nullptr : at->second;
    }

    const std::vector<const Entry*>& signing_as(std::string_view name) const {
        static const std::vector<const Entry*> none;
        const auto at = by_signing_name.find(name);
        return at == by_signing_name.end() ? none : at->second;
    }

    Routed by_target_header(std::string_view target, const http::RequestHead& head) const {
        Routed routed;
        routed.protocol = json_protocol(head.headers.get("content-type"));
        const size_t dot = std::min(target.rfind('.'), target.size());
        routed.service_name = target.substr(0, dot);
        routed.operation_name = target.substr(std::min(dot + 1, target.size()));
        const Entry* entry = find(by_target, routed.service_name);
        if (entry != nullptr) settle(*entry, routed.operation_name, &routed);
        return routed;
    }

    Routed by_smithy_path(std::string_view path) const {
        Routed routed;
        routed.protocol = Protocol::rpc_cbor;
        constexpr std::string_view service_mark = "/service/";
        constexpr std::string_view operation_mark = "/operation/";
        const size_t from = path.rfind(service_mark);
        const size_t to = path.rfind(operation_mark);
        if (from == std::string_view::npos || to == std::string_view::npos || to < from + service_mark.size()) {
            routed.found = Found::malformed;
            return routed;
        }
        routed.service_name = path.substr(from + service_mark.size(), to - from - service_mark.size());
        routed.operation_name = path.substr(to + operation_mark.size());
        const Entry* entry = find(by_target, routed.service_name);
        if (entry != nullptr) settle(*entry, routed.operation_name, &routed);
        return routed;
    }

    // A form with an Action; `entry` is null where only the Version can tell the service.
    bool by_form(const http::RequestHead& head, std::string_view body, const Entry* entry, Routed* routed) const {
        if (!is_form(head) && !find_query(head.query, "Action", nullptr)) return false;
        routed->protocol = Protocol::query;
        if (!parse_form(is_form(head) ? body : std::string_view(head.query), &routed->form)) {
            routed->found = Found::malformed;
            return true;
        }
        const std::string* action = field_of(routed->form, "Action");
        if (action == nullptr) return false;
        const std::string* version = field_of(routed->form, "Version");
        if (entry == nullptr && version != nullptr) entry = find(by_version, *version);
        routed->operation_name = *action;
        if (entry != nullptr) settle(*entry, *action, routed);
        return true;
    }

    Routed by_s3(const http::RequestHead& head) const {
        Routed routed;
        routed.protocol = Protocol::rest_xml;
        routed.service_name = "s3";
        if (s3 == nullptr) return routed;
        routed.service = s3->service;
        routed.virtual_bucket = bucket_of_host(head.headers.get("host"));
        std::string joined;
        std::string_view path = head.path;
        if (!routed.virtual_bucket.empty()) {
            joined = "/" + routed.virtual_bucket;
            joined += head.path;
            path = joined;
        }
        if (!match_any(*s3, head, path, &routed)) routed.found = Found::unknown_operation;
        return routed;
    }
};

bool Routed::is_s3() const {
    return protocol == Protocol::rest_xml;
}

Router::Router(const std::vector<Service>& services) : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.entries.reserve(services.size());
    for (const Service& service : services) {
        Entry& entry = state.entries.emplace_back();
        entry.service = &service;
        for (const Operation& operation : service.operations) entry.served[operation.name] = &operation;
        if (is_restful(*service.model)) {
            for (const OperationModel& model : service.model->operations)
                entry.patterns.push_back(compile(model, entry.served.contains(model.name)));
            std::sort(entry.patterns.begin(), entry.patterns.end(), [](const RestPattern& a, const RestPattern& b) {
                if (a.weight != b.weight) return a.weight > b.weight;
                if (a.served != b.served) return a.served;
                return a.model->name < b.model->name;
            });
        }
        if (!service.model->target_prefix.empty()) state.by_target[service.model->target_prefix] = &entry;
        state.by_signing_name[service.model->signing_name].push_back(&entry);
        state.by_version.try_emplace(service.model->api_version, &entry);
        if (service.model->protocol == "rest-xml" && service.model->name == "s3") state.s3 = &entry;
    }
}
Router::~Router() = default;

const ServiceModel* Router::model_of(std::string_view scope_service) const {
    const std::vector<const Entry*>& named = state_->signing_as(scope_service);
    return named.empty() ? nullptr : named.front()->service->model;
}

Routed Router::route(const http::RequestHead& head, std::string_view scope_service, std::string_view body) const {
    if (const std::string* target = head.headers.find("x-amz-target")) return state_->by_target_header(*target, head);
    if (head.headers.find("smithy-protocol") != nullptr) return state_->by_smithy_path(head.path);
    const std::vector<const Entry*>& named = state_->signing_as(scope_service);
    const Entry* entry = named.empty() ? nullptr : named.front();
    if (entry != nullptr && entry != state_->s3 && is_restful(*entry->service->model)) {
        Routed routed;
        for (const Entry* one : named) {
            routed.service = one->service;
            routed.protocol = one->service->model->protocol == "rest-xml" ? Protocol::rest_xml : Protocol::rest_json;
            if (match_any(*one, head, head.path, &routed)) return routed;
        }
        routed.found = Found::unknown_operation;
        return routed;
    }
    if (entry == nullptr || entry != state_->s3) {
        Routed routed;
        routed.service_name = scope_service;
        if (state_->by_form(head, body, entry, &routed)) return routed;
    }
    if (!scope_service.empty() && entry == nullptr && scope_service != "s3") {
        Routed routed;  // a service that we have no table for, asked restfully
        routed.protocol = Protocol::rest_json;
        routed.service_name = scope_service;
        routed.operation_name = head.path;
        return routed;
    }
    if (entry != nullptr && entry != state_->s3) {
        Routed routed;  // one of ours, but with neither target nor action
        routed.service = entry->service;
        routed.protocol = json_protocol(head.headers.get("content-type"));
        routed.found = Found::unknown_operation;
        return routed;
    }
    return state_->by_s3(head);
}

std::string_view bucket_of_host(std::string_view host) {
    if (host.ends_with(']')) return {};
    const size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']') == std::string_view::npos) host = host.substr(0, colon);
    if (host.starts_with('[')) return {};
    for (const std::string_view mark : {".s3.", ".s3-"}) {
        const size_t at = host.rfind(mark);
        if (at != std::string_view::npos && at != 0) return host.substr(0, at);
    }
    constexpr std::string_view localhost = ".localhost";
    if (host.ends_with(localhost) && host != "s3.localhost") {
        const std::string_view before = host.substr(0, host.size() - localhost.size());
        // "s3.eu-west-1.localhost" is an endpoint, not a bucket.
        return before.starts_with("s3.") || before.starts_with("s3-") ? std::string_view() : before;
    }
    return {};
}

bool find_query(std::string_view query, std::string_view name, std::string_view* value) {
    while (!query.empty()) {
        const size_t end = std::min(query.find('&'), query.size());
        const std::string_view field = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const size_t equals = std::min(field.find('='), field.size());
        if (field.substr(0, equals) != name) continue;
        if (value != nullptr) *value = equals < field.size() ? field.substr(equals + 1) : std::string_view();
        return true;
    }
    return false;
}

}  // namespace millrace::aws
