#include "src/cli/serve.h"

#include <cstdio>
#include <future>

#include "src/aws/endpoint.h"
#include "src/aws/keys.h"
#include "src/bus/buses.h"
#include "src/catalog/lake.h"
#include "src/catalog/registry.h"
#include "src/catalog/sealed_registry.h"
#include "src/cli/buses_route.h"
#include "src/cli/consumers_route.h"
#include "src/cli/function_parts.h"
#include "src/cli/gateway_parts.h"
#include "src/cli/late_caller.h"
#include "src/cli/orphan_shards.h"
#include "src/cli/sources_route.h"
#include "src/flow/change_copy/change_copies.h"
#include "src/flow/engine.h"
#include "src/flow/mapping/engine.h"
#include "src/flow/pipe/engine.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/function/functions.h"
#include "src/gateway/access/access.h"
#include "src/gateway/access/reports.h"
#include "src/gateway/http_api/data_plane.h"
#include "src/gateway/http_api/http_apis.h"
#include "src/gateway/rest/data_plane.h"
#include "src/gateway/rest_apis.h"
#include "src/http/outbound/outbound.h"
#include "src/http/server.h"
#include "src/io/clock.h"
#include "src/io/executor.h"
#include "src/io/file.h"
#include "src/journal/journal.h"
#include "src/log/log.h"
#include "src/object/store.h"
#include "src/query/engine.h"
#include "src/query/record_converter.h"
#include "src/schedule/engine.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/operations.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/operations.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/operations.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/operations.h"
#include "src/service/dynamodbstreams/operations.h"
#include "src/service/dynamodbstreams/streams.h"
#include "src/service/events/events.h"
#include "src/service/events/operations.h"
#include "src/service/firehose/firehose.h"
#include "src/service/firehose/operations.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/operations.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/operations.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/operations.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/operations.h"
#include "src/service/pipes/operations.h"
#include "src/service/pipes/pipes.h"
#include "src/service/s3/operations.h"
#include "src/service/scheduler/operations.h"
#include "src/service/scheduler/scheduler.h"
#include "src/source/engine.h"
#include "src/table/key_value_store.h"
#include "src/table/tables.h"
#include "src/target/connection.h"
#include "src/target/target.h"

namespace millrace::cli {
namespace {

constexpr int64_t lines_ms_max = 2'000;         // how long a stop waits for access logs to reach Firehose
constexpr uint64_t uploads_waiting_max = 1024;  // each may have a megabyte of its body here already

// Each member stands on those above it; they go in reverse, the server first.
class Assembly final : public RunningServer {
  public:
    Assembly(const Config& config, const DataDirectory& directory) : config_(config), directory_(directory) {}

    ~Assembly() override { settle(); }

    Status start() {
        const bool sync = config_.durability == "fsync";
        TRY_ASSIGN(listen_, parse_listen(config_.listen));
        TRY(keys_.list());  // a damaged file of keys stops the start, not the first request
        executor_ = io::make_executor(
            {.threads_max = narrow(config_.worker_threads_max), .queue_max = narrow(config_.worker_queue_max)});
        // A client may take hours over one body: uploads have threads of their own, and so never stop other work.
        uploads_ = io::make_executor({.name = "upload",
                                      .threads_max = narrow(config_.worker_threads_max),
                                      .queue_max = narrow(std::min(config_.worker_queue_max, uploads_waiting_max))});
        TRY_ASSIGN(outbound_, open_outbound());
        // Engines that keep.
        TRY_ASSIGN(store_, table::open_rocksdb({.directory = directory_.sub("catalog"),
                                                .sync = sync,
                                                .cache_bytes = config_.catalog_cache_bytes,
                                                .write_buffer_bytes = config_.catalog_write_buffer_bytes}));
        TRY_ASSIGN(tables_, table::Tables::open({.directory = directory_.sub("tables"),
                                                 .sync = sync,
                                                 .cache_bytes = config_.tables_cache_bytes,
                                                 .write_buffer_bytes = config_.tables_write_buffer_bytes},
                                                clock_));
        TRY_ASSIGN(catalog::SecretKeys secret_keys, catalog::SecretKeys::open(secrets_key_file()));
        // Connections of API destinations, and sources, whose headers may hold tokens.
        TRY_ASSIGN(registry_, catalog::seal_kinds(catalog::Registry::open(*store_), std::move(secret_keys),
                                                  {std::string(target::connection_kind), "millrace.source"}));
        lake_ = catalog::Lake::open(*store_, clock_);
        TRY_ASSIGN(log_, log::Log::open(log_options(), files_, clock_));
        report(log_->recovery());
        TRY(drop_orphan_shards(*registry_, *log_));
        TRY_ASSIGN(objects_, object::Store::open(directory_.sub("objects"), *store_, files_, clock_, sync));
        // Engines that move or compute.
        TRY_ASSIGN(queries_, query::QueryEngine::open(query_options(), *lake_, *registry_, *objects_, clock_));
        TRY_ASSIGN(journal_,
                   journal::Journal::open(
                       {.directory = directory_.sub("journal"), .sync = sync, .bytes_max = config_.journal_bytes_max},
                       clock_));
        deliverer_ = target::Deliverer::make({}, caller_, *registry_, *outbound_, *executor_, clock_);
        destinations_ = make_destinations(*objects_, *deliverer_);
        lines_ = make_journal_lines(*journal_);
        TRY_ASSIGN(std::string packages, directory_.passable_sub("functions"));
        TRY_ASSIGN(functions_, function::Functions::open(function_options(std::move(packages)),
                                                         {*registry_, *store_, clock_, *lines_, destinations_.get()}));
        TRY_ASSIGN(deliveries_, flow::Engine::open(flow_options(), {*log_,
                                                                    *objects_,
                                                                    *store_,
                                                                    *registry_,
                                                                    *lake_,
                                                                    clock_,
                                                                    query::RecordConverter::make,
                                                                    functions_.get(),
                                                                    {}}));
        TRY_ASSIGN(http_apis_, gateway::http_api::HttpApis::open(*registry_, clock_));
        TRY_ASSIGN(rest_apis_, gateway::RestApis::open(*registry_, clock_));
        TRY_ASSIGN(mappings_, flow::mapping::Engine::open({}, mapping_parts()));
        TRY_ASSIGN(events_store_, table::open_rocksdb({.directory = directory_.sub("events"), .sync = sync}));
        TRY_ASSIGN(buses_, bus::Buses::open(bus_options(), {*log_, *registry_, *events_store_, clock_}));
        TRY_ASSIGN(schedules_, schedule::Engine::open({}, schedule_parts()));
        TRY_ASSIGN(access_, gateway::Access::open(access_options(), access_parts()));
        reports_ = gateway::Reports::make({clock_, *journal_, [this] { return &caller_; }});
        http_plane_ = gateway::http_api::DataPlane::make({}, http_plane_parts());
        rest_data_plane_ = gateway::DataPlane::make({}, data_plane_parts());
        TRY_ASSIGN(sources_, source::Engine::open({.sources_max = narrow(config_.sources_max)},
                                                  {*store_, *outbound_, *deliverer_, clock_}, *registry_));
        TRY_ASSIGN(pipe_engine_, flow::pipe::Engine::open({}, pipe_parts()));
        TRY_ASSIGN(copies_, flow::ChangeCopies::open({*tables_, *log_, *registry_, clock_}));
        TRY_ASSIGN(table_jobs_, flow::TableJobs::open(table_job_parts()));
        TRY_ASSIGN(kinesis_, service::kinesis::Kinesis::open(*log_, *registry_, clock_));
        kinesis_->subscriptions().limit(config_.worker_threads_max / 4);
        dynamodb_.emplace(service::dynamodb::DynamoDbParts{*tables_, *table_jobs_, *copies_, *objects_, *registry_,
                                                           *executor_, clock_,
                                                           static_cast<int64_t>(config_.export_span_ms_min)});
        TRY_ASSIGN(streams_, service::dynamodbstreams::Streams::open(*tables_, *registry_, clock_));
        firehose_.emplace(*deliveries_, *log_);
        glue_.emplace(*lake_, *registry_);
        logs_.emplace(*journal_, clock_);
        athena_.emplace(*queries_, *lake_, *registry_, clock_);
        s3_ = service::s3::make_s3(*objects_, clock_);
        lambda_.emplace(service::lambda::LambdaParts{*functions_, *objects_, keys_, *executor_, clock_, *mappings_});
        scheduler_.emplace(*schedules_);
        events_.emplace(service::events::EventsParts{*buses_, *log_, *registry_, *outbound_, clock_});
        api_gateway_.emplace(
            service::apigateway::ApiGatewayParts{*rest_apis_, *access_, *rest_data_plane_, *registry_});
        apigatewayv2_.emplace(*http_apis_, *http_plane_, clock_);
        pipes_.emplace(*pipe_engine_);
        std::vector<aws::Service> services;  // one line a service
        services.push_back(service::kinesis::operations(*kinesis_));
        services.push_back(service::firehose::operations(*firehose_));
        services.push_back(service::s3::operations(*s3_));
        services.push_back(service::glue::operations(*glue_));
        services.push_back(service::athena::operations(*athena_));
        services.push_back(service::dynamodb::operations(*dynamodb_));
        services.push_back(service::dynamodbstreams::operations(*streams_));
        services.push_back(service::logs::operations(*logs_));
        services.push_back(service::lambda::operations(*lambda_));
        services.push_back(service::apigateway::operations(*api_gateway_));
        services.push_back(service::scheduler::operations(*scheduler_));
        services.push_back(service::events::operations(*events_));
        services.push_back(service::apigatewayv2::operations(*apigatewayv2_));
        services.push_back(service::pipes::operations(*pipes_));
        endpoint_ = aws::make_endpoint(endpoint_options(), std::move(services), keys_, *executor_, clock_);
        endpoint_->add_host_handler(lambda_->url_handler());
        endpoint_->add_host_handler(apigatewayv2_->handler());
        endpoint_->add_host_handler(rest_api_handler(*rest_data_plane_));
        endpoint_->add_route(lambda_->package_route());
        endpoint_->add_route(api_metrics_route(*reports_));
        endpoint_->add_route(buses_route(*buses_));
        for (aws::OwnRoute& route : consumer_routes(*mappings_)) endpoint_->add_route(std::move(route));
        for (aws::OwnRoute& route : source_routes(*sources_)) endpoint_->add_route(std::move(route));
        TRY_ASSIGN(http_, http::start_server(http_options(), *endpoint_, *executor_, uploads_.get()));
        functions_->set_surroundings(surroundings_of(listen_, http_->port(), keys_));
        caller_.set(endpoint_.get());
        mappings_->run();
        schedules_->run();
        TRY(buses_->run(*deliverer_));
        sources_->run();
        pipe_engine_->run();
        endpoint_->set_ready(true);
        return {};
    }

    uint16_t port() const override { return http_->port(); }
    bool has_keys() override {
        Result<std::vector<aws::Key>> keys = keys_.list();
        return keys.ok() && !keys->empty();
    }
    void stop() override {
        kinesis_->subscriptions().end_all();  // else each would keep the server for up to five minutes
        buses_->stop();                       // what is on its way arrives through all the others
        if (const uint64_t cut_off = http_->stop(narrow(config_.stop_ms_max)); cut_off > 0) {
            std::fprintf(stderr, "millrace: %llu request(s) were under way after stop-ms-max and were cut off\n",
                         static_cast<unsigned long long>(cut_off));
        }
        reports_->drain(lines_ms_max);
        mappings_->stop();
        pipe_engine_->stop();
        schedules_->stop();
        outbound_->stop();
        access_->stop();
        sources_->stop();
        functions_->stop();  // what still runs is answered through the endpoint
    }

  private:
    // Everything that answers from another thread names the endpoint, its services and the executors. So all of it ends
    // before the first of them goes: connections, tasks, calls of the engines' own threads, and what has not been
    // committed yet.
    void settle() {
        http_.reset();
        if (uploads_) uploads_->stop();
        if (executor_) executor_->stop();
        caller_.close();
        if (dynamodb_) dynamodb_->close();
        if (!log_) return;
        // Commits and their answers come in order: nothing is left before this one.
        std::promise<void> committed;
        log_->append(std::vector<log::Batch>(),
                     [&](const Result<std::vector<log::Appended>>&) { committed.set_value(); });
        committed.get_future().wait();
    }

    static uint32_t narrow(uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)); }

    log::Options log_options() const {
        log::Options options;
        options.directory = directory_.sub("log");
        options.durability = config_.durability == "fsync" ? log::Durability::fsync : log::Durability::os;
        options.segment_bytes = config_.log_segment_bytes;
        options.tail_cache_bytes = config_.log_tail_cache_bytes;
        options.pending_bytes_max = config_.log_pending_bytes_max;
        return options;
    }

    std::string secrets_key_file() const {
        return config_.secrets_key_file.empty() ? directory_.sub("secrets.key") : config_.secrets_key_file;
    }

    Result<std::unique_ptr<http::Outbound>> open_outbound() const {
        http::OutboundOptions options;
        TRY_ASSIGN(options.policy, http::OutboundPolicy::parse(config_.outbound_allow, config_.outbound_hosts));
        options.ca_file = config_.outbound_ca_file;
        return http::Outbound::make(std::move(options));
    }

    flow::EngineOptions flow_options() const {
        flow::EngineOptions options;
        options.temporary_directory = directory_.sub("spool");
        return options;
    }

    flow::TableJobParts table_job_parts() {
        return {
            .tables = *tables_,
            .objects = *objects_,
            .registry = *registry_,
            .files = files_,
            .clock = clock_,
            .backup_directory = directory_.sub("backups"),
            .log = [this](const Scope& scope, const std::string& group, const std::string& stream, std::string line) {
                journal_->write(scope, group, stream, {clock_.now(), std::move(line)});
            }};
    }

    flow::mapping::Parts mapping_parts() {
        return {.sources = {*log_, *registry_, tables_.get()},
                .store = *store_,
                .registry = *registry_,
                .objects = *objects_,
                .clock = clock_,
                .invoke =
                    [this](function::Invocation invocation, flow::mapping::CallDone done) {
                        functions_->invoke(std::move(invocation), std::move(done));
                    },
                .role_of = [this](const function::FunctionName& name) -> Result<std::string> {
                    TRY_ASSIGN(const function::FunctionDefinition found, functions_->find(name));
                    return found.role;
                }};
    }

    bus::Options bus_options() const {
        bus::Options options;
        options.retry_ms = static_cast<int64_t>(config_.events_retry_ms);
        options.parked_bytes_max = config_.events_waiting_bytes_max;
        return options;
    }

    schedule::Parts schedule_parts() {
        return {.store = *store_,
                .clock = clock_,
                .deliver = [this](schedule::Call call, std::function<void(target::Outcome)> done) {
                    std::vector<target::Item> items;
                    items.push_back(std::move(call.item));
                    deliverer_->deliver(call.target, std::move(items),
                                        [done = std::move(done)](std::vector<target::Outcome> outcomes) {
                                            done(std::move(outcomes.front()));
                                        });
                }};
    }

    auto invoke_function() {
        return [this](function::Invocation invocation, std::function<void(Result<function::InvocationResult>)> done) {
            functions_->invoke(std::move(invocation), std::move(done));
        };
    }

    gateway::AccessOptions access_options() const {
        return {.requests_per_s = static_cast<double>(config_.api_requests_per_s_max),
                .burst = static_cast<int32_t>(config_.api_burst_max)};
    }

    gateway::AccessParts access_parts() {
        return {.apis = *rest_apis_, .store = *store_, .clock = clock_, .invoke = invoke_function()};
    }

    gateway::DataPlaneParts data_plane_parts() {
        return {.apis = *rest_apis_,
                .access = *access_,
                .reports = reports_.get(),
                .clock = clock_,
                .invoke = invoke_function(),
                .invoke_later =
                    [this](function::Invocation invocation) { return functions_->invoke_later(std::move(invocation)); },
                .caller = caller_,
                .outbound = *outbound_};
    }

    gateway::http_api::DataPlaneParts http_plane_parts() {
        return {*http_apis_, clock_, *outbound_, *lines_, invoke_function(), caller_, reports_.get()};
    }

    flow::pipe::Parts pipe_parts() {
        return {.sources = {*log_, *registry_, tables_.get()},
                .store = *store_,
                .registry = *registry_,
                .objects = *objects_,
                .clock = clock_,
                .executor = *executor_,
                .deliver = [this](flow::pipe::Delivery delivery, target::Deliverer::Done done) {
                    deliverer_->deliver(delivery.target, std::move(delivery.items), std::move(done));
                }};
    }

    function::FunctionsOptions function_options(std::string directory) const {
        function::FunctionsOptions options;
        options.directory = std::move(directory);
        options.environments_max = narrow(config_.function_environments_max);
        options.idle_ms_max = config_.function_idle_ms_max;
        options.sandbox_required = config_.function_sandbox == "required";
        options.python = config_.function_python;
        options.node = config_.function_node;
        options.hidden = {directory_.path()};
        options.retry_ms = config_.function_retry_ms;
        options.events_max = config_.function_events_max;
        options.event_bytes_max = config_.function_event_bytes_max;
        return options;
    }

    query::EngineOptions query_options() const {
        query::EngineOptions options;
        options.queries_running_max = narrow(config_.queries_running_max);
        options.queries_waiting_max = narrow(config_.queries_waiting_max);
        options.query_memory_bytes_max = config_.query_memory_bytes_max;
        options.query_threads = narrow(config_.query_threads);
        options.query_seconds_max = static_cast<int64_t>(config_.query_ms_max / 1000);
        options.history_max = config_.query_history_max;
        return options;
    }

    aws::EndpointOptions endpoint_options() const {
        return {.auth = config_.auth == "off" ? aws::Auth::off : aws::Auth::sign,
                .default_scope = {config_.account, config_.region}};
    }

    http::ServerOptions http_options() const {
        http::ServerOptions options;
        options.host = listen_.host;
        options.port = listen_.port;
        options.io_threads = narrow(config_.io_threads);
        options.tls.enabled = config_.tls;
        options.tls.certificate_file = config_.tls_certificate;
        options.tls.key_file = config_.tls_key;
        options.tls.generated_directory = directory_.sub("tls");
        options.limits.header_bytes_max = narrow(config_.header_bytes_max);
        options.limits.gathered_body_bytes_max = config_.body_bytes_max;
        options.limits.streamed_body_bytes_max = config_.streamed_body_bytes_max;
        options.limits.gathered_bytes_total_max = config_.body_bytes_total_max;
        options.limits.connections_max = narrow(config_.connections_max);
        options.limits.streams_per_connection_max = narrow(config_.streams_per_connection_max);
        options.limits.idle_ms_max = narrow(config_.idle_ms_max);
        options.limits.header_ms_max = narrow(config_.header_ms_max);
        options.limits.body_bytes_per_s_min = narrow(config_.body_bytes_per_s_min);
        return options;
    }

    static void report(const log::RecoveryReport& recovery) {
        if (recovery.torn_bytes_cut > 0) {
            std::fprintf(stderr, "millrace: log: cut an unacknowledged tail of %llu bytes\n",
                         static_cast<unsigned long long>(recovery.torn_bytes_cut));
        }
        for (const std::string& corruption : recovery.corruptions) {
            std::fprintf(stderr, "millrace: log: %s\n", corruption.c_str());
        }
    }

    const Config config_;
    const DataDirectory& directory_;
    HostAndPort listen_;
    const io::Clock& clock_ = io::system_clock();
    io::FileSystem& files_ = io::posix_file_system();
    aws::Keys keys_{directory_.path()};
    LateCaller caller_;
    std::unique_ptr<http::Outbound> outbound_;
    std::unique_ptr<table::KeyValueStore> store_;
    std::unique_ptr<table::Tables> tables_;
    std::unique_ptr<catalog::Registry> registry_;
    std::unique_ptr<catalog::Lake> lake_;
    std::unique_ptr<log::Log> log_;
    std::unique_ptr<object::Store> objects_;
    std::unique_ptr<query::QueryEngine> queries_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<target::Deliverer> deliverer_;
    std::unique_ptr<function::DestinationSink> destinations_;
    std::unique_ptr<function::LogSink> lines_;
    std::unique_ptr<function::Functions> functions_;
    std::unique_ptr<flow::Engine> deliveries_;
    std::unique_ptr<flow::mapping::Engine> mappings_;
    std::unique_ptr<gateway::http_api::HttpApis> http_apis_;
    std::unique_ptr<gateway::RestApis> rest_apis_;
    std::unique_ptr<gateway::Access> access_;
    std::unique_ptr<gateway::Reports> reports_;
    std::unique_ptr<gateway::http_api::DataPlane> http_plane_;
    std::unique_ptr<gateway::DataPlane> rest_data_plane_;
    std::unique_ptr<schedule::Engine> schedules_;
    std::unique_ptr<table::KeyValueStore> events_store_;
    std::unique_ptr<bus::Buses> buses_;
    std::unique_ptr<source::Engine> sources_;
    std::unique_ptr<flow::pipe::Engine> pipe_engine_;
    std::unique_ptr<flow::ChangeCopies> copies_;
    std::unique_ptr<flow::TableJobs> table_jobs_;
    std::unique_ptr<service::kinesis::Kinesis> kinesis_;
    std::optional<service::dynamodb::DynamoDb> dynamodb_;
    std::unique_ptr<service::dynamodbstreams::Streams> streams_;
    std::optional<service::firehose::Firehose> firehose_;
    std::optional<service::glue::Glue> glue_;
    std::optional<service::athena::Athena> athena_;
    std::optional<service::logs::Logs> logs_;
    std::shared_ptr<service::s3::S3> s3_;
    std::optional<service::lambda::Lambda> lambda_;
    std::optional<service::apigateway::ApiGateway> api_gateway_;
    std::optional<service::apigatewayv2::ApiGatewayV2> apigatewayv2_;
    std::optional<service::scheduler::Scheduler> scheduler_;
    std::optional<service::events::Events> events_;
    std::optional<service::pipes::Pipes> pipes_;
    std::unique_ptr<aws::Endpoint> endpoint_;
    std::unique_ptr<io::Executor> executor_;
    std::unique_ptr<io::Executor> uploads_;
    std::unique_ptr<http::Server> http_;
};

}  // namespace

Result<std::unique_ptr<RunningServer>> RunningServer::start(const Config& config, const DataDirectory& directory) {
    auto assembly = std::make_unique<Assembly>(config, directory);
    TRY(assembly->start());
    return std::unique_ptr<RunningServer>(std::move(assembly));
}

}  // namespace millrace::cli
