// TestInvokeMethod and TestInvokeAuthorizer: what the owner has now is asked, deployed or not.
#include <algorithm>
#include <future>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/time_text.h"
#include "src/gateway/access/access.h"
#include "src/gateway/rest/data_plane.h"
#include "src/gateway/rest/request_ids.h"
#include "src/gateway/text/shown_headers.h"
#include "src/gateway/text/uri.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/edit.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr size_t header_bytes_max = 10 << 10;  // API Gateway's, of all headers

bool is_token(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

aws::Outcome<void> add_header(http::Headers& headers, const std::string& name, const std::string& value,
                              size_t* bytes) {
    const std::string lower = gateway::lower_case(name);
    if (!is_token(lower) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        return bad_request("Invalid header specified: " + name);
    }
    *bytes += name.size() + value.size();
    if (*bytes > header_bytes_max) return bad_request("The headers are larger than 10240 bytes");
    headers.add(lower, value);
    return {};
}

// multiValueHeaders stand for headers of the same name.
template <class Input>
aws::Outcome<http::Headers> headers_of(const Input& input) {
    http::Headers headers;
    size_t bytes = 0;
    if (input.multiValueHeaders) {
        for (const auto& [name, values] : *input.multiValueHeaders) {
            for (const std::string& value : values) TRY(add_header(headers, name, value, &bytes));
        }
    }
    if (input.headers) {
        for (const auto& [name, value] : *input.headers) {
            if (headers.find(gateway::lower_case(name)) == nullptr) TRY(add_header(headers, name, value, &bytes));
        }
    }
    return headers;
}

template <class Given>
gateway::TextMap variables_of(const std::optional<Given>& given) {
    return given ? gateway::TextMap(given->begin(), given->end()) : gateway::TextMap();
}

// A JSON answer holds text: what is none is shown in base64, as API Gateway shows it.
std::string shown_body(std::string body) {
    const std::string quoted = boost::json::serialize(boost::json::string(body));
    boost::system::error_code bad;
    boost::json::parse(quoted, bad);  // refuses what is no UTF-8
    return bad ? base64_encode(body) : std::move(body);
}

}  // namespace

aws::Outcome<TestInvokeMethodOutput> ApiGateway::test_invoke_method(const aws::CallContext& context,
                                                                    const TestInvokeMethodInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Resource* resource, resource_in(*api, input.resourceId));
    if (!resource->methods.contains("ANY")) TRY(method_in(*api, input.resourceId, input.httpMethod));
    gateway::TestRequest request;
    request.api = api;
    request.resource_id = input.resourceId;
    request.http_method = input.httpMethod;
    request.path_and_query = input.pathWithQueryString.value_or("");
    request.body = input.body.value_or("");
    TRY_ASSIGN(request.headers, headers_of(input));
    request.stage_variables = variables_of(input.stageVariables);
    TRY_ASSIGN(gateway::TestAnswer answer, outcome_of(parts_.plane.test(std::move(request))));
    TestInvokeMethodOutput output;
    output.status = answer.status;
    output.body = shown_body(std::move(answer.body));
    output.latency = answer.latency_ms;
    output.log = std::move(answer.log);
    auto& one = output.headers.emplace();
    auto& all = output.multiValueHeaders.emplace();
    for (const auto& [name, value] : answer.headers.fields()) {
        const std::string shown = gateway::shown_header_name(name);
        one[shown] = value;
        all[shown].push_back(value);
    }
    return output;
}

aws::Outcome<TestInvokeAuthorizerOutput> ApiGateway::test_invoke_authorizer(const aws::CallContext& context,
                                                                            const TestInvokeAuthorizerInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    if (!api->authorizers.contains(input.authorizerId)) return not_found("Invalid Authorizer identifier specified");
    const auto served = gateway::served_for_test(*api, "ESTestInvoke-stage", variables_of(input.stageVariables));

    // An authorizer is asked about a request; this one is of the root, and of no method that there is.
    gateway::Method method;
    method.http_method = "GET";
    method.authorization = "CUSTOM";
    method.authorizer_id = input.authorizerId;
    http::RequestHead head;
    head.method = "GET";
    TRY_ASSIGN(head.headers, headers_of(input));
    const std::string target = input.pathWithQueryString.value_or("/");
    const size_t mark = std::min(target.find('?'), target.size());
    head.path = target.substr(0, mark);
    if (!head.path.starts_with('/')) head.path.insert(0, "/");
    head.query = target.substr(std::min(mark + 1, target.size()));
    const gateway::Fields query = gateway::parse_query(head.query);
    const std::string id = gateway::make_request_id();

    gateway::AccessRequest request;
    request.rules = parts_.access.compile(served);
    request.resource = &served->deployment->api.resources.at(served->deployment->api.root_id);
    request.method = &method;
    request.head = &head;
    request.path = request.request_path = head.path;
    request.source_ip = "test-invoke-source-ip";
    request.request_id = id;
    request.domain_name = "testPrefix.testDomainName";
    request.parameters = &query;
    // Answered at the latest when the authorizer's time is over.
    const auto said = std::make_shared<std::promise<gateway::AccessVerdict>>();
    parts_.access.test(std::move(request),
                       [said](gateway::AccessVerdict verdict) { said->set_value(std::move(verdict)); });
    const gateway::AccessVerdict verdict = said->get_future().get();

    TestInvokeAuthorizerOutput output;
    output.clientStatus = verdict.refusal ? verdict.refusal->status : 0;
    output.latency = std::max<int64_t>(verdict.identity.authorizer_ms, 0);
    std::string log = "Execution log for request " + id + "\n";
    const auto add = [&](const std::string& text) { log += iso_seconds(parts_.access.now()) + "Z : " + text + "\n"; };
    add("Starting authorizer: " + input.authorizerId);
    if (!verdict.identity.authorizer_error.empty()) add("Execution failed: " + verdict.identity.authorizer_error);
    if (!verdict.authorizer_answer.empty()) {
        add("Authorizer result body before parsing: " + verdict.authorizer_answer);
    }
    if (verdict.refusal) {
        add("Unauthorized request: " + id);
    } else {
        add("Using valid authorizer policy for principal: " + verdict.identity.principal);
        add("Successfully completed authorizer execution");
        output.principalId = verdict.identity.principal;
        boost::system::error_code bad;
        const boost::json::value tree = boost::json::parse(verdict.authorizer_answer, bad);
        if (!bad && tree.is_object() && tree.as_object().contains("policyDocument")) {
            output.policy = boost::json::serialize(tree.as_object().at("policyDocument"));
        }
    }
    output.log = std::move(log);
    return output;
}

}  // namespace millrace::service::apigateway
