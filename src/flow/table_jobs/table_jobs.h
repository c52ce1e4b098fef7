// Every job on whole tables there is, and the threads that run them. See job.h.
//
// A job of AWS's asynchronous operations (CreateBackup, ExportTableToPointInTime, ...) is started here; describing one
// is a copy of what is in memory. How each kind works is in a file of its own: backup_job.cc, restore_job.cc,
// export_job.cc, import_job.cc.
//
// Start: open(), after tables, objects and catalog. Stop: destruction, before them: what runs stops at its next item
// and goes on at the next start.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/table_jobs/job.h"

namespace millrace::io {
class Clock;
class FileSystem;
}  // namespace millrace::io
namespace millrace::table {
class Tables;
}
namespace millrace::object {
class Store;
}
namespace millrace::catalog {
class Registry;
}

namespace millrace::flow {

// All outlive the object.
struct TableJobParts {
    table::Tables& tables;
    object::Store& objects;
    catalog::Registry& registry;
    io::FileSystem& files;
    const io::Clock& clock;
    std::string backup_directory;  // ours alone; made where absent
    // A line of CloudWatch Logs, which is not waited for. Empty: none.
    std::function<void(const Scope&, const std::string& group, const std::string& stream, std::string line)> log = {};
};

// Where imports say what they left out, in a stream IMPORT-ID/error.
constexpr std::string_view import_log_group = "/aws-dynamodb/imports";

// Any thread. Changes are durable on return.
class TableJobs {
  public:
    static Result<std::unique_ptr<TableJobs>> open(TableJobParts parts);
    virtual ~TableJobs() = default;

    // Fills id (where empty), created and state, records the job and runs it. resource_exhausted: 50 of the kind run.
    virtual Result<Job> start(Job job) = 0;
    // Waits until the job has taken its view of the table (what is written later is not in it), has ended, or
    // `timeout_ms` has passed.
    virtual void wait_until_begun(const Job& job, uint32_t timeout_ms) = 0;
    virtual std::optional<Job> find(JobKind kind, const Scope& scope, std::string_view id) = 0;
    // In order of ids, which is that of time.
    virtual std::vector<Job> list(JobKind kind, const Scope& scope) = 0;
    // Forgets a job that has ended, and the backup's file with it. not_found; failed_precondition while it runs.
    virtual Status remove(JobKind kind, const Scope& scope, std::string_view id) = 0;
};

// What a running job sees of the machinery.
class JobRun {
  public:
    virtual ~JobRun() = default;
    virtual bool stopping() const = 0;
    virtual void begun() = 0;  // see wait_until_begun
    // What others see of the job from now on; with `durable` also what it goes on from after a restart.
    virtual Status report(const Job& job, bool durable) = 0;
};

// How each kind runs: ok when done, cancelled where it stopped because it had to (it runs again after the next start);
// everything else is a failure, with Job::failure_code filled where AWS has a name for it.
Status run_backup(const TableJobParts& parts, Job* job, JobRun& run);
Status run_restore(const TableJobParts& parts, Job* job, JobRun& run);
Status run_export(const TableJobParts& parts, Job* job, JobRun& run);
Status run_import(const TableJobParts& parts, Job* job, JobRun& run);

// Whether the job's account may use the bucket: not_found, permission_denied, with AWS's failure code in the job.
Status check_job_bucket(const TableJobParts& parts, const std::string& bucket, Job* job);

// Where a backup's items are.
std::string backup_path(const TableJobParts& parts, const Job& backup);

}  // namespace millrace::flow
