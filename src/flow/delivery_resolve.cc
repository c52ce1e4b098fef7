// What a delivery does about an intent that it finds: after a crash, or after a commit whose outcome is not known.
#include <cstdio>

#include "src/flow/delivery.h"
#include "src/flow/object_name.h"

namespace millrace::flow {

Result<bool> Delivery::visible(const std::string& bucket, const std::string& key) {
    if (key.empty()) return true;  // nothing of that kind to wait for
    auto found = parts_.objects.head(bucket, key);
    if (found.ok()) return true;
    if (found.error().code == ErrorCode::not_found) return false;
    return std::move(found).error();
}

Status Delivery::resolve_intent() {
    drop_batch();
    const Intent intent = *progress_.intent;
    TRY_ASSIGN(const bool data, visible(intent.bucket, intent.data_key));
    TRY_ASSIGN(const bool errors, visible(intent.bucket, intent.error_key));
    if (data && errors) return advance();
    const bool some = (data && !intent.data_key.empty()) || (errors && !intent.error_key.empty());
    if (some) return replay(intent, data, errors);
    // Nobody has seen anything of it: the records are taken again, under whatever destination holds now.
    Progress without = progress_;
    without.intent.reset();
    TRY(save_progress(parts_.progress, definition_.id, without));
    progress_ = std::move(without);
    return {};
}

// Half of a batch is visible: makes the other half from the same records, under the same key and schema.
Status Delivery::replay(const Intent& intent, bool data_visible, bool errors_visible) {
    BatchTarget target;
    target.bucket = intent.bucket;
    target.oldest = intent.oldest;
    if (!data_visible) target.data_key = intent.data_key;
    if (!errors_visible) target.error_key = intent.error_key;
    uint64_t table_version = 0;
    TRY_ASSIGN(const std::unique_ptr<BatchWriter> writer, make_writer(target, intent.table_version, &table_version));
    for (const ShardProgress& reach : intent.reaches) {
        Shard shard{reach.shard, log::Position(0), log::Position(0)};
        for (const Shard& known : shards_) {
            if (known.key == reach.shard) shard.cursor = known.delivered;
        }
        while (shard.cursor < reach.next && !shard.at_end) {
            const auto result = read(shard, options_.read_bytes_max);
            if (!result.ok() && result.error().code == ErrorCode::not_found) {
                // The stream was deleted, its records with it: waiting for them would hold up the one made after it.
                std::fprintf(stderr, "millrace: %s: part of a batch can not be delivered: its stream was deleted\n",
                             definition_.name.c_str());
                break;
            }
            if (!result.ok()) return result.error();
            for (const log::RecordView& record : result->records) {
                if (record.position < reach.next) TRY(writer->add(record));
            }
            shard.cursor = result->next;
            shard.at_end = result->at_end;
        }
    }
    TRY_ASSIGN(FinishedBatch finished, writer->finish());
    return commit_and_advance(std::move(finished));
}

Result<std::unique_ptr<BatchWriter>> Delivery::make_writer(BatchTarget target, std::optional<uint64_t> table_version,
                                                           uint64_t* used_version) {
    // The bucket is asked for first, so that a missing one, or another account's, is said before a batch is spooled.
    TRY(object::check_owner(parts_.objects, target.bucket, definition_.scope.account));
    if (!destination_.converts()) return make_raw_batch(parts_.objects, destination_, std::move(target));
    const Conversion& conversion = *destination_.destination.conversion;
    const Scope scope{definition_.scope.account,
                      conversion.region.empty() ? definition_.scope.region : conversion.region};
    if (!table_version && conversion.version_id != "LATEST") table_version = std::stoull(conversion.version_id);
    auto table = table_version ? parts_.lake.table_version(scope, conversion.database, conversion.table, *table_version)
                               : parts_.lake.table(scope, conversion.database, conversion.table);
    if (!table.ok()) {
        return with_context(std::move(table).error(), "the schema " + conversion.database + "." + conversion.table +
                                                          " (version " + conversion.version_id + ") can not be read");
    }
    *used_version = table->version;
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
        {parts_.objects, parts_.clock, conversion_lock_, options_.temporary_directory, definition_.scope}, destination_,
        std::move(target), std::move(converter));
}

}  // namespace millrace::flow
