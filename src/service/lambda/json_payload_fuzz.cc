// What clients send as an event.
#include <cstdint>

#include "src/service/lambda/json_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    (void)millrace::service::lambda::json_problem({reinterpret_cast<const char*>(data), size});
    return 0;
}
