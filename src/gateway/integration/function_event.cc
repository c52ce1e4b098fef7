#include "src/gateway/integration/function_event.h"

#include <vector>

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/gateway/rest/call.h"
#include "src/gateway/rest/compiled.h"
#include "src/gateway/rest/context.h"
#include "src/gateway/text/media_types.h"
#include "src/gateway/text/shown_headers.h"

namespace millrace::gateway {
namespace {

class Json {
  public:
    explicit Json(std::string& out) : out_(out) {}
    void name(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        append_json_string(name, out_);
        out_ += ':';
    }
    void text(std::string_view name, std::string_view value) {
        this->name(name);
        append_json_string(value, out_);
    }
    template <class Pairs>
    void map(std::string_view name, const Pairs& pairs) {
        this->name(name);
        if (pairs.empty()) {
            out_ += "null";
            return;
        }
        out_ += '{';
        for (const auto& [key, value] : pairs) text(key, value);
        out_ += '}';
    }
    // The last value of each name, then all of them.
    void fields(std::string_view single, std::string_view multi, const Fields& fields) {
        std::vector<std::pair<std::string_view, std::vector<std::string_view>>> grouped;
        for (const auto& [key, value] : fields) {
            auto at = grouped.begin();
            while (at != grouped.end() && at->first != key) ++at;
            if (at == grouped.end()) at = grouped.insert(at, {key, {}});
            at->second.push_back(value);
        }
        if (grouped.empty()) {
            name(single);
            out_ += "null";
            name(multi);
            out_ += "null";
            return;
        }
        name(single);
        out_ += '{';
        for (const auto& [key, values] : grouped) text(key, values.back());
        out_ += '}';
        name(multi);
        out_ += '{';
        for (const auto& [key, values] : grouped) {
            name(key);
            char before = '[';
            for (const std::string_view value : values) {
                out_ += before;
                append_json_string(value, out_);
                before = ',';
            }
            out_ += ']';
        }
        out_ += '}';
    }

  private:
    std::string& out_;
};

// As they came, and what API Gateway adds of the way.
Fields headers_of(const Call& call) {
    Fields headers;
    std::string forwarded;
    for (const auto& [lower, name, value] : shown_headers(call.head())) {
        if (lower == "x-forwarded-for") {
            forwarded.append(value).append(", ");
        } else if (lower != "x-forwarded-port" && lower != "x-forwarded-proto" && lower != "x-amzn-trace-id") {
            headers.emplace_back(name, value);
        }
    }
    headers.emplace_back("X-Amzn-Trace-Id", call.trace_id);
    headers.emplace_back("X-Forwarded-For", forwarded + call.head().peer_address);
    const std::string_view host = call.head().headers.get("host");
    const size_t colon = host.rfind(':');
    headers.emplace_back("X-Forwarded-Port", colon == std::string_view::npos ? call.head().secure ? "443" : "80"
                                                                             : std::string(host.substr(colon + 1)));
    headers.emplace_back("X-Forwarded-Proto", call.head().secure ? "https" : "http");
    return headers;
}

}  // namespace

std::string function_event(const Call& call) {
    std::string out = "{";
    out.reserve(2048 + call.body.size());
    Json json(out);
    json.text("resource", call.method->resource->path);
    json.text("path", percent_decode(call.place.event_path));
    json.text("httpMethod", call.head().method);
    json.fields("headers", "multiValueHeaders", headers_of(call));
    json.fields("queryStringParameters", "multiValueQueryStringParameters", call.query);
    json.map("pathParameters", call.path_parameters);
    json.map("stageVariables", call.stage->stage().variables);
    json.name("requestContext");
    append_request_context(call, out);
    const bool binary =
        is_binary(call.stage->api().binary_media_types, media_type_of(call.head().headers.get("content-type")));
    json.name("body");
    if (call.body.empty()) {
        out += "null";
    } else if (binary) {
        append_json_string(base64_encode(call.body), out);
    } else {
        append_json_string(call.body, out);
    }
    json.name("isBase64Encoded");
    out += binary && !call.body.empty() ? "true" : "false";
    out += '}';
    return out;
}

}  // namespace millrace::gateway
