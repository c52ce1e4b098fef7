#include "src/flow/table_jobs/job.h"

#include <cstdio>

#include <boost/json.hpp>

#include "src/base/bytes.h"
#include "src/base/checksum.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view name) {
    return json::value_to<std::string>(object.at(name));
}
template <class T = uint64_t>
T number(const json::object& object, std::string_view name) {
    return object.at(name).to_number<T>();
}

}  // namespace

std::string_view name_of(JobKind kind) {
    switch (kind) {
        case JobKind::backup:
            return "backup";
        case JobKind::restore:
            return "restore";
        case JobKind::export_:
            return "export";
        case JobKind::import_:
            break;
    }
    return "import";
}

// Members are added, never given another meaning.
std::string encode_job(const Job& job) {
    return json::serialize(json::object{{"format", 1},
                                        {"table", job.table},
                                        {"table_id", job.table_id},
                                        {"id", job.id},
                                        {"name", job.name},
                                        {"token", job.token},
                                        {"created", job.created.value()},
                                        {"ended", job.ended.value()},
                                        {"state", static_cast<int>(job.state)},
                                        {"failure_code", job.failure_code},
                                        {"failure", job.failure},
                                        {"request", job.request},
                                        {"details", job.details},
                                        {"progress", job.progress},
                                        {"items", job.items},
                                        {"bytes", job.bytes},
                                        {"processed", job.processed},
                                        {"errors", job.errors},
                                        {"result", job.result}});
}

Result<Job> decode_job(const Scope& scope, JobKind kind, std::string_view encoded) {
    try {
        const json::object object = json::parse(encoded).as_object();
        Job job;
        job.kind = kind;
        job.scope = scope;
        job.table = text(object, "table");
        job.table_id = number(object, "table_id");
        job.id = text(object, "id");
        job.name = text(object, "name");
        job.token = text(object, "token");
        job.created = TimestampMs(number<int64_t>(object, "created"));
        job.ended = TimestampMs(number<int64_t>(object, "ended"));
        job.state = static_cast<JobState>(number<int>(object, "state"));
        job.failure_code = text(object, "failure_code");
        job.failure = text(object, "failure");
        job.request = text(object, "request");
        job.details = text(object, "details");
        job.progress = text(object, "progress");
        job.items = number(object, "items");
        job.bytes = number(object, "bytes");
        job.processed = number(object, "processed");
        job.errors = number(object, "errors");
        job.result = text(object, "result");
        return job;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the record of a table job is damaged: ") + error.what()};
    }
}

std::string new_job_id(TimestampMs now) {
    char time[32];
    std::snprintf(time, sizeof time, "%014lld", static_cast<long long>(now.value()));
    return std::string(time) + "-" + hex_encode(random_bytes(4));
}

}  // namespace millrace::flow
