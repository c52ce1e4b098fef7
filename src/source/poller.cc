#include "src/source/poller.h"

#include <algorithm>
#include <unordered_set>

#include "src/base/one_line.h"
#include "src/http/outbound/outbound.h"
#include "src/source/backoff.h"
#include "src/source/held_bytes.h"

namespace millrace::source {
namespace {

constexpr size_t problem_bytes_max = 500;

target::Target target_of(const Definition& definition) {
    target::Target target;
    target.arn = definition.destination;
    target.scope = definition.scope;
    target.heading = {.source = definition.event_source, .detail_type = definition.detail_type};
    return target;
}

// A destination that is not there, or not ours to use, may be made or opened: what waits for it is kept. Whatever else
// is refused for good is refused because of what it is.
bool may_be_mended(const target::Outcome& outcome) {
    if (outcome.kind == target::Outcome::Kind::retryable) return true;
    for (const std::string_view part : {"NotFound", "NO_RESOURCE", "AccessDenied", "NO_PERMISSIONS", "Unrecognized",
                                        "UnknownOperation", "NotAuthorized", "InvalidSignature", "SDK_CLIENT_ERROR"}) {
        if (outcome.code.find(part) != std::string::npos) return true;
    }
    return false;
}

std::string shortened(std::string_view text) {
    return on_one_line(text, problem_bytes_max) + (text.size() > problem_bytes_max ? "..." : "");
}

uint64_t bytes_of(const Parcel& parcel) {
    return sizeof parcel + parcel.item.body.size() + parcel.item.partition_key.size() +
           parcel.sights.size() * sizeof(Sight);
}

struct KeyHash {
    size_t operator()(const SeenKey& key) const { return std::hash<std::string_view>{}({key.data(), key.size()}); }
};

}  // namespace

Poller::Poller(Definition definition, Parts parts, std::shared_ptr<const Extractor> extractor, Seen seen, Kept kept)
    : definition_(std::move(definition)),
      parts_(parts),
      extractor_(std::move(extractor)),
      target_(target_of(definition_)),
      seen_(std::move(seen)),
      made_at_(parts_.clock.now()),
      kept_(std::move(kept)) {
    standing_.counts = kept_.counts;
    standing_.keys = seen_.count();
}

Result<std::unique_ptr<Poller>> Poller::make(Definition definition, Parts parts) {
    TRY_ASSIGN(std::shared_ptr<const Extractor> extractor, Extractor::make(definition));
    TRY_ASSIGN(Seen seen, Seen::open(parts.store, definition.id, definition.remember_ms, definition.keys_max));
    Kept kept;
    TRY_ASSIGN(const std::optional<std::string> stored, parts.store.get(state_key(definition.id)));
    if (stored) {
        TRY_ASSIGN(kept, decode_kept(*stored));
    }
    return std::unique_ptr<Poller>(
        new Poller(std::move(definition), parts, std::move(extractor), std::move(seen), std::move(kept)));
}

Poller::~Poller() {
    let_loose();
}

template <class Change>
void Poller::note(Change change) {
    std::lock_guard lock(mutex_);
    change(standing_);
    standing_.counts = kept_.counts;
    standing_.keys = seen_.count();
}

Standing Poller::standing() const {
    std::lock_guard lock(mutex_);
    Standing out = standing_;
    const int64_t ago = parts_.clock.now().value() - std::max(made_at_, out.last_done_at).value();
    out.lag_ms = std::max<int64_t>(0, ago - definition_.every_ms);
    return out;
}

bool Poller::is_idle() const {
    std::lock_guard lock(mutex_);
    return standing_.doing == Standing::Doing::waiting;
}

int64_t Poller::step() {
    return held_.empty() ? poll() : send();
}

int64_t Poller::poll() {
    began_ = parts_.clock.now();
    began_ns_ = parts_.clock.monotonic_ns();
    ++kept_.counts.polls;
    note([&](Standing& it) {
        it.doing = Standing::Doing::polling;
        it.last_poll_at = began_;
    });
    http::OutboundRequest request;
    request.url = definition_.url;
    for (const auto& [name, value] : definition_.headers) request.headers.add(name, value);
    if (!kept_.etag.empty()) request.headers.add("if-none-match", kept_.etag);
    if (!kept_.last_modified.empty()) request.headers.add("if-modified-since", kept_.last_modified);
    request.connect_ms_max = definition_.timeout_ms;
    request.first_byte_ms_max = definition_.timeout_ms;
    request.total_ms_max = definition_.timeout_ms;
    request.response_bytes_max = definition_.bytes_max;
    request.redirects_max = definition_.redirects_max;
    auto response = parts_.outbound.call(request);
    if (!response.ok()) {
        note([](Standing& it) { it.last_status = 0; });
        return failed(std::move(response).error().message, 0);
    }
    return take(std::move(response).value());
}

int64_t Poller::take(http::OutboundResponse response) {
    note([&](Standing& it) { it.last_status = response.status; });
    const std::string* wait = response.headers.find("retry-after");
    const int64_t wait_ms = wait ? retry_after_ms(*wait, parts_.clock.now()).value_or(0) : 0;
    if (response.status == 304) {
        ++kept_.counts.unchanged;
        etag_ = kept_.etag;  // not those of a body in between that could not be taken apart
        last_modified_ = kept_.last_modified;
        return std::max(done(), wait_ms);
    }
    if (response.status >= 300 && response.status < 400)
        return failed("HTTP " + std::to_string(response.status) + ": redirects to " +
                          std::string(response.headers.get("location")) + " (redirects are followed where allowed)",
                      wait_ms);
    if (response.status < 200 || response.status >= 300)
        return failed("HTTP " + std::to_string(response.status) + ": " + response.body.substr(0, 200), wait_ms);
    kept_.counts.bytes += response.body.size();
    etag_ = std::string(response.headers.get("etag"));
    last_modified_ = std::string(response.headers.get("last-modified"));
    if (etag_.size() > 1024) etag_.clear();
    if (last_modified_.size() > 128) last_modified_.clear();
    again_.clear();
    send_failures_ = 0;
    if (Status gathered = response.status == 204 ? Status() : gather(response.body); !gathered.ok())
        return failed(std::move(gathered).error().message, wait_ms);
    return std::max(held_.empty() ? done() : send(), wait_ms);
}

// From a body to what is to be sent; counts only once all of it went well, as what fails is fetched again.
Status Poller::gather(std::string_view body) {
    Counts counted = kept_.counts;
    TRY_ASSIGN(Records records, extractor_->take_apart(body));
    counted.malformed += records.malformed;
    counted.seen += records.records.size();
    TRY_ASSIGN(std::vector<FreshRecord> fresh, only_new(std::move(records), &counted));
    Parcels packed = pack(definition_, std::move(fresh));
    counted.refused += packed.too_large;
    held_ = std::move(packed.parcels);
    kept_.counts = counted;
    changed_ |= packed.too_large > 0 || records.malformed > 0;
    // They are as done with as those that were sent, or they would be found too large at every poll.
    again_.insert(again_.end(), packed.too_large_sights.begin(), packed.too_large_sights.end());
    if (packed.too_large > 0) {
        note([&](Standing& it) {
            it.last_refusal =
                std::to_string(packed.too_large) + " records are larger than the destination takes: left out";
        });
    }
    return {};
}

Result<std::vector<FreshRecord>> Poller::only_new(Records records, Counts* counted) {
    std::vector<FreshRecord> fresh;
    fresh.reserve(records.records.size());
    if (definition_.key.empty()) {
        for (Record& record : records.records) fresh.push_back({std::move(record), std::nullopt});
        return fresh;
    }
    std::vector<SeenKey> keys;
    for (const Record& record : records.records) {
        if (!record.key.empty()) keys.push_back(seen_key(record.key));
    }
    TRY_ASSIGN(const std::vector<Sight> sights, seen_.look(keys, began_));
    std::unordered_set<SeenKey, KeyHash> in_this_body;
    size_t next = 0;
    for (Record& record : records.records) {
        if (record.key.empty()) {
            ++counted->keyless;
            fresh.push_back({std::move(record), std::nullopt});
            continue;
        }
        const Sight& sight = sights[next++];
        if (!in_this_body.insert(sight.key).second) {
            ++counted->repeated;
        } else if (sight.is_new) {
            fresh.push_back({std::move(record), sight});
        } else {
            ++counted->repeated;
            again_.push_back(sight);
        }
    }
    return fresh;
}

int64_t Poller::send() {
    note([](Standing& it) { it.doing = Standing::Doing::sending; });
    std::vector<target::Item> items;
    items.reserve(held_.size());
    for (const Parcel& parcel : held_) items.push_back(parcel.item);
    std::string problem;
    int64_t wait_ms = 0;
    Status settled = settle(target::deliver_and_wait(parts_.deliverer, target_, std::move(items)), &problem, &wait_ms);
    // What is delivered and not remembered is delivered again: the price of a store that can not write.
    if (!settled.ok()) problem = std::move(settled).error().message;
    let_loose();
    if (held_.empty()) return done();
    hold();
    if (held_.empty()) return failed(std::move(problem), wait_ms);
    ++send_failures_;
    note([&](Standing& it) {
        it.doing = Standing::Doing::held;
        it.last_error = shortened(problem);
        it.last_error_at = parts_.clock.now();
        ++it.failures_in_a_row;
    });
    const double random = static_cast<double>(random_() >> 11) * 0x1p-53;
    return std::max(wait_ms, std::min<int64_t>(backoff_ms(send_failures_, 0, random), 30'000));
}

void Poller::let_loose() {
    if (parts_.held != nullptr) parts_.held->give_back(held_bytes_);
    held_bytes_ = 0;
}

void Poller::hold() {
    size_t kept = 0;
    for (; kept < held_.size(); ++kept) {
        const uint64_t bytes = bytes_of(held_[kept]);
        if (held_bytes_ + bytes > held_bytes_max) break;
        if (parts_.held != nullptr && !parts_.held->take(bytes)) break;
        held_bytes_ += bytes;
    }
    if (kept == held_.size()) return;
    for (size_t i = kept; i < held_.size(); ++i) kept_.counts.let_go += held_[i].records;
    held_.resize(kept);
    held_.shrink_to_fit();
    etag_.clear();  // the body is asked for again, unchanged as it may be
    last_modified_.clear();
    changed_ = true;
}

// Remembers what was taken, keeps what was not.
Status Poller::settle(std::vector<target::Outcome> outcomes, std::string* problem, int64_t* wait_ms) {
    std::vector<Sight> done_with;
    std::vector<Parcel> left;
    for (size_t i = 0; i < held_.size(); ++i) {
        const target::Outcome& outcome = outcomes[i];
        Parcel& parcel = held_[i];
        if (!outcome.ok()) {
            *problem = outcome.code + ": " + outcome.message;
            *wait_ms = std::max(*wait_ms, outcome.retry_after_ms);
            if (may_be_mended(outcome)) {
                left.push_back(std::move(parcel));
                continue;
            }
            kept_.counts.refused += parcel.records;
            note([&](Standing& it) { it.last_refusal = shortened(*problem); });
        } else {
            kept_.counts.sent += parcel.records;
        }
        changed_ = true;
        done_with.insert(done_with.end(), parcel.sights.begin(), parcel.sights.end());
    }
    held_ = std::move(left);
    if (definition_.key.empty() || done_with.empty()) return {};
    return write(done_with);
}

int64_t Poller::done() {
    // Where nothing came that is to be kept, the validators are the same, or there are none: no write.
    if (kept_.etag != etag_ || kept_.last_modified != last_modified_) changed_ = true;
    kept_.etag = etag_;
    kept_.last_modified = last_modified_;
    Status written;
    if (changed_ || !again_.empty()) written = write(again_);
    again_.clear();
    const bool clean = written.ok();
    note([&](Standing& it) {
        it.doing = Standing::Doing::waiting;
        it.failures_in_a_row = 0;
        it.last_done_at = began_;
        if (it.last_error_at < began_) it.last_error.clear();
        if (!clean) {
            it.last_error = shortened(written.error().message);
            it.last_error_at = parts_.clock.now();
        }
    });
    const int64_t taken_ms = (parts_.clock.monotonic_ns() - began_ns_) / 1'000'000;
    return std::max<int64_t>(0, static_cast<int64_t>(definition_.every_ms) - taken_ms);
}

Status Poller::write(const std::vector<Sight>& sights) {
    table::WriteBatch batch;
    if (!definition_.key.empty()) TRY(seen_.remember(sights, parts_.clock.now(), &batch));
    if (batch.empty() && !changed_) return {};
    batch.put(state_key(definition_.id), encode(kept_));
    TRY(parts_.store.write(batch));
    seen_.written();
    changed_ = false;
    return {};
}

int64_t Poller::failed(std::string problem, int64_t wait_ms) {
    ++kept_.counts.failures;
    uint32_t failures = 0;
    note([&](Standing& it) {
        it.doing = Standing::Doing::waiting;
        it.last_error = shortened(problem);
        it.last_error_at = parts_.clock.now();
        failures = ++it.failures_in_a_row;
    });
    const double random = static_cast<double>(random_() >> 11) * 0x1p-53;
    return std::max(wait_ms, backoff_ms(failures, definition_.every_ms, random));
}

}  // namespace millrace::source
