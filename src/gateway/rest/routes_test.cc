#include "src/gateway/rest/routes.h"

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

RestApi api_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& resources) {
    RestApi api;
    for (const auto& [path, methods] : resources) {
        Resource& resource = api.resources[path];
        resource.id = resource.path = path;
        for (const std::string& method : methods) resource.methods[method].http_method = method;
    }
    return api;
}

std::string found(const RestApi& api, std::string_view method, std::string_view path) {
    const Routes routes(api);
    const RouteMatch match = routes.find(method, path);
    if (match.method == nullptr) return match.path_found ? "no method" : "nothing";
    std::string out = match.method->http_method + " " + match.resource->path;
    for (const auto& [name, value] : match.parameters) out += " " + name + "=" + value;
    return out;
}

TEST(Routes, LiteralsBeforeParametersBeforeTheRest) {
    const RestApi api = api_of({{"/", {"GET"}},
                                {"/orders", {"POST"}},
                                {"/orders/new", {"GET"}},
                                {"/orders/{id}", {"GET", "ANY"}},
                                {"/orders/{id}/items", {"GET"}},
                                {"/orders/{rest+}", {"ANY"}},
                                {"/{proxy+}", {"ANY"}}});
    EXPECT_EQ(found(api, "GET", "/"), "GET /");
    EXPECT_EQ(found(api, "GET", "/orders/new"), "GET /orders/new");
    EXPECT_EQ(found(api, "GET", "/orders/17"), "GET /orders/{id} id=17");
    EXPECT_EQ(found(api, "GET", "/orders/17/"), "GET /orders/{id} id=17");
    EXPECT_EQ(found(api, "PUT", "/orders/17"), "ANY /orders/{id} id=17");
    EXPECT_EQ(found(api, "GET", "/orders/17/items"), "GET /orders/{id}/items id=17");
    EXPECT_EQ(found(api, "GET", "/orders/17/items/3"), "ANY /orders/{rest+} rest=17/items/3");
    EXPECT_EQ(found(api, "POST", "/orders/17/items"), "ANY /orders/{rest+} rest=17/items");
    EXPECT_EQ(found(api, "GET", "/a/b%20c//d"), "ANY /{proxy+} proxy=a/b c//d");
    EXPECT_EQ(found(api, "GET", "/orders"), "ANY /{proxy+} proxy=orders") << "the path is there, but only for POST";
}

TEST(Routes, WhatIsNotThere) {
    const RestApi api = api_of({{"/", {}}, {"/orders", {"POST"}}});
    EXPECT_EQ(found(api, "GET", "/"), "no method");
    EXPECT_EQ(found(api, "GET", "/orders"), "no method");
    EXPECT_EQ(found(api, "GET", "/other"), "nothing");
    EXPECT_EQ(found(api, "POST", "/orders/1"), "nothing");
    EXPECT_EQ(found(api, "POST", std::string(4000, '/')), "no method");
    EXPECT_EQ(found(api, "POST", "/%6Frders"), "POST /orders") << "an escape is the character that it stands for";
}

}  // namespace
}  // namespace millrace::gateway
