#include "src/flow/mapping/kinesis_source.h"

#include <cstdio>

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/catalog/consumers.h"
#include "src/catalog/sequence_number.h"
#include "src/catalog/streams.h"
#include "src/flow/mapping/event_text.h"
#include "src/log/log.h"

namespace millrace::flow::mapping {
namespace {

constexpr size_t read_bytes_max = 2 << 20;

const log::RecordView& view_of(const SourceRead& read, const SourceRecord& record) {
    return static_cast<const log::ReadResult*>(read.raw.get())->records[record.index];
}

log::ShardKey log_key(const SourceShard& shard) {
    return log::ShardKey(shard.key.value());
}

class KinesisSource final : public Source {
  public:
    KinesisSource(SourceName name, std::string arn, const SourceParts& parts)
        : name_(std::move(name)), arn_(std::move(arn)), log_(parts.log), registry_(parts.registry) {
        stream_arn_ = "arn:aws:kinesis:" + name_.scope.region + ":" + name_.scope.account + ":stream/" + name_.name;
        set_identity("");
    }

    Result<std::vector<SourceShard>> shards() override {
        auto stream = catalog::find_stream(registry_, name_.scope, name_.name);
        if (!stream.ok() && stream.error().code == ErrorCode::not_found)
            return Error{ErrorCode::not_found, "the stream " + stream_arn_ + " does not exist"};
        if (!stream.ok()) return std::move(stream).error();
        if (stream->deleting) return Error{ErrorCode::not_found, "the stream " + stream_arn_ + " is being deleted"};
        if (!name_.consumer.empty()) TRY(find_consumer(*stream));
        std::vector<SourceShard> out;
        out.reserve(stream->shards.size());
        for (const catalog::Shard& shard : stream->shards) {
            SourceShard& each = out.emplace_back();
            each.key = ShardKey(shard.log_key);
            each.id = shard.id;
            each.closed = shard.position_last.has_value();
            for (const std::string& parent : {shard.parent_id, shard.adjacent_parent_id}) {
                if (!parent.empty()) each.parents.push_back(parent);
            }
        }
        return out;
    }

    Result<Position> oldest(const SourceShard& shard) override { return position_of(log_.horizon(log_key(shard))); }
    Result<Position> newest(const SourceShard& shard) override { return position_of(log_.end(log_key(shard))); }
    Result<Position> at(const SourceShard& shard, TimestampMs time) override {
        return position_of(log_.find_time(log_key(shard), time));
    }

    Result<SourceRead> read(const SourceShard& shard, Position from, size_t records_max) override {
        SourceRead out;
        log::Position at(from.value());
        // Each obstacle moves on, so this ends.
        for (;;) {
            auto result = log_.read(log_key(shard), at, {.records_max = records_max, .bytes_max = read_bytes_max});
            if (result.ok()) {
                auto kept = std::make_shared<log::ReadResult>(std::move(result).value());
                out.next = Position(kept->next.value());
                out.at_end = kept->at_end;
                out.records.reserve(kept->records.size());
                for (uint32_t i = 0; i < kept->records.size(); ++i) {
                    const log::RecordView& view = kept->records[i];
                    out.records.push_back(
                        {Position(view.position.value()), view.time, order_hash(view.partition_key), i});
                }
                out.raw = std::move(kept);
                return out;
            }
            log::Position next;
            if (result.error().code == ErrorCode::out_of_range) {
                TRY_ASSIGN(next, log_.horizon(log_key(shard)));
            } else if (result.error().code == ErrorCode::corruption) {
                std::fprintf(stderr, "millrace: %s: a record can not be read: %s\n", stream_arn_.c_str(),
                             result.error().message.c_str());
                TRY_ASSIGN(next, log_.skip_corrupt(log_key(shard), at));
                out.lost = true;
            } else {
                return std::move(result).error();
            }
            if (next <= at) return std::move(result).error();
            // The horizon of a shard where nothing is written moves over what others wrote: below it lies nothing of
            // ours that was not read, or retention has taken it.
            at = next;
        }
    }

    std::shared_ptr<void> subscribe(const SourceShard& shard, std::function<void()> wake) override {
        return log_.subscribe(log_key(shard), std::move(wake));
    }

    void set_identity(std::string role_arn) override {
        tail_ = "\",\"eventName\":\"aws:kinesis:record\",\"invokeIdentityArn\":";
        append_json_string(role_arn, tail_);
        tail_ += ",\"awsRegion\":";
        append_json_string(name_.scope.region, tail_);
        tail_ += ",\"eventSourceARN\":";
        append_json_string(arn_, tail_);
        tail_ += "}";
        role_arn_ = std::move(role_arn);
    }

    Status append_event(const SourceShard& shard, const SourceRead& read, const SourceRecord& record,
                        std::string* out) override {
        const log::RecordView& view = view_of(read, record);
        char sequence[catalog::sequence_digits];
        catalog::sequence_prefix.copy(sequence, catalog::sequence_prefix.size());
        catalog::write_position(view.position.value(), sequence + catalog::sequence_prefix.size());
        const std::string_view number(sequence, sizeof sequence);

        *out += "{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":";
        append_json_string(view.partition_key, *out);
        *out += ",\"sequenceNumber\":\"";
        *out += number;
        *out += "\",\"data\":\"";
        const size_t start = out->size();
        out->resize(start + base64_encoded_size(view.data.size()));
        base64_encode(view.data, out->data() + start);
        *out += "\",\"approximateArrivalTimestamp\":";
        append_seconds(view.time, out);
        *out += "},\"eventSource\":\"aws:kinesis\",\"eventVersion\":\"1.0\",\"eventID\":\"";
        *out += shard.id;
        *out += ':';
        *out += number;
        *out += tail_;
        return {};
    }

    std::string_view body_name() const override { return "data"; }

    Result<Filtered> filtered(const SourceShard& shard, const SourceRead& read, const SourceRecord& record,
                              bool want_body) override {
        using pattern::JsonTree;
        const log::RecordView& view = view_of(read, record);
        const std::string number = catalog::sequence_number(view.position.value());
        Filtered out;
        out.tree.add("kinesisSchemaVersion", JsonTree::of_string("1.0"));
        out.tree.add("partitionKey", JsonTree::of_string(std::string(view.partition_key)));
        out.tree.add("sequenceNumber", JsonTree::of_string(number));
        JsonTree time;
        time.kind = JsonTree::Kind::number;
        append_seconds(view.time, &time.text);
        time.number = static_cast<double>(view.time.value()) / 1000;
        out.tree.add("approximateArrivalTimestamp", std::move(time));
        out.tree.add("eventSource", JsonTree::of_string("aws:kinesis"));
        out.tree.add("eventVersion", JsonTree::of_string("1.0"));
        out.tree.add("eventID", JsonTree::of_string(shard.id + ":" + number));
        out.tree.add("eventName", JsonTree::of_string("aws:kinesis:record"));
        out.tree.add("invokeIdentityArn", JsonTree::of_string(role_arn_));
        out.tree.add("awsRegion", JsonTree::of_string(name_.scope.region));
        out.tree.add("eventSourceARN", JsonTree::of_string(arn_));
        out.has_body = false;
        if (want_body) {
            if (auto body = pattern::parse_json(view.data); body.ok()) {
                out.tree.add("data", std::move(body).value());
                out.has_body = true;
            }
        }
        return out;
    }

    std::string sequence_text(Position position) const override { return catalog::sequence_number(position.value()); }
    std::optional<Position> parse_sequence(std::string_view text) const override {
        const auto position = catalog::parse_sequence_number(text);
        return position ? std::optional(Position(*position)) : std::nullopt;
    }
    std::string_view batch_info_name() const override { return "KinesisBatchInfo"; }
    bool times_have_milliseconds() const override { return true; }
    const std::string& stream_arn() const override { return stream_arn_; }

  private:
    // Read like the stream itself, which nobody's reading slows here; but only while it is registered.
    Status find_consumer(const catalog::Stream& stream) {
        const std::optional<catalog::ConsumerArn> named = catalog::parse_consumer_arn(arn_);
        if (named) {
            TRY_ASSIGN(const auto found, catalog::Consumers(registry_).find(stream, named->consumer));
            if (found && catalog::consumer_arn(stream, *found) == arn_) return {};
        }
        return Error{ErrorCode::not_found, "the consumer " + arn_ + " does not exist"};
    }

    static Result<Position> position_of(Result<log::Position> found) {
        if (!found.ok()) return std::move(found).error();
        return Position(found->value());
    }

    const SourceName name_;
    const std::string arn_;
    std::string stream_arn_;
    std::string role_arn_;
    std::string tail_;  // of every record, from its eventID on
    log::Log& log_;
    catalog::Registry& registry_;
};

}  // namespace

std::unique_ptr<Source> make_kinesis_source(SourceName name, std::string arn, const SourceParts& parts) {
    return std::make_unique<KinesisSource>(std::move(name), std::move(arn), parts);
}

}  // namespace millrace::flow::mapping
