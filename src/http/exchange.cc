#include "src/http/exchange.h"

#include <utility>

#include "src/http/io_loop.h"
#include "src/http/server_core.h"

namespace millrace::http {

ServerExchange::ServerExchange(std::shared_ptr<Connection> connection, uint64_t id, Request* request,
                               std::shared_ptr<BodyPipe> pipe)
    : connection_(std::move(connection)), id_(id), request_(request), pipe_(std::move(pipe)) {}

ServerExchange::~ServerExchange() {
    ServerCore& core = connection_->core();
    if (!answered_) {
        core.dropped_by_us.fetch_add(1);
        if (!core.stopped.load()) {
            core.refused.fetch_add(1);
            respond(core.handler.refuse(&request_->head, 500, "The server dropped this request without an answer."));
        }
    }
    core.budget.release(request_->reserved_bytes, request_);
    connection_->loop().requests().give_back(request_);
}

void ServerExchange::respond(Response response) {
    MILLRACE_CHECK(!answered_);
    answered_ = true;
    IoLoop& loop = connection_->loop();
    if (loop.in_loop_thread()) {
        connection_->deliver(id_, std::move(response));
    } else {
        loop.post_answer(connection_, id_, std::move(response));
    }
}

void ServerExchange::post(std::function<void()> work) {
    IoLoop& loop = connection_->loop();
    if (loop.in_loop_thread()) return work();
    // `work` may hold the exchange, and with it the connection and its loop: those outlive the loop's mailbox.
    loop.post(std::move(work));
}

}  // namespace millrace::http
