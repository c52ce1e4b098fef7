#include "src/flow/mapping/change_source.h"

#include <algorithm>

#include "src/base/json_text.h"
#include "src/flow/mapping/event_text.h"
#include "src/table/arn.h"
#include "src/table/change_names.h"
#include "src/table/tables.h"
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

namespace millrace::flow::mapping {
namespace {

constexpr size_t read_bytes_max = 2 << 20;

const table::Change& change_of(const SourceRead& read, const SourceRecord& record) {
    return static_cast<const table::Changes*>(read.raw.get())->changes[record.index];
}

class ChangeSource final : public Source {
  public:
    ChangeSource(SourceName name, std::string arn, table::Tables& tables)
        : name_(std::move(name)), arn_(std::move(arn)), tables_(tables) {}

    Result<std::vector<SourceShard>> shards() override {
        TRY(find());
        std::vector<SourceShard> out;
        for (uint32_t shard = 0; shard < table::change_shards; ++shard)
            out.push_back({ShardKey(shard), table::shard_id(stream_, shard), {}, !stream_.enabled});
        return out;
    }

    Result<Position> oldest(const SourceShard& shard) override {
        return Position(tables_.changes_begin(stream_.id, number(shard)).value());
    }
    Result<Position> newest(const SourceShard& shard) override {
        return Position(tables_.changes_end(stream_.id, number(shard)).value());
    }
    Result<Position> at(const SourceShard& shard, TimestampMs time) override {
        TRY_ASSIGN(const table::ChangeSequence found, tables_.changes_at(stream_.id, number(shard), time));
        return Position(found.value());
    }

    Result<SourceRead> read(const SourceShard& shard, Position from, size_t records_max) override {
        SourceRead out;
        table::ChangeSequence at(from.value());
        auto result = tables_.changes(stream_.id, number(shard), at, records_max, read_bytes_max);
        if (!result.ok() && result.error().code == ErrorCode::out_of_range) {
            const table::ChangeSequence begin = tables_.changes_begin(stream_.id, number(shard));
            if (begin <= at) return std::move(result).error();
            at = begin;
            out.lost = true;
            result = tables_.changes(stream_.id, number(shard), at, records_max, read_bytes_max);
        }
        if (!result.ok()) return std::move(result).error();
        auto kept = std::make_shared<table::Changes>(std::move(result).value());
        out.next = Position(std::max(kept->next, at).value());
        out.at_end = kept->at_end;
        std::string key;
        for (uint32_t i = 0; i < kept->changes.size(); ++i) {
            const table::Change& change = kept->changes[i];
            key.clear();
            table::encode_item(change.keys, &key);
            out.records.push_back({Position(change.sequence.value()), change.time, order_hash(key), i});
        }
        out.raw = std::move(kept);
        return out;
    }

    std::shared_ptr<void> subscribe(const SourceShard&, std::function<void()> wake) override {
        return tables_.subscribe(stream_.id, std::move(wake));
    }

    void set_identity(std::string) override {}  // records of tables do not name it

    // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    Status append_event(const SourceShard&, const SourceRead& read, const SourceRecord& record,
                        std::string* out) override {
        const table::Change& change = change_of(read, record);
        *out += "{\"eventID\":\"";
        *out += table::event_id(stream_.id, change.sequence);
        *out += "\",\"eventName\":\"";
        *out += table::event_name(change.kind);
        *out += "\",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":";
        append_json_string(name_.scope.region, *out);
        *out += ",\"dynamodb\":{\"ApproximateCreationDateTime\":";
        *out += std::to_string(change.time.value() / 1000);
        *out += ",\"Keys\":";
        table::append_json(change.keys, out);
        if (change.new_image) {
            *out += ",\"NewImage\":";
            TRY(table::append_json_of_encoded(change.new_image->bytes(), out));
        }
        if (change.old_image) {
            *out += ",\"OldImage\":";
            TRY(table::append_json_of_encoded(change.old_image->bytes(), out));
        }
        *out += ",\"SequenceNumber\":\"";
        *out += table::sequence_text(change.sequence);
        *out += "\",\"SizeBytes\":";
        *out += std::to_string(change.bytes);
        *out += ",\"StreamViewType\":\"";
        *out += table::view_name(stream_.view);
        *out += "\"}";
        if (change.by_ttl)
            *out += ",\"userIdentity\":{\"principalId\":\"dynamodb.amazonaws.com\",\"type\":\"Service\"}";
        *out += ",\"eventSourceARN\":";
        append_json_string(arn_, *out);
        *out += '}';
        return {};
    }

    std::string_view body_name() const override { return "dynamodb"; }

    Result<Filtered> filtered(const SourceShard& shard, const SourceRead& read, const SourceRecord& record,
                              bool) override {
        std::string text;
        TRY(append_event(shard, read, record, &text));
        Filtered out;
        TRY_ASSIGN(out.tree, pattern::parse_json(text));
        return out;
    }

    std::string sequence_text(Position position) const override {
        return table::sequence_text(table::ChangeSequence(position.value()));
    }
    std::optional<Position> parse_sequence(std::string_view text) const override {
        const auto found = table::parse_sequence(text);
        return found ? std::optional(Position(found->value())) : std::nullopt;
    }
    std::string_view batch_info_name() const override { return "DDBStreamBatchInfo"; }
    bool times_have_milliseconds() const override { return false; }
    const std::string& stream_arn() const override { return arn_; }

  private:
    static uint32_t number(const SourceShard& shard) { return static_cast<uint32_t>(shard.key.value()); }

    // A removed table's changes stay readable for a day: what was not delivered yet still is.
    Status find() {
        std::vector<table::TableRef> candidates = tables_.removed();
        if (auto live = tables_.find(name_.scope, name_.name); live.ok())
            candidates.insert(candidates.begin(), std::move(live).value());
        for (const table::TableRef& each : candidates) {
            if (each->scope != name_.scope || each->name != name_.name) continue;
            if (const table::ChangeStream* stream = table::find_stream(*each, name_.label)) {
                stream_ = *stream;
                return {};
            }
        }
        return Error{ErrorCode::not_found, "the stream " + arn_ + " does not exist"};
    }

    const SourceName name_;
    const std::string arn_;
    table::Tables& tables_;
    table::ChangeStream stream_;
};

}  // namespace

std::unique_ptr<Source> make_change_source(SourceName name, std::string arn, table::Tables& tables) {
    return std::make_unique<ChangeSource>(std::move(name), std::move(arn), tables);
}

}  // namespace millrace::flow::mapping
