// A stage as it is served: a deployment with its routes, expressions, templates and schemas read once. A new one is
// made for each generation of `Served`; what of a method is dear to read is read when the method is first asked for.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/gateway/mapping/source.h"
#include "src/gateway/rest/routes.h"
#include "src/gateway/rest_apis.h"
#include "src/gateway/schema/json_schema.h"
#include "src/vtl/value.h"

namespace re2 {
class RE2;
}
namespace millrace::vtl {
class Template;
}

namespace millrace::gateway {

class AccessRules;

// Templates by content type, in the order of their names; "$default" is the one for every other.
struct TemplateSet {
    struct One {
        std::string content_type;                       // in lower case
        std::shared_ptr<const vtl::Template> compiled;  // null where `problem`
        std::string problem;
    };
    std::vector<One> all;
    const One* find(std::string_view content_type) const;
};

// A URI or a path with ${stageVariables.x} and {parameter} in it.
struct UriPattern {
    struct Piece {
        enum class Kind : uint8_t { text, stage_variable, parameter } kind = Kind::text;
        std::string text;  // or the name
    };
    std::vector<Piece> pieces;
    static UriPattern parse(std::string_view text);
};

struct CompiledResponse {
    const IntegrationResponse* response = nullptr;
    std::shared_ptr<const re2::RE2> selection;  // null: the default one
    int status = 200;
    std::vector<ParameterMapping> parameters;
    TemplateSet templates;
    std::string problem;
};

struct CompiledIntegration {
    enum class Kind : uint8_t {
        mock,
        function_proxy,  // AWS_PROXY
        function,        // AWS, to a function
        service_action,  // AWS, arn:aws:apigateway:REGION:SERVICE:action/NAME
        service_path,    // AWS, arn:aws:apigateway:REGION:SERVICE:path/...
        http_proxy,
        http,
        broken,  // `problem` says why: every request gets API Gateway's 500
    } kind = Kind::broken;
    std::string problem;
    const Integration* integration = nullptr;
    std::vector<ParameterMapping> parameters;
    TemplateSet templates;
    UriPattern uri;                          // HTTP: of the whole URL; functions: of the ARN; paths: of the path
    std::string region, service, operation;  // AWS
    std::string service_query;               // after the action's name
    std::vector<CompiledResponse> responses;
    bool responds_by_itself() const { return kind == Kind::function_proxy || kind == Kind::http_proxy; }
};

struct CompiledMethod {
    const Resource* resource = nullptr;
    const Method* method = nullptr;
    struct Required {
        Target::Kind kind;
        std::string name;
    };
    std::vector<Required> required;  // empty where nobody validates them
    bool validates_body = false;
    std::map<std::string, std::shared_ptr<const JsonSchema>, std::less<>> schemas;  // by content type; null: unusable
    CompiledIntegration integration;
};

struct CompiledGatewayResponse {
    const GatewayResponse* response = nullptr;
    std::vector<ParameterMapping> parameters;
    TemplateSet templates;
};

class CompiledStage {  // any thread
  public:
    // Never fails: what can not be read breaks the requests that need it.
    CompiledStage(std::shared_ptr<const Served> served, std::shared_ptr<const AccessRules> rules);
    ~CompiledStage();

    const Served& served() const { return *served_; }
    const std::shared_ptr<const Served>& served_ref() const { return served_; }
    const std::shared_ptr<const AccessRules>& rules() const { return rules_; }
    const Deployment& deployment() const { return *served_->deployment; }
    const RestApi& api() const { return served_->deployment->api; }
    const Stage& stage() const { return *served_->stage; }
    const Routes& routes() const { return routes_; }
    const CompiledMethod& method(const Resource& resource, const Method& method) const;
    // What the API's owner made of a type of gateway response, or of DEFAULT_4XX or DEFAULT_5XX; null: nothing.
    const CompiledGatewayResponse* gateway_response(std::string_view type, int status) const;

  private:
    const std::shared_ptr<const Served> served_;
    const std::shared_ptr<const AccessRules> rules_;
    const Routes routes_;
    std::map<std::string, CompiledGatewayResponse, std::less<>> gateway_responses_;
    mutable std::mutex mutex_;  // guards methods_
    mutable std::map<const Method*, std::unique_ptr<const CompiledMethod>> methods_;
};

// invalid_argument: what data planes can not serve of a method, in words; for the control plane.
Status check_integration(const Integration& integration);
// Whether a model's schema can be used, with the other models of its API in reach.
Status check_model(const RestApi& api, std::string_view schema);

}  // namespace millrace::gateway
