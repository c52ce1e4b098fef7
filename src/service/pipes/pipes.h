// EventBridge Pipes over src/flow/pipe. pipes.cc and tags.cc are the handlers, parameters.cc the way between the wire
// and the engine. Every handler runs on the executor and may block on the store; any thread.
#pragma once

#include "aws/pipes/shapes.h"

#include "src/aws/call.h"
#include "src/flow/pipe/engine.h"

namespace millrace::service::pipes {

class Pipes {
  public:
    explicit Pipes(flow::pipe::Engine& engine) : engine_(engine) {}  // outlives it

#define MILLRACE_PIPES_HANDLER(NAME, FUNCTION)                                       \
    aws::Outcome<aws::pipes::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                    const aws::pipes::NAME##Input& input)

    // pipes.cc
    MILLRACE_PIPES_HANDLER(CreatePipe, create_pipe);
    MILLRACE_PIPES_HANDLER(UpdatePipe, update_pipe);
    MILLRACE_PIPES_HANDLER(DescribePipe, describe_pipe);
    MILLRACE_PIPES_HANDLER(ListPipes, list_pipes);
    MILLRACE_PIPES_HANDLER(DeletePipe, delete_pipe);
    MILLRACE_PIPES_HANDLER(StartPipe, start_pipe);
    MILLRACE_PIPES_HANDLER(StopPipe, stop_pipe);
    // tags.cc
    MILLRACE_PIPES_HANDLER(TagResource, tag_resource);
    MILLRACE_PIPES_HANDLER(UntagResource, untag_resource);
    MILLRACE_PIPES_HANDLER(ListTagsForResource, list_tags_for_resource);

#undef MILLRACE_PIPES_HANDLER

  private:
    flow::pipe::Engine& engine_;
};

}  // namespace millrace::service::pipes
