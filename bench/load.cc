// A load generator that costs little: it replays requests prepared as bytes over many connections from one thread, so
// that on two cores the server gets nearly one and a half. It knows two ways to find the end of an answer: HTTP's
// Content-Length, and a count of lines (Redis, NATS), so that every peer is driven by the same program.
//
// One request is in flight on each connection; a connection's next request is the next file in turn. Latency is from
// the first byte written to the last byte read; with --rate from when the request was due, so that waiting for a
// connection counts. Prints one JSON object.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Nanoseconds = int64_t;

Nanoseconds now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "millrace-load: %s\n", what.c_str());
    std::exit(1);
}

struct Arguments {
    uint16_t port = 0;
    size_t connections = 4;
    double seconds = 5;
    double warmup_seconds = 1;
    double rate = 0;          // requests a second over all connections, evenly; 0: as fast as they are answered
    size_t records = 1;       // in one request
    size_t lines = 0;         // > 0: an answer is this many lines; 0: HTTP
    std::string line_prefix;  // only lines that begin so count ("" for all)
    std::string greeting;     // bytes sent first on each connection, with no answer awaited
    std::string expect;       // every HTTP answer holds this text
    std::string placeholder;  // in greeting and requests, becomes the connection\'s number in as many digits
    std::vector<std::string> requests;
};

std::string read_whole(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) die(std::string(path) + ": " + std::strerror(errno));
    std::string bytes;
    char piece[65536];
    while (const size_t size = std::fread(piece, 1, sizeof piece, file)) bytes.append(piece, size);
    std::fclose(file);
    return bytes;
}

Arguments parse(int count, char** words) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (!word.starts_with("--")) {
            arguments.requests.push_back(read_whole(words[i]));
            continue;
        }
        if (++i == count) die(std::string(word) + " takes a value");
        if (word == "--port")
            arguments.port = static_cast<uint16_t>(std::atoi(words[i]));
        else if (word == "--connections")
            arguments.connections = std::strtoul(words[i], nullptr, 10);
        else if (word == "--seconds")
            arguments.seconds = std::atof(words[i]);
        else if (word == "--warmup")
            arguments.warmup_seconds = std::atof(words[i]);
        else if (word == "--rate")
            arguments.rate = std::atof(words[i]);
        else if (word == "--records")
            arguments.records = std::strtoul(words[i], nullptr, 10);
        else if (word == "--lines")
            arguments.lines = std::strtoul(words[i], nullptr, 10);
        else if (word == "--line-prefix")
            arguments.line_prefix = words[i];
        else if (word == "--greeting")
            arguments.greeting = read_whole(words[i]);
        else if (word == "--placeholder")
            arguments.placeholder = words[i];
        else if (word == "--expect")
            arguments.expect = words[i];
        else
            die("no option " + std::string(word));
    }
    if (arguments.port == 0 || arguments.requests.empty()) die("needs --port and at least one request file");
    return arguments;
}

// Tells when an answer is complete. Bytes come in pieces of any size.
class AnswerReader {
  public:
    explicit AnswerReader(const Arguments& arguments) : arguments_(arguments) {}

    // Returns true once the answer is whole; *good tells whether it was what was asked for.
    bool feed(std::string_view bytes, bool* good) {
        return arguments_.lines > 0 ? feed_lines(bytes, good) : feed_http(bytes, good);
    }

  private:
    bool feed_lines(std::string_view bytes, bool* good) {
        buffer_.append(bytes);
        size_t begin = 0;
        for (size_t end; (end = buffer_.find('\n', begin)) != std::string::npos; begin = end + 1) {
            const std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
            if (line.starts_with("-")) failed_ = true;
            if (line.starts_with(arguments_.line_prefix)) ++lines_;
        }
        buffer_.erase(0, begin);
        if (lines_ < arguments_.lines) return false;
        *good = !failed_;
        lines_ -= arguments_.lines;
        failed_ = false;
        return true;
    }

    bool feed_http(std::string_view bytes, bool* good) {
        buffer_.append(bytes);
        if (body_begin_ == 0) {
            const size_t end = buffer_.find("\r\n\r\n");
            if (end == std::string::npos) return false;
            body_begin_ = end + 4;
            body_size_ = content_length(std::string_view(buffer_).substr(0, end));
        }
        if (buffer_.size() < body_begin_ + body_size_) return false;
        *good = buffer_.starts_with("HTTP/1.1 200") &&
                (arguments_.expect.empty() || buffer_.find(arguments_.expect, body_begin_) != std::string::npos);
        if (!*good && !shown_) std::fprintf(stderr, "millrace-load: %.600s\n", buffer_.c_str());
        shown_ = shown_ || !*good;
        buffer_.erase(0, body_begin_ + body_size_);
        body_begin_ = 0;
        return true;
    }

    static size_t content_length(std::string_view head) {
        static constexpr std::string_view name = "\r\ncontent-length:";
        for (size_t at = 0; (at = head.find("\r\n", at)) != std::string_view::npos; at += 2) {
            if (head.size() - at < name.size() || strncasecmp(head.data() + at, name.data(), name.size()) != 0)
                continue;
            size_t value = 0;
            const char* text = head.data() + at + name.size();
            while (*text == ' ') ++text;
            std::from_chars(text, head.data() + head.size(), value);
            return value;
        }
        die("an answer has no Content-Length");
    }

    const Arguments& arguments_;
    std::string buffer_;
    size_t lines_ = 0;
    bool failed_ = false;
    size_t body_begin_ = 0;
    size_t body_size_ = 0;
    static inline bool shown_ = false;
};

std::string numbered(std::string text, const std::string& placeholder, size_t number) {
    if (placeholder.empty()) return text;
    std::string digits = std::to_string(number);
    digits.insert(0, placeholder.size() - digits.size(), '0');
    for (size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos;) {
        text.replace(at, placeholder.size(), digits);
    }
    return text;
}

struct Connection {
    Connection(const Arguments& arguments, size_t number)
        : greeting(numbered(arguments.greeting, arguments.placeholder, number)), reader(arguments) {
        if (arguments.placeholder.empty()) return;
        for (const std::string& request : arguments.requests) {
            own_requests.push_back(numbered(request, arguments.placeholder, number));
        }
    }
    std::string greeting;
    std::vector<std::string> own_requests;  // empty where all connections send the same
    int descriptor = -1;
    AnswerReader reader;
    std::string_view left;  // of the request being written
    Nanoseconds begun = 0;
    bool writing = false;  // waits for room in the socket
};

int connect_to(uint16_t port, std::string_view greeting) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // never anywhere else
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        die(std::string("connect: ") + std::strerror(errno));
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (std::string_view left = greeting; !left.empty();) {
        const ssize_t wrote = write(descriptor, left.data(), left.size());
        if (wrote <= 0) die("write: the peer hung up");
        left.remove_prefix(static_cast<size_t>(wrote));
    }
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    return descriptor;
}

class Load {
  public:
    explicit Load(const Arguments& arguments) : arguments_(arguments), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

    void run() {
        for (size_t i = 0; i < arguments_.connections; ++i) {
            connections_.push_back(std::make_unique<Connection>(arguments_, i));
            Connection& connection = *connections_.back();
            connection.descriptor = connect_to(arguments_.port, connection.greeting);
            epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
            epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event);
        }
        const Nanoseconds begin = now();
        measure_from_ = begin + static_cast<Nanoseconds>(arguments_.warmup_seconds * 1e9);
        end_ = measure_from_ + static_cast<Nanoseconds>(arguments_.seconds * 1e9);
        next_due_ = begin;
        for (const auto& connection : connections_) start_or_wait(*connection);
        epoll_event events[64];
        while (now() < end_) {
            const int count = epoll_wait(epoll_, events, 64, arguments_.rate > 0 ? 1 : 100);
            start_due();
            for (int i = 0; i < count; ++i) {
                Connection& connection = *static_cast<Connection*>(events[i].data.ptr);
                if (events[i].events & EPOLLOUT) write_more(connection);
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_more(connection);
            }
        }
        print();
    }

  private:
    void start_or_wait(Connection& connection) {
        if (arguments_.rate <= 0) return start_request(connection);
        idle_.push_back(&connection);
        start_due();
    }

    void start_due() {
        while (!idle_.empty() && next_due_ <= now() && arguments_.rate > 0) {
            Connection& connection = *idle_.back();
            idle_.pop_back();
            start_request(connection);
            connection.begun = next_due_;
            next_due_ += static_cast<Nanoseconds>(1e9 / arguments_.rate);
        }
    }

    void start_request(Connection& connection) {
        const std::vector<std::string>& requests =
            connection.own_requests.empty() ? arguments_.requests : connection.own_requests;
        connection.left = requests[next_request_++ % requests.size()];
        connection.begun = now();
        write_more(connection);
    }

    void write_more(Connection& connection) {
        while (!connection.left.empty()) {
            const ssize_t wrote = write(connection.descriptor, connection.left.data(), connection.left.size());
            if (wrote < 0 && errno == EAGAIN) break;
            if (wrote <= 0) die(std::string("write: ") + std::strerror(errno));
            connection.left.remove_prefix(static_cast<size_t>(wrote));
        }
        const bool wants = !connection.left.empty();
        if (wants == connection.writing) return;
        connection.writing = wants;
        epoll_event event{.events = EPOLLIN | (wants ? static_cast<uint32_t>(EPOLLOUT) : 0u),
                          .data = {.ptr = &connection}};
        epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor, &event);
    }

    void read_more(Connection& connection) {
        const ssize_t size = read(connection.descriptor, piece_.data(), piece_.size());
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) die("the peer hung up");
        bool good = false;
        if (!connection.reader.feed({piece_.data(), static_cast<size_t>(size)}, &good)) return;
        const Nanoseconds at = now();
        if (at >= measure_from_ && at <= end_) {
            latencies_.push_back(at - connection.begun);
            if (!good) ++bad_;
        }
        start_or_wait(connection);
    }

    double milliseconds(double share) {
        if (latencies_.empty()) return 0;
        const size_t at = std::min(latencies_.size() - 1, static_cast<size_t>(share * latencies_.size()));
        std::nth_element(latencies_.begin(), latencies_.begin() + static_cast<ptrdiff_t>(at), latencies_.end());
        return static_cast<double>(latencies_[at]) / 1e6;
    }

    void print() {
        const double requests_per_s = static_cast<double>(latencies_.size()) / arguments_.seconds;
        std::printf(
            "{\"requests\": %zu, \"bad\": %zu, \"requests_per_s\": %.1f, \"records_per_s\": %.1f, \"p50_ms\": %.3f, "
            "\"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
            latencies_.size(), bad_, requests_per_s, requests_per_s * static_cast<double>(arguments_.records),
            milliseconds(0.5), milliseconds(0.99), milliseconds(1));
    }

    const Arguments& arguments_;
    const int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<char> piece_ = std::vector<char>(1 << 18);
    std::vector<Nanoseconds> latencies_;
    std::vector<Connection*> idle_;  // with a rate: waiting for their next request to be due
    Nanoseconds next_due_ = 0;
    size_t next_request_ = 0;
    size_t bad_ = 0;
    Nanoseconds measure_from_ = 0;
    Nanoseconds end_ = 0;
};

}  // namespace

int main(int count, char** words) {
    const Arguments arguments = parse(count, words);
    Load(arguments).run();
}
