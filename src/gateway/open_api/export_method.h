// A method as an operation of a definition.
#pragma once

#include <string_view>

#include <boost/json.hpp>

#include "src/gateway/open_api/export.h"

namespace millrace::gateway {

boost::json::object export_method(const RestApi& api, const Resource& resource, const Method& method,
                                  const ExportOptions& options);
// Nothing where there are none.
void add_texts(boost::json::object& out, std::string_view name, const TextMap& texts);

}  // namespace millrace::gateway
