// Operations of five models, one for each protocol, with handlers that hand back what they were given: what the unit
// tests, the fuzz targets and tests/aws drive the wire with. No engine, no durability: it is not a service.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "src/aws/operation.h"

namespace millrace::aws::testing {

struct Example {
    std::mutex mutex;
    std::map<std::string, std::string> objects;  // "bucket/key" -> bytes
};

Service kinesis_service(Example& example);
Service s3_service(Example& example);
Service sts_service(Example& example);
Service monitoring_service(Example& example);  // CloudWatch
Service lambda_service(Example& example);

std::vector<Service> all_services(Example& example);

}  // namespace millrace::aws::testing
