#include "src/base/checksum.h"
#include "src/catalog/lake.h"
#include "src/catalog/partition_filter.h"
#include "src/service/glue/conversions.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

// A partition is of the segment that its values' checksum falls to: each of exactly one, whoever reads which.
bool in_segment(const std::optional<Segment>& segment, const std::vector<std::string>& values) {
    if (!segment) return true;
    uint32_t sum = 0;
    for (const std::string& value : values) {
        sum = crc32c(sum, value);
        sum = crc32c(sum, std::string_view("\0", 1));
    }
    return sum % static_cast<uint32_t>(segment->TotalSegments) == static_cast<uint32_t>(segment->SegmentNumber);
}

PartitionError partition_error(std::vector<std::string> values, const Error& error) {
    return {.PartitionValues = std::move(values), .ErrorDetail = error_detail_of(error)};
}

}  // namespace

aws::Outcome<CreatePartitionOutput> Glue::create_partition(const aws::CallContext& context,
                                                           const CreatePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(
        lake_.create_partition(context.scope, input.DatabaseName, input.TableName, from_wire(input.PartitionInput)));
    return CreatePartitionOutput{};
}

aws::Outcome<BatchCreatePartitionOutput> Glue::batch_create_partition(const aws::CallContext& context,
                                                                      const BatchCreatePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    std::vector<catalog::Partition> partitions;
    for (const PartitionInput& partition : input.PartitionInputList) partitions.push_back(from_wire(partition));
    GLUE_TRY_ASSIGN(const auto statuses,
                    lake_.create_partitions(context.scope, input.DatabaseName, input.TableName, std::move(partitions)));
    BatchCreatePartitionOutput output;
    output.Errors.emplace();
    for (size_t i = 0; i < statuses.size(); ++i) {
        if (statuses[i].ok()) continue;
        output.Errors->push_back(partition_error(
            input.PartitionInputList[i].Values.value_or(std::vector<std::string>()), statuses[i].error()));
    }
    return output;
}

aws::Outcome<GetPartitionOutput> Glue::get_partition(const aws::CallContext& context, const GetPartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY_ASSIGN(const catalog::Partition partition,
                    lake_.partition(context.scope, input.DatabaseName, input.TableName, input.PartitionValues));
    return GetPartitionOutput{.Partition = to_wire(context.scope, input.DatabaseName, input.TableName, partition)};
}

// As GetTables: read on until the page is full or the partitions end.
aws::Outcome<GetPartitionsOutput> Glue::get_partitions(const aws::CallContext& context,
                                                       const GetPartitionsInput& input) {
    GLUE_CHECK_CATALOG();
    auto after = position_of(input.NextToken);
    if (!after.ok()) return after.error();
    if (input.Segment && input.Segment->SegmentNumber >= input.Segment->TotalSegments) {
        return invalid_input("SegmentNumber must be less than TotalSegments.");
    }
    GLUE_TRY_ASSIGN(const catalog::Table table, lake_.table(context.scope, input.DatabaseName, input.TableName));
    GLUE_TRY_ASSIGN(const catalog::PartitionFilter filter,
                    catalog::PartitionFilter::parse(input.Expression.value_or(""), table.partition_keys));
    const bool filtered = input.Expression.has_value() && !input.Expression->empty();
    const size_t limit = page_size(input.MaxResults, partitions_page_max);
    GetPartitionsOutput output;
    output.Partitions.emplace();
    while (output.Partitions->size() < limit) {
        GLUE_TRY_ASSIGN(const auto page, lake_.partitions(context.scope, input.DatabaseName, input.TableName, *after,
                                                          limit - output.Partitions->size()));
        for (const catalog::Partition& partition : page.items) {
            if (!in_segment(input.Segment, partition.values)) continue;
            if (filtered && !filter.matches(partition.values)) continue;
            output.Partitions->push_back(to_wire(context.scope, table.database, table.name, partition));
            auto& descriptor = output.Partitions->back().StorageDescriptor;
            if (input.ExcludeColumnSchema.value_or(false) && descriptor) descriptor->Columns.reset();
        }
        *after = page.next;
        if (page.next.empty()) break;
    }
    output.NextToken = token_of(*after);
    return output;
}

// What is not there is left out, as Glue does; UnprocessedKeys are for a service that runs out of time.
aws::Outcome<BatchGetPartitionOutput> Glue::batch_get_partition(const aws::CallContext& context,
                                                                const BatchGetPartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.table(context.scope, input.DatabaseName, input.TableName));
    BatchGetPartitionOutput output;
    output.Partitions.emplace();
    output.UnprocessedKeys.emplace();
    for (const PartitionValueList& wanted : input.PartitionsToGet) {
        const auto partition = lake_.partition(context.scope, input.DatabaseName, input.TableName, wanted.Values);
        if (!partition.ok() && partition.error().code == ErrorCode::not_found) continue;
        if (!partition.ok()) return failure_of(partition.error());
        output.Partitions->push_back(to_wire(context.scope, input.DatabaseName, input.TableName, *partition));
    }
    return output;
}

aws::Outcome<UpdatePartitionOutput> Glue::update_partition(const aws::CallContext& context,
                                                           const UpdatePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    catalog::Partition partition = from_wire(input.PartitionInput);
    if (partition.values.empty()) partition.values = input.PartitionValueList;  // absent: they stay
    GLUE_TRY(lake_.update_partition(context.scope, input.DatabaseName, input.TableName, input.PartitionValueList,
                                    std::move(partition)));
    return UpdatePartitionOutput{};
}

aws::Outcome<BatchUpdatePartitionOutput> Glue::batch_update_partition(const aws::CallContext& context,
                                                                      const BatchUpdatePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.table(context.scope, input.DatabaseName, input.TableName));
    BatchUpdatePartitionOutput output;
    output.Errors.emplace();
    for (const BatchUpdatePartitionRequestEntry& entry : input.Entries) {
        catalog::Partition partition = from_wire(entry.PartitionInput);
        if (partition.values.empty()) partition.values = entry.PartitionValueList;
        const Status updated = lake_.update_partition(context.scope, input.DatabaseName, input.TableName,
                                                      entry.PartitionValueList, std::move(partition));
        if (updated.ok()) continue;
        output.Errors->push_back(
            {.PartitionValueList = entry.PartitionValueList, .ErrorDetail = error_detail_of(updated.error())});
    }
    return output;
}

aws::Outcome<DeletePartitionOutput> Glue::delete_partition(const aws::CallContext& context,
                                                           const DeletePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.delete_partition(context.scope, input.DatabaseName, input.TableName, input.PartitionValues));
    return DeletePartitionOutput{};
}

aws::Outcome<BatchDeletePartitionOutput> Glue::batch_delete_partition(const aws::CallContext& context,
                                                                      const BatchDeletePartitionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.table(context.scope, input.DatabaseName, input.TableName));
    BatchDeletePartitionOutput output;
    output.Errors.emplace();
    for (const PartitionValueList& doomed : input.PartitionsToDelete) {
        const Status deleted =
            lake_.delete_partition(context.scope, input.DatabaseName, input.TableName, doomed.Values);
        if (!deleted.ok()) output.Errors->push_back(partition_error(doomed.Values, deleted.error()));
    }
    return output;
}

// Partitions lie in order of their values; there are no indexes to list.
aws::Outcome<GetPartitionIndexesOutput> Glue::get_partition_indexes(const aws::CallContext& context,
                                                                    const GetPartitionIndexesInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.table(context.scope, input.DatabaseName, input.TableName));
    GetPartitionIndexesOutput output;
    output.PartitionIndexDescriptorList.emplace();
    return output;
}

}  // namespace millrace::service::glue
