#include "src/service/dynamodbstreams/record.h"

#include "src/table/change_names.h"

namespace millrace::service::dynamodbstreams {

namespace shapes = aws::dynamodbstreams;

namespace {

shapes::AttributeValue value_of(const table::AttributeValue& value);

std::map<std::string, shapes::AttributeValue> map_of(const table::AttributeMap& attributes) {
    std::map<std::string, shapes::AttributeValue> map;
    for (const auto& [name, value] : attributes) map.emplace_hint(map.end(), name, value_of(value));
    return map;
}

struct Converter {
    shapes::AttributeValue& out;
    void operator()(const std::string& text) const { out.S = text; }
    void operator()(const table::Number& number) const { out.N = number.text(); }
    void operator()(const table::Binary& binary) const { out.B = binary.bytes; }
    void operator()(bool value) const { out.BOOL = value; }
    void operator()(const table::Null&) const { out.NULL_ = true; }
    void operator()(const table::AttributeMap& map) const { out.M = map_of(map); }
    void operator()(const table::List& list) const {
        std::vector<shapes::AttributeValue> members;
        members.reserve(list.size());
        for (const table::AttributeValue& member : list) members.push_back(value_of(member));
        out.L = std::move(members);
    }
    void operator()(const table::StringSet& set) const { out.SS = set.members; }
    void operator()(const table::NumberSet& set) const {
        out.NS.emplace();
        for (const table::Number& member : set.members) out.NS->push_back(member.text());
    }
    void operator()(const table::BinarySet& set) const { out.BS = set.members; }
};

shapes::AttributeValue value_of(const table::AttributeValue& value) {
    shapes::AttributeValue out;
    std::visit(Converter{out}, value.value);
    return out;
}

}  // namespace

Result<shapes::Record> record_of(const table::Change& change, const table::TableDefinition& table,
                                 const table::ChangeStream& stream) {
    shapes::Record record;
    record.eventID = table::event_id(stream.id, change.sequence);
    record.eventName = table::event_name(change.kind);
    record.eventVersion = "1.1";
    record.eventSource = "aws:dynamodb";
    record.awsRegion = table.scope.region;
    if (change.by_ttl) {
        auto& identity = record.userIdentity.emplace();
        identity.PrincipalId = "dynamodb.amazonaws.com";
        identity.Type = "Service";
    }
    shapes::StreamRecord& out = record.dynamodb.emplace();
    out.ApproximateCreationDateTime = TimestampMs(change.time.value() / 1000 * 1000);  // AWS's are whole seconds
    out.Keys = map_of(change.keys);
    if (change.new_image) {
        TRY_ASSIGN(const table::Item image, change.new_image->item());
        out.NewImage = map_of(image);
    }
    if (change.old_image) {
        TRY_ASSIGN(const table::Item image, change.old_image->item());
        out.OldImage = map_of(image);
    }
    out.SequenceNumber = table::sequence_text(change.sequence);
    out.SizeBytes = static_cast<int64_t>(change.bytes);
    out.StreamViewType = table::view_name(stream.view);
    return record;
}

}  // namespace millrace::service::dynamodbstreams
