// Puts the events of an archive on their bus again, in the order of their times. Its place moves after what it put is
// durable, so a death puts a few of them twice and loses none.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "src/bus/archive.h"
#include "src/bus/definition.h"
#include "src/bus/parts.h"
#include "src/flow/stepped.h"

namespace millrace::bus {

class Replayer final : public flow::Stepped {
  public:
    // `archiver` fills the archive; null where it is no more.
    Replayer(ReplayDefinition replay, uint64_t archive_id, std::shared_ptr<Archiver> archiver, const BusDefinition& bus,
             const Parts& parts)
        : replay_(std::move(replay)),
          archive_id_(archive_id),
          archiver_(std::move(archiver)),
          bus_(bus),
          parts_(parts) {}

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override { return false; }
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>&) override { return {}; }

    ReplayDefinition definition() const;  // any thread
    Status cancel();                      // failed_precondition where it is over

  private:
    Result<bool> replay_some(ReplayDefinition* replay);  // whether there is more
    Status keep(const ReplayDefinition& replay);

    mutable std::mutex mutex_;
    ReplayDefinition replay_;
    const uint64_t archive_id_;
    const std::shared_ptr<Archiver> archiver_;
    const BusDefinition bus_;
    const Parts parts_;
};

bool is_over(ReplayState state);

}  // namespace millrace::bus
