#include "src/http/source_pump.h"

#include <utility>

#include "src/http/connection.h"
#include "src/http/io_loop.h"
#include "src/http/waiting_source.h"

namespace millrace::http {

void discard_source(std::unique_ptr<BodySource> source, io::Executor& executor) {
    if (!source) return;
    std::shared_ptr<BodySource> shared = std::move(source);
    executor.submit([shared] {});  // where it refuses, the last owner is this thread
}

SourcePump::SourcePump(std::unique_ptr<BodySource> source, io::Executor& executor)
    : source_(std::move(source)), waiting_source_(dynamic_cast<WaitingSource*>(source_.get())), executor_(executor) {}

SourcePump::~SourcePump() {
    discard_source(std::move(source_), executor_);
}

std::string SourcePump::take_chunk() {
    std::string chunk = std::move(chunks_.front());
    chunks_.pop_front();
    return chunk;
}

void SourcePump::want(const std::shared_ptr<Connection>& connection) {
    if (reading_ || ended_ || failed_ || chunks_.size() >= 2) return;
    reading_ = true;
    if (waiting_source_ != nullptr && has_to_wait(connection)) return;
    bool accepted = executor_.submit([self = shared_from_this(), connection] {
        std::string chunk;
        chunk.resize(chunk_bytes);
        // Whole chunks: a source that yields little at a time does not become many small writes.
        size_t filled = 0;
        Result<size_t> got = size_t{0};
        while (filled < chunk.size()) {
            got = self->source_->read({chunk.data() + filled, chunk.size() - filled});
            if (!got.ok() || *got == 0) break;
            filled += *got;
            if (self->source_->live()) break;
        }
        chunk.resize(filled);
        connection->loop().post([self, connection, got = std::move(got), chunk = std::move(chunk)]() mutable {
            self->arrived(std::move(got), std::move(chunk));
            connection->advance();
        });
    });
    if (!accepted) {
        reading_ = false;
        failed_ = true;
    }
}

// The source keeps what is to be called, and this pump keeps the source: so only weakly.
bool SourcePump::has_to_wait(const std::shared_ptr<Connection>& connection) {
    return !waiting_source_->ready([weak_pump = weak_from_this(), weak_connection = std::weak_ptr(connection)] {
        const std::shared_ptr<Connection> woken = weak_connection.lock();
        if (woken == nullptr) return;
        woken->loop().post([weak_pump, woken] {
            const std::shared_ptr<SourcePump> pump = weak_pump.lock();
            if (pump == nullptr) return;
            pump->reading_ = false;
            pump->want(woken);
            woken->advance();
        });
    });
}

void SourcePump::arrived(Result<size_t> got, std::string chunk) {
    reading_ = false;
    if (!got.ok()) {
        failed_ = true;
        return;
    }
    ended_ = *got == 0;
    if (!chunk.empty()) chunks_.push_back(std::move(chunk));
}

}  // namespace millrace::http
