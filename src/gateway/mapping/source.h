// Where a parameter mapping takes its value from: "method.request.header.X-Id", "'text'", "context.requestId", ...
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::vtl {
class JsonPath;
}

namespace millrace::gateway {

struct Source {
    enum class Kind : uint8_t {
        text,            // 'static'
        path,            // of the request; `name`
        query,           // the last value of that name
        multi_query,     // all of them
        header,          // of the request, or (integration.response) of the integration's answer; in lower case
        multi_header,    //
        body,            // the whole of it
        body_path,       // the value at `json_path`
        context,         // $context.`name`
        stage_variable,  //
    } kind = Kind::text;
    bool of_answer = false;  // integration.response.*: header, multi_header, body, body_path
    std::string name;        // or the text
    std::shared_ptr<const vtl::JsonPath> json_path;

    // invalid_argument: what is not a source, in words.
    static Result<Source> parse(std::string_view text);
};

// What a mapping sets: "integration.request.querystring.page", "method.response.header.Location".
struct Target {
    enum class Kind : uint8_t { path, query, multi_query, header, multi_header } kind = Kind::header;
    std::string name;  // of headers in lower case

    // `side`: "integration.request", "method.response", "gatewayresponse".
    static Result<Target> parse(std::string_view text, std::string_view side);
};

struct ParameterMapping {
    Target target;
    Source source;
};

}  // namespace millrace::gateway
