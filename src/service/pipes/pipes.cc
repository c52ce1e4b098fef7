// Pipes.
#include "src/service/pipes/pipes.h"

#include "src/base/base64.h"
#include "src/service/pipes/errors.h"
#include "src/service/pipes/limits.h"
#include "src/service/pipes/parameters.h"

namespace millrace::service::pipes {

using namespace aws::pipes;  // the generated shapes
namespace pipe = flow::pipe;
namespace mapping = flow::mapping;

namespace {

std::string desired(const pipe::Description& of) {
    return of.pipe.deleting ? "DELETED" : of.pipe.settings.enabled ? "RUNNING" : "STOPPED";
}

// What most operations answer.
template <class Output>
Output shown(const pipe::Description& of) {
    Output out;
    out.Arn = pipe::arn_of(of.pipe.scope, of.pipe.name);
    out.Name = of.pipe.name;
    out.CreationTime = of.pipe.created;
    out.LastModifiedTime = of.pipe.modified;
    out.CurrentState = of.state;
    out.DesiredState = desired(of);
    return out;
}

// By name: queues, brokers and topics are sources on AWS.
aws::Outcome<void> check_source(const Scope& scope, const std::string& arn) {
    const auto parsed = mapping::parse_source_arn(arn);
    if (parsed.ok() && parsed->scope == scope) return {};
    if (parsed.ok()) return invalid("The source is of another account or region: " + arn);
    return invalid("A pipe's source is a Kinesis stream or the stream of a DynamoDB table: " + parsed.error().message);
}

}  // namespace

aws::Outcome<CreatePipeOutput> Pipes::create_pipe(const aws::CallContext& context, const CreatePipeInput& input) {
    pipe::Pipe made;
    made.scope = context.scope;
    made.name = input.Name;
    made.description = input.Description.value_or("");
    made.role = input.RoleArn;
    made.source = input.Source;
    made.settings.enabled = input.DesiredState.value_or("RUNNING") == "RUNNING";
    made.settings.batch_size = batch_size_default;
    made.settings.report_item_failures = true;
    made.enrichment.arn = input.Enrichment.value_or("");
    made.target.arn = input.Target;
    TRY(check_source(made.scope, made.source));
    TRY(read_source(input.SourceParameters.value_or(PipeSourceParameters()), &made));
    if (input.EnrichmentParameters) read_enrichment(*input.EnrichmentParameters, &made.enrichment);
    if (input.TargetParameters) read_target(*input.TargetParameters, &made.target);
    if (input.Tags) made.tags = *input.Tags;
    if (made.tags.size() > tags_max) return invalid("A pipe has at most 50 tags.");
    TRY(check(made));
    PIPES_TRY_ASSIGN(const pipe::Description created, engine_.create(std::move(made)));
    return shown<CreatePipeOutput>(created);
}

aws::Outcome<UpdatePipeOutput> Pipes::update_pipe(const aws::CallContext& context, const UpdatePipeInput& input) {
    std::optional<aws::Failure> refused;
    const auto change = [&](const pipe::Description&, pipe::Pipe* to) -> Status {
        to->role = input.RoleArn;
        if (input.Description) to->description = *input.Description;
        if (input.DesiredState) to->settings.enabled = *input.DesiredState == "RUNNING";
        if (input.Enrichment && *input.Enrichment != to->enrichment.arn) to->enrichment = {.arn = *input.Enrichment};
        if (input.Target && *input.Target != to->target.arn) to->target = {.arn = *input.Target};
        if (input.EnrichmentParameters) read_enrichment(*input.EnrichmentParameters, &to->enrichment);
        if (input.TargetParameters) read_target(*input.TargetParameters, &to->target);
        aws::Outcome<void> read;
        if (input.SourceParameters) read = read_source(*input.SourceParameters, to);
        if (read.ok()) read = check(*to);
        if (read.ok()) return {};
        refused = read.error();
        return Error{ErrorCode::invalid_argument, refused->message};
    };
    const auto updated = engine_.update(context.scope, input.Name, change);
    if (refused) return *refused;
    if (!updated.ok()) return failure_of(updated.error());
    return shown<UpdatePipeOutput>(*updated);
}

aws::Outcome<DescribePipeOutput> Pipes::describe_pipe(const aws::CallContext& context, const DescribePipeInput& input) {
    PIPES_TRY_ASSIGN(const pipe::Description found, engine_.describe(context.scope, input.Name));
    DescribePipeOutput out = shown<DescribePipeOutput>(found);
    const pipe::Pipe& of = found.pipe;
    if (!of.description.empty()) out.Description = of.description;
    out.RoleArn = of.role;
    out.Source = of.source;
    out.SourceParameters = source_parameters(of);
    if (!of.enrichment.arn.empty()) out.Enrichment = of.enrichment.arn;
    out.EnrichmentParameters = enrichment_parameters(of.enrichment);
    out.Target = of.target.arn;
    out.TargetParameters = target_parameters(of.target);
    if (!found.reason.empty()) out.StateReason = found.reason.substr(0, reason_characters_max);
    out.Tags = of.tags;
    return out;
}

aws::Outcome<ListPipesOutput> Pipes::list_pipes(const aws::CallContext& context, const ListPipesInput& input) {
    pipe::ListFilter filter;
    filter.name_prefix = input.NamePrefix.value_or("");
    filter.source_prefix = input.SourcePrefix.value_or("");
    filter.target_prefix = input.TargetPrefix.value_or("");
    filter.state = input.CurrentState.value_or("");
    if (input.DesiredState) filter.desired = *input.DesiredState == "RUNNING";
    std::string after;
    if (input.NextToken && !base64_decode(*input.NextToken, &after)) return invalid("Invalid NextToken.");
    const pipe::Page page =
        engine_.list(context.scope, filter, after, static_cast<size_t>(input.Limit.value_or(page_size_default)));
    ListPipesOutput out;
    out.Pipes.emplace();
    for (const pipe::Description& each : page.pipes) {
        Pipe& summary = out.Pipes->emplace_back(shown<Pipe>(each));
        summary.Source = each.pipe.source;
        summary.Target = each.pipe.target.arn;
        if (!each.pipe.enrichment.arn.empty()) summary.Enrichment = each.pipe.enrichment.arn;
        if (!each.reason.empty()) summary.StateReason = each.reason.substr(0, reason_characters_max);
    }
    if (!page.next.empty()) out.NextToken = base64_encode(page.next);
    return out;
}

aws::Outcome<DeletePipeOutput> Pipes::delete_pipe(const aws::CallContext& context, const DeletePipeInput& input) {
    PIPES_TRY_ASSIGN(const pipe::Description removed, engine_.remove(context.scope, input.Name));
    return shown<DeletePipeOutput>(removed);
}

aws::Outcome<StartPipeOutput> Pipes::start_pipe(const aws::CallContext& context, const StartPipeInput& input) {
    PIPES_TRY_ASSIGN(const pipe::Description changed,
                     engine_.update(context.scope, input.Name, [](const pipe::Description& of, pipe::Pipe* to) {
                         to->settings.enabled = true;
                         return of.state == "STOPPED" ? Status()
                                                      : Status(Error{ErrorCode::failed_precondition,
                                                                     "Pipe " + to->name + " is not stopped."});
                     }));
    return shown<StartPipeOutput>(changed);
}

aws::Outcome<StopPipeOutput> Pipes::stop_pipe(const aws::CallContext& context, const StopPipeInput& input) {
    PIPES_TRY_ASSIGN(const pipe::Description changed,
                     engine_.update(context.scope, input.Name, [](const pipe::Description& of, pipe::Pipe* to) {
                         to->settings.enabled = false;
                         return of.state == "RUNNING" ? Status()
                                                      : Status(Error{ErrorCode::failed_precondition,
                                                                     "Pipe " + to->name + " is not running."});
                     }));
    return shown<StopPipeOutput>(changed);
}

}  // namespace millrace::service::pipes
