// A table's change stream as a source.
#pragma once

#include <memory>
#include <string>

#include "src/flow/mapping/source.h"

namespace millrace::flow::mapping {

std::unique_ptr<Source> make_change_source(SourceName name, std::string arn, table::Tables& tables);

}  // namespace millrace::flow::mapping
