// Lines of access logs on their way to Firehose streams: gathered, and put a batch at a time.
//
// One PutRecordBatch a stream is under way at once; what comes meanwhile waits, up to a bound over all streams. What a
// batch's answer says was not taken is dropped and counted: access logs are told as well as can be, and hold up nobody.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/scope.h"

namespace millrace {
class ServiceCaller;
}

namespace millrace::gateway {

class DeliveryStreamLines {
  public:
    explicit DeliveryStreamLines(std::function<ServiceCaller*()> caller);
    ~DeliveryStreamLines();  // drops what waits

    void add(const Scope& scope, const std::string& stream, std::string line);
    uint64_t dropped() const { return state_->dropped; }
    // Hands over what waits, without waiting for answers: of streams that have none under way.
    void flush();
    // Hands over all and waits for the answers, `ms_max` at most.
    void drain(int64_t ms_max);

  private:
    static constexpr size_t waiting_bytes_max = 16 << 20;
    static constexpr size_t batch_lines_max = 500;      // PutRecordBatch's
    static constexpr size_t batch_bytes_max = 3 << 20;  // of its 4 MiB

    struct Stream {
        std::vector<std::string> lines;
        bool under_way = false;
    };
    // Shared with answers that come after all else is gone.
    struct State {
        std::mutex mutex;
        std::map<std::pair<Scope, std::string>, Stream> streams;
        size_t waiting_bytes = 0;
        std::atomic<uint64_t> dropped{0};
    };
    void run();
    void put(const Scope& scope, const std::string& name, std::vector<std::string> lines);

    const std::function<ServiceCaller*()> caller_;
    const std::shared_ptr<State> state_ = std::make_shared<State>();
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace millrace::gateway
