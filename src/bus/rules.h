// The rules of one bus, compiled, and which of them an event matches.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/bus/definition.h"
#include "src/bus/index/pattern_index.h"
#include "src/bus/input/input.h"
#include "src/log/log.h"
#include "src/schedule/expression.h"
#include "src/target/target.h"

namespace millrace::bus {

struct RuleTarget {
    // invalid_argument, unsupported: which target, and why not.
    static Result<std::shared_ptr<const RuleTarget>> compile(const RuleDefinition& rule,
                                                             const TargetDefinition& definition);
    // What goes to the target of an event. invalid_argument: see Input::apply.
    Result<target::Item> item_of(std::string_view event, TimestampMs accepted) const;
    int retries_max() const { return definition.retries_max.value_or(185); }
    int64_t age_ms_max() const { return int64_t{definition.age_s_max.value_or(86'400)} * 1000; }

    TargetDefinition definition;
    std::string rule_name, rule_arn;
    target::Kind kind = target::Kind::stream;
    target::Target target;
    std::optional<target::Target> dead_letter;

  private:
    // A header's, query's or path's value: constant, or what a path finds.
    struct Part {
        std::string constant;
        std::optional<SlicePath> path;
        std::string of(std::string_view event) const;
    };
    static Result<Part> part_of(const std::string& text);

    Input input_;
    std::optional<SlicePath> key_path_;
    std::vector<Part> path_values_;
    std::vector<std::pair<std::string, Part>> headers_, query_;
};

struct Rule {
    static Result<std::shared_ptr<Rule>> compile(RuleDefinition definition);
    bool is_enabled() const { return definition.state != RuleState::disabled; }

    RuleDefinition definition;
    std::optional<flow::pattern::Pattern> pattern;
    std::optional<schedule::Expression> schedule;
    std::vector<std::shared_ptr<const RuleTarget>> targets;
};
using RulePtr = std::shared_ptr<const Rule>;

// The rules at a moment. Immutable; any thread.
struct RuleSet {
    uint64_t version = 0;
    std::shared_ptr<const std::vector<RulePtr>> indexed;  // by place in the index
    std::shared_ptr<const PatternIndex> index;
    std::vector<bool> stale;      // of the indexed: replaced or deleted since
    std::vector<RulePtr> recent;  // changed since the index was built: looked at one by one
    std::vector<RulePtr> scheduled;

    // Enabled rules that the event at `position` matches.
    void match(std::string_view event, log::Position position, PatternIndex::Scratch& scratch,
               std::vector<RulePtr>* out) const;
};

// Any thread.
class RuleTable {
  public:
    RulePtr find(const std::string& name) const;  // null where absent
    std::vector<RulePtr> list() const;            // by name
    void put(std::shared_ptr<Rule> rule);
    void remove(const std::string& name);
    // Builds a new index where enough has changed: now and then tens of milliseconds at ten thousand rules.
    std::shared_ptr<const RuleSet> snapshot();

  private:
    void touch(const std::string& name);       // holding mutex_
    std::shared_ptr<RuleSet> rebuilt();        // likewise
    std::shared_ptr<RuleSet> amended() const;  // likewise

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Rule>> rules_;
    std::shared_ptr<const RuleSet> set_ = std::make_shared<RuleSet>();
    std::map<std::string, size_t> places_;  // in set_->indexed
    std::vector<std::string> changed_;      // since set_->index was built
    uint64_t version_ = 0;
};

}  // namespace millrace::bus
