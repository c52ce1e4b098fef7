#include "src/function/registry/layers.h"

#include <algorithm>

#include "src/io/clock.h"
#include "src/service/lambda/code.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"
#include "src/service/lambda/times.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

// A layer's name, or its ARN without a version; of the caller's own.
aws::Outcome<std::string> layer_of(const aws::CallContext& context, const std::string& name) {
    if (!name.starts_with("arn:")) return name;
    const std::string prefix = function::layer_arn(context.scope, "");
    if (name.starts_with(prefix)) return name.substr(prefix.size());
    return access_denied("The account " + context.scope.account + " is not authorized to perform: lambda:" +
                         std::string(context.operation) + " on resource: " + name);
}

template <class Output>
void describe(const function::LayerVersion& it, Output& out) {
    out.LayerVersionArn = function::layer_version_arn(it);
    out.Version = static_cast<int64_t>(it.version);
    out.Description = it.description;
    out.CreatedDate = dashed_time(it.created);
    if (!it.runtimes.empty()) out.CompatibleRuntimes = it.runtimes;
    if (!it.architectures.empty()) out.CompatibleArchitectures = it.architectures;
    if (!it.license.empty()) out.LicenseInfo = it.license;
}

template <class Output>
Output version_of(const function::LayerVersion& it, std::string location) {
    Output out;
    describe(it, out);
    out.LayerArn = function::layer_arn(it.scope, it.layer);
    auto& content = out.Content.emplace();
    content.Location = std::move(location);
    content.CodeSha256 = it.package_sha256;
    content.CodeSize = static_cast<int64_t>(it.package_bytes);
    return out;
}

aws::Failure no_version(const Scope& scope, std::string_view layer, int64_t version) {
    return not_found("The resource you requested does not exist. Layer version: " + function::layer_arn(scope, layer) +
                     ":" + std::to_string(version));
}

bool lists(const std::vector<std::string>& compatible, const std::optional<std::string>& wanted) {
    return !wanted || std::find(compatible.begin(), compatible.end(), *wanted) != compatible.end();
}

}  // namespace

aws::Outcome<PublishLayerVersionOutput> Lambda::publish_layer_version(const aws::CallContext& context,
                                                                      const PublishLayerVersionInput& input) {
    function::LayerVersion it;
    TRY_ASSIGN(it.layer, layer_of(context, input.LayerName));
    it.scope = context.scope;
    it.description = input.Description.value_or("");
    it.license = input.LicenseInfo.value_or("");
    if (input.CompatibleRuntimes) it.runtimes = *input.CompatibleRuntimes;
    if (input.CompatibleArchitectures) it.architectures = *input.CompatibleArchitectures;
    it.created = parts_.clock.now();
    TRY_ASSIGN(const Code code, take_code(context, source_of(input.Content)));
    it.package_sha256 = code.package.sha256;
    it.package_bytes = code.package.bytes;
    it.unpacked_bytes = code.package.unpacked_bytes;
    if (functions_.usage(context.scope).code_bytes + it.package_bytes > functions_.options().code_bytes_max) {
        return failure_of({ErrorCode::resource_exhausted, "Code storage limit exceeded."});
    }
    const Result<function::LayerVersion> made = functions_.layers().publish(std::move(it));
    if (!made.ok()) return failure_of(made.error());
    return version_of<PublishLayerVersionOutput>(*made, package_location(context, made->package_sha256));
}

aws::Outcome<GetLayerVersionOutput> Lambda::get_layer_version(const aws::CallContext& context,
                                                              const GetLayerVersionInput& input) {
    TRY_ASSIGN(const std::string layer, layer_of(context, input.LayerName));
    const auto it = functions_.layers().find(context.scope, layer, static_cast<uint64_t>(input.VersionNumber));
    if (!it.ok() && it.error().code == ErrorCode::not_found) {
        return no_version(context.scope, layer, input.VersionNumber);
    }
    if (!it.ok()) return failure_of(it.error());
    return version_of<GetLayerVersionOutput>(*it, package_location(context, it->package_sha256));
}

aws::Outcome<GetLayerVersionByArnOutput> Lambda::get_layer_version_by_arn(const aws::CallContext& context,
                                                                          const GetLayerVersionByArnInput& input) {
    const auto name = function::parse_layer_version_arn(input.Arn);
    if (!name) return invalid_parameter(input.Arn + " is not the ARN of a layer version.");
    if (name->scope != context.scope) {
        return access_denied("The account " + context.scope.account +
                             " is not authorized to perform: lambda:GetLayerVersion on resource: " + input.Arn);
    }
    const auto it = functions_.layers().find(name->scope, name->layer, name->version);
    if (!it.ok() && it.error().code == ErrorCode::not_found) {
        return no_version(name->scope, name->layer, static_cast<int64_t>(name->version));
    }
    if (!it.ok()) return failure_of(it.error());
    return version_of<GetLayerVersionByArnOutput>(*it, package_location(context, it->package_sha256));
}

aws::Outcome<ListLayersOutput> Lambda::list_layers(const aws::CallContext& context, const ListLayersInput& input) {
    TRY_ASSIGN(std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, page_max);
    ListLayersOutput output;
    auto& shown = output.Layers.emplace();
    for (bool more = true; more && shown.size() <= page;) {
        const auto newest = functions_.layers().list(context.scope, after, page + 1);
        if (!newest.ok()) return failure_of(newest.error());
        more = newest->size() > page;
        for (const function::LayerVersion& it : *newest) {
            after = it.layer;
            if (!lists(it.runtimes, input.CompatibleRuntime)) continue;
            if (!lists(it.architectures, input.CompatibleArchitecture)) continue;
            auto& item = shown.emplace_back();
            item.LayerName = it.layer;
            item.LayerArn = function::layer_arn(it.scope, it.layer);
            describe(it, item.LatestMatchingVersion.emplace());
            if (shown.size() > page) break;
        }
    }
    output.NextMarker = cut_page(shown, page, [](const auto& last) { return *last.LayerName; });
    return output;
}

aws::Outcome<ListLayerVersionsOutput> Lambda::list_layer_versions(const aws::CallContext& context,
                                                                  const ListLayerVersionsInput& input) {
    TRY_ASSIGN(const std::string layer, layer_of(context, input.LayerName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    if (!after.empty() && !is_number(after)) return invalid_parameter("Invalid Marker was supplied.");
    const size_t page = page_size(input.MaxItems, page_max);
    const uint64_t below = after.empty() ? 0 : std::strtoull(after.c_str(), nullptr, 10);
    const auto versions = functions_.layers().versions(context.scope, layer, below, SIZE_MAX);
    if (!versions.ok()) return failure_of(versions.error());
    ListLayerVersionsOutput output;
    auto& shown = output.LayerVersions.emplace();
    for (const function::LayerVersion& it : *versions) {
        if (!lists(it.runtimes, input.CompatibleRuntime)) continue;
        if (!lists(it.architectures, input.CompatibleArchitecture)) continue;
        describe(it, shown.emplace_back());
        if (shown.size() > page) break;
    }
    output.NextMarker = cut_page(shown, page, [](const auto& last) { return std::to_string(*last.Version); });
    return output;
}

// Fine where there is none; functions that use it keep it.
aws::Outcome<DeleteLayerVersionOutput> Lambda::delete_layer_version(const aws::CallContext& context,
                                                                    const DeleteLayerVersionInput& input) {
    TRY_ASSIGN(const std::string layer, layer_of(context, input.LayerName));
    const Status removed = functions_.layers().remove(context.scope, layer, static_cast<uint64_t>(input.VersionNumber));
    if (!removed.ok()) return failure_of(removed.error());
    return DeleteLayerVersionOutput{};
}

}  // namespace millrace::service::lambda
