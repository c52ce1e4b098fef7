// Which resource a path means: literal segments before {name}, {name} before {name+}, and the method before ANY.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "src/gateway/definition.h"

namespace millrace::gateway {

struct RouteMatch {
    const Resource* resource = nullptr;  // null: no resource with such a method
    const Method* method = nullptr;
    bool path_found = false;                        // there is a resource, but it has no such method
    std::map<std::string, std::string> parameters;  // decoded
    std::string rest_name, rest;                    // of {name+}: what it stands for, as it was sent
};

class Routes {  // immutable; any thread
  public:
    // `api` outlives it.
    explicit Routes(const RestApi& api);
    ~Routes();
    // `path` as it was sent, with or without a slash at its end.
    RouteMatch find(std::string_view method, std::string_view path) const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace millrace::gateway
