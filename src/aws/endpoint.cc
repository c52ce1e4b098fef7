#include "src/aws/endpoint.h"

#include <atomic>
#include <charconv>
#include <exception>
#include <utility>

#include "src/aws/body_digests.h"
#include "src/aws/call_state.h"
#include "src/aws/codec.h"
#include "src/aws/local_exchange.h"
#include "src/aws/memory_body.h"
#include "src/aws/payload_reader.h"
#include "src/aws/router.h"
#include "src/aws/verifier.h"
#include "src/http/content_coding.h"

namespace millrace::aws {
namespace {

using detail::CallState;
using State = std::shared_ptr<CallState>;

constexpr std::string_view own_prefix = "/_millrace/";
constexpr size_t decoded_body_bytes_max = 16 << 20;  // of a compressed one: DynamoDB's limit of a request

Failure not_served(const Routed& routed) {
    const std::string operation(routed.operation_name);
    const std::string service(routed.service != nullptr ? routed.service->model->name : routed.service_name);
    const bool xml = routed.protocol == Protocol::query || routed.protocol == Protocol::rest_xml;
    const std::string code = xml ? "NotImplemented" : "NotImplementedException";
    switch (routed.found) {
        case Found::served:
            break;
        case Found::not_served:
            return {code, "Millrace does not serve the operation " + operation + " of " + service + ".", 501, {}, {}};
        case Found::unknown_service:
            return {code,
                    "Millrace does not serve the service " +
                        (service.empty() ? "that this request asks for" : service) +
                        (operation.empty() ? "." : " (operation " + operation + ")."),
                    501,
                    {},
                    {}};
        case Found::unknown_operation:
            if (routed.protocol == Protocol::rest_xml)
                return {"MethodNotAllowed", "The specified method is not allowed against this resource.", 405, {}, {}};
            if (routed.protocol == Protocol::query)
                return {
                    "InvalidAction", "The action " + operation + " is not valid for this web service.", 400, {}, {}};
            return {"UnknownOperationException",
                    "The service " + service + " has no operation " + operation + ".",
                    routed.protocol == Protocol::rest_json ? 404 : 400,
                    {},
                    {}};
        case Found::malformed:
            if (routed.protocol == Protocol::rest_xml)
                return {"InvalidURI", "Couldn't parse the specified URI.", 400, {}, {}};
            if (routed.protocol == Protocol::query)
                return {"MalformedQueryString", "The form can not be read.", 400, {}, {}};
            return {"SerializationException", "The request's path can not be read.", 400, {}, {}};
    }
    return {"InternalFailure", "", 500, {}, {}};
}

Failure internal(bool is_s3, std::string_view why) {
    if (is_s3)
        return {
            "InternalError", "We encountered an internal error. Please try again. " + std::string(why), 500, {}, {}};
    return {"InternalFailure",
            "The request processing has failed because of an internal error. " + std::string(why),
            500,
            {},
            {}};
}

Failure busy(bool is_s3) {
    if (is_s3) return {"SlowDown", "Please reduce your request rate.", 503, {}, {}};
    return {"ServiceUnavailableException", "Too many requests wait already. Please try again.", 503, {}, {}};
}

// What the HTTP server found wrong before there was a call, by its status.
Failure of_status(int status, bool is_s3, std::string_view message) {
    std::string code = "InvalidRequest";
    if (status == 408) code = "RequestTimeout";
    if (status == 413) code = is_s3 ? "EntityTooLarge" : "RequestEntityTooLargeException";
    if (status == 414) code = "RequestURITooLong";
    if (status == 431) code = is_s3 ? "RequestHeaderSectionTooLarge" : "RequestHeaderSectionTooLargeException";
    if (status == 500) code = is_s3 ? "InternalError" : "InternalFailure";
    if (status == 501) code = "NotImplemented";
    if (status == 503) code = is_s3 ? "SlowDown" : "ServiceUnavailableException";
    return {code, std::string(message), status, {}, {}};
}

bool is_account(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

class EndpointImpl final : public Endpoint {
  public:
    EndpointImpl(EndpointOptions options, std::vector<Service> services, Keys& keys, io::Executor& executor,
                 const io::Clock& clock)
        : options_(std::move(options)),
          services_(std::move(services)),
          router_(services_),
          keys_(keys),
          executor_(executor),
          clock_(clock),
          verifier_(keys, clock, options_.clock_skew_s_max) {
        for (const std::string_view method : {"GET", "HEAD"})
            add_route(
                {std::string(method), "/_millrace/health", [this](const http::RequestHead&) { return health(); }});
    }

    void add_route(OwnRoute route) override { routes_.push_back(std::move(route)); }
    void add_host_handler(HostHandler handler) override { hosts_.push_back(std::move(handler)); }
    void set_ready(bool ready) override { ready_.store(ready, std::memory_order_release); }

    http::BodyMode begin(const http::RequestHead& head) override {
        if (host_handler_of(head) != nullptr || head.headers.find("x-amz-target") != nullptr ||
            head.path.starts_with(own_prefix))
            return http::BodyMode::gathered;
        Authorization authorization;
        parse_authorization(head, &authorization);
        const Routed routed = router_.route(head, authorization.scope.service, {});
        const bool streams = routed.found == Found::served && routed.operation->mode == Mode::streamed;
        return streams ? http::BodyMode::streamed : http::BodyMode::gathered;
    }

    void handle(std::unique_ptr<http::Exchange> exchange) override {
        if (const HostHandler* host = host_handler_of(exchange->head())) return handle_host(*host, std::move(exchange));
        auto call = std::make_shared<CallState>();
        call->exchange = std::move(exchange);
        const http::RequestHead& head = call->exchange->head();
        call->context.head = &head;
        call->context.received = clock_.now();
        parse_authorization(head, &call->authorization);
        if (options_.auth == Auth::off && is_of_another_page(head)) return refuse_page(*call);
        if (head.path.starts_with(own_prefix)) return handle_own(call);
        call->routed = router_.route(head, call->authorization.scope.service, call->exchange->body());
        describe(*call);
        start(call, call->routed.found == Found::served && call->routed.operation->mode == Mode::worker);
    }

    void call(ServiceCall asked, std::function<void(ServiceAnswer)> done) override {
        const ServiceModel* model = router_.model_of(asked.service);
        auto call = std::make_shared<CallState>();
        call->trusted = asked.scope;
        const std::string service = asked.service;
        bool streams = false;
        if (asked.operation.empty()) {  // a route, as S3's are; no other streams
            const http::RequestHead head = local_head(asked, model);
            const Routed routed = router_.route(head, service, {});
            streams = routed.found == Found::served && routed.operation->mode == Mode::streamed;
        }
        call->exchange = make_local_exchange(std::move(asked), model, streams, executor_, std::move(done));
        call->context.head = &call->exchange->head();
        call->context.received = clock_.now();
        call->routed = router_.route(call->exchange->head(), service, call->exchange->body());
        describe(*call);
        call->context.scope = *call->trusted;
        start(call, streams || (call->routed.found == Found::served && call->routed.operation->mode == Mode::worker));
    }

    http::Response refuse(const http::RequestHead* head, int status, std::string_view message) override {
        Routed routed;
        routed.protocol = Protocol::rest_json;
        if (head != nullptr) {
            Authorization authorization;
            parse_authorization(*head, &authorization);
            routed = router_.route(*head, authorization.scope.service, {});
        }
        const bool s3 = routed.is_s3();
        const std::string request_id = detail::make_request_id(s3);
        const std::string host_id = s3 ? detail::make_host_id() : std::string();
        http::Response response = encode_failure(routed.service == nullptr ? nullptr : routed.service->model,
                                                 routed.protocol, of_status(status, s3, message), request_id, host_id,
                                                 head == nullptr ? std::string_view("/") : head->path);
        detail::add_request_ids(routed.protocol, request_id, host_id, response);
        return response;
    }

  private:
    http::Response health() const {
        const bool ready = ready_.load(std::memory_order_acquire);
        http::Response response;
        response.status = ready ? 200 : 503;
        response.headers.add("content-type", "application/json");
        response.body = ready ? "{\"status\":\"ready\"}" : "{\"status\":\"starting\"}";
        return response;
    }

    // Without signatures, whatever reaches the port is obeyed; and a browser reaches it for every page that its user
    // opens. A page's requests say where they come from.
    static bool is_of_another_page(const http::RequestHead& head) {
        const std::string* origin = head.headers.find("origin");
        if (origin == nullptr) return false;
        const size_t mark = origin->find("://");
        return mark == std::string::npos || std::string_view(*origin).substr(mark + 3) != head.headers.get("host");
    }

    void refuse_page(CallState& call) {
        call.routed = router_.route(*call.context.head, call.authorization.scope.service, {});
        describe(call);
        detail::answer(call,
                       Failure{"AccessDeniedException",
                               "A page of " + std::string(call.context.head->headers.get("origin")) +
                                   " asks for this, and this server takes requests unsigned (--auth off): those of "
                                   "programs alone.",
                               403,
                               {},
                               {}});
    }

    void start(const State& call, bool blocks) {
        if (!blocks) return process(call);
        if (!executor_.submit([this, call] { process(call); })) detail::answer(*call, busy(call->routed.is_s3()));
    }

    const HostHandler* host_handler_of(const http::RequestHead& head) const {
        for (const HostHandler& handler : hosts_) {
            if (handler.takes(head)) return &handler;
        }
        return nullptr;
    }

    void handle_host(const HostHandler& host, std::unique_ptr<http::Exchange> exchange) {
        auto call = std::make_shared<HostCall>();
        http::Exchange* const asked = exchange.get();
        call->exchange = std::move(exchange);
        call->account = [this, asked](std::string_view scope_service) { return account_of(*asked, scope_service); };
        if (host.on_io_thread) return host.handle(std::move(*call));
        if (executor_.submit([&host, call] { host.handle(std::move(*call)); })) return;
        call->exchange->respond(refuse(nullptr, 503, "Too many requests wait already. Please try again."));
    }

    Outcome<std::string> account_of(http::Exchange& exchange, std::string_view scope_service) const {
        Authorization authorization;
        parse_authorization(exchange.head(), &authorization);
        if (options_.auth == Auth::off) return unverified_account(authorization.scope.access_key);
        TRY_ASSIGN(const Verified verified, verifier_.verify(exchange.head(), authorization, Protocol::rest_json, false,
                                                             exchange.body(), false));
        if (authorization.scope.service != scope_service)
            return Failure{"InvalidSignatureException",
                           "Credential should be scoped to correct service: '" + std::string(scope_service) + "'.",
                           403,
                           {},
                           {}};
        return verified.key->account;
    }

    void handle_own(const State& state) {
        CallState& call = *state;
        const http::RequestHead& head = *call.context.head;
        call.routed.protocol = Protocol::rest_json;
        describe(call);
        if (options_.auth == Auth::sign && !is_open(head.method, head.path)) {
            const Outcome<Verified> verified =
                verifier_.verify(head, call.authorization, Protocol::rest_json, false, call.exchange->body(), false);
            if (!verified.ok()) return detail::answer(call, verified.error());
            call.context.scope.account = verified->key->account;
        }
        for (const OwnRoute& route : routes_) {
            if (route.path != head.path || route.method != head.method) continue;
            if (!route.work) return call.respond(route.answer(head));
            const auto work = [&route, state] {
                state->respond(route.work({*state->context.head, state->body(), state->context.scope}));
            };
            if (!executor_.submit(work)) detail::answer(call, busy(false));
            return;
        }
        detail::answer(call, Failure{"NotFound", "There is nothing at " + head.path, 404, {}, {}});
    }

    void describe(CallState& call) const {
        CallContext& context = call.context;
        const http::RequestHead& head = *context.head;
        const bool s3 = call.routed.is_s3();
        context.request_id = detail::make_request_id(s3);
        if (s3) call.host_id = detail::make_host_id();
        context.protocol = call.routed.protocol;
        context.service = call.routed.service == nullptr ? call.routed.service_name : call.routed.service->model->name;
        context.operation = call.routed.operation_name;
        context.virtual_bucket = call.routed.virtual_bucket;
        context.endpoint = head.secure ? "https://" : "http://";
        context.endpoint += head.headers.get("host");
        context.scope = options_.default_scope;
        if (!call.authorization.scope.region.empty()) context.scope.region = call.authorization.scope.region;
        context.access_key = call.authorization.scope.access_key;
    }

    // Everything from the signature to the handler. On the I/O thread for raw and direct calls, else on the executor.
    void process(const State& call) {
        try {
            run(call);
        } catch (const std::exception& thrown) {  // out of memory, say: this call's end, not the process's
            if (!call->answered.load()) detail::answer(*call, internal(call->routed.is_s3(), thrown.what()));
        }
    }

    void run(const State& call) {
        const http::RequestHead& head = *call->context.head;
        Outcome<Verified> verified = authenticate(*call);
        if (!verified.ok()) return detail::answer(*call, verified.error());
        if (call->routed.found != Found::served) return detail::answer(*call, not_served(call->routed));
        if (std::optional<Failure> wrong = open_body(*call, std::move(verified).value()))
            return detail::answer(*call, *wrong);

        const Operation& operation = *call->routed.operation;
        if (operation.mode == Mode::raw) return operation.run_raw(RawCall(call));
        if (std::optional<Failure> wrong = check_gathered(*call)) return detail::answer(*call, *wrong);
        call->input = operation.make_input();
        const std::string_view body = operation.mode == Mode::streamed ? std::string_view() : call->body();
        if (std::optional<Failure> wrong = decode_request(call->routed, head, body, call->input.get()))
            return detail::answer(*call, *wrong);
        operation.run(call, call->context, call->input.get(), call->reader.get());
    }

    // Auth::off: who somebody says to be, by an access key of twelve digits or a key of ours.
    std::string unverified_account(std::string_view access_key) const {
        if (is_account(access_key)) return std::string(access_key);
        const std::shared_ptr<const Key> key = access_key.empty() ? nullptr : keys_.find(access_key);
        return key != nullptr ? key->account : options_.default_scope.account;
    }

    Outcome<Verified> authenticate(CallState& call) const {
        const http::RequestHead& head = *call.context.head;
        if (call.trusted) return Verified{};
        const bool streamed = call.exchange->reader() != nullptr;
        if (options_.auth == Auth::sign) {
            TRY_ASSIGN(Verified verified, verifier_.verify(head, call.authorization, call.routed.protocol,
                                                           call.routed.is_s3(), call.exchange->body(), streamed));
            call.context.scope.account = verified.key->account;
            return verified;
        }
        // Nothing is verified, but a body that says its own hash or checksums still has to have them.
        Verified unverified;
        call.context.scope.account = unverified_account(call.context.access_key);
        if (call.routed.is_s3()) {
            const auto check = payload_check_of(call.authorization.payload_hash);
            if (check) unverified.payload = *check;
            unverified.payload_hash = call.authorization.payload_hash;
        }
        return unverified;
    }

    // Sets up the reader of a streamed body, or decodes a gathered one that came as aws-chunked.
    std::optional<Failure> open_body(CallState& call, Verified verified) const {
        const http::RequestHead& head = *call.context.head;
        http::BodyReader* streamed = call.exchange->reader();
        if (streamed == nullptr && verified.payload == PayloadCheck::none) return decompress(call);
        PayloadOptions payload;
        payload.check_signatures = verified.signing_key != nullptr;
        payload.verified = std::move(verified);
        payload.trailer_names = head.headers.get("x-amz-trailer");
        if (const std::string* said = head.headers.find("x-amz-decoded-content-length")) {
            uint64_t length = 0;
            const char* end = said->data() + said->size();
            const auto parsed = std::from_chars(said->data(), end, length);
            if (parsed.ec != std::errc() || parsed.ptr != end)
                return Failure{"InvalidArgument", "x-amz-decoded-content-length is not a number.", 400, {}, {}};
            payload.decoded_length = length;
        }
        if (streamed != nullptr) {
            call.reader = make_payload_reader(*streamed, std::move(payload));
            return std::nullopt;
        }
        MemoryBody memory(call.exchange->body());
        const std::unique_ptr<PayloadReader> reader = make_payload_reader(memory, std::move(payload));
        char piece[16 * 1024];
        for (;;) {
            const Result<size_t> count = reader->read(piece);
            if (!count.ok()) return reader->failure().value_or(internal(true, count.error().message));
            if (*count == 0) break;
            call.decoded_body.append(piece, *count);
        }
        call.decoded_body.append(http::body_padding, '\0');
        return std::nullopt;
    }

    // SDKs may compress a request (https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html); what was
    // signed is the compressed body. To restful services the header is the caller's own. What can not be decoded is an
    // internal error to DynamoDB, and so to us.
    static std::optional<Failure> decompress(CallState& call) {
        const std::string* coding = call.context.head->headers.find("content-encoding");
        if (coding == nullptr || coding->empty()) return std::nullopt;
        if (!is_cbor(call.routed.protocol) && call.routed.protocol != Protocol::json_1_0 &&
            call.routed.protocol != Protocol::json_1_1)
            return std::nullopt;
        Result<std::string> body =
            http::decode_content(*coding, call.exchange->body(), decoded_body_bytes_max, http::body_padding);
        if (body.ok()) {
            call.decoded_body = *std::move(body);
            return std::nullopt;
        }
        if (body.error().code == ErrorCode::resource_exhausted)
            return Failure{"RequestEntityTooLargeException", body.error().message, 413, {}, {}};
        return Failure{"InternalServerError", body.error().message, 500, {}, {}};
    }

    // S3's gathered bodies, by the digests that came with them.
    static std::optional<Failure> check_gathered(const CallState& call) {
        const Operation& operation = *call.routed.operation;
        if (!call.routed.is_s3() || operation.mode == Mode::streamed) return std::nullopt;
        bool of_body = true;
        for (const Member& member : operation.input->members)
            of_body = of_body && member.wire != "x-amz-checksum-crc32";
        return check_body_digests(*call.context.head, call.body(), operation.model->checksum_required, of_body);
    }

    const EndpointOptions options_;
    const std::vector<Service> services_;
    const Router router_;
    Keys& keys_;
    io::Executor& executor_;
    const io::Clock& clock_;
    const Verifier verifier_;
    std::vector<OwnRoute> routes_;
    std::vector<HostHandler> hosts_;
    std::atomic<bool> ready_{false};
};

}  // namespace

bool is_open(std::string_view method, std::string_view path) {
    for (const OpenRoute& route : open_routes) {
        if (route.method == method && route.path == path) return true;
    }
    return false;
}

std::unique_ptr<Endpoint> make_endpoint(EndpointOptions options, std::vector<Service> services, Keys& keys,
                                        io::Executor& executor, const io::Clock& clock) {
    return std::make_unique<EndpointImpl>(std::move(options), std::move(services), keys, executor, clock);
}

}  // namespace millrace::aws
