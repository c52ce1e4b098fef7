// What the decoders' fuzz targets share: an input of some operation, and what must hold of whatever decodes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/aws/example/example.h"

#include "src/aws/decoding.h"
#include "src/aws/operation.h"
#include "src/aws/validate.h"
#include "src/base/result.h"

namespace millrace::aws::testing {

// The operations to decode inputs of; the first byte of the data chooses.
inline const Operation& operation_of(uint8_t choice) {
    static Example example;
    static const std::vector<Service> services = all_services(example);
    static const std::vector<const Operation*> operations = [] {
        std::vector<const Operation*> all;
        for (const Service& service : services) {
            for (const Operation& operation : service.operations) all.push_back(&operation);
        }
        return all;
    }();
    return *operations[choice % operations.size()];
}

// Decodes; what is good must encode to something that decodes again to the same text.
template <class Decode, class Encode>
int round_trip(const uint8_t* data, size_t size, Decode decode, Encode encode) {
    if (size == 0) return 0;
    const Operation& operation = operation_of(data[0]);
    std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto input = operation.make_input();
    Decoding decoding;
    if (!decode(*operation.input, body, input.get(), decoding)) {
        MILLRACE_CHECK(!decoding.refused.empty());
        return 0;
    }
    Violations violations;
    validate(*operation.input, input.get(), Place{}, violations);
    violations.failure("ValidationException");
    std::string once, twice;
    encode(*operation.input, input.get(), once);
    const auto again = operation.make_input();
    Decoding second;
    MILLRACE_CHECK(decode(*operation.input, once, again.get(), second));
    encode(*operation.input, again.get(), twice);
    MILLRACE_CHECK(once == twice);
    return 0;
}

}  // namespace millrace::aws::testing
