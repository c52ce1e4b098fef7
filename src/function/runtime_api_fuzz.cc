// A hostile process on the Runtime API: any bytes, in two pieces, must neither break the server nor be taken for an
// answer that is not owed.
#include <cstdint>
#include <string_view>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/function/loop.h"
#include "src/function/runtime_api.h"

namespace {

using namespace millrace;
using namespace millrace::function;

struct Owner final : RuntimeApiOwner {
    bool owes = false;
    bool streams = false;
    size_t pieces = 0;
    void on_next() override {
        MILLRACE_CHECK(!owes);
        owes = true;
        api->send({.request_id = "id", .payload = "{}", .deadline_ms = 1, .invoked_arn = "a", .trace_header = "t"});
    }
    void on_response(std::string) override { settle(); }
    void on_response_too_large() override { settle(); }
    void on_error(std::string, std::string_view) override { settle(); }
    void on_stream_begin(std::string_view) override {
        MILLRACE_CHECK(owes && !streams);
        streams = true;
    }
    void on_stream_data(std::string_view bytes) override {
        MILLRACE_CHECK(streams && !bytes.empty());
        if (++pieces % 3 == 0) api->pause_stream();
        if (pieces % 7 == 0) give_up();
    }
    void on_stream_end(std::string_view, std::string_view) override { end_stream(); }
    void on_stream_broken() override { give_up(); }
    void give_up() {
        api->forget();
        end_stream();
    }
    void end_stream() {
        MILLRACE_CHECK(streams);
        streams = false;
        settle();
    }
    void on_init_error(std::string, std::string_view) override {}
    void settle() {
        MILLRACE_CHECK(owes);
        owes = false;
    }
    RuntimeApi* api = nullptr;
};

int connect_to(const std::string& address) {
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    there.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MILLRACE_CHECK(::connect(peer, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0);
    return peer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1 || size > 32 * 1024) return 0;
    Loop loop;
    Owner owner;
    auto api = RuntimeApi::open(loop, owner, 4096, -1);
    MILLRACE_CHECK(api.ok());
    owner.api = api->get();
    const int peer = connect_to((*api)->address());
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const size_t cut = bytes.size() * data[0] / 255;
    for (std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
        if (::send(peer, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
        for (int i = 0; i < 4; ++i) {
            loop.run_once(0);
            (*api)->resume_stream();
        }
    }
    ::close(peer);
    for (int i = 0; i < 4; ++i) loop.run_once(0);
    return 0;
}
