// The way to the endpoint for the engines below it: they are made before it, and call services only once it is there.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "src/base/service_call.h"

namespace millrace::cli {

// Any thread. Without an endpoint, before set() and after set(nullptr), every call is answered by a 503.
class LateCaller final : public ServiceCaller {
  public:
    void set(ServiceCaller* caller) { caller_ = caller; }
    void call(ServiceCall call, std::function<void(ServiceAnswer)> done) override {
        if (ServiceCaller* const caller = caller_.load()) return caller->call(std::move(call), std::move(done));
        done({.status = 503, .headers = {}, .body = R"({"message":"The server is starting or stopping."})"});
    }

  private:
    std::atomic<ServiceCaller*> caller_{nullptr};
};

}  // namespace millrace::cli
