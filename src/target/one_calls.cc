// What takes one item a call: functions, and actions by name.
#include "src/base/url_text.h"
#include "src/target/arn.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

class FunctionCalls final : public Calls {
  public:
    FunctionCalls(const Target& target, std::span<const Item> items) : target_(target), items_(items) {
        scope_ = parse_arn(target.arn)->scope(target.scope);
        path_ = "/2015-03-31/functions/";
        append_uri_encoded(target.arn, false, &path_);
        path_ += "/invocations";
    }
    size_t concurrency() const override { return 16; }

    Step next(size_t first, size_t) override {
        ServiceCall call;
        call.scope = scope_;
        call.service = "lambda";
        call.path = path_;
        call.headers = {{"x-amz-invocation-type", target_.wait_for_answer ? "RequestResponse" : "Event"},
                        {"content-type", "application/json"}};
        call.body = items_[first].body;
        return {std::move(call), first, 1};
    }

    std::unique_ptr<ServiceCall> read(const Step&, const ServiceAnswer& answer, std::span<Outcome> outcomes) override {
        if (!answer.ok()) {
            outcomes[0] = failure_of(answer);
            return nullptr;
        }
        for (const auto& [name, value] : answer.headers) {
            if (name != "x-amz-function-error") continue;
            outcomes[0].kind = Outcome::Kind::retryable;
            outcomes[0].code = "FunctionError";
            outcomes[0].message = "The function failed (" + value + ").";
        }
        outcomes[0].answer = answer.body;
        return nullptr;
    }

  private:
    const Target& target_;
    const std::span<const Item> items_;
    Scope scope_;
    std::string path_;
};

// arn:aws:scheduler:::aws-sdk:kinesis:putRecord - the SDK's name of the service, the action with a small first letter.
class ActionCalls final : public Calls {
  public:
    ActionCalls(const Target& target, std::span<const Item> items) : scope_(target.scope), items_(items) {
        const std::string_view name = *parse_arn(target.arn)->after("aws-sdk:");
        const size_t colon = name.find(':');
        service_ = name.substr(0, colon);
        if (colon != std::string_view::npos) action_ = name.substr(colon + 1);
        if (service_ == "eventbridge") service_ = "events";
        if (service_ == "cloudwatchlogs") service_ = "logs";
        if (!action_.empty()) action_[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(action_[0])));
    }
    size_t concurrency() const override { return 4; }
    Step next(size_t first, size_t) override {
        return {json_call(scope_, service_, action_, items_[first].body), first, 1};
    }

    std::unique_ptr<ServiceCall> read(const Step&, const ServiceAnswer& answer, std::span<Outcome> outcomes) override {
        if (!answer.ok()) outcomes[0] = failure_of(answer);
        outcomes[0].answer = answer.body;
        return nullptr;
    }

  private:
    const Scope scope_;
    const std::span<const Item> items_;
    std::string service_, action_;
};

}  // namespace

std::unique_ptr<Calls> make_function_calls(const Target& target, std::span<const Item> items) {
    return std::make_unique<FunctionCalls>(target, items);
}

std::unique_ptr<Calls> make_action_calls(const Target& target, std::span<const Item> items) {
    return std::make_unique<ActionCalls>(target, items);
}

}  // namespace millrace::target
