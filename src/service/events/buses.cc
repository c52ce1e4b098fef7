// Event buses.
#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

constexpr size_t buses_max = 100;  // a region, as AWS's default quota

EventBus shape_of(const bus::BusDefinition& bus) {
    EventBus out;
    out.Name = bus.name;
    out.Arn = arn_of(bus);
    out.Description = unless_empty(bus.description);
    out.Policy = unless_empty(bus.policy);
    out.CreationTime = bus.created;
    out.LastModifiedTime = bus.modified;
    return out;
}

}  // namespace

aws::Outcome<CreateEventBusOutput> Events::create_event_bus(const aws::CallContext& context,
                                                            const CreateEventBusInput& input) {
    if (input.Name.find('/') != std::string::npos) {
        return validation("Names with / are for partner event buses, and there are none here.");
    }
    EVENTS_TRY_ASSIGN(const auto existing, buses_.list(context.scope));
    if (existing.size() >= buses_max) {
        return aws::Failure{"LimitExceededException", "The requested resource exceeds the maximum number allowed."};
    }
    bus::BusDefinition wanted;
    wanted.scope = context.scope;
    wanted.name = input.Name;
    wanted.description = input.Description.value_or("");
    TRY(tag(context.scope, bus::bus_arn(context.scope, input.Name), input.Tags));
    EVENTS_TRY_ASSIGN(const bus::Buses::BusPtr made, buses_.create(std::move(wanted)));
    return CreateEventBusOutput{.EventBusArn = arn_of(*made), .Description = input.Description};
}

aws::Outcome<DescribeEventBusOutput> Events::describe_event_bus(const aws::CallContext& context,
                                                                const DescribeEventBusInput& input) {
    TRY_ASSIGN(const BusName name, own_bus(context.scope, input.Name));
    EVENTS_TRY_ASSIGN(const bus::Buses::BusPtr found, buses_.find(name.scope, name.name));
    DescribeEventBusOutput out;
    out.Name = found->name;
    out.Arn = arn_of(*found);
    out.Description = unless_empty(found->description);
    out.Policy = unless_empty(found->policy);
    out.CreationTime = found->created;
    out.LastModifiedTime = found->modified;
    return out;
}

aws::Outcome<UpdateEventBusOutput> Events::update_event_bus(const aws::CallContext& context,
                                                            const UpdateEventBusInput& input) {
    TRY_ASSIGN(const BusName name, own_bus(context.scope, input.Name));
    EVENTS_TRY_ASSIGN(const bus::Buses::BusPtr found,
                      buses_.change(name.scope, name.name, [&](bus::BusDefinition& bus) -> Status {
                          if (input.Description) bus.description = *input.Description;
                          return {};
                      }));
    return UpdateEventBusOutput{
        .Arn = arn_of(*found), .Name = found->name, .Description = unless_empty(found->description)};
}

aws::Outcome<ListEventBusesOutput> Events::list_event_buses(const aws::CallContext& context,
                                                            const ListEventBusesInput& input) {
    EVENTS_TRY_ASSIGN(std::vector<bus::Buses::BusPtr> all, buses_.list(context.scope));
    std::erase_if(all, [&](const auto& each) { return !has_prefix(each->name, input.NamePrefix); });
    TRY_ASSIGN(const auto page,
               page_of(std::move(all), [](const auto& each) { return each->name; }, input.NextToken, input.Limit));
    ListEventBusesOutput out{.EventBuses = std::vector<EventBus>(), .NextToken = page.next_token};
    for (const auto& each : page.items) out.EventBuses->push_back(shape_of(*each));
    return out;
}

aws::Outcome<DeleteEventBusOutput> Events::delete_event_bus(const aws::CallContext& context,
                                                            const DeleteEventBusInput& input) {
    EVENTS_TRY(buses_.remove(context.scope, input.Name));
    EVENTS_TRY(tags_.forget(context.scope, bus::bus_arn(context.scope, input.Name)));
    return DeleteEventBusOutput{};
}

}  // namespace millrace::service::events
