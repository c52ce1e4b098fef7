// Counters of what stages served, as Prometheus reads them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace millrace::gateway {

// A series: one stage, or one method of it. Any thread.
class Series {
  public:
    void add(int status, int64_t latency_ms, int64_t integration_latency_ms);

  private:
    friend class Metrics;
    // Upper bounds in milliseconds; the last is API Gateway's longest integration.
    static constexpr std::array<int64_t, 12> bounds = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000, 5'000, 29'000};
    struct Histogram {
        std::array<std::atomic<uint64_t>, bounds.size()> buckets{};  // not cumulative
        std::atomic<uint64_t> count{0}, sum_ms{0};
        void add(int64_t ms);
        void append(std::string_view name, const std::string& labels, std::string& out) const;
    };
    std::atomic<uint64_t> client_errors_{0}, server_errors_{0};
    Histogram latency_, integration_latency_;
};

class Metrics {  // any thread
  public:
    explicit Metrics(size_t series_max) : series_max_(series_max) {}

    // Over series_max: one that all the rest of the account share, labelled api="(other)".
    std::shared_ptr<Series> series(std::string_view account, std::string_view api, std::string_view stage,
                                   std::string_view method = "", std::string_view resource = "");
    std::string prometheus(std::string_view account) const;

  private:
    const size_t series_max_;
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::shared_ptr<Series>>> accounts_;  // by labels
    size_t size_ = 0;
};

}  // namespace millrace::gateway
