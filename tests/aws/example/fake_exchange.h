// An exchange without a socket, and a bench to run one through an endpoint.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "src/http/server.h"

namespace millrace::aws::testing {

class FakeExchange final : public http::Exchange {
  public:
    struct Seen {
        http::Response response;
        int count = 0;  // of responses: a test wants 1
        std::string streamed;
    };

    FakeExchange(http::RequestHead head, std::string body, bool streamed, std::shared_ptr<Seen> seen)
        : head_(std::move(head)), size_(body.size()), seen_(std::move(seen)) {
        padded_ = std::move(body);
        padded_.append(http::body_padding, '\0');
        if (streamed) reader_ = std::make_unique<Reader>(std::string_view(padded_).substr(0, size_));
    }
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override {
        return reader_ ? std::string_view() : std::string_view(padded_).substr(0, size_);
    }
    http::BodyReader* reader() override { return reader_.get(); }
    void respond(http::Response response) override {
        ++seen_->count;
        char piece[777];
        while (response.source != nullptr) {
            const Result<size_t> count = response.source->read(piece);
            if (!count.ok() || *count == 0) break;
            seen_->streamed.append(piece, *count);
        }
        seen_->response = std::move(response);
    }

  private:
    // Hands out odd pieces, as a socket does.
    class Reader final : public http::BodyReader {
      public:
        explicit Reader(std::string_view rest) : rest_(rest) {}
        Result<size_t> read(std::span<char> out) override {
            const size_t count = std::min({out.size(), rest_.size(), step_});
            step_ = step_ * 7 % 1009 + 1;
            std::memcpy(out.data(), rest_.data(), count);
            rest_.remove_prefix(count);
            return count;
        }

      private:
        std::string_view rest_;
        size_t step_ = 5;
    };

    http::RequestHead head_;
    std::string padded_;
    size_t size_;
    std::unique_ptr<Reader> reader_;
    std::shared_ptr<Seen> seen_;
};

inline FakeExchange::Seen call(http::Handler& handler, const http::RequestHead& head, std::string body) {
    auto seen = std::make_shared<FakeExchange::Seen>();
    const bool streamed = handler.begin(head) == http::BodyMode::streamed;
    handler.handle(std::make_unique<FakeExchange>(head, std::move(body), streamed, seen));
    return std::move(*seen);
}

}  // namespace millrace::aws::testing
