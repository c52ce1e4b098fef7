#include "src/service/lambda/json_payload.h"

#include <simdjson.h>

namespace millrace::service::lambda {
namespace {

constexpr size_t kept_bytes_max = 64 << 10;  // a thread's parser keeps the room of what it parsed

std::optional<std::string> problem_of(simdjson::dom::parser& parser, std::string_view payload) {
    const simdjson::error_code error = parser.parse(payload.data(), payload.size(), true).error();
    if (error == simdjson::SUCCESS) return std::nullopt;
    return std::string(simdjson::error_message(error));
}

}  // namespace

std::optional<std::string> json_problem(std::string_view payload) {
    if (payload.size() > kept_bytes_max) {
        simdjson::dom::parser parser;
        return problem_of(parser, payload);
    }
    thread_local simdjson::dom::parser parser;
    return problem_of(parser, payload);
}

}  // namespace millrace::service::lambda
