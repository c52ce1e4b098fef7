// EventBridge over src/bus and src/target: buses.cc, rules.cc, targets.cc, put.cc, archives.cc, replays.cc,
// connections.cc, destinations.cc, permissions.cc and tags.cc are the handlers. All but PutEvents run on the executor
// and may block on the disk; any thread.
#pragma once

#include "aws/events/shapes.h"

#include "src/aws/call.h"
#include "src/bus/buses.h"
#include "src/catalog/tag_store.h"

namespace millrace::http {
class Outbound;
}
namespace millrace::io {
class Clock;
}

namespace millrace::service::events {

struct EventsParts {  // all outlive the service
    bus::Buses& buses;
    log::Log& log;
    catalog::Registry& registry;
    http::Outbound& outbound;  // says which URLs may be called
    const io::Clock& clock;
};

struct Entry;  // of a PutEvents: put_body.h

class Events {
  public:
    explicit Events(const EventsParts& parts)
        : buses_(parts.buses),
          log_(parts.log),
          registry_(parts.registry),
          outbound_(parts.outbound),
          clock_(parts.clock),
          tags_(parts.registry, "events.tags") {}

#define MILLRACE_EVENTS_HANDLER(NAME, FUNCTION)                                       \
    aws::Outcome<aws::events::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                     const aws::events::NAME##Input& input)

    // buses.cc
    MILLRACE_EVENTS_HANDLER(CreateEventBus, create_event_bus);
    MILLRACE_EVENTS_HANDLER(DescribeEventBus, describe_event_bus);
    MILLRACE_EVENTS_HANDLER(UpdateEventBus, update_event_bus);
    MILLRACE_EVENTS_HANDLER(ListEventBuses, list_event_buses);
    MILLRACE_EVENTS_HANDLER(DeleteEventBus, delete_event_bus);
    // permissions.cc
    MILLRACE_EVENTS_HANDLER(PutPermission, put_permission);
    MILLRACE_EVENTS_HANDLER(RemovePermission, remove_permission);
    // rules.cc
    MILLRACE_EVENTS_HANDLER(PutRule, put_rule);
    MILLRACE_EVENTS_HANDLER(DescribeRule, describe_rule);
    MILLRACE_EVENTS_HANDLER(ListRules, list_rules);
    MILLRACE_EVENTS_HANDLER(ListRuleNamesByTarget, list_rule_names_by_target);
    MILLRACE_EVENTS_HANDLER(EnableRule, enable_rule);
    MILLRACE_EVENTS_HANDLER(DisableRule, disable_rule);
    MILLRACE_EVENTS_HANDLER(DeleteRule, delete_rule);
    MILLRACE_EVENTS_HANDLER(TestEventPattern, test_event_pattern);
    // targets.cc
    MILLRACE_EVENTS_HANDLER(PutTargets, put_targets);
    MILLRACE_EVENTS_HANDLER(ListTargetsByRule, list_targets_by_rule);
    MILLRACE_EVENTS_HANDLER(RemoveTargets, remove_targets);
    // archives.cc
    MILLRACE_EVENTS_HANDLER(CreateArchive, create_archive);
    MILLRACE_EVENTS_HANDLER(DescribeArchive, describe_archive);
    MILLRACE_EVENTS_HANDLER(UpdateArchive, update_archive);
    MILLRACE_EVENTS_HANDLER(ListArchives, list_archives);
    MILLRACE_EVENTS_HANDLER(DeleteArchive, delete_archive);
    // replays.cc
    MILLRACE_EVENTS_HANDLER(StartReplay, start_replay);
    MILLRACE_EVENTS_HANDLER(DescribeReplay, describe_replay);
    MILLRACE_EVENTS_HANDLER(ListReplays, list_replays);
    MILLRACE_EVENTS_HANDLER(CancelReplay, cancel_replay);
    // connections.cc
    MILLRACE_EVENTS_HANDLER(CreateConnection, create_connection);
    MILLRACE_EVENTS_HANDLER(DescribeConnection, describe_connection);
    MILLRACE_EVENTS_HANDLER(UpdateConnection, update_connection);
    MILLRACE_EVENTS_HANDLER(ListConnections, list_connections);
    MILLRACE_EVENTS_HANDLER(DeauthorizeConnection, deauthorize_connection);
    MILLRACE_EVENTS_HANDLER(DeleteConnection, delete_connection);
    // destinations.cc
    MILLRACE_EVENTS_HANDLER(CreateApiDestination, create_api_destination);
    MILLRACE_EVENTS_HANDLER(DescribeApiDestination, describe_api_destination);
    MILLRACE_EVENTS_HANDLER(UpdateApiDestination, update_api_destination);
    MILLRACE_EVENTS_HANDLER(ListApiDestinations, list_api_destinations);
    MILLRACE_EVENTS_HANDLER(DeleteApiDestination, delete_api_destination);
    // tags.cc
    MILLRACE_EVENTS_HANDLER(TagResource, tag_resource);
    MILLRACE_EVENTS_HANDLER(UntagResource, untag_resource);
    MILLRACE_EVENTS_HANDLER(ListTagsForResource, list_tags_for_resource);

#undef MILLRACE_EVENTS_HANDLER

    // put.cc
    void put_events(aws::RawCall call);

  private:
    aws::Outcome<void> check_taggable(const Scope& scope, const std::string& arn);
    aws::Outcome<void> tag(const Scope& scope, const std::string& arn,
                           const std::optional<std::vector<aws::events::Tag>>& tags);
    void put_entries(const aws::RawCall& call, const std::vector<Entry>& entries);

    bus::Buses& buses_;
    log::Log& log_;
    catalog::Registry& registry_;
    http::Outbound& outbound_;
    const io::Clock& clock_;
    catalog::TagStore tags_;
};

}  // namespace millrace::service::events
