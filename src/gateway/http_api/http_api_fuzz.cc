// Tokens, key sets, route keys, expressions and authorizers' answers: whatever bytes come, nothing breaks.
#include <cstddef>
#include <cstdint>

#include "src/base/result.h"
#include "src/gateway/http_api/authorizer_answer.h"
#include "src/gateway/http_api/expression.h"
#include "src/gateway/http_api/jwt/key_set.h"
#include "src/gateway/http_api/jwt/token.h"
#include "src/gateway/http_api/route_key.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::gateway::http_api;
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 5) {
        case 0: {
            const Result<Token> token = parse_token(text);
            if (token.ok()) static_cast<void>(check_claims(*token, "https://issuer", {"shop"}, TimestampMs(0)).ok());
            break;
        }
        case 1: {
            const auto keys = KeySet::parse(text);
            if (keys.ok()) {
                MILLRACE_CHECK((*keys)->size() <= keys_max);
                for (const char* algorithm : {"RS256", "ES256", "none"}) {
                    MILLRACE_CHECK(!(*keys)->verify(algorithm, "k", "signed", std::string(64, '\1')).ok());
                }
            }
            break;
        }
        case 2: {
            const size_t line = std::min(text.find('\n'), text.size());
            const Result<RouteKey> key = parse_route_key(text.substr(0, line));
            if (!key.ok()) break;
            std::map<std::string, Route> routes;
            routes["a"].key = text.substr(0, line);
            const RouteTable table(routes);
            const RouteTable::Match match = table.find(key->method, text.substr(std::min(line + 1, text.size())));
            MILLRACE_CHECK(match.route == nullptr || match.parameters.size() <= key->segments.size());
            break;
        }
        case 3: {
            const auto variables = [&](std::string_view name) { return body_value(text, name); };
            static_cast<void>(evaluate(text, variables));
            static_cast<void>(check_expression(text, true).ok());
            break;
        }
        default:
            static_cast<void>(read_simple_answer(text).ok());
            static_cast<void>(read_policy_answer(text, "arn:aws:execute-api:r:a:i/s/GET/x", "127.0.0.1").ok());
    }
    return 0;
}
