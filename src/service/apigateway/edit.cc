#include "src/service/apigateway/edit.h"

namespace millrace::service::apigateway {

aws::Outcome<ApiPointer> find_api(gateway::RestApis& apis, const Scope& scope, const std::string& id) {
    Result<ApiPointer> found = apis.find(scope, id);
    if (!found.ok()) return no_api(scope, id);
    return std::move(found).value();
}

}  // namespace millrace::service::apigateway
