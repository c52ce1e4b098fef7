// A streamed response body on its way from the worker that produces it to the connection that sends it.
//
// The connection asks for a chunk when it has little left to send; a worker reads one from the source and posts it
// back. One read is under way at a time and at most two chunks are held, so memory per response is constant, and a
// client that takes its time holds up no thread. Nor does a source that has nothing yet, where it can say so
// (waiting_source.h).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "src/http/message.h"
#include "src/io/executor.h"

namespace millrace::http {

class Connection;
class WaitingSource;

// All of it on the connection's I/O thread, but for the read itself.
class SourcePump : public std::enable_shared_from_this<SourcePump> {
  public:
    static constexpr size_t chunk_bytes = 256 * 1024;

    SourcePump(std::unique_ptr<BodySource> source, io::Executor& executor);
    ~SourcePump();

    // Starts a read where none is under way, the source has more, and less than two chunks wait. `connection` advances
    // when it is done.
    void want(const std::shared_ptr<Connection>& connection);
    bool has_chunk() const { return !chunks_.empty(); }
    std::string take_chunk();
    const std::string& front() const { return chunks_.front(); }
    bool ended() const { return ended_ && chunks_.empty(); }  // the source's end was reached, and all of it taken
    bool failed() const { return failed_; }

  private:
    bool has_to_wait(const std::shared_ptr<Connection>& connection);
    void arrived(Result<size_t> got, std::string chunk);

    std::unique_ptr<BodySource> source_;
    WaitingSource* const waiting_source_;  // source_, where it is one
    io::Executor& executor_;
    std::deque<std::string> chunks_;
    bool reading_ = false;  // or waiting to be woken
    bool ended_ = false;
    bool failed_ = false;
};

// Destroys the source on a worker, as BodySource wants.
void discard_source(std::unique_ptr<BodySource> source, io::Executor& executor);

}  // namespace millrace::http
