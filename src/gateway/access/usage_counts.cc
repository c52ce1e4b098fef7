#include "src/gateway/access/usage_counts.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <boost/json.hpp>

#include "src/table/key_value_store.h"

namespace millrace::gateway {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "gateway/usage/";
constexpr size_t batch_max = 1'000;

std::string plan_prefix(const UsagePlan& plan) {
    return std::string(prefix) + plan.scope.account + '/' + plan.scope.region + '/' + plan.id + '/';
}

}  // namespace

Day day_of(TimestampMs time) {
    return static_cast<Day>(std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(time.value())).count());
}

std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int number = 0;
    int parts[3] = {};
    for (size_t i = 0, part = 0; i <= 10; ++i) {
        if (i == 4 || i == 7 || i == 10) {
            parts[part++] = number;
            number = 0;
        } else if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        } else {
            number = number * 10 + (text[i] - '0');
        }
    }
    const std::chrono::year_month_day date{std::chrono::year{parts[0]},
                                           std::chrono::month{static_cast<unsigned>(parts[1])},
                                           std::chrono::day{static_cast<unsigned>(parts[2])}};
    if (!date.ok()) return std::nullopt;
    return static_cast<Day>(std::chrono::sys_days(date).time_since_epoch().count());
}

Day period_start(std::string_view period, Day day) {
    const std::chrono::sys_days date{std::chrono::days{day}};
    if (period == "WEEK") {
        return day - static_cast<Day>((std::chrono::weekday(date) - std::chrono::Monday).count());
    }
    if (period == "MONTH") return day - static_cast<Day>(unsigned{std::chrono::year_month_day(date).day()}) + 1;
    return day;
}

Result<std::unique_ptr<UsageCounts>> UsageCounts::open(table::KeyValueStore& store) {
    std::unique_ptr<UsageCounts> counts(new UsageCounts(store));
    TRY(counts->load());
    return counts;
}

Status UsageCounts::load() {
    const std::unique_ptr<table::Cursor> cursor = store_.cursor();
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        Counter counter;
        if (!decode(cursor->value(), &counter)) {
            return Error{ErrorCode::corruption, "a usage count can not be read: " + std::string(cursor->key())};
        }
        counters_.emplace(cursor->key(), std::move(counter));
    }
    return cursor->status();
}

bool UsageCounts::count(const UsagePlan& plan, const std::string& key_id, Day today) {
    std::string name = plan_prefix(plan) + key_id;
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = counters_.try_emplace(name);
    Counter& counter = at->second;
    if (is_new) counter.first = today;
    if (remaining(plan, counter, today) <= 0) {
        if (is_new) counters_.erase(at);
        return false;
    }
    ++counter.days[today].used;
    counter.days.erase(counter.days.begin(), counter.days.lower_bound(today - days_kept));
    dirty_.insert(std::move(name));
    return true;
}

int64_t UsageCounts::remaining(const UsagePlan& plan, const Counter& counter, Day day) {
    if (!plan.quota) return std::numeric_limits<int64_t>::max();
    const Day start = period_start(plan.quota->period, day);
    int64_t left = plan.quota->limit;
    if (period_start(plan.quota->period, counter.first) == start) left -= plan.quota->offset;
    for (auto at = counter.days.lower_bound(start); at != counter.days.end() && at->first <= day; ++at) {
        left += at->second.extra - at->second.used;
    }
    return left;
}

UsageCounts::OfDay UsageCounts::of_day(const UsagePlan& plan, const std::string& key_id, Day day) {
    const std::lock_guard lock(mutex_);
    const auto at = counters_.find(plan_prefix(plan) + key_id);
    Counter nobody;
    nobody.first = day;
    const Counter& counter = at == counters_.end() ? nobody : at->second;
    const auto of = counter.days.find(day);
    return {of == counter.days.end() ? 0 : of->second.used, std::max<int64_t>(0, remaining(plan, counter, day))};
}

Status UsageCounts::set_remaining(const UsagePlan& plan, const std::string& key_id, Day today, int64_t left) {
    if (!plan.quota) return Error{ErrorCode::failed_precondition, "the usage plan has no quota"};
    {
        const std::lock_guard lock(mutex_);
        std::string name = plan_prefix(plan) + key_id;
        const auto [at, is_new] = counters_.try_emplace(name);
        if (is_new) at->second.first = today;
        const int64_t now = remaining(plan, at->second, today);
        at->second.days[today].extra += left - now;
        dirty_.insert(std::move(name));
    }
    return flush();
}

Status UsageCounts::forget(const UsagePlan& plan, std::string_view key_id) {
    const std::string name = plan_prefix(plan) + std::string(key_id);
    const std::lock_guard one_writer(flush_);
    table::WriteBatch batch;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = counters_.lower_bound(name);
             at != counters_.end() && (key_id.empty() ? at->first.starts_with(name) : at->first == name);) {
            batch.erase(at->first);
            dirty_.erase(at->first);
            at = counters_.erase(at);
        }
    }
    return batch.empty() ? Status() : store_.write(batch);
}

Status UsageCounts::flush() {
    const std::lock_guard one_writer(flush_);
    for (;;) {
        table::WriteBatch batch;
        std::vector<std::string> names;
        {
            const std::lock_guard lock(mutex_);
            while (!dirty_.empty() && names.size() < batch_max) {
                names.push_back(std::move(dirty_.extract(dirty_.begin()).value()));
                batch.put(names.back(), encode(counters_.at(names.back())));
            }
        }
        if (names.empty()) return {};
        if (Status written = store_.write(batch); !written.ok()) {
            const std::lock_guard lock(mutex_);
            for (std::string& name : names) {
                if (counters_.contains(name)) dirty_.insert(std::move(name));
            }
            return written;
        }
    }
}

std::string UsageCounts::encode(const Counter& counter) {
    std::string text = "{\"format\":1,\"first\":" + std::to_string(counter.first) + ",\"days\":[";
    for (const auto& [day, cell] : counter.days) {
        if (text.back() != '[') text += ',';
        text += '[' + std::to_string(day) + ',' + std::to_string(cell.used) + ',' + std::to_string(cell.extra) + ']';
    }
    return text + "]}";
}

bool UsageCounts::decode(std::string_view text, Counter* out) {
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    const json::object* object = error ? nullptr : document.if_object();
    if (!object) return false;
    const json::value *format = object->if_contains("format"), *first = object->if_contains("first"),
                      *days = object->if_contains("days");
    if (!format || *format != 1 || !first || !first->is_int64() || !days || !days->is_array()) return false;
    out->first = static_cast<Day>(first->get_int64());
    for (const json::value& day : days->get_array()) {
        const json::array* cell = day.if_array();
        if (!cell || cell->size() != 3) return false;
        for (const json::value& number : *cell) {
            if (!number.is_int64()) return false;
        }
        out->days[static_cast<Day>((*cell)[0].get_int64())] = {(*cell)[1].get_int64(), (*cell)[2].get_int64()};
    }
    return true;
}

}  // namespace millrace::gateway
