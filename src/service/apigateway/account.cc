#include "src/catalog/registry.h"
#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view account_kind = "apigateway.account";  // "role": the ARN alone

struct Account {
    std::string role;
};

const PatchTable<Account>& patch_table() {
    static const PatchTable<Account> table(
        PatchErrors::naming_paths,
        {
            {{"/cloudwatchRoleArn", "replace remove"}, patch_text(&Account::role)},
            {{"/features", "add remove"},
             patch_fixed<Account>("features", "UsagePlans", "every account has usage plans, and nothing else")},
        });
    return table;
}

template <class Out>
Out show(const Account& account, const gateway::AccessOptions& options) {
    Out out;
    out.cloudwatchRoleArn = unless_empty(account.role);
    if (options.requests_per_s > 0) {  // else there is none
        auto& throttle = out.throttleSettings.emplace();
        throttle.burstLimit = options.burst;
        throttle.rateLimit = options.requests_per_s;
    }
    out.features = std::vector<std::string>{"UsagePlans"};
    out.apiKeyVersion = "4";
    return out;
}

}  // namespace

aws::Outcome<GetAccountOutput> ApiGateway::get_account(const aws::CallContext& context, const GetAccountInput&) {
    TRY_ASSIGN(const auto role, outcome_of(parts_.registry.get(account_kind, context.scope, "role")));
    return show<GetAccountOutput>(Account{role.value_or("")}, parts_.access.options());
}

aws::Outcome<UpdateAccountOutput> ApiGateway::update_account(const aws::CallContext& context,
                                                             const UpdateAccountInput& input) {
    TRY_ASSIGN(const auto role, outcome_of(parts_.registry.get(account_kind, context.scope, "role")));
    Account account{role.value_or("")};
    TRY(patch_table().apply(account, patches_of(input.patchOperations)));
    if (!account.role.empty() && !account.role.starts_with("arn:aws:iam::")) {
        return bad_request(
            "The role ARN does not have required permissions configured. Please grant trust permission "
            "for API Gateway and add the required role policy.");
    }
    TRY(outcome_of(parts_.registry.put(account_kind, context.scope, "role", account.role)));
    return show<UpdateAccountOutput>(account, parts_.access.options());
}

}  // namespace millrace::service::apigateway
