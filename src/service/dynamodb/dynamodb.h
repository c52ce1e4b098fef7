// DynamoDB over the table engine: decodes, asks an engine, encodes; keeps nothing itself. Handlers are free functions
// that take this class: items.h (items), control.h (what is around items: tables, tags, backups, exports, ...).
#pragma once

namespace millrace::catalog {
class Registry;
}
namespace millrace::flow {
class ChangeCopies;
class TableJobs;
}  // namespace millrace::flow
namespace millrace::io {
class Clock;
class Executor;
}  // namespace millrace::io
namespace millrace::object {
class Store;
}
namespace millrace::table {
class Tables;
}

namespace millrace::service::dynamodb {

// All outlive the service.
struct DynamoDbParts {
    table::Tables& tables;
    flow::TableJobs& jobs;
    flow::ChangeCopies& copies;
    object::Store& objects;
    catalog::Registry& registry;
    io::Executor& executor;  // for reads that have to wait for the disk
    const io::Clock& clock;
};

class DynamoDb {
  public:
    explicit DynamoDb(DynamoDbParts parts) : parts_(parts) {}
    const DynamoDbParts& parts() const { return parts_; }

  private:
    const DynamoDbParts parts_;
};

}  // namespace millrace::service::dynamodb
