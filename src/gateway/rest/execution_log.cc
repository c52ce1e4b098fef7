#include "src/gateway/rest/execution_log.h"

#include <ctime>

#include "src/gateway/rest/compiled.h"
#include "src/gateway/text/shown_headers.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

// "Sat Nov 21 17:02:11 UTC 2026"
std::string shown_time(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%a %b %d %H:%M:%S UTC %Y", &parts)};
}

template <class Fields>
std::string shown_fields(const Fields& fields, bool headers) {
    std::string text = "{";
    for (const auto& [name, value] : fields) {
        if (text.size() > 1) text += ", ";
        text += (headers ? shown_header_name(name) : std::string(name)) + "=" + value;
    }
    return text + "}";
}

}  // namespace

ExecutionLog::ExecutionLog(std::string_view request_id, const io::Clock& clock)
    : clock_(clock), text_("Execution log for request " + std::string(request_id) + "\n") {}

void ExecutionLog::add(std::string_view what, std::string_view value) {
    if (text_.size() > bytes_max) return;
    const bool cut = value.size() > text_bytes_max;
    text_ += shown_time(clock_.now()) + " : ";
    text_.append(what).append(value.substr(0, text_bytes_max)).append(cut ? " [TRUNCATED]\n" : "\n");
}

void log_method_request(const Call& call) {
    if (!call.log) return;
    call.log->add("Starting execution for request: ", call.request_id);
    call.log->add("HTTP Method: " + call.head().method + ", Resource Path: ", call.place.path);
    call.log->add("Method request path: ", shown_fields(call.path_parameters, false));
    call.log->add("Method request query string: ", shown_fields(call.query, false));
    call.log->add("Method request headers: ", shown_fields(call.head().headers.fields(), true));
    call.log->add("Method request body before transformations: ", call.body);
}

void log_endpoint_request(const Call& call, std::string_view uri, const http::Headers& headers, std::string_view body) {
    if (!call.log) return;
    call.log->add("Endpoint request URI: ", uri);
    call.log->add("Endpoint request headers: ", shown_fields(headers.fields(), true));
    call.log->add("Endpoint request body after transformations: ", body);
    call.log->add("Sending request to ", uri);
}

void log_endpoint_answer(const Call& call, int status, const http::Headers& headers, std::string_view body) {
    if (!call.log) return;
    call.log->add("Received response. Status: " + std::to_string(status) +
                  ", Integration latency: " + std::to_string(call.integration_ms) + " ms");
    call.log->add("Endpoint response headers: ", shown_fields(headers.fields(), true));
    call.log->add("Endpoint response body before transformations: ", body);
}

void log_method_answer(const Call& call, const http::Response& response) {
    if (!call.log) return;
    const std::string& why = call.validation_error.empty() ? call.error_message : call.validation_error;
    if (!call.integration_error.empty()) {
        const bool configured = call.error_type == "API_CONFIGURATION_ERROR";
        call.log->add(configured ? "Execution failed due to configuration error: " : "Execution failed: ",
                      call.integration_error);
    } else if (!call.error_type.empty()) {
        call.log->add("Execution failed: ", why);
    }
    call.log->add("Method response body after transformations: ", response.body);
    call.log->add("Method response headers: ", shown_fields(response.headers.fields(), true));
    if (call.error_type.empty()) call.log->add("Successfully completed execution");
    call.log->add("Method completed with status: ", std::to_string(response.status));
}

}  // namespace millrace::gateway
