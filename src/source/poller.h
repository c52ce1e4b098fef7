// One source at work. step() does what is next and says when to come again:
//
//     fetch --> take apart --> look up what is new --> pack --> send --> remember
//       ^                                                        |
//       +--- failed: wait (backoff, Retry-After)                 +--- not all taken: wait, then send the rest again
//
// What a poll brought is sent and durable at its destination before it is remembered as seen, so a death in between
// sends it again: at least once. While some of it could not be sent, the source does not poll: it holds one poll's
// records at most, and no more of them than held_bytes_max, nor than all sources have left between them. What is let go
// of, or was not sent when the process dies, is fetched again, if the source still has it.
#pragma once

#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "src/io/clock.h"
#include "src/source/definition.h"
#include "src/source/pack.h"
#include "src/source/records.h"
#include "src/source/seen.h"
#include "src/source/state.h"

namespace millrace::http {
class Outbound;
struct OutboundResponse;
}  // namespace millrace::http

namespace millrace::source {

constexpr uint64_t held_bytes_max = 8 << 20;  // of a source; 16,000 records of half a KB

class HeldBytes;

struct Parts {
    table::KeyValueStore& store;
    http::Outbound& outbound;
    target::Deliverer& deliverer;
    const io::Clock& clock;
    HeldBytes* held = nullptr;  // of all sources; null: there is this one alone
};

// For people.
struct Standing {
    enum class Doing : uint8_t { waiting, polling, sending, held };  // held: waiting to send what was not taken
    Doing doing = Doing::waiting;
    Counts counts;
    uint64_t keys = 0;          // remembered
    int last_status = 0;        // 0: no answer yet, or none came
    std::string last_error;     // "": the last poll went well
    TimestampMs last_error_at;  // 0: none since the start
    std::string last_refusal;   // why a record was given up, the last time since the start
    TimestampMs last_poll_at;   // when it began
    TimestampMs last_done_at;   // when a poll had begun of which everything is sent; 0: none since the start
    int64_t lag_ms = 0;         // how much longer than `every` that is ago
    uint32_t failures_in_a_row = 0;
};

class Poller {
  public:
    // corruption, io; invalid_argument as check().
    static Result<std::unique_ptr<Poller>> make(Definition definition, Parts parts);
    ~Poller();

    // Blocks for as long as the source's timeout allows and the destination takes. One thread at a time. Returns the
    // milliseconds until it is to be called again.
    int64_t step();
    Standing standing() const;  // any thread
    const Definition& definition() const { return definition_; }
    // Every record of the poll under way is sent, and nothing is held: for `millrace poll --once`.
    bool is_idle() const;

  private:
    Poller(Definition definition, Parts parts, std::shared_ptr<const Extractor> extractor, Seen seen, Kept kept);
    int64_t poll();
    int64_t take(http::OutboundResponse response);
    Status gather(std::string_view body);
    Result<std::vector<FreshRecord>> only_new(Records records, Counts* counted);
    int64_t send();
    Status settle(std::vector<target::Outcome> outcomes, std::string* problem, int64_t* retry_after_ms);
    void hold();       // what could not be sent, as much of it as there is room for
    void let_loose();  // the bytes counted for it
    int64_t failed(std::string problem, int64_t retry_after_ms);
    int64_t done();
    Status write(const std::vector<Sight>& sights);
    template <class Change>
    void note(Change change);

    const Definition definition_;
    const Parts parts_;
    const std::shared_ptr<const Extractor> extractor_;
    const target::Target target_;
    Seen seen_;
    std::mt19937_64 random_{std::random_device{}()};

    // Of the poll under way.
    const TimestampMs made_at_;
    TimestampMs began_;
    int64_t began_ns_ = 0;
    std::string etag_, last_modified_;  // become kept_'s once everything is sent
    std::vector<Parcel> held_;
    uint64_t held_bytes_ = 0;   // taken of parts_.held
    std::vector<Sight> again_;  // seen again: their time is renewed
    uint32_t send_failures_ = 0;
    Kept kept_;
    bool changed_ = false;  // kept_ holds what the store does not, and it matters

    mutable std::mutex mutex_;
    Standing standing_;  // under mutex_
};

}  // namespace millrace::source
