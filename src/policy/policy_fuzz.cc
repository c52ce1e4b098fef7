// Policies come from outside, and so do what they are held against: whatever they hold, parsing and evaluating neither
// crashes nor reads astray. The input is an address, a newline, a resource, a newline, and a policy.
#include <cstddef>
#include <cstdint>

#include "src/policy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::policy;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = [&text] {
        const size_t end = text.find('\n');
        const std::string_view taken = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return taken;
    };
    const std::string_view address = line(), resource = line();
    const Grammar grammar{.principals = !resource.ends_with('!'),
                          .keys = {"aws:sourceip", "aws:currenttime", "aws:epochtime", "aws:useragent"}};
    const auto policy = Policy::parse(text, grammar);
    if (!policy.ok()) return policy.error().message.empty() ? (__builtin_trap(), 0) : 0;
    const std::string value(address);
    (*policy)->evaluate({"execute-api:Invoke",
                         resource,
                         "111111111111",
                         {{"aws:sourceip", {value}}, {"aws:currenttime", {value}}, {"aws:useragent", {value, "x"}}}});
    return 0;
}
