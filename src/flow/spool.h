// The records of one batch in an unnamed temporary file: written as they come, mapped when all are there. The file
// goes with the process, whatever ends it; nothing in it is the only copy of anything (the log is).
//
//   record = position (8) | arrival, ms (8) | size (4) | bytes      little endian, as the machine has them
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/log/log.h"

namespace millrace::flow {

struct SpooledRecord {
    log::Position position;
    TimestampMs time;
    std::string_view data;
};

class Spool {
  public:
    static Result<std::unique_ptr<Spool>> make(const std::string& directory);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    Status add(const log::RecordView& record);
    // Calls `visit` for each record in order; views hold until the spool is destroyed. No add() afterwards.
    Status map(std::vector<std::string_view>* data);
    // A record by its index, after map().
    SpooledRecord record(size_t index) const;
    size_t count() const { return count_; }

  private:
    explicit Spool(int descriptor) : descriptor_(descriptor) {}
    Status flush();

    int descriptor_;
    size_t count_ = 0;
    uint64_t written_ = 0;
    std::string gathered_;
    const char* mapped_ = nullptr;
    std::vector<const char*> starts_;  // after map(): where each record's header is
};

}  // namespace millrace::flow
