#include "src/http/source_pump.h"

#include <utility>

#include "src/http/connection.h"
#include "src/http/io_loop.h"

namespace millrace::http {

void discard_source(std::unique_ptr<BodySource> source, io::Executor& executor) {
    if (!source) return;
    std::shared_ptr<BodySource> shared = std::move(source);
    executor.submit([shared] {});  // where it refuses, the last owner is this thread
}

SourcePump::SourcePump(std::unique_ptr<BodySource> source, io::Executor& executor)
    : source_(std::move(source)), executor_(executor) {}

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
