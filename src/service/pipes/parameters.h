// A pipe's parameters between the wire and the engine.
#pragma once

#include <optional>

#include "aws/pipes/shapes.h"

#include "src/aws/failure.h"
#include "src/flow/pipe/definition.h"

namespace millrace::service::pipes {

// Each checks that the parameters are those of what the ARN names, and sets what is given in `pipe`.
aws::Outcome<void> read_source(const aws::pipes::PipeSourceParameters& from, flow::pipe::Pipe* pipe);
aws::Outcome<void> read_source(const aws::pipes::UpdatePipeSourceParameters& from, flow::pipe::Pipe* pipe);
void read_enrichment(const aws::pipes::PipeEnrichmentParameters& from, flow::pipe::Endpoint* out);
void read_target(const aws::pipes::PipeTargetParameters& from, flow::pipe::Endpoint* out);
// What belongs together across a pipe: parameters of the target's kind, batches where there can be some.
aws::Outcome<void> check(const flow::pipe::Pipe& pipe);

aws::pipes::PipeSourceParameters source_parameters(const flow::pipe::Pipe& pipe);
std::optional<aws::pipes::PipeEnrichmentParameters> enrichment_parameters(const flow::pipe::Endpoint& endpoint);
std::optional<aws::pipes::PipeTargetParameters> target_parameters(const flow::pipe::Endpoint& endpoint);

}  // namespace millrace::service::pipes
