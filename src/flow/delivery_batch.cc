// What a delivery's batch is made of: the writer of an object, and the processors before it.
#include "src/flow/delivery.h"
#include "src/flow/processing/processing.h"

namespace millrace::flow {

Status Delivery::compile_destination() {
    TRY_ASSIGN(destination_, compile(definition_.destination));
    processing_.reset();
    if (destination_.processing.anything_to_process()) {
        TransformSource source{arn_of(definition_), definition_.kinesis_arn, definition_.scope};
        TRY_ASSIGN(processing_,
                   Processing::make(destination_.processing, {parts_.functions, shared_.turns, parts_.clock, parts_.jq,
                                                              std::move(source), options_.retry_ms_first}));
    }
    compiled_ = true;
    return {};
}

Result<std::unique_ptr<BatchWriter>> Delivery::make_writer(BatchTarget target) {
    // The bucket is asked for first, so that a missing one, or another account's, is said before a batch is spooled.
    TRY(object::check_owner(parts_.objects, target.bucket, definition_.scope.account));
    if (!destination_.converts()) return make_raw_batch(parts_.objects, destination_, std::move(target));
    const Conversion& conversion = *destination_.destination.conversion;
    const Scope scope{definition_.scope.account,
                      conversion.region.empty() ? definition_.scope.region : conversion.region};
    std::optional<uint64_t> table_version;
    if (conversion.version_id != "LATEST") table_version = std::stoull(conversion.version_id);
    auto table = table_version ? parts_.lake.table_version(scope, conversion.database, conversion.table, *table_version)
                               : parts_.lake.table(scope, conversion.database, conversion.table);
    if (!table.ok()) {
        return with_context(std::move(table).error(), "the schema " + conversion.database + "." + conversion.table +
                                                          " (version " + conversion.version_id + ") can not be read");
    }
    query::ConversionOptions options;
    options.deserializer = conversion.deserializer == Conversion::Deserializer::hive
                               ? query::ConversionOptions::Deserializer::hive_json
                               : query::ConversionOptions::Deserializer::openx_json;
    options.case_insensitive = conversion.case_insensitive;
    options.convert_dots = conversion.dots_to_underscores;
    options.column_to_json_key = conversion.column_json_keys;
    options.timestamp_formats = conversion.timestamp_formats;
    options.compression = name_of(conversion.compression);
    options.block_size_bytes = conversion.block_bytes;
    options.page_size_bytes = conversion.page_bytes;
    options.max_padding_bytes = conversion.max_padding_bytes;
    options.enable_dictionary_compression = conversion.dictionary;
    if (!conversion.writer_version.empty()) options.writer_version = conversion.writer_version;
    options.temporary_directory = options_.temporary_directory;
    options.memory_bytes_max = options_.conversion_bytes_max;
    if (!parts_.make_converter) return Error{ErrorCode::unsupported, "no record converter is wired in"};
    TRY_ASSIGN(std::unique_ptr<query::RecordConverter> converter, parts_.make_converter(*table, std::move(options)));
    return make_converting_batch(
        {parts_.objects, parts_.clock, shared_.converting, options_.temporary_directory, definition_.scope},
        destination_, std::move(target), std::move(converter));
}

}  // namespace millrace::flow
