#include "src/flow/table_jobs/table_jobs.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/store.h"
#include "src/table/tables.h"

namespace millrace::flow {
namespace {

constexpr size_t threads = 2;
constexpr size_t running_max = 50;                           // of a kind, as AWS's: imports and exports at a time
constexpr int64_t kept_ms = int64_t{90} * 24 * 3600 * 1000;  // after their end, as AWS lists exports and imports
constexpr JobKind kinds[] = {JobKind::backup, JobKind::restore, JobKind::export_, JobKind::import_};

std::string registry_kind(JobKind kind) {
    return "table." + std::string(name_of(kind));
}

Status run(const TableJobParts& parts, Job* job, JobRun& run) {
    switch (job->kind) {
        case JobKind::backup:
            return run_backup(parts, job, run);
        case JobKind::restore:
            return run_restore(parts, job, run);
        case JobKind::export_:
            return run_export(parts, job, run);
        case JobKind::import_:
            break;
    }
    return run_import(parts, job, run);
}

class StoredTableJobs final : public TableJobs {
    using Key = std::tuple<JobKind, Scope, std::string>;

  public:
    explicit StoredTableJobs(TableJobParts parts) : parts_(std::move(parts)) {}

    ~StoredTableJobs() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    Status open() {
        TRY(parts_.files.make_directories(parts_.backup_directory));
        for (const JobKind kind : kinds) {
            Status failed;
            TRY(parts_.registry.for_each(registry_kind(kind), [&](const Scope& scope, const catalog::Entry& entry) {
                auto job = decode_job(scope, kind, entry.value);
                if (!job.ok()) {
                    failed = job.error();
                    return;
                }
                const Key known = key_of(*job);  // before the job is moved from
                if (job->state == JobState::running) waiting_.push_back(known);
                jobs_[known] = *std::move(job);
            }));
            TRY(failed);
        }
        TRY(remove_files_of_no_backup());
        TRY(remove_tables_of_no_job());
        TRY(forget_old());
        for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
        return {};
    }

    Result<Job> start(Job job) override {
        TRY(forget_old());
        if (job.id.empty()) job.id = new_job_id(parts_.clock.now());
        job.created = parts_.clock.now();
        job.state = JobState::running;
        {
            const std::lock_guard lock(mutex_);
            const auto busy = std::count_if(jobs_.begin(), jobs_.end(), [&](const auto& entry) {
                return entry.second.kind == job.kind && entry.second.scope == job.scope &&
                       entry.second.state == JobState::running;
            });
            if (static_cast<size_t>(busy) >= running_max) {
                return {ErrorCode::resource_exhausted,
                        std::to_string(running_max) + " jobs of this kind run already: wait for one to end"};
            }
        }
        TRY(parts_.registry.create(registry_kind(job.kind), job.scope, job.id, encode_job(job)));
        {
            const std::lock_guard lock(mutex_);
            jobs_[key_of(job)] = job;
            waiting_.push_back(key_of(job));
        }
        changed_.notify_all();
        return job;
    }

    void wait_until_begun(const Job& job, uint32_t timeout_ms) override {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
            const auto found = jobs_.find(key_of(job));
            return stopping_ || found == jobs_.end() || found->second.state != JobState::running ||
                   begun_.contains(key_of(job));
        });
    }

    std::optional<Job> find(JobKind kind, const Scope& scope, std::string_view id) override {
        const std::lock_guard lock(mutex_);
        const auto found = jobs_.find({kind, scope, std::string(id)});
        if (found == jobs_.end()) return std::nullopt;
        return found->second;
    }

    std::vector<Job> list(JobKind kind, const Scope& scope) override {
        const std::lock_guard lock(mutex_);
        std::vector<Job> found;
        for (const auto& [key, job] : jobs_) {
            if (job.kind == kind && job.scope == scope) found.push_back(job);
        }
        return found;
    }

    Status remove(JobKind kind, const Scope& scope, std::string_view id) override {
        const auto job = find(kind, scope, id);
        if (!job) return {ErrorCode::not_found, "there is no " + std::string(name_of(kind)) + " " + std::string(id)};
        if (job->state == JobState::running) {
            return {ErrorCode::failed_precondition, std::string(name_of(kind)) + " " + job->id + " is still running"};
        }
        TRY(parts_.registry.remove(registry_kind(kind), scope, id));  // the file after it: open() removes what is left
        {
            const std::lock_guard lock(mutex_);
            jobs_.erase(key_of(*job));
        }
        if (kind != JobKind::backup) return {};
        const Status removed = parts_.files.remove(backup_path(parts_, *job));
        return removed.ok() || removed.error().code == ErrorCode::not_found ? Status() : removed;
    }

  private:
    // A job under way, as its runner sees it.
    class Run final : public JobRun {
      public:
        Run(StoredTableJobs& owner, Key key) : owner_(owner), key_(std::move(key)) {}
        bool stopping() const override {
            const std::lock_guard lock(owner_.mutex_);
            return owner_.stopping_;
        }
        void begun() override {
            {
                const std::lock_guard lock(owner_.mutex_);
                owner_.begun_.insert(key_);
            }
            owner_.changed_.notify_all();
        }
        Status report(const Job& job, bool durable) override { return owner_.keep(job, durable); }

      private:
        StoredTableJobs& owner_;
        const Key key_;
    };

    static Key key_of(const Job& job) { return {job.kind, job.scope, job.id}; }

    Status keep(const Job& job, bool durable) {
        if (durable) TRY(parts_.registry.put(registry_kind(job.kind), job.scope, job.id, encode_job(job)));
        {
            const std::lock_guard lock(mutex_);
            jobs_[key_of(job)] = job;
        }
        changed_.notify_all();
        return {};
    }

    // What a crash left of a backup that was being deleted.
    Status remove_files_of_no_backup() {
        std::set<std::string> known;
        for (const auto& [key, job] : jobs_) {
            if (job.kind == JobKind::backup) known.insert(backup_path(parts_, job));
        }
        TRY_ASSIGN(const std::vector<std::string> names, parts_.files.list(parts_.backup_directory));
        for (const std::string& name : names) {
            const std::string path = parts_.backup_directory + "/" + name;
            if (!known.contains(path)) TRY(parts_.files.remove(path));
        }
        return {};
    }

    // A crash between making a table and recording the job that was to fill it.
    Status remove_tables_of_no_job() {
        std::set<uint64_t> filled;
        for (const auto& [key, job] : jobs_) {
            if (job.state == JobState::running) filled.insert(job.table_id);
        }
        for (const table::TableRef& table : parts_.tables.all()) {
            if (table->state != table::TableState::creating || filled.contains(table->id)) continue;
            TRY(parts_.tables.remove(table->scope, table->name));
        }
        return {};
    }

    // What is listed must not grow for ever: a restore that ended is seen in its table.
    Status forget_old() {
        std::vector<Key> old;
        {
            const std::lock_guard lock(mutex_);
            const int64_t before = parts_.clock.now().value() - kept_ms;
            for (const auto& [key, job] : jobs_) {
                if (job.state == JobState::running || job.kind == JobKind::backup) continue;
                if (job.kind == JobKind::restore || job.ended.value() < before) old.push_back(key);
            }
        }
        for (const Key& key : old) TRY(remove(std::get<0>(key), std::get<1>(key), std::get<2>(key)));
        return {};
    }

    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            const Key key = waiting_.front();
            waiting_.pop_front();
            Job job = jobs_[key];
            lock.unlock();
            end(key, run_one(key, &job), job);
            lock.lock();
            begun_.erase(key);
        }
    }

    Status run_one(const Key& key, Job* job) {
        Run running(*this, key);
        return run(parts_, job, running);
    }

    void end(const Key& key, const Status& outcome, Job job) {
        if (!outcome.ok() && outcome.error().code == ErrorCode::cancelled) return;  // goes on after the next start
        job.state = outcome.ok() ? JobState::done : JobState::failed;
        job.ended = parts_.clock.now();
        if (!outcome.ok()) {
            job.failure = outcome.error().message;
            if (job.failure_code.empty()) job.failure_code = "UNKNOWN";
            std::fprintf(stderr, "millrace: %s %s of table %s failed: %s\n", std::string(name_of(job.kind)).c_str(),
                         job.id.c_str(), job.table.c_str(), job.failure.c_str());
        }
        if (const Status kept = keep(job, true); !kept.ok()) {
            std::fprintf(stderr, "millrace: %s %s: its end could not be recorded: %s\n",
                         std::string(name_of(job.kind)).c_str(), std::get<2>(key).c_str(),
                         kept.error().message.c_str());
        }
    }

    const TableJobParts parts_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;  // a job waits, has begun or has ended, or stopping
    bool stopping_ = false;
    std::map<Key, Job> jobs_;
    std::set<Key> begun_;
    std::deque<Key> waiting_;
    std::vector<std::thread> threads_;
};

}  // namespace

Status check_job_bucket(const TableJobParts& parts, const std::string& bucket, Job* job) {
    const Status owned = object::check_owner(parts.objects, bucket, job->scope.account);
    if (owned.ok()) return {};
    if (owned.error().code == ErrorCode::not_found) {
        job->failure_code = "S3NoSuchBucket";
        return {ErrorCode::not_found, "The specified bucket does not exist: " + bucket};
    }
    job->failure_code = "S3AccessDenied";
    return owned;
}

std::string backup_path(const TableJobParts& parts, const Job& backup) {
    return parts.backup_directory + "/" + backup.scope.account + "-" + backup.scope.region + "-" + backup.id;
}

Result<std::unique_ptr<TableJobs>> TableJobs::open(TableJobParts parts) {
    auto jobs = std::make_unique<StoredTableJobs>(std::move(parts));
    TRY(jobs->open());
    return std::unique_ptr<TableJobs>(std::move(jobs));
}

}  // namespace millrace::flow
