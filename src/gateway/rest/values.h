// What sources of parameters mean for one call, and what templates see of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/gateway/mapping/source.h"
#include "src/gateway/mapping/template_objects.h"
#include "src/gateway/rest/call.h"
#include "src/vtl/template.h"

namespace millrace::gateway {

// The values of a source; none where it has none. `answer` is null before there is one; `payload` is the request's
// body, or of the answer where the source says so.
std::vector<std::string> values_of(const Source& source, const Call& call, const Payload& payload,
                                   const IntegrationAnswer* answer);

InputParameters input_parameters(const Call& call);

// Renders with $input, $context, $stageVariables and $util, within the data plane's limits. resource_exhausted,
// invalid_argument.
// On an I/O thread: about ten milliseconds at the very most.
inline constexpr vtl::Limits render_limits{
    .steps_max = 200'000, .output_bytes_max = 10 << 20, .loop_max = 1'000, .depth_max = 64};
Result<std::string> render(const vtl::Template& compiled, Call& call, const Payload& payload,
                           const vtl::Limits& limits = render_limits);

}  // namespace millrace::gateway
