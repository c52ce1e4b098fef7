// `millrace poll URL`: the server's polling source in the foreground, in front of any server - or of none, printing.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "src/catalog/registry.h"
#include "src/cli/client/remote_caller.h"
#include "src/cli/commands.h"
#include "src/cli/sources_arguments.h"
#include "src/http/outbound/outbound.h"
#include "src/http/outbound/url.h"
#include "src/io/executor.h"
#include "src/source/poller.h"

namespace millrace::cli {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

// Records to standard output, one a line.
class Printer final : public target::Deliverer {
  public:
    void deliver(const target::Target&, std::vector<target::Item> items, Done done) override {
        std::vector<target::Outcome> outcomes(items.size());
        for (size_t i = 0; i < items.size(); ++i) {
            std::string line = std::move(items[i].body);
            if (!line.ends_with('\n')) line += '\n';
            if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) failed(outcomes[i]);
        }
        if (std::fflush(stdout) != 0) {
            for (target::Outcome& outcome : outcomes) failed(outcome);
        }
        done(std::move(outcomes));
    }

  private:
    static void failed(target::Outcome& outcome) {
        outcome = {.kind = target::Outcome::Kind::retryable, .code = "EPIPE", .message = "standard output is closed"};
        asked_to_stop = 1;
    }
};

// What is polled was typed by whoever runs this: its own host may be called, wherever it is. Redirects elsewhere are
// held against the usual policy.
Result<std::unique_ptr<http::Outbound>> open_outbound(const PollArguments& arguments, std::string_view text) {
    TRY_ASSIGN(const http::OutboundUrl url, http::parse_outbound_url(text));
    const bool bare_v6 = url.host.find(':') != std::string::npos;
    const std::string own =
        (bare_v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port) + " " + arguments.allow;
    http::OutboundOptions options;
    TRY_ASSIGN(options.policy, http::OutboundPolicy::parse(own));
    options.ca_file = arguments.ca_file;
    return http::Outbound::make(std::move(options));
}

// A directory for what is remembered: the one that was named, or one that goes with the process.
class StateDirectory {
  public:
    static Result<std::unique_ptr<StateDirectory>> open(const std::string& named) {
        if (!named.empty()) return std::unique_ptr<StateDirectory>(new StateDirectory(named, false));
        std::string made = (std::filesystem::temp_directory_path() / "millrace-poll-XXXXXX").string();
        if (::mkdtemp(made.data()) == nullptr) return io_error(made, errno);
        return std::unique_ptr<StateDirectory>(new StateDirectory(made, true));
    }
    ~StateDirectory() {
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }
    bool is_temporary() const { return temporary_; }

  private:
    StateDirectory(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
    const std::string path_;
    const bool temporary_;
};

void sleep_ms(int64_t ms) {
    for (; ms > 0 && !asked_to_stop; ms -= 50)
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min<int64_t>(ms, 50)));
}

// Until it is told to stop. A poll whose records wait for their destination goes on being tried.
int follow(source::Poller& poller, uint64_t polls_max) {
    uint64_t first = poller.standing().counts.polls, failures = poller.standing().failures_in_a_row;
    for (;;) {
        const int64_t pause_ms = poller.step();
        const source::Standing now = poller.standing();
        if (now.failures_in_a_row > failures) std::fprintf(stderr, "millrace: %s\n", now.last_error.c_str());
        failures = now.failures_in_a_row;
        const bool enough = polls_max > 0 && poller.is_idle() && now.counts.polls - first >= polls_max;
        if (enough || asked_to_stop) return enough && failures > 0 ? 1 : 0;
        sleep_ms(pause_ms);
    }
}

}  // namespace

Result<int> poll(const PollArguments& arguments) {
    SourceArguments given = arguments.source;
    const bool prints = given.to == "-";
    if (prints) given.to = "firehose:standard-output";
    if (given.name.empty()) given.name = "poll";
    TRY_ASSIGN(const std::string text, source_json(given));
    TRY_ASSIGN(source::Definition definition, source::from_user(text, Scope{arguments.account, arguments.region}));
    TRY_ASSIGN(const std::unique_ptr<http::Outbound> outbound, open_outbound(arguments, definition.url));
    TRY_ASSIGN(const std::unique_ptr<StateDirectory> state, StateDirectory::open(arguments.state));
    TRY_ASSIGN(const std::unique_ptr<table::KeyValueStore> store,
               table::open_rocksdb({.directory = state->path(), .sync = !state->is_temporary()}));
    const std::unique_ptr<catalog::Registry> registry = catalog::Registry::open(*store);
    const std::unique_ptr<io::Executor> executor = io::make_executor({.name = "poll", .threads_max = 4});
    std::unique_ptr<ServiceCaller> caller;
    std::unique_ptr<target::Deliverer> deliverer;
    if (prints) {
        deliverer = std::make_unique<Printer>();
    } else {
        TRY_ASSIGN(const Endpoint endpoint, parse_endpoint(arguments.endpoint));
        TRY_ASSIGN(const aws::Credentials credentials, credentials_for(arguments.data));
        caller = make_remote_caller(endpoint, credentials);
        deliverer = target::Deliverer::make({}, *caller, *registry, *outbound, *executor, io::system_clock());
    }
    // Where a key is kept from run to run, it belongs to this URL and this destination.
    definition.id = 1;
    TRY_ASSIGN(const std::unique_ptr<source::Poller> poller,
               source::Poller::make(std::move(definition), {*store, *outbound, *deliverer, io::system_clock()}));
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { asked_to_stop = 1; });
    const int code = follow(*poller, arguments.polls);
    const source::Counts counts = poller->standing().counts;
    std::fprintf(stderr, "millrace: %llu polls, %llu records seen: %llu sent, %llu repeated, %llu refused\n",
                 static_cast<unsigned long long>(counts.polls), static_cast<unsigned long long>(counts.seen),
                 static_cast<unsigned long long>(counts.sent), static_cast<unsigned long long>(counts.repeated),
                 static_cast<unsigned long long>(counts.refused));
    return code;
}

}  // namespace millrace::cli
