// Whatever is asked of a REST API becomes an event that is JSON, and whatever its function returns becomes a response
// that HTTP allows.
#include <cstddef>
#include <cstdint>

#include "src/base/result.h"
#include "src/gateway/integration/function_event.h"
#include "src/gateway/integration/function_response.h"
#include "src/gateway/rest/call.h"
#include "src/gateway/rest/compiled.h"
#include "src/vtl/value.h"

namespace {

using namespace millrace;

class Asked final : public http::Exchange {
  public:
    explicit Asked(http::RequestHead head) : head_(std::move(head)) {}
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override { return {}; }
    http::BodyReader* reader() override { return nullptr; }
    void respond(http::Response) override {}

  private:
    http::RequestHead head_;
};

std::shared_ptr<const gateway::CompiledStage> stage() {
    auto deployment = std::make_shared<gateway::Deployment>();
    gateway::Resource& resource = deployment->api.resources["r"];
    resource.id = "r";
    resource.path = "/{proxy+}";
    resource.methods["ANY"].http_method = "ANY";
    deployment->api.binary_media_types = {"image/*"};
    auto served = std::make_shared<gateway::Served>();
    served->deployment = deployment;
    served->stage = std::make_shared<gateway::Stage>();
    return std::make_shared<gateway::CompiledStage>(served, nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const auto compiled = stage();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    http::RequestHead head;
    head.method = "POST";
    head.path = "/" + std::string(text.substr(0, size / 3));
    head.query = text.substr(size / 3, size / 3);
    head.headers.add("x-any", text);
    head.headers.add("content-type", text.substr(0, std::min<size_t>(size, 12)));
    gateway::RouteMatch match = compiled->routes().find(head.method, head.path);
    gateway::Call call;
    call.query = gateway::parse_query(head.query);
    call.place.event_path = call.place.path = head.path;
    call.exchange = std::make_unique<Asked>(std::move(head));
    call.stage = compiled;
    call.body = text;
    if (match.method != nullptr) {
        call.method = &compiled->method(*match.resource, *match.method);
        call.path_parameters = std::move(match.parameters);
        MILLRACE_CHECK(vtl::parse_json(gateway::function_event(call)).has_value());
    }
    const Result<gateway::FunctionResponse> response = gateway::parse_function_response(text);
    if (!response.ok()) return 0;
    MILLRACE_CHECK(response->status >= 200 && response->status <= 599);
    for (const auto& [name, value] : response->headers.fields())
        MILLRACE_CHECK(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
    return 0;
}
