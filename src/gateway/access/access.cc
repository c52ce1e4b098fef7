// The way of a request, as access.h draws it: check() -> throttles -> by_signature / by_authorizer -> finish().
#include "src/gateway/access/access.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "src/base/checksum.h"
#include "src/base/time_text.h"
#include "src/gateway/access/admission.h"
#include "src/gateway/access/authorizer_event.h"
#include "src/gateway/access/flights.h"
#include "src/gateway/access/method_arn.h"
#include "src/gateway/access/policy_cache.h"
#include "src/gateway/access/refusals.h"
#include "src/gateway/access/rules.h"
#include "src/gateway/access/usage_counts.h"
#include "src/http/message.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

using policy::Decision;
using Done = std::function<void(AccessVerdict)>;

constexpr int64_t tick_ms = 250;  // how late a timeout may be noticed

std::string root_of(const std::string& account) {
    return "arn:aws:iam::" + account + ":root";
}

// A request under way, while an authorizer is asked.
struct Call {
    AccessRequest request;
    Done done;
    std::string arn;
    policy::Request question;                // its views point into `arn` and into what the request refers to
    Decision by_policy = Decision::neither;  // the resource policy's word
    Pass pass;
    bool tested = false;
    const CompiledAuthorizer* authorizer = nullptr;
    std::string cache_name;
    int64_t begun_ns = 0;
};

class Gate final : public Access {
  public:
    Gate(AccessOptions options, AccessParts parts, std::unique_ptr<UsageCounts> counts)
        : options_(options),
          parts_(std::move(parts)),
          counts_(std::move(counts)),
          admission_(parts_.apis, buckets_, *counts_, parts_.clock),
          policies_(options.policies_max, options.policy_bytes_max),
          keeper_([this] { keep(); }) {}

    ~Gate() override { stop(); }

    const AccessOptions& options() const override { return options_; }

    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (keeper_.joinable()) keeper_.join();
        flights_->stop();
        // What could not be written is counted anew from what was: there is nobody left to tell.
        static_cast<void>(counts_->flush().ok());
    }

    std::shared_ptr<const AccessRules> compile(std::shared_ptr<const Served> served) override {
        return compile_rules(std::move(served), options_, buckets_, parts_.clock.monotonic_ns());
    }

    void check(AccessRequest request, Done done) override {
        const AccessRules& rules = *request.rules;
        const std::string& kind = request.method->authorization;
        const bool open = kind.empty() || kind == "NONE";
        if (open && !rules.policy && rules.policy_error.empty()) return admit_open(request, done);
        if (!rules.policy_error.empty()) return refuse(authorizer_configuration_error(), {}, done);

        auto call = std::make_shared<Call>();
        call->request = std::move(request);
        call->done = std::move(done);
        call->arn = method_arn(rules.arn_prefix, call->request.head->method, call->request.path);
        call->question = question_of(call->request, call->arn);
        if (kind == "AWS_IAM") return throttled_or(*call, [&] { by_signature(*call); });
        call->by_policy = rules.policy ? rules.policy->evaluate(call->question) : Decision::neither;
        if (open ? call->by_policy != Decision::allow : call->by_policy == Decision::deny) {
            return refuse(denied_by_policy(call->by_policy, "anonymous", call->arn), {}, call->done);
        }
        if (open) return admit_open(call->request, call->done);
        if (kind != "CUSTOM") return refuse(unauthorized(), {}, call->done);  // COGNITO_USER_POOLS
        throttled_or(*call, [&] { by_authorizer(call); });
    }

    void test(AccessRequest request, Done done) override {
        auto call = std::make_shared<Call>();
        call->request = std::move(request);
        call->done = std::move(done);
        call->tested = true;
        call->arn = method_arn(call->request.rules->arn_prefix, call->request.head->method, call->request.path);
        call->question = question_of(call->request, call->arn);
        by_authorizer(std::move(call));
    }

    void forget_policies(std::string_view api, std::string_view stage) override {
        policies_.forget(std::string(api) + '/' + std::string(stage) + '/');
    }

    Result<std::map<std::string, std::vector<UsageOfDay>>> usage(const UsagePlan& plan, std::string_view key_id,
                                                                 std::string_view from, std::string_view to) override {
        const std::optional<Day> first = parse_day(from), last = parse_day(to);
        if (!first || !last || *first > *last || *last - *first >= UsageCounts::days_kept) {
            return Error{ErrorCode::invalid_argument,
                         "the dates are YYYY-MM-DD, the first not after the last, at most 90 days"};
        }
        std::map<std::string, std::vector<UsageOfDay>> usage;
        for (const std::string& id : plan.key_ids) {
            if (!key_id.empty() && id != key_id) continue;
            std::vector<UsageOfDay>& days = usage[id];
            for (Day day = *first; day <= *last; ++day) {
                const UsageCounts::OfDay of = counts_->of_day(plan, id, day);
                days.push_back({of.used, of.remaining});
            }
        }
        return usage;
    }

    TimestampMs now() const override { return parts_.clock.now(); }

    Status set_remaining(const UsagePlan& plan, std::string_view key_id, int64_t remaining) override {
        if (remaining < 0) return Error{ErrorCode::invalid_argument, "what remains is not below 0"};
        return counts_->set_remaining(plan, std::string(key_id), day_of(parts_.clock.now()), remaining);
    }

    Status forget_usage(const UsagePlan& plan, std::string_view key_id) override {
        return counts_->forget(plan, key_id);
    }

  private:
    static void refuse(AccessRefusal refusal, Identity identity, const Done& done) {
        done({std::move(refusal), std::move(identity), {}});
    }

    // Throttles come before whoever has to be asked, as AWS's do: strangers can not make an authorizer run, nor bodies
    // be hashed, without a bound.
    template <typename Next>
    void throttled_or(Call& call, const Next& next) {
        std::optional<AccessRefusal> refusal = admission_.throttle(call.request, &call.pass);
        if (refusal) return refuse(std::move(*refusal), {}, call.done);
        next();
    }

    void admit_open(const AccessRequest& request, const Done& done) {
        Pass pass;
        std::optional<AccessRefusal> refusal = admission_.throttle(request, &pass);
        if (refusal) return refuse(std::move(*refusal), {}, done);
        finish(request, {}, "", &pass, done);
    }

    void finish(const AccessRequest& request, Identity identity, const std::string& authorizer_key, Pass* pass,
                const Done& done) {
        std::optional<AccessRefusal> refusal = admission_.admit(request, authorizer_key, pass, &identity);
        done({std::move(refusal), std::move(identity), {}});
    }

    policy::Request question_of(const AccessRequest& request, std::string_view arn) const {
        const http::RequestHead& head = *request.head;
        const TimestampMs now = parts_.clock.now();
        policy::Request question{"execute-api:Invoke", arn, "", {}};
        question.keys = {{"aws:sourceip", {std::string(request.source_ip)}},
                         {"aws:currenttime", {iso_seconds(now) + 'Z'}},
                         {"aws:epochtime", {std::to_string(now.value() / 1000)}},
                         {"aws:securetransport", {head.secure ? "true" : "false"}},
                         {"aws:requestedregion", {request.rules->served->deployment->api.scope.region}},
                         {"aws:viaawsservice", {"false"}},
                         {"aws:principalisawsservice", {"false"}},
                         {"aws:principaltype", {"Anonymous"}}};
        for (const auto& [key, name] :
             {std::pair("aws:useragent", "user-agent"), std::pair("aws:referer", "referer")}) {
            if (const std::string* value = head.headers.find(name)) question.keys.push_back({key, {*value}});
        }
        return question;
    }

    // An account's keys may call the account's APIs, as an administrator's may; others' need a policy that says so.
    void by_signature(Call& call) {
        const AccessRules& rules = *call.request.rules;
        if (call.request.access_key.empty()) return refuse(missing_authentication_token(), {}, call.done);
        const auto account = call.request.verify("execute-api");
        if (!account.ok()) return refuse(bad_signature(account.error()), {}, call.done);
        Identity identity;
        identity.account = *account;
        identity.access_key = call.request.access_key;
        identity.caller = *account;
        identity.user_arn = root_of(*account);
        call.question.account = *account;
        std::erase_if(call.question.keys, [](const auto& entry) { return entry.first == "aws:principaltype"; });
        call.question.keys.push_back({"aws:principalaccount", {*account}});
        call.question.keys.push_back({"aws:principalarn", {identity.user_arn}});
        call.question.keys.push_back({"aws:principaltype", {"Account"}});
        const Decision decision = rules.policy ? rules.policy->evaluate(call.question) : Decision::neither;
        const bool own = *account == rules.served->deployment->api.scope.account;
        if (decision == Decision::deny || (!own && decision != Decision::allow)) {
            AccessRefusal refusal = denied_by_policy(decision, identity.user_arn, call.arn);
            return refuse(std::move(refusal), std::move(identity), call.done);
        }
        finish(call.request, std::move(identity), "", &call.pass, call.done);
    }

    void by_authorizer(std::shared_ptr<Call> call) {
        const AccessRules& rules = *call->request.rules;
        const auto at = rules.authorizers.find(call->request.method->authorizer_id);
        if (at == rules.authorizers.end() || !at->second.error.empty()) {
            Identity identity;
            identity.authorizer_error =
                at == rules.authorizers.end() ? "there is no such authorizer" : at->second.error;
            return refuse(authorizer_configuration_error(), std::move(identity), call->done);
        }
        const CompiledAuthorizer& authorizer = at->second;
        call->authorizer = &authorizer;
        if (call->arn.size() > method_arn_bytes_max) return refuse(uri_too_long(), {}, call->done);

        Digest digest(Digest::Kind::sha256);
        std::string token;
        for (const IdentitySource& source : authorizer.sources) {
            const std::optional<std::string> value = source.value(call->request, *rules.served);
            if (!value) return refuse(unauthorized(), {}, call->done);
            digest.update(std::to_string(value->size()) + ':' + *value);
            token = *value;
        }
        if (authorizer.token && authorizer.expression && !re2::RE2::FullMatch(token, *authorizer.expression)) {
            return refuse(unauthorized(), {}, call->done);
        }
        call->begun_ns = parts_.clock.monotonic_ns();
        if (authorizer.ttl_ns > 0 && !call->tested) {
            call->cache_name = authorizer.cache_prefix + digest.finish();
            if (const auto kept = policies_.find(call->cache_name, call->begun_ns)) return by_answer(*call, *kept, -1);
        }
        ask(std::move(call), token);
    }

    void ask(std::shared_ptr<Call> call, const std::string& token) {
        const CompiledAuthorizer& authorizer = *call->authorizer;
        function::Invocation invocation;
        invocation.function = authorizer.function;
        invocation.payload = authorizer.token ? token_event(token, call->arn)
                                              : request_event(call->request, *call->request.rules->served, call->arn,
                                                              parts_.clock.now());
        const Flights::Ref flight =
            flights_->begin(call->begun_ns + int64_t{options_.authorizer_ms_max} * 1'000'000, [call] {
                Identity identity;
                identity.authorizer_error = "the authorizer took too long";
                refuse(authorizer_failure(), std::move(identity), call->done);
            });
        if (!flight) return refuse(authorizer_failure(), {}, call->done);
        parts_.invoke(std::move(invocation),
                      [this, flights = flights_, flight, call](Result<function::InvocationResult> result) {
                          flights->settle(flight, [&] { answered(*call, result); });
                      });
    }

    void answered(Call& call, const Result<function::InvocationResult>& result) {
        Identity identity;
        identity.authorizer_ms = (parts_.clock.monotonic_ns() - call.begun_ns) / 1'000'000;
        if (!result.ok()) {
            identity.authorizer_error = result.error().message;
            const bool busy =
                result.error().code == ErrorCode::resource_exhausted || result.error().code == ErrorCode::unavailable;
            return refuse(busy ? authorizer_failure() : authorizer_configuration_error(), std::move(identity),
                          call.done);
        }
        if (!result->function_error.empty()) {
            identity.authorizer_error = result->payload.substr(0, 1024);
            const bool refused = is_unauthorized(result->payload);
            return refuse(refused ? unauthorized() : authorizer_failure(), std::move(identity), call.done);
        }
        Result<AuthorizerAnswer> answer = parse_authorizer_answer(result->payload);
        if (!answer.ok()) {
            identity.authorizer_error = answer.error().message;
            return refuse(authorizer_configuration_error(), std::move(identity), call.done);
        }
        if (call.tested) {
            identity.principal = answer->principal;
            return call.done({std::nullopt, std::move(identity), result->payload});
        }
        const auto kept = std::make_shared<const AuthorizerAnswer>(std::move(*answer));
        if (call.authorizer->ttl_ns > 0) {
            policies_.put(call.cache_name, kept, parts_.clock.monotonic_ns() + call.authorizer->ttl_ns);
        }
        by_answer(call, *kept, identity.authorizer_ms);
    }

    // Both policies' words together: AWS's table of a function's policy and a resource policy of one account.
    void by_answer(Call& call, const AuthorizerAnswer& answer, int64_t took_ms) {
        Identity identity;
        identity.principal = answer.principal;
        identity.authorizer = answer.context;
        identity.authorizer_ms = took_ms;
        const Decision decision = answer.policy->evaluate(call.question);
        if (decision == Decision::deny || (decision == Decision::neither && call.by_policy != Decision::allow)) {
            return refuse(denied_by_authorizer(decision), std::move(identity), call.done);
        }
        finish(call.request, std::move(identity), answer.usage_key, &call.pass, call.done);
    }

    void keep() {
        std::unique_lock lock(mutex_);
        int64_t flushed_ns = parts_.clock.monotonic_ns();
        while (!wake_.wait_for(lock, std::chrono::milliseconds(tick_ms), [this] { return stopping_; })) {
            lock.unlock();
            const int64_t now_ns = parts_.clock.monotonic_ns();
            flights_->expire(now_ns);
            if (now_ns - flushed_ns >= options_.flush_ms * 1'000'000) {
                flushed_ns = now_ns;
                static_cast<void>(counts_->flush().ok());  // what could not be written stays to be written
            }
            lock.lock();
        }
    }

    const AccessOptions options_;
    const AccessParts parts_;
    TokenBuckets buckets_;
    const std::unique_ptr<UsageCounts> counts_;
    Admission admission_;
    PolicyCache policies_;
    const std::shared_ptr<Flights> flights_ = std::make_shared<Flights>();
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread keeper_;  // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<Access>> Access::open(AccessOptions options, AccessParts parts) {
    TRY_ASSIGN(std::unique_ptr<UsageCounts> counts, UsageCounts::open(parts.store));
    return std::unique_ptr<Access>(std::make_unique<Gate>(options, std::move(parts), std::move(counts)));
}

}  // namespace millrace::gateway
