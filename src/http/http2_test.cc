#include "src/http/http2.h"

#include <map>
#include <mutex>
#include <thread>

#include <nghttp2/nghttp2.h>

#include "src/http/http2_session.h"
#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::HeldExchanges;
using testing::RawPeer;
using testing::TestServer;
using Fields = std::vector<std::pair<std::string, std::string>>;

// nghttp2's client side over a raw connection.
class Http2Peer {
  public:
    struct Answer {
        std::vector<int> statuses;  // interim ones first
        std::map<std::string, std::string> headers;
        std::string body;
        bool closed = false;
        uint32_t error = 0;
        std::string_view to_send;
    };

    explicit Http2Peer(uint16_t port, bool returns_window = true) : peer_(port) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(
            callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                          const uint8_t* value, size_t value_size, uint8_t, void* user) {
                Answer& answer = static_cast<Http2Peer*>(user)->answers[frame->hd.stream_id];
                std::string key(reinterpret_cast<const char*>(name), name_size);
                std::string text(reinterpret_cast<const char*>(value), value_size);
                if (key == ":status") answer.statuses.push_back(std::stoi(text));
                answer.headers[key] = text;
                return 0;
            });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
                static_cast<Http2Peer*>(user)->answers[id].body.append(reinterpret_cast<const char*>(data), size);
                return 0;
            });
        nghttp2_session_callbacks_set_on_stream_close_callback(
            callbacks, [](nghttp2_session*, int32_t id, uint32_t error, void* user) {
                Answer& answer = static_cast<Http2Peer*>(user)->answers[id];
                answer.closed = true;
                answer.error = error;
                return 0;
            });
        nghttp2_option* option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_auto_window_update(option, !returns_window);
        nghttp2_session_client_new2(&session_, callbacks, this, option);
        nghttp2_option_del(option);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    }
    ~Http2Peer() { nghttp2_session_del(session_); }

    // `body` is borrowed. Null: the request ends with its head.
    int32_t request(std::string method, std::string path, const std::string* body = nullptr, Fields fields = {},
                    const nghttp2_data_provider* reader = nullptr) {
        Fields all = {{":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "example.com"}};
        all.insert(all.end(), fields.begin(), fields.end());
        std::vector<nghttp2_nv> block;
        for (auto& [name, value] : all) {
            block.push_back({reinterpret_cast<uint8_t*>(name.data()), reinterpret_cast<uint8_t*>(value.data()),
                             name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
        }
        nghttp2_data_provider provider{};
        provider.read_callback = [](nghttp2_session*, int32_t id, uint8_t* out, size_t size, uint32_t* flags,
                                    nghttp2_data_source*, void* user) -> ssize_t {
            std::string_view& left = static_cast<Http2Peer*>(user)->answers[id].to_send;
            size = std::min(size, left.size());
            std::copy_n(left.data(), size, out);
            left.remove_prefix(size);
            if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
            return static_cast<ssize_t>(size);
        };
        int32_t id = nghttp2_submit_request(session_, nullptr, block.data(), block.size(),
                                            reader ? reader
                                            : body ? &provider
                                                   : nullptr,
                                            nullptr);
        EXPECT_GT(id, 0);
        if (body) answers[id].to_send = *body;
        return id;
    }
    void flush() {
        const uint8_t* bytes = nullptr;
        for (;;) {
            ssize_t size = nghttp2_session_mem_send(session_, &bytes);
            if (size <= 0) return;
            if (!peer_.send({reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)})) return;
        }
    }
    // Sends and receives until `done`, or the connection ends.
    template <class Done>
    bool run(Done done) {
        for (;;) {
            flush();
            if (done()) return true;
            pollfd waiting{peer_.descriptor(), POLLIN, 0};
            if (::poll(&waiting, 1, 20'000) <= 0) return false;
            uint8_t bytes[65536];
            ssize_t size = ::recv(peer_.descriptor(), bytes, sizeof bytes, 0);
            if (size <= 0) {
                ended = true;
                return done();
            }
            if (nghttp2_session_mem_recv(session_, bytes, static_cast<size_t>(size)) < 0) return false;
        }
    }
    Answer& finish(int32_t id) {
        EXPECT_TRUE(run([&] { return answers[id].closed; }));
        return answers[id];
    }
    Answer& call(std::string method, std::string path, const std::string* body = nullptr, Fields fields = {}) {
        return finish(request(std::move(method), std::move(path), body, std::move(fields)));
    }

    nghttp2_session* session() { return session_; }
    RawPeer& raw() { return peer_; }
    std::map<int32_t, Answer> answers;
    bool ended = false;

  private:
    RawPeer peer_;
    nghttp2_session* session_ = nullptr;
};

TEST(Http2, carries_requests_and_answers) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        const RequestHead& head = exchange->head();
        Response response;
        response.headers.add("X-Upper", " spaced\r\nx: y ");
        response.headers.add("connection", "close");
        response.body = head.method + " " + head.path + " " + head.query + " " + std::string(head.headers.get("host")) +
                        " " + std::to_string(head.version) + " " + std::string(exchange->body());
        exchange->respond(std::move(response));
    };
    server.start();
    Http2Peer peer(server.port());
    std::string body = "hello";
    auto& answer = peer.call("POST", "/a%20b?c=d?e", &body, {{"content-length", "5"}, {"x-amz-target", "y"}});
    EXPECT_EQ(answer.statuses, std::vector<int>{200});
    EXPECT_EQ(answer.body, "POST /a%20b c=d?e example.com 20 hello");
    EXPECT_EQ(answer.headers["content-length"], std::to_string(answer.body.size()));
    EXPECT_EQ(answer.headers["x-upper"], "spaced  x: y");
    EXPECT_FALSE(answer.headers.contains("connection"));
    EXPECT_TRUE(answer.headers.contains("date"));
    EXPECT_EQ(peer.call("GET", "/").body, "GET /  example.com 20 ");
    auto& head = peer.call("HEAD", "/");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers["content-length"], "23");
}

TEST(Http2, a_request_names_one_host_and_a_path) {
    TestServer server;
    server.start();
    Http2Peer peer(server.port());
    EXPECT_EQ(peer.call("GET", "/").statuses, std::vector<int>{200});
    EXPECT_EQ(peer.call("GET", "/", nullptr, {{"host", "example.com"}}).statuses, std::vector<int>{200});
    EXPECT_EQ(peer.call("GET", "/", nullptr, {{"host", "example.org"}}).statuses, std::vector<int>{400});
    EXPECT_EQ(peer.call("GET", "/a#b").statuses, std::vector<int>{400});
    EXPECT_EQ(peer.call("OPTIONS", "*").statuses, std::vector<int>{200});
}

TEST(Http2, a_cookies_crumbs_are_one_field) {
    TestServer server;
    std::string seen;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        for (const auto& [name, value] : exchange->head().headers.fields()) {
            if (name == "cookie") seen += '[' + value + ']';
        }
        exchange->respond(Response{});
    };
    server.start();
    Http2Peer peer(server.port());
    peer.call("GET", "/", nullptr, {{"cookie", "a=1"}, {"cookie", "b=2"}, {"cookie", "c=3"}});
    EXPECT_EQ(seen, "[a=1; b=2; c=3]");
}

TEST(Http2, answers_streams_as_they_end_and_not_as_they_came) {
    TestServer server;
    std::mutex mutex;
    std::vector<std::unique_ptr<Exchange>> held;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        std::lock_guard lock(mutex);
        held.push_back(std::move(exchange));
        if (held.size() < 100) return;
        std::thread([&, all = std::make_shared<std::vector<std::unique_ptr<Exchange>>>(std::move(held))] {
            while (!all->empty()) {
                all->back()->respond({.body = all->back()->head().path});
                all->pop_back();
            }
        }).detach();
    };
    server.start();
    Http2Peer peer(server.port());
    std::vector<int32_t> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(peer.request("GET", "/" + std::to_string(i)));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(peer.finish(ids[static_cast<size_t>(i)]).body, "/" + std::to_string(i));
}

TEST(Http2, large_bodies_pass_both_ways_gathered_and_streamed) {
    TestServer server;
    server.handler.on_begin = [](const RequestHead& head) {
        return head.path == "/streamed" ? BodyMode::streamed : BodyMode::gathered;
    };
    struct StringSource final : BodySource {
        explicit StringSource(std::string text) : text_(std::move(text)) {}
        Result<size_t> read(std::span<char> out) override {
            size_t size = std::min({out.size(), text_.size() - at_, size_t{50'000}});
            std::copy_n(text_.data() + at_, size, out.data());
            at_ += size;
            return size;
        }
        std::string text_;
        size_t at_ = 0;
    };
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        if (!exchange->reader()) return exchange->respond({.body = std::string(exchange->body())});
        std::string all;
        std::string piece(70'000, '\0');
        for (;;) {
            auto got = exchange->reader()->read(piece);
            if (!got.ok()) return exchange->respond({.status = 400, .body = got.error().message});
            if (*got == 0) break;
            all.append(piece, 0, *got);
        }
        Response response;
        response.source = std::make_unique<StringSource>(std::move(all));
        exchange->respond(std::move(response));
    };
    server.start();
    Http2Peer peer(server.port());
    std::string body(10 << 20, 'x');
    for (size_t i = 0; i < body.size(); i += 101) body[i] = static_cast<char>('a' + i % 26);
    int32_t streamed = peer.request("PUT", "/streamed", &body);
    int32_t gathered = peer.request("PUT", "/gathered", &body, {{"content-length", std::to_string(body.size())}});
    int32_t unknown = peer.request("PUT", "/gathered", &body);
    // A blocking peer that only sends would wait for ever for one that only sends; flow control keeps it from that.
    for (int32_t id : {streamed, gathered, unknown}) {
        auto& answer = peer.finish(id);
        EXPECT_EQ(answer.statuses, std::vector<int>{200});
        EXPECT_TRUE(answer.body == body) << answer.body.size();
    }
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

TEST(Http2, continue_comes_before_the_answer_and_only_where_the_body_is_wanted) {
    TestServer server;
    server.handler.on_begin = [](const RequestHead&) { return BodyMode::streamed; };
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        char byte;
        if (exchange->head().path == "/wanted") static_cast<void>(exchange->reader()->read({&byte, 1}));
        exchange->respond({.status = 201});
    };
    server.start();
    Http2Peer peer(server.port());
    // Only the heads are sent: the body waits in a data provider that is never asked, as the window is not needed yet.
    Fields fields = {{"expect", "100-continue"}, {"content-length", "3"}};
    std::string body = "abc";
    peer.flush();
    EXPECT_EQ(peer.call("PUT", "/unwanted", &body, fields).statuses.back(), 201);
    EXPECT_EQ(peer.call("PUT", "/wanted", &body, fields).statuses.back(), 201);
}

TEST(Http2, answered_early_the_rest_of_the_request_is_not_wanted) {
    TestServer server;
    server.handler.on_begin = [](const RequestHead&) { return BodyMode::streamed; };
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.status = 403, .body = "no"});
    };
    server.start();
    Http2Peer peer(server.port());
    std::string body(20 << 20, 'x');
    auto& answer = peer.call("PUT", "/", &body);
    EXPECT_EQ(answer.statuses, std::vector<int>{403});
    EXPECT_EQ(answer.body, "no");
    EXPECT_EQ(answer.error, static_cast<uint32_t>(NGHTTP2_NO_ERROR));
    EXPECT_EQ(peer.call("GET", "/").statuses, std::vector<int>{403});  // the connection lives
}

TEST(Http2, limits_are_answers_on_their_stream_and_the_others_go_on) {
    Limits limits;
    limits.header_bytes_max = 4000;
    limits.gathered_body_bytes_max = 1000;
    TestServer server(limits);
    server.start();
    Http2Peer peer(server.port());
    EXPECT_EQ(peer.call("GET", "/", nullptr, {{"x", std::string(5000, 'x')}}).statuses, std::vector<int>{431});
    std::string body(2000, 'x');
    EXPECT_EQ(peer.call("PUT", "/", &body, {{"content-length", "2000"}}).statuses, std::vector<int>{413});
    EXPECT_EQ(peer.call("PUT", "/", &body).statuses, std::vector<int>{413});
    EXPECT_EQ(peer.call("GET", "/a#b").statuses, std::vector<int>{400});
    EXPECT_EQ(peer.call("GET", "/" + std::string(3500, 'x')).statuses, std::vector<int>{200});
    EXPECT_EQ(peer.call("GET", "/fine").statuses, std::vector<int>{200});
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

TEST(Http2, unfinished_bodies_beyond_all_memory_are_a_503_and_not_kept) {
    Limits limits;
    limits.gathered_bytes_total_max = 1 << 20;
    limits.streams_per_connection_max = 300;
    TestServer server(limits);
    server.start();
    Http2Peer peer(server.port());
    const std::string most(400'000, 'x');  // a hundred megabytes in all
    std::vector<int32_t> ids;
    for (int i = 0; i < 256; ++i) {  // none of them ever ends
        nghttp2_data_provider provider{};
        provider.read_callback = [](nghttp2_session*, int32_t id, uint8_t* out, size_t size, uint32_t*,
                                    nghttp2_data_source*, void* user) -> ssize_t {
            std::string_view& left = static_cast<Http2Peer*>(user)->answers[id].to_send;
            if (left.empty()) return NGHTTP2_ERR_DEFERRED;
            size = std::min(size, left.size());
            std::copy_n(left.data(), size, out);
            left.remove_prefix(size);
            return static_cast<ssize_t>(size);
        };
        ids.push_back(peer.request("POST", "/", &most, {}, &provider));
    }
    ASSERT_TRUE(peer.run([&] {
        for (int32_t id : ids) {
            if (!peer.answers[id].to_send.empty() && !peer.answers[id].closed) return false;
        }
        return true;
    }));
    EXPECT_EQ(peer.call("GET", "/").statuses, std::vector{200});  // all that was sent has been seen
    EXPECT_LE(server.server->stats().gathered_bytes, uint64_t{67} << 20);
    const auto refused = std::count_if(ids.begin(), ids.end(),
                                       [&](int32_t id) { return peer.answers[id].statuses == std::vector{503}; });
    EXPECT_GE(refused, 50);
}

TEST(Http2, a_slow_body_and_a_slow_reader_lose_their_stream_and_an_idle_peer_its_connection) {
    Limits limits;
    limits.slow_window_ms = 100;
    limits.body_bytes_per_s_min = 100'000;
    limits.idle_ms_max = 300;
    TestServer server(limits);
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = std::string(5 << 20, 'x')});
    };
    server.start();
    Http2Peer stingy(server.port(), false);  // never returns its window
    auto& cut = stingy.call("GET", "/");
    EXPECT_EQ(cut.error, static_cast<uint32_t>(NGHTTP2_CANCEL));
    EXPECT_LT(cut.body.size(), size_t{5} << 20);
    EXPECT_TRUE(stingy.run([&] { return stingy.ended; }));  // idle, then closed

    Http2Peer slow(server.port());
    slow.flush();
    // HEADERS of a POST without END_STREAM, by hand: no body follows.
    std::string block = "\x83\x86\x84\x41\x01x";
    slow.raw().send(std::string("\0\0", 2) + static_cast<char>(block.size()) + "\1\4" + std::string("\0\0\0\1", 4) +
                    block);
    EXPECT_TRUE(slow.run([&] { return slow.answers[1].statuses.size() == 1 || slow.ended; }));
    EXPECT_TRUE(slow.ended || slow.answers[1].statuses == std::vector<int>{408});
}

TEST(Http2, resets_by_the_thousand_end_the_connection_and_pile_up_no_work) {
    Limits limits;
    limits.streams_per_connection_max = 100;
    TestServer server(limits);
    std::mutex mutex;
    std::vector<std::unique_ptr<Exchange>> held;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        std::lock_guard lock(mutex);
        held.push_back(std::move(exchange));
    };
    server.start();
    Http2Peer peer(server.port());
    for (int i = 0; i < 5000 && !peer.ended; ++i) {
        int32_t id = peer.request("GET", "/");
        peer.flush();
        nghttp2_submit_rst_stream(peer.session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        peer.flush();
    }
    EXPECT_TRUE(peer.run([&] { return peer.ended; }));
    {
        std::lock_guard lock(mutex);
        EXPECT_LE(held.size(), 200u);
        for (auto& exchange : held) exchange->respond({});
        held.clear();
    }
    Http2Peer other(server.port());
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) { exchange->respond({}); };
    EXPECT_EQ(other.call("GET", "/").statuses, std::vector<int>{200});
}

TEST(Http2, a_graceful_stop_finishes_the_streams_under_way) {
    TestServer server;
    HeldExchanges held;
    server.handler.on_handle = held.taking();
    server.start();
    Http2Peer peer(server.port());
    int32_t id = peer.request("GET", "/");
    peer.flush();
    const auto exchanges = held.wait_for(1);
    std::thread stopper([&] { server.server->stop(20'000); });
    EXPECT_TRUE(peer.run([&] { return nghttp2_session_check_request_allowed(peer.session()) == 0; }));  // GOAWAY
    exchanges[0]->respond({.body = "finished"});
    EXPECT_EQ(peer.finish(id).body, "finished");
    EXPECT_TRUE(peer.run([&] { return peer.ended; }));
    stopper.join();
}

TEST(Http2, a_stop_says_how_many_streams_it_cut_off) {
    TestServer server;
    HeldExchanges held;
    server.handler.on_handle = held.taking_but("/now");
    server.start();
    Http2Peer one(server.port()), two(server.port()), idle(server.port());
    EXPECT_EQ(idle.call("GET", "/now").body, "answered");
    EXPECT_EQ(two.call("GET", "/now").body, "answered");
    one.request("GET", "/a");
    two.request("GET", "/b");
    two.request("GET", "/c");
    one.flush();
    two.flush();
    const auto exchanges = held.wait_for(3);
    EXPECT_EQ(server.server->stop(50), 3u);
}

TEST(Http2, garbage_behind_the_preface_closes_that_connection_only) {
    TestServer server;
    server.start();
    RawPeer garbage(server.port());
    garbage.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(1000, 'x'));
    garbage.read_all();
    RawPeer split(server.port());  // a preface in pieces, that turns out to be HTTP/1's business
    split.send("PRI * HT");
    split.send("TP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(split.read_all().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(Http2Peer(server.port()).call("GET", "/").statuses, std::vector<int>{200});
}

}  // namespace
}  // namespace millrace::http
