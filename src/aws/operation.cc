#include "src/aws/operation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "src/base/result.h"

namespace millrace::aws {

namespace {

// Does a refusal's path name something of the input? A path that does not would refuse nothing, for ever.
bool names_member(const Shape& shape, std::string_view path) {
    if (path.empty()) return true;
    if (path.starts_with("[]")) return shape.kind == Kind::list && names_member(*shape.element, path.substr(2));
    if (path.starts_with("{}")) return shape.kind == Kind::map && names_member(*shape.element, path.substr(2));
    if (path.starts_with(".")) path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find_first_of(".[{"));
    for (const Member& member : shape.members) {
        if (member.name == name) return names_member(*member.shape, path.substr(name.size()));
    }
    return false;
}

[[noreturn]] void stop(const ServiceModel& model, std::string_view row, std::string_view why) {
    std::fprintf(stderr, "millrace: bug: the row %s of service %s does not fit the model: %s\n",
                 std::string(row).c_str(), std::string(model.name).c_str(), std::string(why).c_str());
    std::abort();
}

}  // namespace

Service make_service(const ServiceModel& model, std::vector<Operation> operations) {
    for (Operation& operation : operations) {
        const auto at = std::lower_bound(
            model.operations.begin(), model.operations.end(), operation.name,
            [](const OperationModel& candidate, std::string_view name) { return candidate.name < name; });
        const bool found = at != model.operations.end() && at->name == operation.name;
        if (!found) stop(model, operation.name, "there is no such operation");
        if (at->input != operation.input) stop(model, operation.name, "the types are another operation's");
        const bool small = at->input_streams && operation.mode == Mode::raw;  // a raw one gathers its payload
        if (!small && (operation.mode == Mode::streamed) != at->input_streams)
            stop(model, operation.name, "'streamed' is for those whose payload streams, and for all but raw ones");
        for (const Refusal& refusal : operation.refusals) {
            if (!names_member(*operation.input, refusal.path))
                stop(model, operation.name,
                     "it refuses " + std::string(refusal.path) + ", which the input does not have");
        }
        operation.model = &*at;
    }
    return Service{&model, std::move(operations)};
}

}  // namespace millrace::aws
