#include "src/flow/processing/partition_query.h"

#include <cerrno>
#include <csignal>
#include <ctime>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/query/channel.h"
#include "src/query/session/spawn.h"
#include "src/query/wire.h"

namespace millrace::flow {
namespace {

using query::MessageKind;

int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

constexpr int64_t start_ms_max = 30'000;  // of the child: a busy machine must not fail a query
constexpr std::string_view too_much = "the query took too long, or more memory than it may have";

class PartitionQueryImpl final : public PartitionQuery {
  public:
    PartitionQueryImpl(JqProgram program, std::string text) : program_(std::move(program)), text_(std::move(text)) {}
    ~PartitionQueryImpl() override { end(); }

    Status begin() {
        int pair[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return io_error("socketpair", errno);
        socket_ = query::Descriptor(pair[0]);
        const query::Descriptor theirs(pair[1]);
        TRY_ASSIGN(child_, query::spawn_child(program_.program, program_.arguments, {"TZ=UTC", "LC_ALL=C.UTF-8"},
                                              theirs.get()));
        TRY(query::send_message(socket_.get(), MessageKind::query, text_, {}, start_deadline()));
        return {};
    }
    Status wait_until_compiled() {
        const auto answer = query::receive_message(socket_.get(), start_deadline());
        // jq ends its process over a module that it may not look for, and over text that takes all its memory.
        if (!answer.ok() && answer.error().code == ErrorCode::unavailable) {
            return Error{ErrorCode::invalid_argument,
                         "MetadataExtractionQuery can not be compiled: it imports a module, or needs too much memory"};
        }
        if (!answer.ok()) return answer.error();
        if (answer->kind == MessageKind::go_on) return {};
        return Error{ErrorCode::invalid_argument,
                     "MetadataExtractionQuery is not a valid JQ expression: " + answer->payload};
    }

    Result<std::vector<ExtractedKeys>> extract(std::span<const std::string_view> records,
                                               const std::atomic<bool>* stopping) override {
        auto together = attempt(records);
        if (together.ok() || records.size() == 1) return together;
        std::vector<ExtractedKeys> out;
        const int64_t until = monotonic_ns() + program_.tries_ms_max * 1'000'000;
        for (const std::string_view& record : records) {
            if (stopping != nullptr && *stopping) return Error{ErrorCode::unavailable, "stopping"};
            if (monotonic_ns() > until) {
                out.push_back({{}, std::string(too_much)});
                continue;
            }
            auto one = attempt({&record, 1});
            if (!one.ok() && !ended_by_query_) return one;
            out.push_back(one.ok() ? std::move(one->front()) : ExtractedKeys{{}, std::string(too_much)});
        }
        return out;
    }

  private:
    static int64_t start_deadline() { return monotonic_ns() + start_ms_max * 1'000'000; }
    int64_t deadline() const { return monotonic_ns() + program_.batch_ms_max * 1'000'000; }

    Result<std::vector<ExtractedKeys>> attempt(std::span<const std::string_view> records) {
        ended_by_query_ = false;
        if (child_ < 0) {
            TRY(begin());
            TRY(wait_until_compiled());
        }
        query::WireWriter out;
        out.number(records.size());
        for (const std::string_view record : records) out.text(record);
        const int64_t until = deadline();
        Status sent = query::send_message(socket_.get(), MessageKind::rows, out.bytes(), {}, until);
        auto answer = sent.ok() ? query::receive_message(socket_.get(), until) : Result<query::Message>(sent.error());
        if (!answer.ok()) {
            end();
            ended_by_query_ = true;
            if (records.size() == 1) return std::vector<ExtractedKeys>{{{}, std::string(too_much)}};
            return std::move(answer).error();
        }
        return parse(answer->payload, records.size());
    }

    Result<std::vector<ExtractedKeys>> parse(std::string_view payload, size_t count) {
        query::WireReader in(payload);
        std::vector<ExtractedKeys> out(count);
        for (ExtractedKeys& keys : out) {
            if (in.number() == 0) {
                keys.error = in.text();
                continue;
            }
            const uint64_t pairs = in.count(16);
            for (uint64_t i = 0; i < pairs; ++i) {
                std::string name = in.text();
                keys.keys[std::move(name)] = in.text();
            }
        }
        if (in.done()) return out;
        end();
        return Error{ErrorCode::corruption, "the JQ process answered what is no answer"};
    }

    void end() {
        if (child_ < 0) return;
        ::kill(child_, SIGKILL);
        socket_.reset(-1);
        while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
        }
        child_ = -1;
    }

    const JqProgram program_;
    const std::string text_;
    query::Descriptor socket_;
    pid_t child_ = -1;
    bool ended_by_query_ = false;
};

}  // namespace

Result<std::unique_ptr<PartitionQuery>> PartitionQuery::start(JqProgram program, std::string text) {
    auto query = std::make_unique<PartitionQueryImpl>(std::move(program), std::move(text));
    TRY(query->begin());
    TRY(query->wait_until_compiled());
    return std::unique_ptr<PartitionQuery>(std::move(query));
}

}  // namespace millrace::flow
