// DynamoDB over the table engine: decodes, asks an engine, encodes; keeps nothing itself. Handlers are free functions
// that take this class: items.h (items), control.h (what is around items: tables, tags, backups, exports, ...).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

namespace millrace::catalog {
class Registry;
}
namespace millrace::flow {
class ChangeCopies;
class TableJobs;
}  // namespace millrace::flow
namespace millrace::io {
class Clock;
class Executor;
}  // namespace millrace::io
namespace millrace::object {
class Store;
}
namespace millrace::table {
class Tables;
}

namespace millrace::service::dynamodb {

// All outlive the service.
struct DynamoDbParts {
    table::Tables& tables;
    flow::TableJobs& jobs;
    flow::ChangeCopies& copies;
    object::Store& objects;
    catalog::Registry& registry;
    io::Executor& executor;  // for reads that have to wait for the disk
    const io::Clock& clock;
    int64_t export_span_ms_min = 15 * 60 * 1000;  // of incremental exports
};

class DynamoDb {
  public:
    explicit DynamoDb(DynamoDbParts parts) : parts_(parts) {}
    const DynamoDbParts& parts() const { return parts_; }
    // Held from looking at a client's token until the export or import that it begins is recorded.
    std::mutex& starting_jobs() { return starting_jobs_; }

    // Kept by whoever will use the service from another thread: the callback of a write, a task on the executor.
    class Hold {
      public:
        explicit Hold(DynamoDb& self) : self_(&self) { self.held_.fetch_add(1, std::memory_order_relaxed); }
        Hold(const Hold& other) : Hold(*other.self_) {}
        Hold& operator=(const Hold&) = delete;
        ~Hold() { self_->held_.fetch_sub(1, std::memory_order_release); }
        DynamoDb& operator*() const { return *self_; }
        DynamoDb* operator->() const { return self_; }

      private:
        DynamoDb* self_;
    };
    // Waits until nobody holds it any more; once the server has stopped, so that nobody new comes.
    void close() {
        while (held_.load(std::memory_order_acquire) > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

  private:
    const DynamoDbParts parts_;
    std::mutex starting_jobs_;
    std::atomic<uint64_t> held_{0};
};

}  // namespace millrace::service::dynamodb
