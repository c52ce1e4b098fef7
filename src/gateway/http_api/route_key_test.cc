#include "src/gateway/http_api/route_key.h"

#include <gtest/gtest.h>

namespace millrace::gateway::http_api {
namespace {

std::map<std::string, Route> routes_of(const std::vector<std::string>& keys) {
    std::map<std::string, Route> routes;
    for (const std::string& key : keys) {
        Route route;
        route.id = key;
        route.key = key;
        routes[key] = route;
    }
    return routes;
}

std::string taken(const RouteTable& table, std::string_view method, std::string_view path) {
    const RouteTable::Match match = table.find(method, path);
    std::string text = match.route == nullptr ? "-" : match.route->key;
    for (const auto& [name, value] : match.parameters) text += " " + name + "=" + value;
    return text;
}

// The example of AWS's documentation, and what it says of priorities.
TEST(RouteKey, TheMostSpecificRouteIsTaken) {
    const auto routes = routes_of({"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}",
                                   "$default", "ANY /pets/dog/1", "ANY /both", "GET /both", "GET /"});
    const RouteTable table(routes);
    EXPECT_EQ(taken(table, "GET", "/pets/dog/1"), "GET /pets/dog/1");
    EXPECT_EQ(taken(table, "PUT", "/pets/dog/1"), "ANY /pets/dog/1");
    EXPECT_EQ(taken(table, "GET", "/pets/dog/2"), "GET /pets/dog/{id} id=2");
    EXPECT_EQ(taken(table, "GET", "/pets/cat/1"), "GET /pets/{proxy+} proxy=cat/1");
    EXPECT_EQ(taken(table, "POST", "/test/5"), "ANY /{proxy+} proxy=test/5");
    EXPECT_EQ(taken(table, "GET", "/both"), "GET /both");
    EXPECT_EQ(taken(table, "POST", "/both"), "ANY /both");
    EXPECT_EQ(taken(table, "GET", "/"), "GET /");
    EXPECT_EQ(taken(table, "POST", "/"), "$default");
}

TEST(RouteKey, SegmentsAreComparedDecodedAndNeverAcrossSlashes) {
    const auto routes = routes_of({"GET /orders/{id}", "GET /orders/new", "GET /a b"});
    const RouteTable table(routes);
    EXPECT_EQ(taken(table, "GET", "/orders/a%2Fb"), "GET /orders/{id} id=a/b");
    EXPECT_EQ(taken(table, "GET", "/orders/%6eew"), "GET /orders/new");
    EXPECT_EQ(taken(table, "GET", "/orders/%zz"), "GET /orders/{id} id=%zz");
    EXPECT_EQ(taken(table, "GET", "/orders"), "-");
    EXPECT_EQ(taken(table, "GET", "/orders/"), "-");
    EXPECT_EQ(taken(table, "GET", "/orders/1/"), "-");
    EXPECT_EQ(taken(table, "GET", "//orders/1"), "-");
    EXPECT_EQ(taken(table, "get", "/orders/1"), "-");
}

TEST(RouteKey, WhatIsNoKeyIsRefused) {
    for (const char* key : {"", "GET", "GET orders", "get /orders", "FETCH /orders", "GET /a//b", "GET /a/", "GET /{}",
                            "GET /{a+}/b", "GET /{a}/{a}", "GET /x{a}", "GET /{a b}", "GET /a?b=c", "$connect"}) {
        EXPECT_FALSE(parse_route_key(key).ok()) << key;
    }
    EXPECT_TRUE(parse_route_key("GET /").ok());
    EXPECT_TRUE(parse_route_key("ANY /a/{b}/{c+}").ok());
    const auto same = [](const char* a, const char* b) {
        return conflict(parse_route_key(a).value(), parse_route_key(b).value());
    };
    EXPECT_TRUE(same("GET /a/{x}", "GET /a/{y}"));
    EXPECT_FALSE(same("GET /a/{x}", "ANY /a/{x}"));
    EXPECT_FALSE(same("GET /a/{x}", "GET /a/{x+}"));
    EXPECT_FALSE(same("GET /a/{x}", "GET /a/x"));
}

}  // namespace
}  // namespace millrace::gateway::http_api
