#include "src/aws/operation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "src/base/result.h"

namespace millrace::aws {

Service make_service(const ServiceModel& model, std::vector<Operation> operations) {
    for (Operation& operation : operations) {
        const auto at = std::lower_bound(
            model.operations.begin(), model.operations.end(), operation.name,
            [](const OperationModel& candidate, std::string_view name) { return candidate.name < name; });
        const bool found = at != model.operations.end() && at->name == operation.name;
        if (!found || at->input != operation.input || (operation.mode == Mode::streamed) != at->input_streams) {
            std::fprintf(stderr,
                         "millrace: bug: the row %s of service %s does not fit the model: no such operation, another's "
                         "types, or 'streamed' where the payload does not stream\n",
                         std::string(operation.name).c_str(), std::string(model.name).c_str());
            std::abort();
        }
        operation.model = &*at;
    }
    return Service{&model, std::move(operations)};
}

}  // namespace millrace::aws
