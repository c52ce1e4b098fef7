#include "src/gateway/http_api/jwt/issuers.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/json.hpp>

#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return {value->as_string().data(), value->as_string().size()};
}

std::string_view without_slash(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

class Kept final : public Issuers {
  public:
    Kept(Fetch fetch, io::Executor& executor, const io::Clock& clock)
        : fetch_(std::move(fetch)), executor_(executor), clock_(clock) {}

    void keys(const std::string& issuer, std::string_view key_id, Done done) override {
        std::shared_ptr<const KeySet> known;
        std::optional<std::string> refused;  // told without the lock: whoever is told may come back with a request
        {
            const std::lock_guard lock(mutex_);
            const int64_t now = now_ms();
            Entry& entry = entry_of(issuer, now);
            entry.used_ms = now;
            const bool fresh = entry.keys && now - entry.fetched_ms < keys_fresh_ms;
            const bool asked_lately = entry.asked && now - entry.asked_ms < ask_again_ms;
            if ((fresh && entry.keys->has(key_id)) || (asked_lately && !entry.fetching)) {
                known = kept(entry, now);
                if (!known) refused = entry.problem;
            } else if (entry.waiting.size() >= waiting_max) {
                refused = told(discovery);  // too many wait for its keys
            } else {
                entry.waiting.push_back(std::move(done));
                if (entry.fetching) return;
                entry.fetching = true;
            }
        }
        if (refused) return fail(std::move(done), *refused);
        if (known) return done(std::move(known));
        const bool taken = executor_.submit([this, issuer] {
            std::string_view asked = discovery;
            fetched(issuer, load(issuer, &asked), asked);
        });
        if (!taken) fetched(issuer, Error{ErrorCode::unavailable, "the server is busy"}, discovery);
    }

  private:
    static constexpr std::string_view discovery = "OIDC discovery endpoint", key_set = "JWKS";

    struct Entry {
        std::shared_ptr<const KeySet> keys;
        int64_t fetched_ms = 0, asked_ms = 0, used_ms = 0;
        bool asked = false, fetching = false;
        std::string problem;  // as it is told to whoever asks, which may be anybody
        std::vector<Done> waiting;
    };

    int64_t now_ms() const { return clock_.monotonic_ns() / 1'000'000; }

    static void fail(Done done, const std::string& why) {
        done(Error{ErrorCode::unavailable, why.empty() ? told(discovery) : why});
    }

    // AWS's sentence.
    static std::string told(std::string_view asked) { return std::string(asked) + " communication error"; }

    static std::shared_ptr<const KeySet> kept(const Entry& entry, int64_t now) {
        return entry.keys && now - entry.fetched_ms < keys_kept_ms ? entry.keys : nullptr;
    }

    Entry& entry_of(const std::string& issuer, int64_t now) {
        const auto at = entries_.find(issuer);
        if (at != entries_.end()) return at->second;
        if (entries_.size() >= issuers_max) {
            auto oldest = entries_.end();
            for (auto it = entries_.begin(); it != entries_.end(); ++it) {
                if (it->second.fetching) continue;
                if (oldest == entries_.end() || it->second.used_ms < oldest->second.used_ms) oldest = it;
            }
            if (oldest != entries_.end()) entries_.erase(oldest);
        }
        Entry& entry = entries_[issuer];
        entry.used_ms = now;
        return entry;
    }

    // `asked`: which of the two it was, where it fails.
    Result<std::shared_ptr<const KeySet>> load(const std::string& issuer, std::string_view* asked) const {
        TRY_ASSIGN(const std::string configuration,
                   fetch_(std::string(without_slash(issuer)) + "/.well-known/openid-configuration"));
        boost::system::error_code bad;
        const json::value value = json::parse(configuration, bad);
        if (bad || !value.is_object()) return unusable("its OpenID configuration is not a JSON object");
        if (without_slash(text_of(value.as_object(), "issuer")) != without_slash(issuer)) {
            return unusable("its OpenID configuration is another issuer's");
        }
        const std::string keys_url = text_of(value.as_object(), "jwks_uri");
        if (keys_url.empty()) return unusable("its OpenID configuration names no jwks_uri");
        *asked = key_set;
        TRY_ASSIGN(const std::string keys, fetch_(keys_url));
        return KeySet::parse(keys);
    }

    static Error unusable(std::string_view why) { return {ErrorCode::unavailable, "the issuer: " + std::string(why)}; }

    void fetched(const std::string& issuer, Result<std::shared_ptr<const KeySet>> result, std::string_view asked) {
        // The operator's to read: addresses and what answers there are nothing for whoever sends a token.
        if (!result.ok()) {
            std::fprintf(stderr, "millrace: the keys of issuer %s can not be had: %s\n", issuer.c_str(),
                         result.error().message.c_str());
        }
        std::vector<Done> waiting;
        std::shared_ptr<const KeySet> keys;
        std::string problem;
        {
            const std::lock_guard lock(mutex_);
            Entry& entry = entries_[issuer];
            const int64_t now = now_ms();
            entry.fetching = false;
            entry.asked = true;
            entry.asked_ms = now;
            waiting.swap(entry.waiting);
            if (result.ok()) {
                entry.keys = *result;
                entry.fetched_ms = now;
                entry.problem.clear();
            } else {
                entry.problem = told(asked);
            }
            keys = kept(entry, now);
            problem = entry.problem;
        }
        for (Done& done : waiting) {
            if (keys) {
                done(keys);
            } else {
                fail(std::move(done), problem);
            }
        }
    }

    const Fetch fetch_;
    io::Executor& executor_;
    const io::Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace

std::unique_ptr<Issuers> Issuers::make(Fetch fetch, io::Executor& executor, const io::Clock& clock) {
    return std::make_unique<Kept>(std::move(fetch), executor, clock);
}

}  // namespace millrace::gateway::http_api
