#include "src/service/events/names.h"

#include "src/bus/definition.h"
#include "src/target/arn.h"

namespace millrace::service::events {

BusName bus_name(const Scope& caller, const std::optional<std::string>& text) {
    if (!text) return {caller, std::string(bus::default_bus)};
    const auto arn = target::parse_arn(*text);
    const auto name = arn ? arn->after("event-bus/") : std::nullopt;
    if (name) return {arn->scope(caller), std::string(*name)};
    return {caller, *text};
}

aws::Outcome<BusName> own_bus(const Scope& caller, const std::optional<std::string>& text) {
    BusName name = bus_name(caller, text);
    if (name.scope.account == caller.account) return name;
    return aws::Failure{"AccessDeniedException", "The event bus " + *text + " is another account's.", 400};
}

aws::Outcome<BusName> name_of_arn(const Scope& caller, const std::string& text, std::string_view kind) {
    const auto arn = target::parse_arn(text);
    const auto name = arn && arn->service == "events" ? arn->after(std::string(kind) + "/") : std::nullopt;
    if (!name) return validation(text + " is not the ARN of an " + std::string(kind) + ".");
    return BusName{arn->scope(caller), std::string(*name)};
}

}  // namespace millrace::service::events
