#include "aws_example/sts/shapes.h"
#include "tests/aws/example/example.h"

namespace millrace::aws::testing {
namespace {

using namespace aws::sts;

Outcome<GetCallerIdentityOutput> who(Example&, const CallContext& context, const GetCallerIdentityInput&) {
    GetCallerIdentityOutput output;
    output.Account = context.scope.account;
    output.UserId = context.access_key;
    output.Arn = "arn:aws:iam::" + context.scope.account + ":root";
    return output;
}

Outcome<AssumeRoleOutput> assume_role(Example&, const CallContext& context, const AssumeRoleInput& input) {
    if (input.RoleSessionName == "expired") return Failure{"ExpiredTokenException", "a & b"};
    AssumeRoleOutput output;
    output.PackedPolicySize = input.DurationSeconds;
    output.SourceIdentity = "";
    for (const Tag& tag : input.Tags.value_or(std::vector<Tag>{}))
        *output.SourceIdentity += tag.Key + "=" + tag.Value + ";";
    output.Credentials = Credentials{"ASIA", "secret", "token", TimestampMs(1'700'000'000'000)};
    return output;
}

}  // namespace

Service sts_service(Example& example) {
    return make_service(example, sts::model(),
                        {
                            MILLRACE_OPERATION(GetCallerIdentity, worker, read, "sts:GetCallerIdentity", &who),
                            MILLRACE_OPERATION(AssumeRole, worker, write, "sts:AssumeRole", &assume_role),
                        });
}

}  // namespace millrace::aws::testing
