#include "tests/aws/example/fuzzing.h"

#include "src/aws/query.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::aws;
    if (size == 0) return 0;
    const Operation& operation = testing::operation_of(data[0]);
    Fields fields;
    if (!parse_form({reinterpret_cast<const char*>(data) + 1, size - 1}, &fields)) return 0;
    const auto input = operation.make_input();
    Decoding decoding;
    if (!decode_query(*operation.input, std::move(fields), input.get(), decoding)) return 0;
    Violations violations;
    validate(*operation.input, input.get(), Place{}, violations);
    return 0;
}
