// How the endpoint hands requests of REST APIs to their data plane, and what of it knows signatures.
#pragma once

#include "src/aws/endpoint.h"

namespace millrace::gateway {
class DataPlane;
class Reports;
}  // namespace millrace::gateway

namespace millrace::cli {

// `plane` outlives it.
aws::HostHandler rest_api_handler(gateway::DataPlane& plane);

// GET /_millrace/api-metrics: Prometheus's text, of the APIs of the caller's account. `reports` outlives the route.
aws::OwnRoute api_metrics_route(gateway::Reports& reports);

}  // namespace millrace::cli
