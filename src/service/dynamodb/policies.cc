// Resource policies, of tables and of their streams. Kept and given back; what they allow or deny is asked of nobody.
#include <tuple>

#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/policy.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {
namespace {

// Whose policy: a table's, or one of its streams'.
struct Subject {
    table::TableRef table;
    bool stream = false;
};

Outcome<Subject> subject_of(DynamoDb& self, const CallContext& context, const std::string& arn) {
    const auto parsed = table::parse_arn(arn);
    if (!parsed || (!parsed->kind.empty() && parsed->kind != "stream")) {
        return validation("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
    }
    if (parsed->scope != context.scope) {
        return access_denied("User: arn:aws:iam::" + context.scope.account +
                             ":root is not authorized to perform: dynamodb:" + std::string(context.operation) +
                             " on resource: " + arn);
    }
    auto table = self.parts().tables.find(parsed->scope, parsed->table);
    if (!table.ok() || (!parsed->kind.empty() && !table::find_stream(**table, parsed->part))) {
        return resource_not_found("Requested resource not found: ResourcArn: " + arn + " not found");
    }
    return Subject{*std::move(table), !parsed->kind.empty()};
}

// The policy that settings keep for a subject. A stream's is kept by its ARN: it goes where another stream gets one.
struct Kept {
    std::string* policy;
    std::string* revision;
};
Kept kept(TableSettings* settings, bool stream, const std::string& arn) {
    if (!stream) return {&settings->policy, &settings->policy_revision};
    if (settings->stream_policy_arn != arn) {
        settings->stream_policy.clear();
        settings->stream_policy_revision.clear();
        settings->stream_policy_arn = arn;
    }
    return {&settings->stream_policy, &settings->stream_policy_revision};
}

aws::Failure no_policy(const std::string& arn) {
    return {"PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: " + arn};
}

// `expected`: the revision that the caller looked at, or NO_POLICY.
std::optional<aws::Failure> check_revision(const std::optional<std::string>& expected, const std::string& revision,
                                           const std::string& arn) {
    if (!expected) return std::nullopt;
    if (*expected == (revision.empty() ? "NO_POLICY" : revision)) return std::nullopt;
    return aws::Failure{"PolicyNotFoundException",
                        "Resource-based policy not found for the provided ResourceArn and RevisionId: " + arn};
}

}  // namespace

Outcome<shapes::PutResourcePolicyOutput> put_resource_policy(DynamoDb& self, const CallContext& context,
                                                             const shapes::PutResourcePolicyInput& input) {
    TRY_ASSIGN(const Subject subject, subject_of(self, context, input.ResourceArn));
    if (auto failure = check_policy(input.Policy)) return *std::move(failure);
    shapes::PutResourcePolicyOutput output;
    const Edit put = [&](table::TableDefinition*, TableSettings* settings) -> std::optional<aws::Failure> {
        const Kept now = kept(settings, subject.stream, input.ResourceArn);
        if (auto failure = check_revision(input.ExpectedRevisionId, *now.revision, input.ResourceArn)) return failure;
        if (*now.policy != input.Policy) {
            *now.revision = new_revision(self.parts().clock.now(), *now.revision);
            *now.policy = input.Policy;
        }
        output.RevisionId = *now.revision;
        return std::nullopt;
    };
    TRY_ASSIGN(std::ignore, edit_table(self.parts().tables, subject.table->scope, subject.table->name, put));
    return output;
}

Outcome<shapes::GetResourcePolicyOutput> get_resource_policy(DynamoDb& self, const CallContext& context,
                                                             const shapes::GetResourcePolicyInput& input) {
    TRY_ASSIGN(const Subject subject, subject_of(self, context, input.ResourceArn));
    auto settings = decode_table_settings(subject.table->settings);
    if (!settings.ok()) return failure_of(settings.error());
    const Kept now = kept(&*settings, subject.stream, input.ResourceArn);
    if (now.policy->empty()) return no_policy(input.ResourceArn);
    shapes::GetResourcePolicyOutput output;
    output.Policy = *now.policy;
    output.RevisionId = *now.revision;
    return output;
}

Outcome<shapes::DeleteResourcePolicyOutput> delete_resource_policy(DynamoDb& self, const CallContext& context,
                                                                   const shapes::DeleteResourcePolicyInput& input) {
    TRY_ASSIGN(const Subject subject, subject_of(self, context, input.ResourceArn));
    shapes::DeleteResourcePolicyOutput output;
    const Edit remove = [&](table::TableDefinition*, TableSettings* settings) -> std::optional<aws::Failure> {
        const Kept now = kept(settings, subject.stream, input.ResourceArn);
        if (auto failure = check_revision(input.ExpectedRevisionId, *now.revision, input.ResourceArn)) return failure;
        if (!now.policy->empty()) output.RevisionId = *now.revision;  // deleting twice is fine, as on AWS
        now.policy->clear();
        now.revision->clear();
        return std::nullopt;
    };
    TRY_ASSIGN(std::ignore, edit_table(self.parts().tables, subject.table->scope, subject.table->name, remove));
    return output;
}

}  // namespace millrace::service::dynamodb
