#include "src/service/glue/conversions.h"

#include "src/aws/json.h"

namespace millrace::service::glue {

namespace wire = aws::glue;

namespace {

// Only whole inputs have tables for the codecs, so what is kept travels in one.
template <class Input>
const aws::Shape& shape() {
    return shape_of(static_cast<const Input*>(nullptr));
}

template <class T>
std::string to_json(const T& value) {
    std::string text;
    aws::encode_json(shape<T>(), &value, text);
    return text;
}

// What to_json() wrote. "" and anything else give an empty struct.
template <class T>
T from_json(const std::string& text) {
    T value;
    if (text.empty()) return value;
    std::string padded = text;
    padded.append(64, '\0');  // room for the parser to read past the end
    aws::Decoding decoding;
    T decoded;
    if (aws::decode_json(shape<T>(), std::string_view(padded).substr(0, text.size()), &decoded, decoding)) {
        value = std::move(decoded);
    }
    return value;
}

std::optional<std::string> present(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::map<std::string, std::string>> present(const catalog::Parameters& parameters) {
    return parameters.empty() ? std::nullopt : std::optional(parameters);
}

std::vector<catalog::Column> from_wire_columns(const std::optional<std::vector<wire::Column>>& columns) {
    std::vector<catalog::Column> out;
    if (!columns) return out;
    for (const wire::Column& column : *columns) {
        out.push_back({column.Name, column.Type.value_or(""), column.Comment.value_or(""),
                       column.Parameters.value_or(catalog::Parameters())});
    }
    return out;
}

std::vector<wire::Column> to_wire_columns(const std::vector<catalog::Column>& columns) {
    std::vector<wire::Column> out;
    for (const catalog::Column& column : columns) {
        out.push_back({column.name, present(column.type), present(column.comment), present(column.parameters)});
    }
    return out;
}

catalog::Storage from_wire_storage(const std::optional<wire::StorageDescriptor>& descriptor) {
    catalog::Storage storage;
    if (!descriptor) return storage;
    storage.columns = from_wire_columns(descriptor->Columns);
    storage.location = descriptor->Location.value_or("");
    storage.input_format = descriptor->InputFormat.value_or("");
    storage.output_format = descriptor->OutputFormat.value_or("");
    if (descriptor->SerdeInfo) {
        storage.serde_name = descriptor->SerdeInfo->Name.value_or("");
        storage.serde_library = descriptor->SerdeInfo->SerializationLibrary.value_or("");
        storage.serde_parameters = descriptor->SerdeInfo->Parameters.value_or(catalog::Parameters());
    }
    storage.compressed = descriptor->Compressed.value_or(false);
    storage.number_of_buckets = descriptor->NumberOfBuckets.value_or(0);
    storage.bucket_columns = descriptor->BucketColumns.value_or(std::vector<std::string>());
    if (descriptor->SortColumns) {
        for (const wire::Order& order : *descriptor->SortColumns) {
            storage.sort_columns.emplace_back(order.Column, order.SortOrder);
        }
    }
    storage.stored_as_sub_directories = descriptor->StoredAsSubDirectories.value_or(false);
    storage.parameters = descriptor->Parameters.value_or(catalog::Parameters());
    // At least "{}": which tells a descriptor with nothing in it from none.
    storage.extra_json = to_json(
        wire::CreatePartitionInput{.PartitionInput = {.StorageDescriptor = wire::StorageDescriptor{
                                                          .AdditionalLocations = descriptor->AdditionalLocations,
                                                          .SkewedInfo = descriptor->SkewedInfo}}});
    return storage;
}

std::optional<wire::StorageDescriptor> to_wire_storage(const catalog::Storage& storage) {
    const bool given = !storage.extra_json.empty() || !storage.columns.empty() || !storage.location.empty() ||
                       !storage.serde_library.empty();
    if (!given) return std::nullopt;
    wire::StorageDescriptor descriptor = from_json<wire::CreatePartitionInput>(storage.extra_json)
                                             .PartitionInput.StorageDescriptor.value_or(wire::StorageDescriptor());
    descriptor.Columns = to_wire_columns(storage.columns);
    descriptor.Location = present(storage.location);
    descriptor.InputFormat = present(storage.input_format);
    descriptor.OutputFormat = present(storage.output_format);
    if (!storage.serde_library.empty() || !storage.serde_name.empty() || !storage.serde_parameters.empty()) {
        descriptor.SerdeInfo = wire::SerDeInfo{.Name = present(storage.serde_name),
                                               .SerializationLibrary = present(storage.serde_library),
                                               .Parameters = present(storage.serde_parameters)};
    }
    // Glue sends these always.
    descriptor.Compressed = storage.compressed;
    descriptor.NumberOfBuckets = storage.number_of_buckets;
    descriptor.BucketColumns = storage.bucket_columns;
    descriptor.SortColumns.emplace();
    for (const auto& [column, order] : storage.sort_columns) {
        descriptor.SortColumns->push_back({.Column = column, .SortOrder = order});
    }
    descriptor.StoredAsSubDirectories = storage.stored_as_sub_directories;
    descriptor.Parameters = present(storage.parameters);
    return descriptor;
}

}  // namespace

catalog::Database from_wire(const wire::DatabaseInput& input) {
    catalog::Database database;
    database.name = input.Name;
    database.description = input.Description.value_or("");
    database.location = input.LocationUri.value_or("");
    database.parameters = input.Parameters.value_or(catalog::Parameters());
    if (input.CreateTableDefaultPermissions) {
        database.extra_json = to_json(wire::CreateDatabaseInput{
            .DatabaseInput = {.Name = input.Name,
                              .CreateTableDefaultPermissions = input.CreateTableDefaultPermissions}});
    }
    return database;
}

catalog::Table from_wire(std::string_view database, const wire::TableInput& input) {
    catalog::Table table;
    table.database = database;
    table.name = input.Name;
    table.description = input.Description.value_or("");
    table.owner = input.Owner.value_or("");
    table.table_type = input.TableType.value_or("");
    table.storage = from_wire_storage(input.StorageDescriptor);
    table.partition_keys = from_wire_columns(input.PartitionKeys);
    table.parameters = input.Parameters.value_or(catalog::Parameters());
    table.view_original_text = input.ViewOriginalText.value_or("");
    table.view_expanded_text = input.ViewExpandedText.value_or("");
    table.retention = input.Retention.value_or(0);
    if (input.LastAccessTime || input.LastAnalyzedTime) {
        table.extra_json =
            to_json(wire::CreateTableInput{.TableInput = wire::TableInput{.Name = input.Name,
                                                                          .LastAccessTime = input.LastAccessTime,
                                                                          .LastAnalyzedTime = input.LastAnalyzedTime}});
    }
    return table;
}

catalog::Partition from_wire(const wire::PartitionInput& input) {
    catalog::Partition partition;
    partition.values = input.Values.value_or(std::vector<std::string>());
    partition.storage = from_wire_storage(input.StorageDescriptor);
    partition.parameters = input.Parameters.value_or(catalog::Parameters());
    if (input.LastAccessTime || input.LastAnalyzedTime) {
        partition.extra_json = to_json(wire::CreatePartitionInput{
            .PartitionInput = {.LastAccessTime = input.LastAccessTime, .LastAnalyzedTime = input.LastAnalyzedTime}});
    }
    return partition;
}

wire::Database to_wire(const Scope& scope, const catalog::Database& database) {
    wire::Database out;
    out.Name = database.name;
    out.Description = present(database.description);
    out.LocationUri = present(database.location);
    out.Parameters = present(database.parameters);
    out.CreateTime = database.created;
    out.CreateTableDefaultPermissions =
        from_json<wire::CreateDatabaseInput>(database.extra_json).DatabaseInput.CreateTableDefaultPermissions;
    if (!out.CreateTableDefaultPermissions) {  // what Glue puts where nothing was given
        wire::PrincipalPermissions everyone;
        everyone.Principal = wire::DataLakePrincipal{.DataLakePrincipalIdentifier = "IAM_ALLOWED_PRINCIPALS"};
        everyone.Permissions = std::vector<std::string>{"ALL"};
        out.CreateTableDefaultPermissions = std::vector{std::move(everyone)};
    }
    out.CatalogId = scope.account;
    return out;
}

wire::Table to_wire(const Scope& scope, const catalog::Table& table) {
    const wire::TableInput extra =
        from_json<wire::CreateTableInput>(table.extra_json).TableInput.value_or(wire::TableInput());
    wire::Table out;
    out.Name = table.name;
    out.DatabaseName = table.database;
    out.Description = present(table.description);
    out.Owner = present(table.owner);
    out.CreateTime = table.created;
    out.UpdateTime = table.updated;
    out.LastAccessTime = extra.LastAccessTime;
    out.LastAnalyzedTime = extra.LastAnalyzedTime;
    out.Retention = static_cast<int32_t>(table.retention);
    out.StorageDescriptor = to_wire_storage(table.storage);
    out.PartitionKeys = to_wire_columns(table.partition_keys);
    out.ViewOriginalText = present(table.view_original_text);
    out.ViewExpandedText = present(table.view_expanded_text);
    out.TableType = present(table.table_type);
    out.Parameters = present(table.parameters);
    out.CreatedBy = "arn:aws:iam::" + scope.account + ":root";
    out.IsRegisteredWithLakeFormation = false;
    out.CatalogId = scope.account;
    out.VersionId = std::to_string(table.version);
    out.IsMultiDialectView = false;
    return out;
}

wire::Partition to_wire(const Scope& scope, std::string_view database, std::string_view table,
                        const catalog::Partition& partition) {
    const wire::PartitionInput extra = from_json<wire::CreatePartitionInput>(partition.extra_json).PartitionInput;
    wire::Partition out;
    out.Values = partition.values;
    out.DatabaseName = std::string(database);
    out.TableName = std::string(table);
    out.CreationTime = partition.created;
    out.LastAccessTime = extra.LastAccessTime;
    out.StorageDescriptor = to_wire_storage(partition.storage);
    out.Parameters = present(partition.parameters);
    out.LastAnalyzedTime = extra.LastAnalyzedTime;
    out.CatalogId = scope.account;
    return out;
}

}  // namespace millrace::service::glue
