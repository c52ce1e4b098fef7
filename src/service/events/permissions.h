// Policies of event buses: who of another account may put events.
#pragma once

#include <string>

namespace millrace::bus {
struct BusDefinition;
}

namespace millrace::service::events {

bool may_put(const bus::BusDefinition& bus, const std::string& account);

}  // namespace millrace::service::events
