#include "src/gateway/access/metrics.h"

#include <algorithm>

namespace millrace::gateway {
namespace {

void append_label(std::string_view name, std::string_view value, std::string& out) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

void Series::Histogram::add(int64_t ms) {
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), ms);
    if (at != bounds.end()) buckets[static_cast<size_t>(at - bounds.begin())].fetch_add(1, std::memory_order_relaxed);
    sum_ms.fetch_add(static_cast<uint64_t>(std::max<int64_t>(ms, 0)), std::memory_order_relaxed);
    count.fetch_add(1, std::memory_order_relaxed);
}

void Series::Histogram::append(std::string_view name, const std::string& labels, std::string& out) const {
    const auto line = [&](std::string_view suffix, const std::string& more, uint64_t value) {
        out.append(name).append(suffix).append("{").append(labels).append(more).append("} ");
        out.append(std::to_string(value)).append("\n");
    };
    // The total is read first: a bucket may be ahead of it by what comes in meanwhile, and is then cut to it.
    const uint64_t total = count.load(std::memory_order_relaxed);
    uint64_t below = 0;
    for (size_t i = 0; i < bounds.size(); ++i) {
        below = std::min(total, below + buckets[i].load(std::memory_order_relaxed));
        line("_bucket", ",le=\"" + std::to_string(bounds[i]) + '"', below);
    }
    line("_bucket", ",le=\"+Inf\"", total);
    line("_sum", "", sum_ms.load(std::memory_order_relaxed));
    line("_count", "", total);
}

void Series::add(int status, int64_t latency_ms, int64_t integration_latency_ms) {
    if (status >= 400 && status < 500) client_errors_.fetch_add(1, std::memory_order_relaxed);
    if (status >= 500) server_errors_.fetch_add(1, std::memory_order_relaxed);
    latency_.add(latency_ms);
    if (integration_latency_ms >= 0) integration_latency_.add(integration_latency_ms);
}

std::shared_ptr<Series> Metrics::series(std::string_view account, std::string_view api, std::string_view stage,
                                        std::string_view method, std::string_view resource) {
    const auto labels_of = [&](std::string_view of_api, std::string_view of_stage) {
        std::string labels;
        append_label("api", of_api, labels);
        append_label("stage", of_stage, labels);
        return labels;
    };
    std::string labels = labels_of(api, stage);
    if (!method.empty()) {
        append_label("method", method, labels);
        append_label("resource", resource, labels);
    }
    const std::lock_guard lock(mutex_);
    auto& of_account = accounts_[std::string(account)];
    if (const auto at = of_account.find(labels); at != of_account.end()) return at->second;
    if (size_ >= series_max_) {
        std::shared_ptr<Series>& other = of_account[labels_of("(other)", "(other)")];
        if (!other) other = std::make_shared<Series>();
        return other;
    }
    ++size_;
    return of_account.emplace(std::move(labels), std::make_shared<Series>()).first->second;
}

std::string Metrics::prometheus(std::string_view account) const {
    std::map<std::string, std::shared_ptr<Series>> all;
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = accounts_.find(std::string(account)); at != accounts_.end()) all = at->second;
    }
    std::string out;
    const auto counter = [&](std::string_view name, std::string_view help, const auto& value) {
        out.append("# HELP ").append(name).append(" ").append(help).append("\n");
        out.append("# TYPE ").append(name).append(" counter\n");
        for (const auto& [labels, series] : all) {
            out.append(name).append("{").append(labels).append("} ");
            out.append(std::to_string(value(*series))).append("\n");
        }
    };
    const auto histogram = [&](std::string_view name, std::string_view help, const auto& value) {
        out.append("# HELP ").append(name).append(" ").append(help).append("\n");
        out.append("# TYPE ").append(name).append(" histogram\n");
        for (const auto& [labels, series] : all) value(*series).append(name, labels, out);
    };
    counter("millrace_api_requests_total", "API Gateway's Count.",
            [](const Series& series) { return series.latency_.count.load(std::memory_order_relaxed); });
    counter("millrace_api_client_errors_total", "API Gateway's 4XXError.",
            [](const Series& series) { return series.client_errors_.load(std::memory_order_relaxed); });
    counter("millrace_api_server_errors_total", "API Gateway's 5XXError.",
            [](const Series& series) { return series.server_errors_.load(std::memory_order_relaxed); });
    histogram("millrace_api_latency_milliseconds", "API Gateway's Latency.",
              [](const Series& series) -> const Series::Histogram& { return series.latency_; });
    histogram("millrace_api_integration_latency_milliseconds", "API Gateway's IntegrationLatency.",
              [](const Series& series) -> const Series::Histogram& { return series.integration_latency_; });
    return out;
}

}  // namespace millrace::gateway
