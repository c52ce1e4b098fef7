// How items become calls, and answers become outcomes: one of these for each kind of target.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/service_call.h"
#include "src/target/target.h"

namespace millrace::io {
class Clock;
}

namespace millrace::target {

// What happens with a slice of the items.
struct Step {
    ServiceCall call;
    size_t first = 0, count = 0;  // of the items
};

class Calls {
  public:
    virtual ~Calls() = default;
    // How many may be under way at once; 1 keeps the order.
    virtual size_t concurrency() const = 0;
    // The call for items from `first` on, at most `count_max` of them; there is at least one.
    virtual Step next(size_t first, size_t count_max) = 0;
    // Writes the outcomes of step's items. Returns a call to be made first, after which the step's own is made again
    // (to create what was missing); at most once a step.
    virtual std::unique_ptr<ServiceCall> read(const Step& step, const ServiceAnswer& answer,
                                              std::span<Outcome> outcomes) = 0;
};

// `items` and `target` outlive it. Never for api_destination.
std::unique_ptr<Calls> make_calls(Kind kind, const Target& target, std::span<const Item> items, const io::Clock& clock);

std::unique_ptr<Calls> make_record_calls(Kind kind, const Target& target, std::span<const Item> items);
std::unique_ptr<Calls> make_function_calls(const Target& target, std::span<const Item> items);
std::unique_ptr<Calls> make_log_calls(const Target& target, std::span<const Item> items, const io::Clock& clock);
std::unique_ptr<Calls> make_bus_calls(const Target& target, std::span<const Item> items);
std::unique_ptr<Calls> make_action_calls(const Target& target, std::span<const Item> items);

// A failed answer of any of AWS's JSON protocols: code and sentence, and whether trying again may help.
Outcome failure_of(const ServiceAnswer& answer);
// The same from an entry's code: throttling and what is the server's own fault may pass.
Outcome failure_of(std::string code, std::string message, int status);

ServiceCall json_call(const Scope& scope, std::string_view service, std::string_view operation, std::string body);
void append_member(std::string_view name, std::string_view text, std::string& json);  // "name":"text"

}  // namespace millrace::target
