// Kinesis streaming destinations: which stream a table's changes are copied to. flow/change_copy copies them.
#include "src/flow/change_copy/change_copies.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"

namespace millrace::service::dynamodb {
namespace {

std::string_view precision(bool microseconds) {
    return microseconds ? "MICROSECOND" : "MILLISECOND";
}

aws::Failure not_active(const std::string& state) {
    return validation("Table is not in a valid state to " + state +
                      " Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to perform " + state +
                      " operation.");
}

}  // namespace

Outcome<shapes::EnableKinesisStreamingDestinationOutput> enable_kinesis_streaming_destination(
    DynamoDb& self, const CallContext& context, const shapes::EnableKinesisStreamingDestinationInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    if (auto failure = check_not_changing(*table)) return *std::move(failure);
    bool microseconds = true;
    if (input.EnableKinesisStreamingConfiguration) {
        microseconds = input.EnableKinesisStreamingConfiguration->ApproximateCreationDateTimePrecision.value_or(
                           "MICROSECOND") == "MICROSECOND";
    }
    auto copy = self.parts().copies.enable(table, input.StreamArn, microseconds);
    if (!copy.ok()) {
        switch (copy.error().code) {
            case ErrorCode::not_found:
                return resource_not_found("Requested resource not found: Stream: " + input.StreamArn + " not found");
            case ErrorCode::failed_precondition:
                return validation(
                    "Table is not in a valid state to enable Kinesis Streaming Destination: "
                    "EnableKinesisStreamingDestination "
                    "must be DISABLED or ENABLE_FAILED to perform ENABLE operation.");
            case ErrorCode::invalid_argument:
                return validation("Invalid StreamArn: " + copy.error().message);
            default:
                return failure_of(copy.error());
        }
    }
    shapes::EnableKinesisStreamingDestinationOutput output;
    output.TableName = table->name;
    output.StreamArn = input.StreamArn;
    output.DestinationStatus = "ENABLING";
    output.EnableKinesisStreamingConfiguration.emplace().ApproximateCreationDateTimePrecision = precision(microseconds);
    return output;
}

Outcome<shapes::DisableKinesisStreamingDestinationOutput> disable_kinesis_streaming_destination(
    DynamoDb& self, const CallContext& context, const shapes::DisableKinesisStreamingDestinationInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    auto copy = self.parts().copies.disable(table, input.StreamArn);
    if (!copy.ok()) {
        return copy.error().code == ErrorCode::not_found ? not_active("DISABLE") : failure_of(copy.error());
    }
    shapes::DisableKinesisStreamingDestinationOutput output;
    output.TableName = table->name;
    output.StreamArn = input.StreamArn;
    output.DestinationStatus = "DISABLING";
    return output;
}

Outcome<shapes::UpdateKinesisStreamingDestinationOutput> update_kinesis_streaming_destination(
    DynamoDb& self, const CallContext& context, const shapes::UpdateKinesisStreamingDestinationInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    if (!input.UpdateKinesisStreamingConfiguration ||
        !input.UpdateKinesisStreamingConfiguration->ApproximateCreationDateTimePrecision) {
        return validation("UpdateKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision must be given");
    }
    const std::string& wish = *input.UpdateKinesisStreamingConfiguration->ApproximateCreationDateTimePrecision;
    for (const flow::ChangeCopy& copy : self.parts().copies.list(*table)) {
        if (copy.active && copy.stream_arn == input.StreamArn && precision(copy.microseconds) == wish) {
            return validation("Invalid Request: Precision is already set to the desired value of " + wish +
                              " for tableId: " + table->uuid + ", kdsArn: " + input.StreamArn);
        }
    }
    auto copy = self.parts().copies.set_precision(table, input.StreamArn, wish == "MICROSECOND");
    if (!copy.ok()) {
        return copy.error().code == ErrorCode::not_found ? not_active("UPDATE") : failure_of(copy.error());
    }
    shapes::UpdateKinesisStreamingDestinationOutput output;
    output.TableName = table->name;
    output.StreamArn = input.StreamArn;
    output.DestinationStatus = "UPDATING";
    output.UpdateKinesisStreamingConfiguration.emplace().ApproximateCreationDateTimePrecision = wish;
    return output;
}

Outcome<shapes::DescribeKinesisStreamingDestinationOutput> describe_kinesis_streaming_destination(
    DynamoDb& self, const CallContext& context, const shapes::DescribeKinesisStreamingDestinationInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    shapes::DescribeKinesisStreamingDestinationOutput output;
    output.TableName = table->name;
    output.KinesisDataStreamDestinations.emplace();
    for (const flow::ChangeCopy& copy : self.parts().copies.list(*table)) {
        auto& destination = output.KinesisDataStreamDestinations->emplace_back();
        destination.StreamArn = copy.stream_arn;
        destination.DestinationStatus = copy.active ? "ACTIVE" : "DISABLED";
        if (!copy.last_error.empty()) destination.DestinationStatusDescription = copy.last_error;
        destination.ApproximateCreationDateTimePrecision = precision(copy.microseconds);
    }
    return output;
}

}  // namespace millrace::service::dynamodb
