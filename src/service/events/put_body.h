// The body of a PutEvents, read where it lies.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"

namespace millrace::service::events {

struct Entry {
    std::optional<std::string_view> source, detail_type, detail, bus;
    std::vector<std::string_view> resources;
    std::optional<TimestampMs> time;

    size_t size() const;  // as AWS counts it: CalculatePutEventsEntrySize in the user guide
};

constexpr size_t entries_max = 10;

// nullopt where the generic decoder should look: no JSON, something unusual, or anything that is not right (it says
// what). `body` has 64 readable bytes after its end. The views live until this thread's next call.
std::optional<std::vector<Entry>> read_put_events(std::string_view body);

}  // namespace millrace::service::events
