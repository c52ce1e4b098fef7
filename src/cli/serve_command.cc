#include <csignal>
#include <cstdio>

#include <pthread.h>
#include <sys/resource.h>

#include "src/cli/commands.h"
#include "src/cli/data_directory.h"
#include "src/cli/serve.h"

namespace millrace::cli {
namespace {

// Signals that end the server are waited for by the main thread, so every thread must start with them blocked.
sigset_t block_ending_signals() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    return ending;
}

// As many connections as the hard limit allows: the soft one is for programs that use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_ready(const Config& config, const HostAndPort& listen, RunningServer& server,
                 const DataDirectory& directory) {
    const bool brackets = listen.host.find(':') != std::string::npos;
    std::string line = "millrace ready at http://" + (brackets ? "[" + listen.host + "]" : listen.host) + ":" +
                       std::to_string(server.port());
    if (config.tls) line += " (and https)";
    line += " auth=" + config.auth + " durability=" + config.durability;
    if (config.durability == "os") line += " (a power cut can lose acknowledged writes)";
    line += " data=" + directory.path();
    if (config.auth == "sign" && !server.has_keys()) {
        line += " (no keys yet: millrace keys create --data " + config.data + ")";
    }
    std::puts(line.c_str());
    std::fflush(stdout);
}

}  // namespace

Result<int> serve(const Config& config) {
    TRY_ASSIGN(HostAndPort listen, parse_listen(config.listen));
    const sigset_t ending = block_ending_signals();
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    TRY_ASSIGN(std::unique_ptr<DataDirectory> directory, DataDirectory::take(config.data));
    TRY_ASSIGN(std::unique_ptr<RunningServer> server, RunningServer::start(config, *directory));
    print_ready(config, listen, *server, *directory);
    int signal = 0;
    sigwait(&ending, &signal);
    server->stop();
    return 0;
}

}  // namespace millrace::cli
