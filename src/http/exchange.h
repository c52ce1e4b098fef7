// The server's side of Exchange: what a handler holds, and how its answer finds the way back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "src/http/body_pipe.h"
#include "src/http/connection.h"
#include "src/http/request.h"
#include "src/http/server.h"

namespace millrace::http {

class ServerExchange final : public Exchange {
  public:
    // `pipe` is null where the body was gathered.
    ServerExchange(std::shared_ptr<Connection> connection, uint64_t id, Request* request,
                   std::shared_ptr<BodyPipe> pipe);
    ~ServerExchange() override;

    const RequestHead& head() const override { return request_->head; }
    std::string_view body() const override { return request_->body.view(); }
    BodyReader* reader() override { return pipe_.get(); }
    void respond(Response response) override;
    void post(std::function<void()> work) override;

  private:
    std::shared_ptr<Connection> connection_;
    const uint64_t id_;
    Request* request_;
    std::shared_ptr<BodyPipe> pipe_;
    bool answered_ = false;
};

}  // namespace millrace::http
