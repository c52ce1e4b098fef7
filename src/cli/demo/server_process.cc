#include "src/cli/demo/server_process.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/io/clock.h"
#include "src/io/file.h"

extern char** environ;

namespace millrace::cli {
namespace {

constexpr int64_t kStartNs = 30'000'000'000;

// Reads up to the first line feed, the end, or the time.
std::string read_line(int descriptor) {
    const int64_t deadline = io::system_clock().monotonic_ns() + kStartNs;
    std::string line;
    while (!line.ends_with('\n')) {
        const int64_t left_ms = (deadline - io::system_clock().monotonic_ns()) / 1'000'000;
        pollfd readable{descriptor, POLLIN, 0};
        if (left_ms <= 0 || ::poll(&readable, 1, static_cast<int>(left_ms)) <= 0) break;
        char c = 0;
        if (::read(descriptor, &c, 1) != 1) break;
        line += c;
    }
    return line;
}

Result<Endpoint> endpoint_of(const std::string& ready_line) {
    const size_t begin = ready_line.find("http://");
    if (begin == std::string::npos) return {ErrorCode::unavailable, "no address in it"};
    return parse_endpoint(std::string_view(ready_line).substr(begin, ready_line.find_first_of(" \n", begin) - begin));
}

std::string end_of(const std::string& path) {
    Result<std::string> text = io::read_file(io::posix_file_system(), path);
    if (!text.ok()) return {};
    return text->size() > 2000 ? text->substr(text->size() - 2000) : *text;
}

}  // namespace

std::string own_program() {
    char path[4096];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    return size > 0 ? std::string(path, static_cast<size_t>(size)) : "millrace";
}

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(std::vector<std::string> arguments,
                                                            const std::string& log_file) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return io_error("pipe", errno);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    arguments.insert(arguments.begin(), {"millrace", "serve"});
    std::vector<char*> words;
    for (std::string& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    pid_t process = 0;
    const int failed = ::posix_spawn(&process, own_program().c_str(), &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    if (failed != 0) {
        ::close(pipe_ends[0]);
        return io_error("starting the server", failed);
    }
    auto server = std::unique_ptr<ServerProcess>(new ServerProcess(process));
    server->ready_line_ = read_line(pipe_ends[0]);
    ::close(pipe_ends[0]);
    Result<Endpoint> endpoint = endpoint_of(server->ready_line_);
    if (!endpoint.ok()) {
        return {ErrorCode::unavailable, "the server did not start: " + server->ready_line_ + end_of(log_file)};
    }
    server->endpoint_ = *endpoint;
    server->ready_line_.pop_back();
    return server;
}

ServerProcess::~ServerProcess() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

uint64_t ServerProcess::resident_bytes() const {
    std::FILE* file = std::fopen(("/proc/" + std::to_string(process_) + "/statm").c_str(), "r");
    if (file == nullptr) return 0;
    unsigned long long size = 0;
    unsigned long long resident = 0;
    const int read = std::fscanf(file, "%llu %llu", &size, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

Status ServerProcess::stop() {
    int status = 0;
    ::kill(process_, SIGTERM);
    const pid_t ended = ::waitpid(process_, &status, 0);
    process_ = 0;
    if (ended < 0) return io_error("waiting for the server", errno);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return {ErrorCode::internal, "the server ended with status " + std::to_string(status)};
    }
    return {};
}

}  // namespace millrace::cli
