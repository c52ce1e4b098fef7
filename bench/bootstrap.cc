// A function for ./dev bench functions: runtime `provided`, answers {"ok":true} and does nothing else, so that what is
// measured is the way to a function and back. It speaks the Runtime API over one connection.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::string_view answer = R"({"ok":true})";

int connect_to(const std::string& api) {
    const size_t colon = api.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::atoi(api.c_str() + colon + 1)));
    inet_pton(AF_INET, api.substr(0, colon).c_str(), &address.sin_addr);
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    return connection;
}

// A header's value in a whole response; names come as the server writes them.
std::string_view header(std::string_view head, std::string_view name) {
    const size_t at = head.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = head.substr(at + name.size());
    return rest.substr(0, rest.find("\r\n"));
}

void lower(std::string& head) {
    for (char& c : head) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
}

// The head of one response, in lower case; its body is read and dropped.
std::string exchange(int connection, const std::string& request) {
    if (write(connection, request.data(), request.size()) != static_cast<ssize_t>(request.size())) std::exit(1);
    std::string text;
    char piece[65536];
    for (;;) {
        const ssize_t count = read(connection, piece, sizeof piece);
        if (count <= 0) std::exit(0);
        text.append(piece, static_cast<size_t>(count));
        const size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        std::string head = text.substr(0, end + 2);
        lower(head);
        const std::string length(header(head, "content-length: "));
        if (text.size() >= end + 4 + static_cast<size_t>(std::atoi(length.c_str()))) return head;
    }
}

}  // namespace

int main() {
    const char* api = std::getenv("AWS_LAMBDA_RUNTIME_API");
    if (api == nullptr) return 1;
    const int connection = connect_to(api);
    const std::string host = "Host: " + std::string(api) + "\r\n";
    const std::string next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n" + host + "\r\n";
    for (;;) {
        const std::string head = exchange(connection, next);
        const std::string_view id = header(head, "lambda-runtime-aws-request-id: ");
        std::string done = "POST /2018-06-01/runtime/invocation/";
        done += id;
        done += "/response HTTP/1.1\r\n" + host + "Content-Length: " + std::to_string(answer.size()) + "\r\n\r\n";
        done += answer;
        exchange(connection, done);
    }
}
