// Buses as they run. buses.cc has buses and rules, buses_archives.cc archives and replays.
//
// Lock order: changes_ (who changes anything), then mutex_ (the maps). Nothing is stepped, and no task removed, while
// mutex_ is held.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "src/bus/buses.h"
#include "src/bus/replay.h"
#include "src/flow/scheduler.h"

namespace millrace::bus {

class BusesImpl final : public Buses, public Surroundings {
  public:
    BusesImpl(Options options, Parts parts) : options_(options), parts_(parts) {}
    ~BusesImpl() override { stop(); }
    Status load();

    Status run(target::Deliverer& deliverer) override;
    void stop() override;

    Result<BusPtr> find(const Scope& scope, const std::string& name) override;
    Result<BusPtr> create(BusDefinition wanted) override;
    Result<BusPtr> change(const Scope& scope, const std::string& name,
                          const std::function<Status(BusDefinition&)>& change) override;
    Status remove(const Scope& scope, const std::string& name) override;
    Result<std::vector<BusPtr>> list(const Scope& scope) override;

    Result<std::vector<RulePtr>> rules(const Scope& scope, const std::string& bus) override;
    Result<RulePtr> rule(const Scope& scope, const std::string& bus, const std::string& name) override;
    Result<RulePtr> change_rule(const Scope& scope, const std::string& bus, const std::string& name, bool may_create,
                                const std::function<Status(RuleDefinition&)>& change) override;
    Status remove_rule(const Scope& scope, const std::string& bus, const std::string& name) override;
    Result<uint64_t> next_uid() override;

    Result<ArchiveInfo> create_archive(ArchiveDefinition wanted) override;
    Result<ArchiveInfo> archive(const Scope& scope, const std::string& name) override;
    Result<ArchiveInfo> change_archive(const Scope& scope, const std::string& name,
                                       const std::function<Status(ArchiveDefinition&)>& change) override;
    Status remove_archive(const Scope& scope, const std::string& name) override;
    std::vector<ArchiveInfo> archives(const Scope& scope) override;

    Result<ReplayDefinition> start_replay(ReplayDefinition wanted) override;
    Result<ReplayDefinition> replay(const Scope& scope, const std::string& name) override;
    Result<ReplayDefinition> cancel_replay(const Scope& scope, const std::string& name) override;
    std::vector<ReplayDefinition> replays(const Scope& scope) override;

    std::vector<Watch> watch() override;

    std::optional<OtherBus> other_bus(std::string_view bus_arn, const std::string& account) override;
    std::shared_ptr<const std::set<std::string>> rules_of_replay(const Scope& scope,
                                                                 const std::string& replay) override;
    log::Position archived_until(const BusDefinition& bus, log::Position otherwise) override;

  private:
    using Name = std::pair<Scope, std::string>;
    struct Running {
        BusPtr definition;
        std::shared_ptr<RuleTable> rules = std::make_shared<RuleTable>();
        std::shared_ptr<Dispatcher> dispatcher;
        flow::Scheduler::TaskPtr task;
    };
    using RunningPtr = std::shared_ptr<Running>;
    struct RunningArchive {
        ArchiveDefinition definition;
        std::shared_ptr<Archiver> archiver;  // null where its bus is no more
        flow::Scheduler::TaskPtr task;
        ArchiveState last;  // without an archiver
    };
    struct RunningReplay {
        std::shared_ptr<Replayer> replayer;
        flow::Scheduler::TaskPtr task;
        std::shared_ptr<const std::set<std::string>> rules;
    };

    RunningPtr look_up(const Scope& scope, const std::string& name) const;  // null where absent
    Result<RunningPtr> get(const Scope& scope, const std::string& name);    // makes "default"
    Result<RunningPtr> create_running(BusDefinition wanted);                // holding changes_
    Status drop_gone(uint64_t shard);                                       // likewise
    Status finish_deleting();                                               // likewise
    Status start(Running& running);                                         // likewise
    Status start(RunningArchive& archive);                                  // likewise
    Status add_replay(ReplayDefinition replay);                             // likewise
    void poke(const Running& running);
    static ArchiveInfo info_of(const RunningArchive& archive);

    const Options options_;
    const Parts parts_;
    target::Deliverer* deliverer_ = nullptr;  // from run() on
    std::mutex changes_;
    mutable std::shared_mutex mutex_;
    std::map<Name, RunningPtr> buses_;
    std::map<Name, std::shared_ptr<RunningArchive>> archives_;
    std::map<Name, RunningReplay> replays_;
    std::unique_ptr<flow::Scheduler> scheduler_;
};

}  // namespace millrace::bus
