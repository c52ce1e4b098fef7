// Work on whole tables that takes its time: backups, restores, exports, imports. A job is one durable entry of the
// registry; it is recorded before the request that asks for it is answered, and runs until it is done or has failed,
// over restarts: a job that was interrupted begins again from what it saved of its progress.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::flow {

enum class JobKind : uint8_t { backup, restore, export_, import_ };
std::string_view name_of(JobKind kind);  // "backup", "restore", "export", "import": also the word in ARNs

enum class JobState : uint8_t { running, done, failed };

struct Job {
    JobKind kind = JobKind::backup;
    Scope scope;
    std::string table;      // its name when the job began: of a backup or export the source, else the target
    uint64_t table_id = 0;  // the same table's (TableDefinition::id)
    std::string id;         // the last part of its ARN; sorts by time
    std::string name;       // of a backup, given by the user
    std::string token;      // ClientToken, "" where none was given
    TimestampMs created;
    TimestampMs ended;
    JobState state = JobState::running;
    std::string failure_code;  // AWS's ("S3NoSuchBucket"), where failed
    std::string failure;
    std::string request;   // what to do: JSON of the kind (export_job.h, ...)
    std::string details;   // the service's own, kept and given back: what it describes the job by
    std::string progress;  // what is done already, JSON of the kind; "" at the beginning

    // So far.
    uint64_t items = 0;      // backed up, exported, imported
    uint64_t bytes = 0;      // counted bytes of those; of an import read, after decompression
    uint64_t processed = 0;  // import: records looked at
    uint64_t errors = 0;     // import: of which were no items of the table
    std::string result;      // export: the manifest's key; import: the table's uuid
};

std::string encode_job(const Job& job);
Result<Job> decode_job(const Scope& scope, JobKind kind, std::string_view json);  // corruption

// "01732183200000-1a2b3c4d": 14 digits of milliseconds, and 8 hexadecimal digits by chance.
std::string new_job_id(TimestampMs now);

}  // namespace millrace::flow
