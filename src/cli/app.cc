#include "src/cli/app.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "src/cli/commands.h"
#include "src/cli/sources_arguments.h"
#include "src/cli/version.h"
#include "src/flow/processing/jq_worker.h"
#include "src/io/file.h"
#include "src/query/engine.h"

namespace millrace::cli {
namespace {

using Action = std::function<Result<int>()>;

// Settings as given on the command line, by name; applied after the file and the environment.
struct ServeArguments {
    std::string file;
    std::map<std::string, std::string> given;
};

Result<Config> load_config(const ServeArguments& arguments) {
    Config config = default_config();
    std::string file = arguments.file;
    if (const char* named = std::getenv("MILLRACE_CONFIG"); file.empty() && named != nullptr) file = named;
    if (!file.empty()) {
        TRY_ASSIGN(std::string text, io::read_file(io::posix_file_system(), file));
        Status status = apply_file(config, text);
        if (!status.ok()) return with_context(std::move(status).error(), file);
    }
    TRY(apply_environment(config, environ));
    for (const auto& [name, value] : arguments.given) TRY(set(config, name, value));
    if (!config.tls_certificate.empty()) config.tls = true;
    TRY(check(config));
    return config;
}

void add_serve(CLI::App& app, ServeArguments& arguments, Action& action) {
    CLI::App* command = app.add_subcommand("serve", "Run the server");
    command->add_option("--config", arguments.file, "File with \"name = value\" lines; see docs/configuration.md");
    for (const Setting& setting : settings()) {
        const std::string name(setting.name);
        const std::string fallback = show(setting);
        std::string help(setting.sentence);
        if (!fallback.empty()) help += " [" + fallback + "]";
        const auto take = [&arguments, name](const std::string& text) { arguments.given[name] = text; };
        CLI::Option* option = nullptr;
        if (std::holds_alternative<bool Config::*>(setting.member)) {
            option = command->add_flag_callback("--" + name, [take] { take("true"); }, help);
        } else {
            option = command->add_option_function<std::string>("--" + name, take, help);
            option->type_name(setting.choices.empty() ? "VALUE" : "WORD");
        }
        option->group(std::string(setting.group));
    }
    command->callback([&] {
        action = [&]() -> Result<int> {
            TRY_ASSIGN(Config config, load_config(arguments));
            return serve(config);
        };
    });
}

void add_keys(CLI::App& app, KeysArguments& arguments, Action& action) {
    CLI::App* command = app.add_subcommand("keys", "Access keys that requests are signed with");
    command->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, Result<int> (*run)(const KeysArguments&)) {
        CLI::App* each = command->add_subcommand(name, help);
        each->add_option("--data", arguments.data, "The server's data directory")->capture_default_str();
        each->callback([&action, &arguments, run] { action = [&arguments, run] { return run(arguments); }; });
        return each;
    };
    CLI::App* create = add("create", "Make a key; a running server takes it at once", &keys_create);
    create->add_option("--account", arguments.account, "Account that the key belongs to")->capture_default_str();
    create->add_option("--description", arguments.description, "What the key is for");
    create->add_flag("--json", arguments.json, "Print JSON, as `aws iam create-access-key` names its members");
    add("list", "List keys, without their secrets", &keys_list);
    CLI::App* remove = add("delete", "Delete a key; a running server stops taking it at once", &keys_delete);
    remove->add_option("access-key", arguments.access_key, "The key's id")->required();
}

// Which server a command talks to, and as whom; told by AWS's variables as to the SDKs.
template <typename Arguments>
void add_server_options(CLI::App* command, Arguments& arguments) {
    const auto heed = [](const char* variable, std::string& value) {
        if (const char* told = std::getenv(variable); told != nullptr && *told != '\0') value = told;
    };
    heed("AWS_ENDPOINT_URL", arguments.endpoint);
    heed("AWS_DEFAULT_REGION", arguments.region);
    heed("AWS_REGION", arguments.region);
    command->add_option("--endpoint-url", arguments.endpoint, "Where the server is, else AWS_ENDPOINT_URL")
        ->capture_default_str();
    command->add_option("--region", arguments.region, "Region, else AWS_REGION or AWS_DEFAULT_REGION")
        ->capture_default_str();
    command->add_option(
        "--data", arguments.data,
        "Sign with the newest key of this data directory, else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

void add_produce(CLI::App& app, ProduceArguments& arguments, Action& action) {
    CLI::App* command = app.add_subcommand("produce", "Send a file, standard input or generated records to a stream");
    command->add_option("input", arguments.input, "CSV or NDJSON file, also .zst; - is standard input");
    command->add_option("--generate", arguments.generate, "Make the records instead")->check(CLI::IsMember({"retail"}));
    command->add_option("--records", arguments.records, "How many to generate; 0 is all");
    command->add_option("--format", arguments.format, "Where the name does not say")
        ->check(CLI::IsMember({"csv", "ndjson"}));
    command->add_option("--preset", arguments.preset, "Columns of a known set")->check(CLI::IsMember({"retail"}));
    auto* stream = command->add_option("--stream", arguments.stream, "Kinesis stream to send to");
    command->add_option("--delivery-stream", arguments.delivery_stream, "Firehose to send to")->excludes(stream);
    add_server_options(command, arguments);
    command->add_option("--partition-key", arguments.partition_key,
                        "CSV column or JSON member; else the first column, or spread evenly");
    command->add_option("--number", arguments.numbers, "CSV columns to send as JSON numbers")->delimiter(',');
    command->add_option("--time", arguments.times,
                        "COLUMN=FORMAT: CSV times to rewrite as 2010-12-01 08:26:00 (strptime formats)");
    command->add_option("--connections", arguments.connections, "Connections that send at once")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
    command->add_option("--batch", arguments.batch, "Records a request at most")
        ->capture_default_str()
        ->check(CLI::Range(1, 500));
    command->add_option("--rate", arguments.rate, "Records a second at most; 0 is as fast as they are taken");
    command->callback([&] { action = [&] { return produce_command(arguments); }; });
}

void add_consumers(CLI::App& app, ConsumersArguments& arguments, Action& action) {
    CLI::App* command =
        app.add_subcommand("consumers", "Who reads streams into functions: where they are, how far behind");
    command->require_subcommand(0, 1);
    add_server_options(command, arguments);
    command->add_flag("--json", arguments.json, "Print JSON");
    CLI::App* rewind = command->add_subcommand("rewind", "Send everything since a time to the function again");
    add_server_options(rewind, arguments);
    rewind->add_option("uuid", arguments.uuid, "The event source mapping's")->required();
    rewind
        ->add_option("--to", arguments.to,
                     "2026-11-21T10:00:00Z, seconds since 1970, or how long ago: 90s, 15m, 2h, 1d")
        ->required();
    rewind->callback([&] { action = [&] { return consumers_rewind(arguments); }; });
    command->callback([&, rewind] {
        if (!rewind->parsed()) action = [&] { return consumers_list(arguments); };
    });
}

// What a source is, for `sources add` and for `poll`.
void add_source_options(CLI::App* command, SourceArguments& it) {
    command->add_option("url", it.url, "What to poll: http:// or https://")->required();
    command->add_option("--every", it.every, "From one poll to the next: 500ms, 1s, 15m [1s]");
    command->add_option("--timeout", it.timeout, "Of a whole poll [10s]");
    command->add_option("--max-bytes", it.bytes_max, "Largest body, unpacked [8MiB]");
    command->add_option("--redirects", it.redirects_max, "How many redirects to follow [0]");
    command->add_option("--header", it.headers, "\"Name: value\" to send along; may be given again");
    command->add_option("--format", it.format, "json, ndjson, or body: all of it is one record [json]")
        ->check(CLI::IsMember({"json", "ndjson", "body"}));
    command->add_option("--records", it.records, "JSON path to the records: '$.txs' [$]");
    command->add_option("--key", it.key, "JSON path in a record: one that was sent with that key is not sent again");
    command->add_option("--remember", it.remember, "How long keys are remembered: 30m, 24h, 30d [24h]");
    command->add_option("--keys-max", it.keys_max, "How many, at most [1000000]");
    command->add_option("--source", it.event_source, "Of events on a bus [millrace.NAME]");
    command->add_option("--detail-type", it.detail_type, "Of events on a bus [Polled record]");
    command->add_option("--per-event", it.records_per_event,
                        "Records in one event: over 1, {\"records\":[...]}, split at 256 KB [1]");
    command->add_option("--partition-key", it.partition_key, "JSON path in a record, for streams [spread evenly]");
}

void add_sources(CLI::App& app, SourcesArguments& arguments, Action& action) {
    CLI::App* command = app.add_subcommand("sources",
                                           "URLs that the server polls: what is new there goes to a bus, a "
                                           "stream or a Firehose");
    command->require_subcommand(0, 1);
    add_server_options(command, arguments);
    command->add_flag("--json", arguments.json, "Print JSON");
    const auto add = [&](const char* name, const char* help, Result<int> (*run)(const SourcesArguments&)) {
        CLI::App* each = command->add_subcommand(name, help);
        add_server_options(each, arguments);
        each->callback([&action, &arguments, run] { action = [&arguments, run] { return run(arguments); }; });
        return each;
    };
    add("list", "How each is doing", &sources_list)->add_flag("--json", arguments.json, "Print JSON");
    CLI::App* made = add("add", "Poll a URL from now on", &sources_add);
    made->add_option("name", arguments.source.name, "Letters, digits, dots, underscores, hyphens")->required();
    add_source_options(made, arguments.source);
    made->add_option("--to", arguments.source.to, "bus:NAME, stream:NAME, firehose:NAME, or an ARN")->required();
    const auto named = [&](const char* name, const char* help, Result<int> (*run)(const SourcesArguments&)) {
        add(name, help, run)->add_option("name", arguments.source.name, "The source's")->required();
    };
    named("pause", "Poll no more until resumed", &sources_pause);
    named("resume", "Poll again, at once", &sources_resume);
    named("remove", "Remove, and forget what was sent", &sources_remove);
    command->callback([&, command] {
        if (command->get_subcommands().empty()) action = [&] { return sources_list(arguments); };
    });
}

void add_poll(CLI::App& app, PollArguments& arguments, Action& action) {
    CLI::App* command = app.add_subcommand("poll", "Poll a URL in the foreground, until Ctrl-C");
    add_source_options(command, arguments.source);
    command->add_option("--to", arguments.source.to, "bus:NAME, stream:NAME, firehose:NAME, an ARN, or - to print")
        ->required();
    command->add_option("--polls", arguments.polls, "End after so many");
    command->add_option("--state", arguments.state,
                        "Directory that remembers keys from one run to the next; made where absent");
    add_server_options(command, arguments);
    command->add_option("--account", arguments.account, "Account of the bus")->capture_default_str();
    command->add_option("--ca-file", arguments.ca_file, "PEM file of authorities to trust beside the system's");
    command->add_option(
        "--allow", arguments.allow,
        "Private hosts that redirects may lead to, as serve's outbound-allow; the URL's own may be called");
    command->callback([&] { action = [&] { return poll(arguments); }; });
}

void add_demo(CLI::App& app, DemoArguments& arguments, Action& action) {
    CLI::App* command =
        app.add_subcommand("demo", "Run the retail pipeline from CSV to SQL on a fresh server and check its answers");
    command->add_option("--csv", arguments.csv,
                        "Transactions in the schema of the UK Online Retail set, also .zst; else generated");
    command->add_option("--rows", arguments.rows, "How many rows to generate; 0 is all 541,909");
    command->add_option("--data", arguments.data, "Directory for the server's data; emptied first where a demo made it")
        ->capture_default_str();
    command->add_option("--connections", arguments.connections, "Connections that send at once")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
    command->add_option("--durability", arguments.durability, "The server's")
        ->capture_default_str()
        ->check(CLI::IsMember({"fsync", "os"}));
    command->add_flag("--keep", arguments.keep, "Leave the server running at the end, until Ctrl-C");
    command->callback([&] { action = [&] { return demo(arguments); }; });
}

}  // namespace

int run(int argc, char** argv) {
    // The jailed child of a query (see src/query): not a command for people, and nothing may run before it.
    if (argc == 2 && std::string_view(argv[1]) == "query-worker") return query::query_worker_main();
    if (argc == 2 && std::string_view(argv[1]) == "jq-worker") return flow::jq_worker_main();

    CLI::App app("Millrace: AWS ingestion pipelines on your own machine");
    app.require_subcommand(1);
    app.set_version_flag("--version", kVersion);
    app.get_formatter()->column_width(36);
    Action action;
    ServeArguments serve_arguments;
    KeysArguments keys_arguments;
    ProduceArguments produce_arguments;
    ConsumersArguments consumers_arguments;
    SourcesArguments sources_arguments;
    PollArguments poll_arguments;
    DemoArguments demo_arguments;
    add_serve(app, serve_arguments, action);
    add_keys(app, keys_arguments, action);
    add_produce(app, produce_arguments, action);
    add_consumers(app, consumers_arguments, action);
    add_sources(app, sources_arguments, action);
    add_poll(app, poll_arguments, action);
    add_demo(app, demo_arguments, action);
    app.add_subcommand("settings", "Print docs/configuration.md: every setting of serve")->callback([&] {
        action = []() -> Result<int> {
            std::fputs(configuration_markdown().c_str(), stdout);
            return 0;
        };
    });
    app.add_subcommand("version", "Print the version")->callback([&] {
        action = []() -> Result<int> {
            std::printf("millrace %s\n", kVersion);
            return 0;
        };
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    Result<int> code = action();
    if (code.ok()) return *code;
    std::fprintf(stderr, "millrace: %s\n", code.error().message.c_str());
    return code.error().code == ErrorCode::invalid_argument ? 2 : 1;
}

}  // namespace millrace::cli
