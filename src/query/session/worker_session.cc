#include "src/query/session/worker_session.h"

#include <cerrno>
#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/object/store.h"
#include "src/query/channel.h"
#include "src/query/session/query_tables.h"
#include "src/query/session/spawn.h"
#include "src/query/wire.h"

namespace millrace::query {

namespace {

int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace

void ChildHandle::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (child_ > 0) ::kill(child_, SIGKILL);
}

bool ChildHandle::cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
}

class WorkerSession {
  public:
    WorkerSession(const WorkerOptions& options, const WorkerQuery& query, QueryTables& tables, ResultSink& sink,
                  ChildHandle& handle, QueryStatistics* statistics)
        : options_(options), query_(query), tables_(tables), sink_(sink), handle_(handle), statistics_(statistics) {}

    Status run() {
        int pair[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return io_error("socketpair", errno);
        socket_ = Descriptor(pair[0]);
        {
            Descriptor theirs(pair[1]);
            const std::lock_guard lock(handle_.mutex_);
            if (handle_.cancelled_) return Error{ErrorCode::cancelled, "Query cancelled by user"};
            std::vector<std::string> environment = to_environment(options_.limits);
            environment.emplace_back("TZ=UTC");
            environment.emplace_back("LC_ALL=C.UTF-8");
            TRY_ASSIGN(handle_.child_,
                       spawn_child(options_.program, options_.arguments, std::move(environment), theirs.get()));
        }
        deadline_ns_ = monotonic_ns() + options_.seconds_max * 1'000'000'000LL;
        Status status = serve();
        const int wait_status = reap();
        if (handle_.cancelled()) return Error{ErrorCode::cancelled, "Query cancelled by user"};
        if (!status.ok() && status.error().code == ErrorCode::deadline_exceeded) {
            return Error{ErrorCode::deadline_exceeded, "Query timeout: the query ran longer than " +
                                                           std::to_string(options_.seconds_max) + " seconds"};
        }
        if (!status.ok() && status.error().code == ErrorCode::unavailable && !ended_) return death(wait_status);
        return status;
    }

  private:
    // Kills what still runs, and waits for it.
    int reap() {
        const std::lock_guard lock(handle_.mutex_);
        if (!ended_) ::kill(handle_.child_, SIGKILL);
        socket_.reset(-1);
        int status = 0;
        while (::waitpid(handle_.child_, &status, 0) < 0 && errno == EINTR) {
        }
        handle_.child_ = -1;
        return status;
    }

    static Error death(int wait_status) {
        std::string how = "exit code " + std::to_string(WEXITSTATUS(wait_status));
        if (WIFSIGNALED(wait_status)) how = "signal " + std::to_string(WTERMSIG(wait_status));
        return {ErrorCode::resource_exhausted,
                "EXCEEDED_LOCAL_MEMORY_LIMIT: the query's process ended (" + how +
                    "): it needed more memory, processor time or nesting than a query may have"};
    }

    Status reply(MessageKind kind, std::string_view payload, const std::vector<int>& descriptors = {}) {
        return send_message(socket_.get(), kind, payload, descriptors, deadline_ns_);
    }
    Status refuse(const Error& error) {
        WireWriter out;
        out.number(static_cast<uint64_t>(error.code));
        out.text(error.message);
        return reply(MessageKind::refused, out.bytes());
    }

    Status serve() {
        for (;;) {
            TRY_ASSIGN(Message message, receive_message(socket_.get(), deadline_ns_));
            switch (message.kind) {
                case MessageKind::ready:
                    TRY(reply(MessageKind::query, encode(query_)));
                    break;
                case MessageKind::table:
                    TRY(table(message.payload));
                    break;
                case MessageKind::open:
                    TRY(open(message.payload));
                    break;
                case MessageKind::columns: {
                    TRY_ASSIGN(const std::vector<ResultColumn> columns, decode_columns(message.payload));
                    if (columns_seen_) return Error{ErrorCode::corruption, "a query's process sent columns twice"};
                    columns_seen_ = true;
                    TRY(sink_.columns(columns));
                    TRY(reply(MessageKind::go_on, {}));
                    break;
                }
                case MessageKind::rows:
                    if (!columns_seen_) return Error{ErrorCode::corruption, "a query's process sent rows too early"};
                    TRY(sink_.rows(message.payload));
                    TRY(reply(MessageKind::go_on, {}));
                    break;
                case MessageKind::done: {
                    ended_ = true;
                    TRY_ASSIGN(const QueryStatistics told, decode_statistics(message.payload));
                    take(told);
                    return {};
                }
                case MessageKind::failed: {
                    ended_ = true;
                    TRY_ASSIGN(auto failure, decode_failure(message.payload));
                    take(failure.second);
                    return std::move(failure.first);
                }
                default:
                    return Error{ErrorCode::corruption, "a query's process sent what makes no sense"};
            }
        }
    }

    void take(const QueryStatistics& told) {
        statistics_->scanned_bytes = told.scanned_bytes;
        statistics_->output_rows = told.output_rows;
        statistics_->planning_ms = told.planning_ms;
        statistics_->engine_ms = told.engine_ms;
    }

    Status table(std::string_view payload) {
        WireReader in(payload);
        const std::string catalog = in.text();
        const std::string database = in.text();
        const std::string name = in.text();
        if (!in.done()) return Error{ErrorCode::corruption, "a query's process asked for what makes no sense"};
        Result<TableDescription> described = tables_.resolve(catalog, database, name);
        if (!described) return refuse(described.error());
        const std::string encoded = encode(*described);
        if (encoded.size() > message_bytes_max) {
            return refuse(
                {ErrorCode::resource_exhausted, "HIVE_EXCEEDED_PARTITION_LIMIT: the table has too many objects"});
        }
        return reply(MessageKind::table_is, encoded);
    }

    Status open(std::string_view payload) {
        WireReader in(payload);
        const uint64_t table = in.number();
        const uint64_t object = in.number();
        const uint64_t first = in.number();
        if (!in.done()) return Error{ErrorCode::corruption, "a query's process asked for what makes no sense"};
        Result<std::unique_ptr<object::ObjectReader>> reader = tables_.open(table, object);
        if (!reader) return refuse(reader.error());
        const auto& extents = (*reader)->extents();
        WireWriter out;
        out.number(extents.size());
        std::vector<int> descriptors;
        std::vector<Descriptor> read_only;
        for (size_t i = first; i < extents.size() && descriptors.size() < message_descriptors_max; ++i) {
            Result<int> handed = for_reading(extents[i].descriptor, &read_only);
            if (!handed) return refuse(handed.error());
            descriptors.push_back(*handed);
            out.number(extents[i].file_offset);
            out.number(extents[i].size);
        }
        return reply(MessageKind::object_is, out.bytes(), descriptors);
    }

    // The child must not be able to write: a descriptor that can is opened again for reading only.
    static Result<int> for_reading(int descriptor, std::vector<Descriptor>* read_only) {
        const int flags = ::fcntl(descriptor, F_GETFL);
        if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) return descriptor;
        const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
        const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (opened < 0) return io_error("opening an object for a query", errno);
        read_only->emplace_back(opened);
        return opened;
    }

    const WorkerOptions& options_;
    const WorkerQuery& query_;
    QueryTables& tables_;
    ResultSink& sink_;
    ChildHandle& handle_;
    QueryStatistics* statistics_;
    Descriptor socket_;
    int64_t deadline_ns_ = 0;
    bool columns_seen_ = false;
    bool ended_ = false;  // it said its last word
};

Status run_worker(const WorkerOptions& options, const WorkerQuery& query, QueryTables& tables, ResultSink& sink,
                  ChildHandle& handle, QueryStatistics* statistics) {
    return WorkerSession(options, query, tables, sink, handle, statistics).run();
}

}  // namespace millrace::query
