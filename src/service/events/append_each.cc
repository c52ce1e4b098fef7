#include "src/service/events/append_each.h"

#include <memory>
#include <mutex>
#include <utility>

namespace millrace::service::events {

void append_each(log::Log& log, std::vector<log::Batch> batches, std::function<void(std::vector<Status>)> done) {
    struct Gathered {
        std::mutex mutex;
        std::vector<Status> statuses;
        size_t missing;
        std::function<void(std::vector<Status>)> done;
    };
    auto gathered = std::make_shared<Gathered>();
    gathered->statuses.resize(batches.size());
    gathered->missing = batches.size();
    gathered->done = std::move(done);
    if (batches.empty()) return gathered->done({});
    for (size_t i = 0; i < batches.size(); ++i) {
        log.append(std::move(batches[i]), [gathered, i](Result<log::Appended> appended) {
            {
                std::lock_guard lock(gathered->mutex);
                if (!appended.ok()) gathered->statuses[i] = std::move(appended).error();
                if (--gathered->missing > 0) return;
            }
            gathered->done(std::move(gathered->statuses));
        });
    }
}

}  // namespace millrace::service::events
