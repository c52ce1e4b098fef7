#include "src/http/tls.h"

#include <filesystem>
#include <fstream>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "src/http/certificate.h"
#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::RawPeer;
using testing::TestServer;

class Directory {
  public:
    Directory() {
        char path[] = "/tmp/millrace-tls-test-XXXXXX";
        path_ = ::mkdtemp(path);
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string path() const { return path_ + "/made/tls"; }

  private:
    std::string path_;
};

// Speaks TLS to the server and trusts its generated certificate alone.
class TlsPeer {
  public:
    TlsPeer(uint16_t port, const std::string& authority, std::string_view alpn, const char* name) : peer_(port) {
        context_ = SSL_CTX_new(TLS_client_method());
        EXPECT_EQ(SSL_CTX_load_verify_locations(context_, authority.c_str(), nullptr), 1);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        tls_ = SSL_new(context_);
        if (!alpn.empty())
            SSL_set_alpn_protos(tls_, reinterpret_cast<const unsigned char*>(alpn.data()),
                                static_cast<unsigned>(alpn.size()));
        SSL_set1_host(tls_, name);
        SSL_set_fd(tls_, peer_.descriptor());
        connected_ = SSL_connect(tls_) == 1;
    }
    ~TlsPeer() {
        SSL_free(tls_);
        SSL_CTX_free(context_);
    }
    bool connected() const { return connected_; }
    std::string chosen() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(tls_, &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }
    void send(std::string_view bytes) {
        EXPECT_EQ(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
    }
    std::string read_until(std::string_view text) {
        std::string got;
        char bytes[16384];
        while (got.find(text) == std::string::npos) {
            int size = SSL_read(tls_, bytes, sizeof bytes);
            if (size <= 0) break;
            got.append(bytes, static_cast<size_t>(size));
        }
        return got;
    }

  private:
    RawPeer peer_;
    SSL_CTX* context_;
    SSL* tls_;
    bool connected_ = false;
};

TEST(Certificate, is_made_once_and_kept_with_a_private_key) {
    Directory directory;
    auto files = keep_certificate(directory.path());
    ASSERT_TRUE(files.ok()) << files.error().message;
    struct stat status{};
    ASSERT_EQ(::stat(files->key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    auto read = [](const std::string& path) {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    std::string first = read(files->certificate);
    ASSERT_TRUE(keep_certificate(directory.path()).ok());
    EXPECT_EQ(read(files->certificate), first);
    std::filesystem::remove(files->key);  // a lost key makes the certificate useless
    ASSERT_TRUE(keep_certificate(directory.path()).ok());
    EXPECT_NE(read(files->certificate), first);
}

TEST(Tls, shares_the_port_with_plain_text_and_chooses_the_protocol) {
    Directory directory;
    TestServer server({}, {.enabled = true, .generated_directory = directory.path()});
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = exchange->head().secure ? "secure." : "plain."});
    };
    server.start();
    std::string authority = directory.path() + "/certificate.pem";
    for (const char* name : {"localhost", "bucket.s3.localhost"}) {
        TlsPeer peer(server.port(), authority, "\x08http/1.1", name);
        ASSERT_TRUE(peer.connected()) << name;
        EXPECT_EQ(peer.chosen(), "http/1.1");
        for (int i = 0; i < 2; ++i) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            EXPECT_NE(peer.read_until("secure.").find("200 OK"), std::string::npos);
        }
    }
    TlsPeer other(server.port(), authority, "\x08http/1.1", "example.com");
    EXPECT_FALSE(other.connected());
    TlsPeer two(server.port(), authority, "\x02h2\x08http/1.1", "localhost");
    ASSERT_TRUE(two.connected());
    EXPECT_EQ(two.chosen(), "h2");
    two.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9));
    EXPECT_EQ(two.read_until(std::string_view("\0\0\0\4\1", 5)).substr(3, 1), "\4");  // SETTINGS, and its ACK
    TlsPeer none(server.port(), authority, "\x06spdy/3", "localhost");
    EXPECT_FALSE(none.connected());
    RawPeer plain(server.port());
    plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(plain.read_until("plain.").find("200 OK"), std::string::npos);
}

// As Java's SDK calls Kinesis: the preface of HTTP/2 without a word of it in the handshake.
TEST(Tls, without_a_choice_in_the_handshake_the_first_bytes_tell) {
    Directory directory;
    TestServer server({}, {.enabled = true, .generated_directory = directory.path()});
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = exchange->head().secure ? "secure." : "plain."});
    };
    server.start();
    const std::string authority = directory.path() + "/certificate.pem";
    const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
    const std::string_view acknowledged("\0\0\0\4\1", 5);
    for (const size_t cut : {size_t{0}, size_t{3}, preface.size() - 1, preface.size()}) {  // in records of its own
        TlsPeer peer(server.port(), authority, "", "localhost");
        ASSERT_TRUE(peer.connected());
        EXPECT_EQ(peer.chosen(), "");
        if (cut > 0) peer.send(preface.substr(0, cut));
        peer.send(preface.substr(cut) + settings);
        EXPECT_NE(peer.read_until(acknowledged).find(acknowledged), std::string::npos) << cut;
    }
    for (const std::string first : {"G", "GET / HTTP/1.1\r\n", "P"}) {
        TlsPeer peer(server.port(), authority, "", "localhost");
        ASSERT_TRUE(peer.connected());
        const std::string request = (first == "P" ? "PUT" : "GET") + std::string(" / HTTP/1.1\r\nHost: x\r\n\r\n");
        peer.send(first);
        peer.send(request.substr(first.size()));
        EXPECT_NE(peer.read_until("secure.").find("200 OK"), std::string::npos) << first;
    }
    {
        TlsPeer cut(server.port(), authority, "", "localhost");
        cut.send("PRI * HT");  // and goes away
    }
    TlsPeer silent(server.port(), authority, "", "localhost");
    ASSERT_TRUE(silent.connected());
    server.server->stop(10'000);  // does not wait for those who ask nothing
    EXPECT_EQ(silent.read_until("x"), "");
}

TEST(Tls, carries_large_bodies_both_ways) {
    Directory directory;
    TestServer server({}, {.enabled = true, .generated_directory = directory.path()});
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = std::string(exchange->body()) + "|"});
    };
    server.start();
    TlsPeer peer(server.port(), directory.path() + "/certificate.pem", "\x08http/1.1", "localhost");
    ASSERT_TRUE(peer.connected());
    std::string body(5'000'000, 'x');
    for (size_t i = 0; i < body.size(); i += 101) body[i] = static_cast<char>('a' + i % 26);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" + body);
    std::string seen = peer.read_until("|");
    EXPECT_TRUE(seen.ends_with("\r\n\r\n" + body + "|"));
}

TEST(Tls, garbage_after_a_handshake_byte_closes_that_connection_only) {
    Directory directory;
    TestServer server({}, {.enabled = true, .generated_directory = directory.path()});
    server.start();
    RawPeer garbage(server.port());
    garbage.send("\x16\x03\x01\x00\x05hello" + std::string(1000, 'x'));
    garbage.read_all();
    RawPeer plain(server.port());
    plain.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(plain.read_until("GET /a ").find("200 OK"), std::string::npos);
}

TEST(Tls, is_refused_where_it_is_off) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    peer.send("\x16\x03\x01");
    EXPECT_EQ(peer.read_all(), "");
}

TEST(Tls, a_bad_certificate_is_said_at_the_start) {
    Directory directory;
    auto files = keep_certificate(directory.path());
    auto other = keep_certificate(directory.path() + "2");
    ASSERT_TRUE(files.ok() && other.ok());
    EXPECT_EQ(TlsContext::make({.enabled = true, .certificate_file = "/no/such"}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(TlsContext::make({.enabled = true, .certificate_file = "/no/such", .key_file = "/no/such"}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(TlsContext::make({.enabled = true, .certificate_file = files->certificate, .key_file = other->key})
                  .error()
                  .code,
              ErrorCode::invalid_argument);
    EXPECT_TRUE(
        TlsContext::make({.enabled = true, .certificate_file = files->certificate, .key_file = files->key}).ok());
    EXPECT_EQ(TlsContext::make({.enabled = true}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace millrace::http
