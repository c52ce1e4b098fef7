#include "src/gateway/access/reports.h"

#include <shared_mutex>
#include <unordered_map>

#include "src/gateway/access/delivery_stream_lines.h"
#include "src/gateway/access/log_format.h"
#include "src/gateway/access/metrics.h"
#include "src/gateway/access/rules.h"
#include "src/io/clock.h"
#include "src/journal/journal.h"

namespace millrace::gateway {
namespace {

// "arn:aws:logs:us-east-1:111111111111:log-group:NAME", perhaps with ":*"; ".../deliverystream/amazon-apigateway-NAME".
struct LogDestination {
    enum class Kind { none, group, delivery_stream } kind = Kind::none;
    Scope scope;
    std::string name;
};

std::optional<LogDestination> parse_destination(std::string_view arn) {
    constexpr std::string_view group = "log-group:", stream = "deliverystream/", stream_name = "amazon-apigateway-";
    std::string_view parts[6];
    for (int i = 0; i < 5; ++i) {
        const size_t colon = arn.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        parts[i] = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    LogDestination to;
    to.scope = {std::string(parts[4]), std::string(parts[3])};
    if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[3].empty() || parts[4].size() != 12)
        return std::nullopt;
    if (parts[2] == "logs" && arn.starts_with(group)) {
        to.kind = LogDestination::Kind::group;
        arn.remove_prefix(group.size());
        if (arn.ends_with(":*")) arn.remove_suffix(2);
        to.name = arn;
    } else if (parts[2] == "firehose" && arn.starts_with(stream) &&
               arn.substr(stream.size()).starts_with(stream_name)) {
        to.kind = LogDestination::Kind::delivery_stream;
        to.name = arn.substr(stream.size());
    }
    if (to.kind == LogDestination::Kind::none || to.name.empty() || to.name.find(':') != std::string::npos) {
        return std::nullopt;
    }
    return to;
}

// What a generation of a stage tells, and where.
struct StageReport {
    std::shared_ptr<Series> series;
    std::optional<LogFormat> format;
    LogDestination destination;
    std::string log_stream;
    // Detailed metrics: by "METHOD PATH"; made at the first request of each.
    bool detailed = false;
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Series>> methods;  // null: not asked for
};

class KeptReports final : public Reports {
  public:
    explicit KeptReports(ReportsParts parts) : parts_(std::move(parts)), lines_(parts_.caller) {}

    void finished(const FinishedRequest& request) override {
        const std::shared_ptr<StageReport> report = report_of(request.served);
        report->series->add(request.status, request.latency_ms, request.integration_latency_ms);
        if (report->detailed && !request.resource_path.empty()) {
            if (const auto series = series_of(*report, request)) {
                series->add(request.status, request.latency_ms, request.integration_latency_ms);
            }
        }
        if (report->format) tell(*report, request);
    }

    void count(const CountedRequest& request) override {
        const auto add = [&](const std::shared_ptr<Series>& series) {
            series->add(request.status, request.latency_ms, request.integration_latency_ms);
        };
        add(metrics_.series(request.account, request.api, request.stage));
        if (request.resource_path.empty()) return;
        add(metrics_.series(request.account, request.api, request.stage, request.http_method, request.resource_path));
    }

    std::string prometheus(std::string_view account) const override {
        std::string text = metrics_.prometheus(account);
        text +=
            "# HELP millrace_api_log_lines_dropped_total Access log lines that were not handed over.\n"
            "# TYPE millrace_api_log_lines_dropped_total counter\n"
            "millrace_api_log_lines_dropped_total " +
            std::to_string(lines_dropped()) + '\n';
        return text;
    }
    uint64_t lines_dropped() const override { return lines_.dropped(); }
    void drain(int64_t ms_max) override { lines_.drain(ms_max); }

  private:
    std::shared_ptr<StageReport> report_of(const std::shared_ptr<const Served>& served) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto at = by_generation_.find(served->generation); at != by_generation_.end()) return at->second;
        }
        const RestApi& api = served->deployment->api;
        const Stage& stage = *served->stage;
        auto report = std::make_shared<StageReport>();
        report->series = metrics_.series(api.scope.account, api.id, stage.name);
        report->log_stream = api.id + '/' + stage.name;
        for (const auto& [key, setting] : stage.settings) report->detailed = report->detailed || setting.metrics;
        const std::optional<LogDestination> destination = parse_destination(stage.access_log_destination);
        if (Result<LogFormat> format = LogFormat::parse(stage.access_log_format); format.ok() && destination) {
            report->format = std::move(*format);
            report->destination = *destination;
        }
        const std::unique_lock lock(mutex_);
        // The stage's last generation makes place; requests that still hold it come back to a report of the same
        // series.
        uint64_t& current = by_stage_[report->log_stream];
        if (current != served->generation) by_generation_.erase(current);
        current = served->generation;
        return by_generation_.emplace(served->generation, std::move(report)).first->second;
    }

    std::shared_ptr<Series> series_of(StageReport& report, const FinishedRequest& request) {
        const std::string name = std::string(request.http_method) + ' ' + std::string(request.resource_path);
        const std::lock_guard lock(report.mutex);
        const auto [at, is_new] = report.methods.try_emplace(name);
        const MethodSetting* setting = is_new
                                           ? setting_of(*request.served->stage, request.resource_path,
                                                        request.http_method, [](const MethodSetting&) { return true; })
                                           : nullptr;
        if (setting && setting->metrics) {
            const RestApi& api = request.served->deployment->api;
            at->second = metrics_.series(api.scope.account, api.id, request.served->stage->name, request.http_method,
                                         request.resource_path);
        }
        return at->second;
    }

    void tell(const StageReport& report, const FinishedRequest& request) {
        std::string line = report.format->line([&](std::string_view name) -> std::optional<std::string> {
            if (name == "status") return std::to_string(request.status);
            if (name == "responseLength") return std::to_string(request.response_bytes);
            if (name == "responseLatency") return std::to_string(request.latency_ms);
            if (name == "integrationLatency" || name == "integration.latency") {
                if (request.integration_latency_ms < 0) return std::nullopt;
                return std::to_string(request.integration_latency_ms);
            }
            return request.context ? request.context(name) : std::nullopt;
        });
        const LogDestination& to = report.destination;
        if (to.kind == LogDestination::Kind::group) {
            parts_.journal.write(to.scope, to.name, report.log_stream, {parts_.clock.now(), std::move(line)});
        } else {
            lines_.add(to.scope, to.name, std::move(line));
        }
    }

    const ReportsParts parts_;
    Metrics metrics_{series_max};
    DeliveryStreamLines lines_;
    std::shared_mutex mutex_;
    std::unordered_map<uint64_t, std::shared_ptr<StageReport>> by_generation_;
    std::unordered_map<std::string, uint64_t> by_stage_;
};

}  // namespace

std::unique_ptr<Reports> Reports::make(ReportsParts parts) {
    return std::make_unique<KeptReports>(std::move(parts));
}

Status check_access_log(std::string_view format, std::string_view destination, std::string_view account) {
    TRY_ASSIGN(const LogFormat parsed, LogFormat::parse(format));
    const std::optional<LogDestination> to = parse_destination(destination);
    if (to && to->scope.account != account) {
        return Error{ErrorCode::invalid_argument, "the destination of an access log is of the API's own account"};
    }
    if (!to) {
        return Error{ErrorCode::invalid_argument,
                     "an access log goes to the ARN of a log group, or of a Firehose stream whose name begins with "
                     "amazon-apigateway-"};
    }
    return {};
}

}  // namespace millrace::gateway
