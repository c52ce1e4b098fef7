// Where an authorizer finds who asks: "method.request.header.Authorization", "method.request.querystring.token",
// "stageVariables.realm", "context.identity.sourceIp".
// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html#apigw-CreateAuthorizer-request-identitySource
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/access/access.h"

namespace millrace::gateway {

class IdentitySource {
  public:
    // Separated by commas; "" is none. invalid_argument with the one that is not known.
    static Result<std::vector<IdentitySource>> parse_all(std::string_view text);
    // nullopt where it is absent or empty.
    std::optional<std::string> value(const AccessRequest& request, const Served& served) const;
    bool is_header() const { return kind_ == Kind::header; }

  private:
    enum class Kind { header, parameter, stage_variable, context };
    Kind kind_ = Kind::header;
    std::string name_;  // a header's in lower case
};

}  // namespace millrace::gateway
