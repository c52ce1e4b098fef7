#include "src/cli/buses_route.h"

#include <boost/json.hpp>

#include "src/bus/buses.h"

namespace millrace::cli {
namespace {

namespace json = boost::json;

json::object shown(const bus::Buses::Watch& watch) {
    return {
        {"Arn", arn_of(*watch.bus)},
        {"Events", watch.events},        // dispatched
        {"Matched", watch.matched},      // once for each rule
        {"Delivered", watch.delivered},  // once for each target
        {"Retried", watch.retried},
        {"DeadLetters", watch.dead},
        {"Dropped", watch.dropped},        // given up, without a place for dead letters
        {"Overflowed", watch.overflowed},  // of both: there was no room to wait
        {"Waiting", watch.waiting},        // now, for a retry or for a target that is slow
        {"WaitingBytes", watch.waiting_bytes},
    };
}

}  // namespace

aws::OwnRoute buses_route(bus::Buses& buses) {
    return {"GET", "/_millrace/event-buses", nullptr, [&buses](const aws::OwnCall& call) {
                json::array shapes;
                for (const bus::Buses::Watch& watch : buses.watch()) {
                    if (watch.bus->scope.account == call.caller.account) shapes.push_back(shown(watch));
                }
                http::Response response;
                response.headers.add("content-type", "application/json");
                response.body = json::serialize(json::object{{"buses", std::move(shapes)}});
                return response;
            }};
}

}  // namespace millrace::cli
