#include "src/bus/rules.h"

#include <algorithm>

namespace millrace::bus {
namespace {

constexpr size_t recent_max = 64;

bool matches(const Rule& rule) {
    return rule.is_enabled() && rule.pattern.has_value();
}

}  // namespace

Result<std::shared_ptr<Rule>> Rule::compile(RuleDefinition definition) {
    auto out = std::make_shared<Rule>();
    if (!definition.pattern.empty()) {
        TRY_ASSIGN(out->pattern, flow::pattern::Pattern::compile(definition.pattern));
    }
    if (!definition.schedule.empty()) {
        TRY_ASSIGN(out->schedule,
                   schedule::Expression::parse(definition.schedule, "UTC", schedule::Expression::Dialect::rule));
    }
    for (const TargetDefinition& each : definition.targets) {
        TRY_ASSIGN(std::shared_ptr<const RuleTarget> target, RuleTarget::compile(definition, each));
        out->targets.push_back(std::move(target));
    }
    out->definition = std::move(definition);
    return out;
}

void RuleSet::match(std::string_view event, log::Position position, PatternIndex::Scratch& scratch,
                    std::vector<RulePtr>* out) const {
    out->clear();
    const auto add = [&](const RulePtr& rule) {
        if (position.value() >= rule->definition.from_position) out->push_back(rule);
    };
    if (index) {
        thread_local std::vector<uint32_t> found;
        index->match(event, scratch, &found);
        for (const uint32_t i : found) {
            if (!stale[i]) add((*indexed)[i]);
        }
    }
    if (recent.empty()) return;
    const auto tree = flow::pattern::parse_json(event);
    if (!tree.ok()) return;
    for (const RulePtr& rule : recent) {
        if (rule->pattern->matches(*tree)) add(rule);
    }
}

RulePtr RuleTable::find(const std::string& name) const {
    std::lock_guard lock(mutex_);
    const auto found = rules_.find(name);
    return found == rules_.end() ? nullptr : found->second;
}

std::vector<RulePtr> RuleTable::list() const {
    std::lock_guard lock(mutex_);
    std::vector<RulePtr> out;
    for (const auto& [name, rule] : rules_) out.push_back(rule);
    return out;
}

void RuleTable::touch(const std::string& name) {
    ++version_;
    if (changed_.size() > recent_max) return;  // the next snapshot builds the index anew, whatever else changes
    if (std::find(changed_.begin(), changed_.end(), name) == changed_.end()) changed_.push_back(name);
}

void RuleTable::put(std::shared_ptr<Rule> rule) {
    std::lock_guard lock(mutex_);
    const std::string name = rule->definition.name;
    rules_[name] = std::move(rule);
    touch(name);
}

void RuleTable::remove(const std::string& name) {
    std::lock_guard lock(mutex_);
    if (rules_.erase(name) > 0) touch(name);
}

std::shared_ptr<const RuleSet> RuleTable::snapshot() {
    std::lock_guard lock(mutex_);
    if (set_->version == version_) return set_;
    const std::shared_ptr<RuleSet> next = changed_.size() <= recent_max ? amended() : rebuilt();
    next->scheduled.clear();
    for (const auto& [name, rule] : rules_) {
        if (rule->is_enabled() && rule->schedule) next->scheduled.push_back(rule);
    }
    set_ = next;
    return set_;
}

std::shared_ptr<RuleSet> RuleTable::amended() const {
    auto out = std::make_shared<RuleSet>(*set_);
    out->version = version_;
    out->recent.clear();
    for (const std::string& name : changed_) {
        if (const auto place = places_.find(name); place != places_.end()) out->stale[place->second] = true;
        const auto found = rules_.find(name);
        if (found != rules_.end() && matches(*found->second)) out->recent.push_back(found->second);
    }
    return out;
}

std::shared_ptr<RuleSet> RuleTable::rebuilt() {
    auto out = std::make_shared<RuleSet>();
    out->version = version_;
    auto indexed = std::make_shared<std::vector<RulePtr>>();
    std::vector<flow::pattern::Pattern> patterns;
    places_.clear();
    for (const auto& [name, rule] : rules_) {
        if (!matches(*rule)) continue;
        places_[name] = indexed->size();
        indexed->push_back(rule);
        patterns.push_back(*rule->pattern);
    }
    out->stale.assign(indexed->size(), false);
    out->indexed = std::move(indexed);
    out->index = PatternIndex::build(std::move(patterns));
    changed_.clear();
    return out;
}

}  // namespace millrace::bus
