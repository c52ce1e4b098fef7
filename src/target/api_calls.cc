#include "src/target/api_calls.h"

#include <algorithm>
#include <cmath>

#include "src/io/clock.h"
#include "src/target/api_request.h"

namespace millrace::target {

void ApiCalls::send(const Target& target, std::span<const Item> items, std::span<Outcome> outcomes) {
    const Result<ApiDestination> destination = find_destination(registry_, target.arn);
    const Result<Connection> connection =
        destination.ok() ? find_connection(registry_, destination->connection_arn) : destination.error();
    if (!connection.ok()) {
        std::ranges::fill(outcomes, outcome_of(connection.error()));
        return;
    }
    // The destination is the target's account's (deliverer.cc); its connection's secrets go to a URL of its choice.
    if (connection->scope.account != destination->scope.account) {
        std::ranges::fill(outcomes, Outcome{.kind = Outcome::Kind::permanent,
                                            .code = "NO_PERMISSIONS",
                                            .message = "The connection belongs to another account."});
        return;
    }
    if (!connection->authorized) {
        std::ranges::fill(outcomes, Outcome{.kind = Outcome::Kind::permanent,
                                            .code = "NO_PERMISSIONS",
                                            .message = "The connection " + connection->name + " is not authorized."});
        return;
    }
    for (size_t i = 0; i < items.size(); ++i) {
        if (const int64_t wait_ms = wait_for_rate(target.arn, destination->per_second_max); wait_ms > 0) {
            for (size_t left = i; left < items.size(); ++left) {
                outcomes[left].kind = Outcome::Kind::retryable;
                outcomes[left].attempted = false;
                outcomes[left].code = "RATE_LIMIT";
                outcomes[left].message = "The API destination's InvocationRateLimitPerSecond is reached.";
                outcomes[left].retry_after_ms = wait_ms;
            }
            return;
        }
        outcomes[i] = send_one(*destination, *connection, target, items[i]);
    }
}

Outcome ApiCalls::send_one(const ApiDestination& destination, const Connection& connection, const Target& target,
                           const Item& item) {
    const bool has_token = connection.authorization == "OAUTH_CLIENT_CREDENTIALS";
    for (bool anew = false;; anew = true) {
        std::string token;
        if (has_token) {
            Result<std::string> got = token_of(connection, anew);
            if (!got.ok()) {
                Outcome failure = outcome_of(got.error());
                failure.kind = Outcome::Kind::retryable;  // the token's server may think better of it
                return failure;
            }
            token = *std::move(got);
        }
        Result<ApiRequest> request = make_api_request(destination, connection, item, target.content_type, token);
        if (!request.ok()) return outcome_of(request.error());
        request->head.body = request->body;
        request->head.total_ms_max = http_ms_max_;
        request->head.first_byte_ms_max = http_ms_max_;
        request->head.connect_ms_max = http_ms_max_;
        const Result<http::OutboundResponse> response = outbound_.call(request->head);
        if (!response.ok()) return outcome_of(response.error());
        if (has_token && !anew && (response->status == 401 || response->status == 407)) continue;
        return outcome_of(*response);
    }
}

int64_t ApiCalls::wait_for_rate(const std::string& arn, int per_second_max) {
    std::lock_guard lock(mutex_);
    if (rates_.size() > kept_max) rates_.clear();
    const int64_t now = clock_.monotonic_ns();
    const double rate = std::max(per_second_max, 1);
    auto [place, is_new] = rates_.try_emplace(arn, Rate{rate, now});
    Rate& bucket = place->second;
    bucket.tokens = std::min(rate, bucket.tokens + static_cast<double>(now - bucket.at_ns) * 1e-9 * rate);
    bucket.at_ns = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
    }
    return std::max<int64_t>(1, std::llround(std::ceil((1 - bucket.tokens) / rate * 1000)));
}

Result<std::string> ApiCalls::token_of(const Connection& connection, bool anew) {
    const std::string arn = arn_of(connection);
    const int64_t version = connection.modified.value();
    {
        std::lock_guard lock(mutex_);
        const auto kept = tokens_.find(arn);
        if (!anew && kept != tokens_.end() && kept->second.of_version == version &&
            kept->second.until_ns > clock_.monotonic_ns()) {
            return kept->second.text;
        }
    }
    ApiRequest request = make_token_request(connection);
    request.head.body = request.body;
    request.head.total_ms_max = http_ms_max_;
    TRY_ASSIGN(const http::OutboundResponse response, outbound_.call(request.head));
    TRY_ASSIGN(Token token, read_token(response));
    const int64_t seconds = std::clamp<int64_t>(token.seconds - 30, 1, 86'400);
    std::lock_guard lock(mutex_);
    if (tokens_.size() > kept_max) tokens_.clear();
    tokens_[arn] = {token.text, clock_.monotonic_ns() + seconds * 1'000'000'000, version};
    return token.text;
}

}  // namespace millrace::target
