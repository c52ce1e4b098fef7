// Changing a record from a handler, whose refusals are the service's and not the engine's.
#pragma once

#include <optional>
#include <utility>

#include "src/aws/failure.h"
#include "src/function/functions.h"
#include "src/service/lambda/errors.h"

namespace millrace::service::lambda {

// `change` is Outcome<void>(FunctionRecord&): where it fails nothing changes and that failure is returned.
template <class Change>
aws::Outcome<function::Functions::Record> edit(function::Functions& functions, const function::FunctionName& name,
                                               const Change& change) {
    std::optional<aws::Failure> refused;
    Result<function::Functions::Record> changed =
        functions.update(name.scope, name.name, [&](function::FunctionRecord& record) -> Status {
            aws::Outcome<void> outcome = change(record);
            if (outcome.ok()) return {};
            refused = std::move(outcome).error();
            return Error{ErrorCode::cancelled, "refused"};
        });
    if (refused) return std::move(*refused);
    if (changed.ok()) return std::move(changed).value();
    if (changed.error().code == ErrorCode::not_found) return function_not_found(name.scope, name.name);
    return failure_of(changed.error());
}

}  // namespace millrace::service::lambda
