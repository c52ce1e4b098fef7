#include "src/service/scheduler/settings.h"

#include <algorithm>
#include <array>
#include <string>

#include <boost/json.hpp>

#include "src/schedule/expression.h"
#include "src/service/scheduler/errors.h"
#include "src/target/target.h"

namespace millrace::service::scheduler {
namespace {

constexpr std::string_view action_prefix = "arn:aws:scheduler:::aws-sdk:";

// Universal targets do not read. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
constexpr std::array<std::string_view, 25> read_only = {"get",
                                                        "describe",
                                                        "list",
                                                        "poll",
                                                        "receive",
                                                        "search",
                                                        "scan",
                                                        "query",
                                                        "select",
                                                        "read",
                                                        "lookup",
                                                        "discover",
                                                        "validate",
                                                        "batchGet",
                                                        "batchDescribe",
                                                        "batchRead",
                                                        "transactGet",
                                                        "adminGet",
                                                        "adminList",
                                                        "testMigration",
                                                        "retrieve",
                                                        "testConnection",
                                                        "translateDocument",
                                                        "isAuthorized",
                                                        "invokeModel"};

bool is_json(const std::string& text) {
    boost::system::error_code error;
    const auto parsed = boost::json::parse(text, error);
    return !error;
}

aws::Outcome<schedule::ScheduleTarget> read_target(const aws::scheduler::Target& target) {
    schedule::ScheduleTarget out;
    out.arn = target.Arn;
    out.role = target.RoleArn;
    out.input = target.Input;
    if (target.RetryPolicy) {
        if (const auto attempts = target.RetryPolicy->MaximumRetryAttempts) {
            out.retries_max = static_cast<uint32_t>(*attempts);
        }
        if (const auto age = target.RetryPolicy->MaximumEventAgeInSeconds) {
            out.age_s_max = static_cast<uint32_t>(*age);
        }
    }
    const Result<target::Kind> kind = target::kind_of(out.arn);
    if (!kind.ok()) return invalid("Provided Arn is not in correct format. " + kind.error().message);
    const bool stream = *kind == target::Kind::stream, bus = *kind == target::Kind::bus;
    switch (*kind) {
        case target::Kind::stream:
        case target::Kind::bus:
        case target::Kind::firehose:
        case target::Kind::function:
            break;
        case target::Kind::action: {
            const std::string_view action = std::string_view(out.arn).substr(action_prefix.size());
            const std::string_view name = action.substr(std::min(action.find(':'), action.size() - 1) + 1);
            for (const std::string_view prefix : read_only) {
                if (name.starts_with(prefix)) {
                    return invalid("Provided Arn is not supported: " + std::string(name) +
                                   " reads, and a schedule has nobody to answer to.");
                }
            }
            break;
        }
        case target::Kind::log_group:
        case target::Kind::api_destination:
            return invalid(
                "Provided Arn is not supported: EventBridge Scheduler has no such target. Log groups are "
                "reached by the universal target " +
                std::string(action_prefix) + "logs:putLogEvents.");
    }
    if (stream != target.KinesisParameters.has_value()) {
        return invalid(stream ? "KinesisParameters with a PartitionKey are required where the target is a stream."
                              : "KinesisParameters are for targets that are streams.");
    }
    const bool heading = target.EventBridgeParameters.has_value();
    if (bus != heading) {
        return invalid(bus ? "EventBridgeParameters are required where the target is an event bus."
                           : "EventBridgeParameters are for targets that are event buses.");
    }
    if (stream) out.partition_key = target.KinesisParameters->PartitionKey;
    if (bus) {
        out.detail_type = target.EventBridgeParameters->DetailType;
        out.source = target.EventBridgeParameters->Source;
    }
    const bool wants_json = *kind != target::Kind::stream && *kind != target::Kind::firehose;
    if (wants_json && out.input && !is_json(*out.input)) return invalid("Input is not well-formed JSON.");
    if (*kind == target::Kind::action && !out.input) {
        return invalid("Input with the action's parameters is required where the target is a universal one.");
    }
    return out;
}

// CreateSchedule's and UpdateSchedule's inputs have the same members.
template <class Input>
aws::Outcome<schedule::Settings> read(const Input& input) {
    schedule::Settings out;
    out.expression = input.ScheduleExpression;
    out.zone = input.ScheduleExpressionTimezone.value_or("");
    if (!out.zone.empty() && !io::TimeZone::shared(out.zone).ok()) {
        return invalid("Invalid Schedule Expression Timezone " + out.zone + ".");
    }
    const auto expression = schedule::Expression::parse(out.expression, out.zone);
    if (!expression.ok()) {
        return invalid("Invalid Schedule Expression " + out.expression + ". (" + expression.error().message + ")");
    }
    out.start = input.StartDate;
    out.end = input.EndDate;
    if (out.start && out.end && *out.end <= *out.start) {
        return invalid("The EndDate you specify has to be later than the StartDate.");
    }
    out.description = input.Description;
    out.enabled = input.State.value_or("ENABLED") == "ENABLED";
    out.delete_after = input.ActionAfterCompletion.value_or("NONE") == "DELETE";
    const bool flexible = input.FlexibleTimeWindow.Mode == "FLEXIBLE";
    if (flexible != input.FlexibleTimeWindow.MaximumWindowInMinutes.has_value()) {
        return invalid(flexible
                           ? "MaximumWindowInMinutes is required where the flexible time window's mode is FLEXIBLE."
                           : "MaximumWindowInMinutes is not for the flexible time window's mode OFF.");
    }
    if (flexible) out.window_minutes = static_cast<uint32_t>(*input.FlexibleTimeWindow.MaximumWindowInMinutes);
    TRY_ASSIGN(out.target, read_target(input.Target));
    return out;
}

}  // namespace

aws::Outcome<schedule::Settings> settings_of(const aws::scheduler::CreateScheduleInput& input) {
    return read(input);
}
aws::Outcome<schedule::Settings> settings_of(const aws::scheduler::UpdateScheduleInput& input) {
    return read(input);
}

aws::scheduler::Target target_of(const schedule::ScheduleTarget& target) {
    aws::scheduler::Target out;
    out.Arn = target.arn;
    out.RoleArn = target.role;
    out.Input = target.input;
    out.RetryPolicy.emplace();  // AWS shows its defaults
    out.RetryPolicy->MaximumRetryAttempts = static_cast<int32_t>(target.attempts_more());
    out.RetryPolicy->MaximumEventAgeInSeconds = static_cast<int32_t>(target.age_ms_max() / 1000);
    if (!target.partition_key.empty()) out.KinesisParameters.emplace().PartitionKey = target.partition_key;
    if (!target.source.empty()) {
        out.EventBridgeParameters.emplace().Source = target.source;
        out.EventBridgeParameters->DetailType = target.detail_type;
    }
    return out;
}

}  // namespace millrace::service::scheduler
