#include "src/cli/client/remote_caller.h"

#include <map>
#include <mutex>

namespace millrace::cli {
namespace {

constexpr JsonService services[] = {kKinesis, kFirehose, {"events", "AWSEvents"}};

class RemoteCaller final : public ServiceCaller {
  public:
    RemoteCaller(Endpoint endpoint, aws::Credentials credentials)
        : endpoint_(std::move(endpoint)), credentials_(std::move(credentials)) {}

    void call(ServiceCall call, std::function<void(ServiceAnswer)> done) override { done(answer(call)); }

  private:
    ServiceAnswer answer(const ServiceCall& call) {
        std::lock_guard lock(mutex_);
        for (const JsonService& service : services) {
            if (service.signing_name != call.service) continue;
            auto& client = clients_[call.scope.region];
            if (!client) client = std::make_unique<ApiClient>(endpoint_, credentials_, call.scope.region);
            auto answered = client->call(service, call.operation, call.body);
            if (!answered.ok()) return failed(503, "ServiceUnavailable", answered.error().message);
            return {.status = answered->status,
                    .headers = {{"x-amzn-errortype", answered->error}},
                    .body = std::move(answered->body)};
        }
        return failed(501, "UnknownOperationException", "\"" + call.service + "\" is not called from here");
    }

    static ServiceAnswer failed(int status, std::string code, std::string_view message) {
        return {.status = status,
                .headers = {{"x-amzn-errortype", std::move(code)}},
                .body = "{\"message\":" + json_quoted(message) + "}"};
    }

    const Endpoint endpoint_;
    const aws::Credentials credentials_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<ApiClient>> clients_;  // by region
};

}  // namespace

std::unique_ptr<ServiceCaller> make_remote_caller(Endpoint endpoint, aws::Credentials credentials) {
    return std::make_unique<RemoteCaller>(std::move(endpoint), std::move(credentials));
}

}  // namespace millrace::cli
