#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "src/gateway/open_api/document.h"
#include "src/gateway/open_api/export.h"
#include "src/gateway/open_api/import.h"

namespace millrace::gateway {
namespace {

namespace json = boost::json;

RestApi empty_api() {
    RestApi api;
    api.id = "abc";
    api.name = "empty";
    api.root_id = "root";
    api.resources["root"] = {"root", "", "", "/", {}};
    return api;
}

const Resource* at_path(const RestApi& api, std::string_view path) {
    for (const auto& [id, resource] : api.resources) {
        if (resource.path == path) return &resource;
    }
    return nullptr;
}

constexpr std::string_view shop = R"(
openapi: 3.0.1
info: {title: shop, version: "7"}
servers: [{url: "https://example.com/{basePath}", variables: {basePath: {default: v1/shop}}}]
x-amazon-apigateway-request-validators:
  all: {validateRequestBody: true, validateRequestParameters: true}
x-amazon-apigateway-request-validator: all
x-amazon-apigateway-binary-media-types: [image/png]
x-amazon-apigateway-gateway-responses:
  THROTTLED: {statusCode: 420, responseTemplates: {text/plain: slow}}
components:
  schemas:
    Order: {type: object, properties: {lines: {type: array, items: {$ref: '#/components/schemas/Line'}}}}
    Line: {type: object}
  securitySchemes:
    key: {type: apiKey, name: x-api-key, in: header}
    check:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer: {type: token, authorizerUri: "arn:x", authorizerResultTtlInSeconds: 60}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getOrder
      security: [{check: []}, {key: []}]
      responses: {'200': {description: ok, headers: {X-A: {schema: {type: string}}}}}
      x-amazon-apigateway-integration: &mock
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: "200"}, '4\d\d': {statusCode: "404"}}
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {}
      x-amazon-apigateway-integration: *mock
    x-amazon-apigateway-any-method:
      responses: {}
      x-amazon-apigateway-integration: *mock
)";

RestApi imported(ImportOptions options = {}) {
    RestApi api = empty_api();
    const auto tree = parse_document(shop);
    EXPECT_TRUE(tree.ok()) << (tree.ok() ? "" : tree.error().message);
    const auto warnings = import_open_api(tree.value(), options, api);
    EXPECT_TRUE(warnings.ok()) << (warnings.ok() ? "" : warnings.error().message);
    return api;
}

TEST(OpenApiTest, ADefinitionBecomesAnApi) {
    const RestApi api = imported();
    EXPECT_EQ(api.name, "shop");
    EXPECT_EQ(api.version, "7");
    EXPECT_EQ(api.binary_media_types, std::vector<std::string>{"image/png"});
    EXPECT_EQ(api.gateway_responses.at("THROTTLED").status_code, "420");
    EXPECT_NE(api.models.at("Order").schema.find("https://apigateway.amazonaws.com/restapis/abc/models/Line"),
              std::string::npos);
    const Method& get = at_path(api, "/orders/{id}")->methods.at("GET");
    EXPECT_EQ(get.authorization, "CUSTOM");
    EXPECT_TRUE(get.api_key_required);
    EXPECT_EQ(api.authorizers.at(get.authorizer_id).identity_source, "method.request.header.Authorization");
    EXPECT_EQ(api.authorizers.at(get.authorizer_id).result_ttl_s, 60);
    EXPECT_TRUE(api.validators.at(get.validator_id).body);
    EXPECT_TRUE(get.parameters.at("method.request.path.id"));
    EXPECT_TRUE(get.responses.at("200").parameters.contains("method.response.header.X-A"));
    EXPECT_EQ(get.integration->responses.at("404").selection_pattern, "4\\d\\d");
    EXPECT_FALSE(get.integration->responses.at("200").selection_pattern);
    EXPECT_EQ(at_path(api, "/orders")->methods.at("POST").models.at("application/json"), "Order");
    EXPECT_EQ(at_path(api, "/orders")->methods.at("ANY").integration->type, "MOCK");
}

TEST(OpenApiTest, WhatAPathNamesIsAParameter) {
    RestApi api = empty_api();
    const auto tree = parse_document(R"({"swagger": "2.0", "paths": {"/a/{b}/{rest+}": {"get": {"responses": {}}}}})");
    ASSERT_TRUE(import_open_api(tree.value(), {}, api).ok());
    const Method& get = at_path(api, "/a/{b}/{rest+}")->methods.at("GET");
    EXPECT_EQ(get.parameters, (std::map<std::string, bool>{{"method.request.path.b", true}}));
}

TEST(OpenApiTest, TheBasePathIsPutBeforeThePaths) {
    EXPECT_NE(at_path(imported({.base_path = BasePathMode::prepend}), "/v1/shop/orders"), nullptr);
    EXPECT_NE(at_path(imported({.base_path = BasePathMode::split}), "/shop/orders"), nullptr);
}

TEST(OpenApiTest, OverwriteForgetsWhatIsNotInTheDefinition) {
    RestApi api = imported();
    const auto tree = parse_document(R"({"swagger": "2.0", "info": {"title": "t"}, "paths": {"/new": {}}})");
    RestApi merged = api;
    ASSERT_TRUE(import_open_api(tree.value(), {}, merged).ok());
    EXPECT_NE(at_path(merged, "/orders"), nullptr);
    EXPECT_NE(at_path(merged, "/new"), nullptr);
    ASSERT_TRUE(import_open_api(tree.value(), {.mode = ImportMode::overwrite}, api).ok());
    EXPECT_EQ(at_path(api, "/orders"), nullptr);
    EXPECT_TRUE(api.models.empty());
    EXPECT_TRUE(api.resources.contains(api.root_id));
}

// What is exported with everything and imported again is the same API, but for identifiers.
TEST(OpenApiTest, AnExportIsTheApi) {
    const RestApi api = imported();
    for (const OpenApiVersion version : {OpenApiVersion::swagger_2, OpenApiVersion::open_api_3}) {
        const ExportOptions all{version, "host", "prod", true, true, true};
        const json::value first = export_open_api(api, all);
        RestApi again = empty_api();
        const auto reread = parse_document(write_yaml(first));
        ASSERT_TRUE(reread.ok()) << reread.error().message;
        EXPECT_EQ(*reread, first);
        ASSERT_TRUE(import_open_api(*reread, {}, again).ok());
        EXPECT_EQ(json::serialize(export_open_api(again, all)), json::serialize(first));
    }
}

std::string problem(std::string_view text) {
    const auto tree = parse_document(text);
    return tree.ok() ? "" : tree.error().message;
}

TEST(OpenApiTest, HostileTextIsBounded) {
    std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", " : "") + before;
        bomb += "]\n";
    }
    EXPECT_NE(problem(bomb).find("too many"), std::string::npos) << problem(bomb);
    EXPECT_NE(problem(std::string(5000, '[')), "");
    EXPECT_NE(problem("{\"a\": " + std::string(100, '[') + std::string(100, ']') + "}"), "");
    EXPECT_NE(problem("a: &x [*x]"), "");
    EXPECT_NE(problem("a: \"\xff\""), "");
    EXPECT_NE(problem("a: 1\na: 2"), "");
    EXPECT_NE(problem("? [a]\n: b"), "");
    EXPECT_NE(problem(""), "");
    EXPECT_NE(problem(std::string(document_bytes_max + 1, 'a')), "");
}

TEST(OpenApiTest, ScalarsHaveTheTypesOfYamlsCoreSchema) {
    const auto tree = parse_document("a: 1\nb: '1'\nc: true\nd: ~\ne: 1.5\nf: 2020-01-01\n200: {x: yes}");
    ASSERT_TRUE(tree.ok());
    EXPECT_EQ(json::serialize(*tree),
              R"({"a":1,"b":"1","c":true,"d":null,"e":1.5E0,"f":"2020-01-01","200":{"x":"yes"}})");
}

TEST(OpenApiTest, WhatIsNoDefinitionIsRefused) {
    RestApi api = empty_api();
    EXPECT_FALSE(import_open_api(json::parse("{}"), {}, api).ok());
    EXPECT_FALSE(import_open_api(json::parse("[1]"), {}, api).ok());
    EXPECT_FALSE(import_open_api(json::parse(R"({"openapi":"3.0.0","paths":{"/a b":{}}})"), {}, api).ok());
    EXPECT_FALSE(import_open_api(json::parse(R"({"openapi":"3.0.0","paths":{"/{a+}/b":{}}})"), {}, api).ok());
}

}  // namespace
}  // namespace millrace::gateway
