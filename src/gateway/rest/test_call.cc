// TestInvokeMethod: a method as it is now, deployed or not, asked as a client asks a stage, but for who may.
#include <condition_variable>
#include <deque>

#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/execution_log.h"
#include "src/gateway/rest/request_ids.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

// What the thread that waits for the answer has to do meanwhile: it stands for the I/O thread.
struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> work;
    std::optional<http::Response> response;

    void post(std::function<void()> step) {
        const std::lock_guard lock(mutex);
        if (!response) work.push_back(std::move(step));
        changed.notify_all();
    }
    void respond(http::Response with) {
        const std::lock_guard lock(mutex);
        if (!response) response = std::move(with);
        changed.notify_all();
    }
    http::Response wait() {
        std::unique_lock lock(mutex);
        for (;;) {
            changed.wait(lock, [this] { return response || !work.empty(); });
            if (response) break;
            std::function<void()> step = std::move(work.front());
            work.pop_front();
            lock.unlock();
            step();
            step = nullptr;
            lock.lock();
        }
        // What still waits holds the call, and with it this.
        std::deque<std::function<void()>> dropped;
        dropped.swap(work);
        http::Response answer = std::move(*response);
        lock.unlock();
        return answer;
    }
};

class TestExchange final : public http::Exchange {
  public:
    TestExchange(http::RequestHead head, std::string body, std::shared_ptr<Waiting> waiting)
        : head_(std::move(head)), size_(body.size()), body_(std::move(body)), waiting_(std::move(waiting)) {
        body_.append(http::body_padding, '\0');
    }
    ~TestExchange() override {  // dropped unanswered: the server stops
        http::Response response;
        response.status = 500;
        response.body = "{\"message\":\"Internal server error\"}";
        waiting_->respond(std::move(response));
    }
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override { return std::string_view(body_).substr(0, size_); }
    http::BodyReader* reader() override { return nullptr; }
    void respond(http::Response response) override { waiting_->respond(std::move(response)); }
    void post(std::function<void()> work) override { waiting_->post(std::move(work)); }

  private:
    const http::RequestHead head_;
    const size_t size_;
    std::string body_;
    const std::shared_ptr<Waiting> waiting_;
};

const Method* method_of(const Resource& resource, const std::string& name) {
    const auto at = resource.methods.find(name);
    const auto any = resource.methods.find("ANY");
    return at != resource.methods.end() ? &at->second : any != resource.methods.end() ? &any->second : nullptr;
}

// What the path's parameters stand for, where it is one of this resource.
Result<RouteMatch> match(const Resource& resource, const std::string& method, std::string_view path) {
    RestApi alone;
    alone.resources[resource.id] = resource;
    RouteMatch found = Routes(alone).find(method, path);
    if (found.method == nullptr) {
        return Error{ErrorCode::invalid_argument,
                     "Invalid path specified: it is none of the resource " + resource.path};
    }
    return found;
}

}  // namespace

std::shared_ptr<const Served> served_for_test(const RestApi& api, std::string stage_name, TextMap variables) {
    auto deployment = std::make_shared<Deployment>();
    deployment->id = stage_name;
    deployment->api = api;
    auto stage = std::make_shared<Stage>();
    stage->name = std::move(stage_name);
    stage->variables = std::move(variables);
    return std::make_shared<const Served>(Served{std::move(deployment), std::move(stage), 0});
}

Result<TestAnswer> Engine::test(TestRequest request) {
    auto served = served_for_test(*request.api, "test-invoke-stage", std::move(request.stage_variables));
    auto call = std::make_shared<Call>();
    call->stage = std::make_shared<const CompiledStage>(served, parts_.access.compile(served));
    const auto resource = call->stage->api().resources.find(request.resource_id);
    const Method* method =
        resource == call->stage->api().resources.end() ? nullptr : method_of(resource->second, request.http_method);
    if (method == nullptr) return Error{ErrorCode::not_found, "Invalid Method identifier specified"};
    call->method = &call->stage->method(resource->second, *method);

    http::RequestHead head;
    head.method = request.http_method;
    head.headers = std::move(request.headers);
    head.content_length = request.body.size();
    head.peer_address = "test-invoke-source-ip";
    const size_t mark = std::min(request.path_and_query.find('?'), request.path_and_query.size());
    head.path = request.path_and_query.substr(0, mark);
    head.query = request.path_and_query.substr(std::min(mark + 1, request.path_and_query.size()));
    if (!head.path.empty()) {
        if (!head.path.starts_with('/')) head.path.insert(0, "/");
        TRY_ASSIGN(RouteMatch matched, match(resource->second, request.http_method, head.path));
        call->path_parameters = std::move(matched.parameters);
        call->rest_name = std::move(matched.rest_name);
        call->rest = std::move(matched.rest);
    } else {
        head.path = resource->second.path;
    }
    call->place.api_id = call->stage->api().id;
    call->place.stage = call->stage->stage().name;
    call->place.path = call->place.request_path = call->place.event_path = head.path;
    call->place.domain_name = "testPrefix.testDomainName";
    call->place.domain_prefix = "testPrefix";
    call->query = parse_query(head.query);
    call->received = parts_.clock.now();
    call->request_id = make_request_id();
    call->extended_id = make_extended_id();
    call->trace_id = make_trace_id(call->received);
    call->identity.api_key = call->identity.api_key_id = "test-invoke-api-key";
    const auto waiting = std::make_shared<Waiting>();
    call->exchange = std::make_unique<TestExchange>(std::move(head), std::move(request.body), waiting);
    call->body = call->exchange->body();
    call->log = std::make_shared<ExecutionLog>(call->request_id, parts_.clock);
    waiting->post([this, call] {
        log_method_request(*call);
        if (call->body.size() > body_bytes_max) {
            return refuse(call,
                          {"REQUEST_TOO_LARGE", 413, "Request Entity Too Large", "RequestEntityTooLargeException"});
        }
        check(call);
    });
    http::Response response = waiting->wait();
    TestAnswer answer;
    answer.status = response.status;
    answer.headers = std::move(response.headers);
    answer.body = std::move(response.body);
    answer.log = call->log->take();
    answer.latency_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - call->begun).count();
    return answer;
}

}  // namespace millrace::gateway
