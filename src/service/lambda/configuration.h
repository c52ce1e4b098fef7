// A function's configuration as many operations answer with it: each has a struct of its own with the same members.
#pragma once

#include <optional>
#include <string>

#include "aws/lambda/shapes.h"

#include "src/function/definition.h"
#include "src/service/lambda/times.h"

namespace millrace::service::lambda {

// `qualifier`: the one that was asked for, which the ARN then carries; "" for none.
template <class Output>
Output configuration_of(const function::FunctionDefinition& it, const std::string& qualifier = "") {
    Output out;
    out.FunctionName = it.name;
    out.FunctionArn = function::function_arn(it.scope, it.name, qualifier);
    if (!it.runtime.empty()) out.Runtime = it.runtime;
    out.Role = it.role;
    if (!it.handler.empty()) out.Handler = it.handler;
    out.CodeSize = static_cast<int64_t>(it.package_bytes);
    out.Description = it.description;
    out.Timeout = static_cast<int32_t>(it.timeout_s);
    out.MemorySize = static_cast<int32_t>(it.memory_mb);
    out.LastModified = dashed_time(it.modified);
    out.CodeSha256 = it.package_sha256;
    out.Version = it.version;
    out.RevisionId = it.revision_id;
    if (!it.environment.empty()) out.Environment.emplace().Variables = it.environment;
    out.TracingConfig.emplace().Mode = "PassThrough";
    for (const function::UsedLayer& layer : it.layers) {
        if (!out.Layers) out.Layers.emplace();
        auto& shown = out.Layers->emplace_back();
        shown.Arn = layer.arn;
        shown.CodeSize = static_cast<int64_t>(layer.package_bytes);
    }
    out.State = "Active";
    out.LastUpdateStatus = "Successful";
    out.PackageType = "Zip";
    out.Architectures = {it.architecture};
    out.EphemeralStorage.emplace().Size = static_cast<int32_t>(it.ephemeral_mb);
    auto& snap_start = out.SnapStart.emplace();
    snap_start.ApplyOn = "None";
    snap_start.OptimizationStatus = "Off";
    auto& logging = out.LoggingConfig.emplace();
    logging.LogFormat = it.logging.json ? "JSON" : "Text";
    if (it.logging.json) {
        logging.ApplicationLogLevel = it.logging.application_level.empty() ? "INFO" : it.logging.application_level;
        logging.SystemLogLevel = it.logging.system_level.empty() ? "INFO" : it.logging.system_level;
    }
    logging.LogGroup = it.logging.group.empty() ? "/aws/lambda/" + it.name : it.logging.group;
    return out;
}

}  // namespace millrace::service::lambda
