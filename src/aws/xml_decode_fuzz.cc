#include "tests/aws/example/fuzzing.h"

#include "src/aws/xml.h"

// XML text is trimmed in numbers and folds what XML 1.0 can not carry, so the second reading need only be good.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::aws;
    if (size == 0) return 0;
    const Operation& operation = testing::operation_of(data[0]);
    const Shape& shape = operation.input->payload != nullptr && operation.input->payload->shape->kind == Kind::structure
                             ? *operation.input->payload->shape
                             : *operation.input;
    const auto input = operation.make_input();
    void* out = &shape == operation.input ? input.get() : operation.input->payload->make(input.get());
    Decoding decoding;
    if (!decode_xml(shape, {reinterpret_cast<const char*>(data) + 1, size - 1}, out, decoding)) return 0;
    Violations violations;
    validate(shape, out, Place{}, violations);
    std::string text;
    encode_xml(shape, out, "Root", "urn:x", text);
    const auto again = operation.make_input();
    void* second = &shape == operation.input ? again.get() : operation.input->payload->make(again.get());
    Decoding rereading;
    MILLRACE_CHECK(decode_xml(shape, text, second, rereading) || text.size() > xml_bytes_max);
    return 0;
}
