// Any head, any body: "METHOD target\nname: value\n...\n\nbody".
#include <cstdint>

#include "tests/aws/example/example.h"

#include "src/aws/router.h"
#include "src/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    static aws::testing::Example example;
    static const std::vector<aws::Service> services = aws::testing::all_services(example);
    static const aws::Router router(services);
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto line = [&rest] {
        const std::string_view text = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
        return text;
    };
    http::RequestHead head;
    const std::string_view first = line();
    const size_t space = std::min(first.find(' '), first.size());
    head.method = first.substr(0, space);
    const std::string_view target = first.substr(std::min(space + 1, first.size()));
    head.path = target.substr(0, target.find('?'));
    if (!head.path.starts_with('/')) head.path = "/" + head.path;
    if (target.find('?') != std::string_view::npos) head.query = target.substr(target.find('?') + 1);
    for (std::string_view header = line(); !header.empty(); header = line()) {
        const size_t colon = header.find(": ");
        if (colon != std::string_view::npos) head.headers.add(header.substr(0, colon), header.substr(colon + 2));
    }
    for (const char* scope : {"", "s3", "kinesis", "sts", "lambda", "nothing"}) {
        const aws::Routed routed = router.route(head, scope, rest);
        MILLRACE_CHECK((routed.operation != nullptr) == (routed.found == aws::Found::served) ||
                       routed.found == aws::Found::malformed);
        MILLRACE_CHECK(routed.operation == nullptr || routed.model == routed.operation->model);
    }
    return 0;
}
