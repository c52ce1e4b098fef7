// A function may answer anything: reading it neither crashes nor reads astray, and a policy that was read can be asked.
#include <cstddef>
#include <cstdint>

#include "src/gateway/access/authorizer_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    const auto answer = gateway::parse_authorizer_answer(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!answer.ok()) return answer.error().message.empty() ? (__builtin_trap(), 0) : 0;
    answer->policy->evaluate({"execute-api:Invoke",
                              "arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/orders",
                              "",
                              {{"aws:sourceip", {"127.0.0.1"}}}});
    return 0;
}
