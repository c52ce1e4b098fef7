#include "src/service/lambda/configuration.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

aws::Outcome<function::FunctionDefinition> Lambda::publish(const function::FunctionName& name,
                                                           std::optional<std::string> description,
                                                           const std::optional<std::string>& code_sha256,
                                                           const std::optional<std::string>& revision_id) {
    std::optional<aws::Failure> refused;
    Result<function::FunctionDefinition> version = functions_.publish(
        name.scope, name.name, std::move(description), [&](const function::FunctionRecord& record) -> Status {
            const std::string& current = record.latest.package_sha256;
            if (code_sha256 && *code_sha256 != current) {
                refused = invalid_parameter("CodeSHA256 (" + *code_sha256 +
                                            ") is different from current CodeSHA256 in $LATEST (" + current +
                                            "). Please try again with the CodeSHA256 in $LATEST.");
            } else if (revision_id && *revision_id != record.latest.revision_id) {
                refused = revision_mismatch("GetFunction/GetAlias");
            }
            if (refused) return Error{ErrorCode::cancelled, "refused"};
            return {};
        });
    if (refused) return std::move(*refused);
    if (version.ok()) return std::move(version).value();
    if (version.error().code == ErrorCode::not_found) return function_not_found(name.scope, name.name);
    return failure_of(version.error());
}

aws::Outcome<PublishVersionOutput> Lambda::publish_version(const aws::CallContext& context,
                                                           const PublishVersionInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    TRY_ASSIGN(const function::FunctionDefinition version,
               publish(name, input.Description, input.CodeSha256, input.RevisionId));
    return configuration_of<PublishVersionOutput>(version, version.version);
}

// $LATEST first, then by number.
aws::Outcome<ListVersionsByFunctionOutput> Lambda::list_versions_by_function(const aws::CallContext& context,
                                                                             const ListVersionsByFunctionInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    if (!after.empty() && !is_number(after)) return invalid_parameter("Invalid Marker was supplied.");
    const size_t page = page_size(input.MaxItems, page_max);
    ListVersionsByFunctionOutput output;
    auto& shown = output.Versions.emplace();
    if (after.empty()) shown.push_back(configuration_of<FunctionConfiguration>(named.record->latest, "$LATEST"));
    const uint64_t from = after.empty() ? 0 : std::strtoull(after.c_str(), nullptr, 10);
    Result<std::vector<function::FunctionDefinition>> versions =
        functions_.versions(*named.record, from, page + 1 - shown.size());
    if (!versions.ok()) return failure_of(versions.error());
    for (const function::FunctionDefinition& version : *versions) {
        shown.push_back(configuration_of<FunctionConfiguration>(version, version.version));
    }
    output.NextMarker =
        cut_page(shown, page, [](const auto& last) { return *last.Version == "$LATEST" ? "0" : *last.Version; });
    return output;
}

}  // namespace millrace::service::lambda
