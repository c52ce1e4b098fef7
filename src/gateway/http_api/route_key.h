// Routes: their keys, and which one a request takes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
//
// A key is "METHOD /path" or "$default". A segment of the path may be a parameter ("{id}": one segment, not empty), the
// last one a greedy parameter ("{proxy+}": the rest). The most specific route wins: literal segments before parameters
// before a greedy one, from the left; of equal paths the method itself before ANY; "$default" takes what is left.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/http_api/definition.h"

namespace millrace::gateway::http_api {

struct RouteKey {
    struct Segment {
        std::string text;  // a literal, or a parameter's name
        bool parameter = false;
        bool greedy = false;
    };
    bool is_default = false;
    std::string method;  // "GET", ..., "ANY"
    std::vector<Segment> segments;
};

// invalid_argument, with what is wrong.
Result<RouteKey> parse_route_key(std::string_view text);
// Whether both would take the same requests: "GET /a/{x}" and "GET /a/{y}" do. AWS refuses the second.
bool conflict(const RouteKey& a, const RouteKey& b);

// The routes of a snapshot, compiled once. Immutable; any thread.
class RouteTable {
  public:
    // Keys that can not be parsed are left out: the control plane let none in.
    explicit RouteTable(const std::map<std::string, Route>& routes);

    struct Match {
        const Route* route = nullptr;  // null: none; belongs to the map given
        TextMap parameters;            // decoded
        std::string rest_name, rest;   // of a greedy parameter: as it was sent
    };
    // `path`: raw, below the stage, begins with '/'. Segments are compared decoded; one that can not be decoded
    // matches no literal.
    Match find(std::string_view method, std::string_view path) const;

  private:
    struct Compiled {
        const Route* route;
        RouteKey key;
    };
    std::vector<Compiled> ordered_;  // the most specific first
    const Route* fallback_ = nullptr;
};

}  // namespace millrace::gateway::http_api
