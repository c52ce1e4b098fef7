// A pipe compiled: what a batch of its source's records becomes on the way to the enrichment and to the target.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/flow/pipe/definition.h"
#include "src/flow/pipe/input_template.h"
#include "src/target/target.h"

namespace millrace::flow::pipe {

using Events = std::vector<Event>;

// What a Deliverer is handed.
struct Delivery {
    target::Target target;
    std::vector<target::Item> items;  // one an event, or one of all of them
};

class Program {  // immutable; any thread
  public:
    // invalid_argument: templates, paths. unsupported, by name: targets and enrichments that there are not.
    static Result<std::shared_ptr<const Program>> compile(const Pipe& pipe);

    bool enriches() const { return !enrichment_.endpoint.arn.empty(); }
    // Whether an item of the target's is the whole batch: functions.
    bool sends_batches() const { return target_.kind == target::Kind::function; }

    // Of a mapping's call, {"Records":[...]}: in a Kinesis record's place its own members are beside the others, as
    // pipes have it.
    Result<Events> events_of(std::string_view payload) const;
    // Of what an enrichment answered: the elements of a list, or else one event; none where it is empty ("", {}, []).
    Result<Events> enriched(std::string_view answer) const;

    Result<Delivery> to_enrichment(const Events& events, TimestampMs now) const;
    Result<Delivery> to_target(const Events& events, TimestampMs now) const;

  private:
    struct Side {
        Endpoint endpoint;
        target::Kind kind = target::Kind::function;
        InputTemplate input_template;
        DynamicText partition_key, source, detail_type, time, log_stream, log_time;
        std::vector<DynamicText> resources, path_values;
        std::vector<std::pair<std::string, DynamicText>> headers, query;
        bool looks_into_events = false;
    };
    static Status compile_side(const Endpoint& endpoint, Side* out);
    Result<Delivery> deliver(const Side& side, const Events& events, bool wait, TimestampMs now) const;
    void address(const Side& side, const Event& event, target::Target* out) const;
    target::Item item(const Side& side, const Event& event, std::string body) const;

    Scope scope_;
    std::string role_;
    Surroundings surroundings_;
    Side enrichment_, target_;
};

// Who a record is in a function's list of failures (its event id), and in the mapping's (its sequence number).
struct RecordIds {
    std::string event, sequence;
};
RecordIds ids_of(const Event& event);

}  // namespace millrace::flow::pipe
