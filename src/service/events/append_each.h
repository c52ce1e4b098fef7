// Batches of several shards, each appended for itself: one that is refused (its bus was deleted meanwhile) takes no
// other along.
#pragma once

#include <functional>
#include <vector>

#include "src/log/log.h"

namespace millrace::service::events {

// `done` is called exactly once, with one Status a batch, in order; as Log::append calls it (on the log's writer, or
// before this returns), and with its errors.
void append_each(log::Log& log, std::vector<log::Batch> batches, std::function<void(std::vector<Status>)> done);

}  // namespace millrace::service::events
