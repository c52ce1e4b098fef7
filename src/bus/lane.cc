#include "src/bus/lane.h"

namespace millrace::bus {

target::Kind Lane::kind() const {
    return is_dead_letter ? target::kind_of(rule_target->dead_letter->arn).value() : rule_target->kind;
}

size_t Lane::flights_max() const {
    switch (kind()) {
        case target::Kind::api_destination:
            return 8;
        case target::Kind::log_group:
            return 1;
        default:
            return 4;
    }
}

size_t Lane::items_per_flight() const {
    switch (kind()) {
        case target::Kind::api_destination:
            return 4;
        case target::Kind::function:
            return 64;
        default:
            return 500;
    }
}

}  // namespace millrace::bus
