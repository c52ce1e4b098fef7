// Resource policies: kept statement by statement, shown as IAM writes them. Nothing is granted to other accounts by
// them: an account's keys reach that account's functions (README.md).
#include <boost/json.hpp>

#include "src/base/checksum.h"
#include "src/function/registry/layers.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

namespace json = boost::json;

std::string document_of(const function::Policy& policy) {
    std::string text = R"({"Version":"2012-10-17","Id":"default","Statement":[)";
    bool first = true;
    for (const auto& [sid, statement] : policy.statements) {
        if (!first) text += ',';
        first = false;
        text += statement;
    }
    return text + "]}";
}

bool is_account(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

json::value principal_of(const std::string& principal) {
    if (principal == "*") return json::string("*");
    if (is_account(principal)) return json::object{{"AWS", "arn:aws:iam::" + principal + ":root"}};
    if (principal.starts_with("arn:")) return json::object{{"AWS", principal}};
    return json::object{{"Service", principal}};
}

aws::Outcome<void> add(function::Policy& policy, const std::string& sid, const std::string& statement,
                       const std::optional<std::string>& revision_id) {
    if (revision_id && *revision_id != policy.revision_id) return revision_mismatch("GetPolicy");
    if (policy.statements.contains(sid)) {
        return conflict("The statement id (" + sid +
                        ") provided already exists. Please provide a new statement id, or remove the existing "
                        "statement.");
    }
    policy.statements[sid] = statement;
    policy.revision_id = random_uuid();
    const size_t size = document_of(policy).size();
    if (size <= policy_bytes_max) return {};
    return aws::Failure{"PolicyLengthExceededException",
                        "The final policy size (" + std::to_string(size) + ") is bigger than the limit (20480).",
                        400,
                        {{"Type", "User"}},
                        {}};
}

aws::Outcome<void> remove(function::Policy& policy, const std::string& sid,
                          const std::optional<std::string>& revision_id) {
    if (revision_id && *revision_id != policy.revision_id) return revision_mismatch("GetPolicy");
    if (policy.statements.erase(sid) == 0) {
        return not_found("Statement " + sid + " is not found in resource policy.");
    }
    policy.revision_id = random_uuid();
    return {};
}

std::string statement_of(const AddPermissionInput& input, const std::string& resource) {
    json::object statement{{"Sid", input.StatementId},
                           {"Effect", "Allow"},
                           {"Principal", principal_of(input.Principal)},
                           {"Action", input.Action},
                           {"Resource", resource}};
    json::object condition;
    if (input.SourceArn) condition["ArnLike"] = json::object{{"AWS:SourceArn", *input.SourceArn}};
    json::object equals;
    if (input.SourceAccount) equals["AWS:SourceAccount"] = *input.SourceAccount;
    if (input.FunctionUrlAuthType) equals["lambda:FunctionUrlAuthType"] = *input.FunctionUrlAuthType;
    if (!equals.empty()) condition["StringEquals"] = std::move(equals);
    if (input.InvokedViaFunctionUrl) {
        condition["Bool"] =
            json::object{{"lambda:InvokedViaFunctionUrl", *input.InvokedViaFunctionUrl ? "true" : "false"}};
    }
    if (!condition.empty()) statement["Condition"] = std::move(condition);
    return json::serialize(statement);
}

// As `edit`, for layers.
template <class Change>
aws::Outcome<function::LayerVersion> edit_layer(function::Functions& functions, const Scope& scope,
                                                const std::string& layer, int64_t version, const Change& change) {
    std::optional<aws::Failure> refused;
    auto changed = functions.layers().update(scope, layer, static_cast<uint64_t>(version),
                                             [&](function::LayerVersion& it) -> Status {
                                                 aws::Outcome<void> outcome = change(it);
                                                 if (outcome.ok()) return {};
                                                 refused = std::move(outcome).error();
                                                 return Error{ErrorCode::cancelled, "refused"};
                                             });
    if (refused) return std::move(*refused);
    if (changed.ok()) return std::move(changed).value();
    if (changed.error().code == ErrorCode::not_found) {
        return not_found("Layer version " + function::layer_arn(scope, layer) + ":" + std::to_string(version) +
                         " does not exist.");
    }
    return failure_of(changed.error());
}

}  // namespace

aws::Outcome<AddPermissionOutput> Lambda::add_permission(const aws::CallContext& context,
                                                         const AddPermissionInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    const std::string& qualifier = named.name.qualifier;
    const std::string statement =
        statement_of(input, function::function_arn(named.name.scope, named.name.name, qualifier));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) {
        return add(record.policies[qualifier], input.StatementId, statement, input.RevisionId);
    }));
    AddPermissionOutput output;
    output.Statement = statement;
    return output;
}

aws::Outcome<RemovePermissionOutput> Lambda::remove_permission(const aws::CallContext& context,
                                                               const RemovePermissionInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const auto at = record.policies.find(named.name.qualifier);
        if (at == record.policies.end()) return not_found("No policy is associated with the given resource.");
        TRY(remove(at->second, input.StatementId, input.RevisionId));
        if (at->second.statements.empty()) record.policies.erase(at);
        return {};
    }));
    return RemovePermissionOutput{};
}

aws::Outcome<GetPolicyOutput> Lambda::get_policy(const aws::CallContext& context, const GetPolicyInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    const auto at = named.record->policies.find(named.name.qualifier);
    if (at == named.record->policies.end()) return not_found("The resource you requested does not exist.");
    GetPolicyOutput output;
    output.Policy = document_of(at->second);
    output.RevisionId = at->second.revision_id;
    return output;
}

aws::Outcome<AddLayerVersionPermissionOutput> Lambda::add_layer_version_permission(
    const aws::CallContext& context, const AddLayerVersionPermissionInput& input) {
    std::string statement;
    TRY_ASSIGN(
        const function::LayerVersion changed,
        edit_layer(functions_, context.scope, input.LayerName, input.VersionNumber, [&](function::LayerVersion& it) {
            statement = json::serialize(json::object{{"Sid", input.StatementId},
                                                     {"Effect", "Allow"},
                                                     {"Principal", principal_of(input.Principal)},
                                                     {"Action", input.Action},
                                                     {"Resource", function::layer_version_arn(it)}});
            return add(it.policy, input.StatementId, statement, input.RevisionId);
        }));
    AddLayerVersionPermissionOutput output;
    output.Statement = statement;
    output.RevisionId = changed.policy.revision_id;
    return output;
}

aws::Outcome<RemoveLayerVersionPermissionOutput> Lambda::remove_layer_version_permission(
    const aws::CallContext& context, const RemoveLayerVersionPermissionInput& input) {
    TRY(edit_layer(functions_, context.scope, input.LayerName, input.VersionNumber,
                   [&](function::LayerVersion& it) { return remove(it.policy, input.StatementId, input.RevisionId); }));
    return RemoveLayerVersionPermissionOutput{};
}

aws::Outcome<GetLayerVersionPolicyOutput> Lambda::get_layer_version_policy(const aws::CallContext& context,
                                                                           const GetLayerVersionPolicyInput& input) {
    const auto it =
        functions_.layers().find(context.scope, input.LayerName, static_cast<uint64_t>(input.VersionNumber));
    if (!it.ok() && it.error().code != ErrorCode::not_found) return failure_of(it.error());
    if (!it.ok() || it->policy.statements.empty()) return not_found("No policy is associated with the given resource.");
    GetLayerVersionPolicyOutput output;
    output.Policy = document_of(it->policy);
    output.RevisionId = it->policy.revision_id;
    return output;
}

}  // namespace millrace::service::lambda
