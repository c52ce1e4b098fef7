#include "src/http/outbound/outbound.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>

#include "src/http/characters.h"
#include "src/http/outbound/channel.h"
#include "src/http/outbound/pool.h"
#include "src/http/outbound/request_text.h"
#include "src/http/outbound/resolver.h"
#include "src/http/outbound/response_reader.h"
#include "src/http/outbound/url.h"
#include "src/io/wakeup.h"

namespace millrace::http {
namespace {

std::string shown(const OutboundUrl& url) {
    return url.host + ":" + std::to_string(url.port);
}

// One call's times. Each wait is bounded by its own and by the whole.
struct Times {
    explicit Times(const OutboundRequest& request)
        : total(TimeLeft::in_ms(request.total_ms_max,
                                "the call took longer than " + std::to_string(request.total_ms_max) + " ms")) {}
    TimeLeft connect(const OutboundRequest& request) const {
        return total.or_earlier(TimeLeft::in_ms(
            request.connect_ms_max, "no connection within " + std::to_string(request.connect_ms_max) + " ms"));
    }
    TimeLeft first_byte(const OutboundRequest& request) const {
        return total.or_earlier(TimeLeft::in_ms(
            request.first_byte_ms_max, "no answer within " + std::to_string(request.first_byte_ms_max) + " ms"));
    }
    const TimeLeft total;
};

class OutboundClient final : public Outbound {
  public:
    OutboundClient(OutboundOptions options, std::shared_ptr<ssl_ctx_st> tls)
        : options_(std::move(options)),
          tls_(std::move(tls)),
          resolver_(options_.lookups_max),
          pool_(options_.idle_connections_max, options_.idle_connections_per_origin_max, options_.idle_ms_max) {}

    Result<OutboundResponse> call(const OutboundRequest& request) override;
    Status check_url(std::string_view text) const override;
    void stop() override {
        stopped_ = true;
        stop_->signal();
        pool_.clear();
    }
    OutboundStats stats() const override { return {calls_, connections_, reused_, refused_}; }

  private:
    Result<ClientResponse> once(const OutboundRequest& request, const OutboundUrl& url, const Headers& headers,
                                const Times& times);
    Result<ClientResponse> exchange(const OutboundRequest& request, const OutboundUrl& url, const Headers& headers,
                                    const Times& times, std::unique_ptr<Channel> channel, bool* nothing_came);
    Result<std::unique_ptr<Channel>> connect(const OutboundUrl& url, const TimeLeft& time);
    Result<std::unique_ptr<Channel>> connect_to_any(const OutboundUrl& url, std::vector<ResolvedAddress> addresses,
                                                    const TimeLeft& time);
    Error refused(Error error) {
        ++refused_;
        return error;
    }

    const OutboundOptions options_;
    const std::shared_ptr<ssl_ctx_st> tls_;
    const std::shared_ptr<io::Wakeup> stop_ = io::Wakeup::make();
    Resolver resolver_;
    ConnectionPool pool_;
    std::atomic<bool> stopped_ = false;
    std::atomic<uint64_t> calls_ = 0, connections_ = 0, reused_ = 0, refused_ = 0;
};

Status OutboundClient::check_url(std::string_view text) const {
    TRY_ASSIGN(const OutboundUrl url, parse_outbound_url(text));
    return options_.policy.check_host(url.host, url.port);
}

Result<std::unique_ptr<Channel>> OutboundClient::connect(const OutboundUrl& url, const TimeLeft& time) {
    if (Status allowed = options_.policy.check_host(url.host, url.port); !allowed.ok())
        return refused(std::move(allowed).error());
    TRY_ASSIGN(std::vector<ResolvedAddress> addresses,
               resolver_.look_up(url.host, url.port, stop_->descriptor(), time));
    Status last;
    std::erase_if(addresses, [&](const ResolvedAddress& each) {
        Status allowed = options_.policy.check_address(url.host, url.port, each.ip);
        const bool refuse = !allowed.ok();
        if (refuse) last = std::move(allowed);
        return refuse;
    });
    if (addresses.empty()) return refused(std::move(last).error());
    TRY_ASSIGN(std::unique_ptr<Channel> channel, connect_to_any(url, std::move(addresses), time));
    if (url.secure) TRY(channel->begin_tls(tls_.get(), url.host, time));
    ++connections_;
    return channel;
}

// One after the other: each gets its share of the time that is left.
Result<std::unique_ptr<Channel>> OutboundClient::connect_to_any(const OutboundUrl& url,
                                                                std::vector<ResolvedAddress> addresses,
                                                                const TimeLeft& time) {
    Error last;
    for (size_t i = 0; i < addresses.size(); ++i) {
        TimeLeft share = time;
        share.until = TimeLeft::Clock::now() + (time.until - TimeLeft::Clock::now()) / (addresses.size() - i);
        auto connected = Channel::connect(addresses[i], stop_->descriptor(), share);
        if (connected.ok() || connected.error().code == ErrorCode::cancelled) return connected;
        last = std::move(connected).error();
    }
    return with_context(std::move(last), "can not connect to " + shown(url));
}

Result<ClientResponse> OutboundClient::exchange(const OutboundRequest& request, const OutboundUrl& url,
                                                const Headers& headers, const Times& times,
                                                std::unique_ptr<Channel> channel, bool* nothing_came) {
    std::string sent = request_head(request.method, url, headers, request.body.size(), options_.user_agent);
    Status written;
    if (request.body.size() <= 16 * 1024) {  // one packet, one TLS record
        sent += request.body;
        written = channel->write(sent, times.total);
    } else {
        written = channel->write(sent, times.total);
        if (written.ok()) written = channel->write(request.body, times.total);
    }
    // Who does not take the whole request may have answered it all the same (413).
    if (!written.ok() && written.error().code != ErrorCode::unavailable) return std::move(written).error();
    const TimeLeft first = times.first_byte(request);
    bool began = false;
    ResponseReader reader({.answers_head = request.method == "HEAD",
                           .body_bytes_max = request.response_bytes_max,
                           .head_bytes_max = request.response_head_bytes_max},
                          [&](char* out, size_t size) {
                              auto got = channel->read(out, size, began ? times.total : first);
                              began = true;
                              return got;
                          });
    Result<ClientResponse> response = reader.read();
    *nothing_came = !reader.began();
    if (!response.ok()) return written.ok() ? std::move(response).error() : std::move(written).error();
    if (written.ok() && !response->close && !reader.has_rest()) pool_.give(origin_of(url), std::move(channel));
    return response;
}

Result<ClientResponse> OutboundClient::once(const OutboundRequest& request, const OutboundUrl& url,
                                            const Headers& headers, const Times& times) {
    bool nothing_came = false;
    if (std::unique_ptr<Channel> kept = pool_.take(origin_of(url))) {
        ++reused_;
        auto response = exchange(request, url, headers, times, std::move(kept), &nothing_came);
        const bool again = !response.ok() && response.error().code == ErrorCode::unavailable && nothing_came &&
                           is_idempotent(request.method);
        if (!again) return response;
    }
    TRY_ASSIGN(std::unique_ptr<Channel> channel, connect(url, times.connect(request)));
    return exchange(request, url, headers, times, std::move(channel), &nothing_came);
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<OutboundResponse> OutboundClient::call(const OutboundRequest& request) {
    ++calls_;
    const Times times(request);
    TRY(check_request(request));
    TRY_ASSIGN(OutboundUrl url, parse_outbound_url(request.url));
    const bool ask_for_gzip = request.decode && !request.headers.find("accept-encoding");
    Headers headers = request.headers;
    if (ask_for_gzip) headers.add("accept-encoding", "gzip");
    const bool follows = request.method == "GET" || request.method == "HEAD";
    for (uint32_t redirects = 0;; ++redirects) {
        if (stopped_) return Error{ErrorCode::cancelled, "the server is stopping"};
        Result<ClientResponse> got = once(request, url, headers, times);
        if (!got.ok()) return with_context(std::move(got).error(), request.method + " " + url.host);
        const std::string* location = got->headers.find("location");
        if (follows && location && is_redirect(got->status) && request.redirects_max > 0) {
            if (redirects == request.redirects_max)
                return Error{ErrorCode::resource_exhausted,
                             url.host + " redirects more than " + std::to_string(redirects) + " times"};
            TRY_ASSIGN(OutboundUrl next, resolve_outbound_url(url, *location));
            if (url.secure && !next.secure)
                return refused({ErrorCode::permission_denied,
                                url.host + " redirects from https to http (" + next.host + "), which is not followed"});
            if (!next.same_origin(url)) headers = harmless_elsewhere(headers);
            url = std::move(next);
            continue;
        }
        OutboundResponse response{got->status, std::move(got->headers), std::move(got->body), url.text};
        TRY(decode_body(request, &response));
        return response;
    }
}

}  // namespace

Result<std::unique_ptr<Outbound>> Outbound::make(OutboundOptions options) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    TRY_ASSIGN(std::shared_ptr<ssl_ctx_st> tls, make_client_tls(options.ca_file));
    return std::unique_ptr<Outbound>(std::make_unique<OutboundClient>(std::move(options), std::move(tls)));
}

}  // namespace millrace::http
