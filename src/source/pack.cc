#include "src/source/pack.h"

#include "src/base/json_text.h"

namespace millrace::source {
namespace {

constexpr size_t time_bytes = 14;  // what PutEvents counts for an entry's time
constexpr size_t partition_key_bytes_max = 256;

std::string as_json(const Record& record) {
    if (record.is_json) return record.text;
    std::string out;
    append_json_string(record.text, out);
    return out;
}

std::string detail_of(const Record& record) {
    if (record.is_json && record.text.starts_with('{')) return record.text;
    return (record.is_json ? "{\"record\":" : "{\"body\":") + as_json(record) + "}";
}

void leave_out(FreshRecord& fresh, Parcels* out) {
    ++out->too_large;
    if (fresh.sight) out->too_large_sights.push_back(*fresh.sight);
}

void one_each(std::vector<FreshRecord> fresh, size_t bytes_max, std::string (*body_of)(const Record&), Parcels* out) {
    for (FreshRecord& each : fresh) {
        std::string body = body_of(each.record);
        if (body.size() > bytes_max) {
            leave_out(each, out);
            continue;
        }
        Parcel& parcel = out->parcels.emplace_back();
        parcel.item.body = std::move(body);
        parcel.item.partition_key = std::move(each.record.partition_key);
        if (each.sight) parcel.sights.push_back(*each.sight);
        parcel.records = 1;
    }
}

void several_each(std::vector<FreshRecord> fresh, uint32_t records_max, size_t bytes_max, Parcels* out) {
    static constexpr std::string_view begin = "{\"records\":[", end = "]}";
    bool open = false;
    for (FreshRecord& each : fresh) {
        const std::string text = as_json(each.record);
        if (begin.size() + text.size() + end.size() > bytes_max) {
            leave_out(each, out);
            continue;
        }
        if (open) {
            const Parcel& last = out->parcels.back();
            open = last.records < records_max && last.item.body.size() + 1 + text.size() + end.size() <= bytes_max;
        }
        if (!open) {
            if (!out->parcels.empty()) out->parcels.back().item.body += end;
            out->parcels.emplace_back().item.body = begin;
            open = true;
        }
        Parcel& parcel = out->parcels.back();
        if (parcel.records > 0) parcel.item.body += ',';
        parcel.item.body += text;
        if (each.sight) parcel.sights.push_back(*each.sight);
        ++parcel.records;
    }
    if (!out->parcels.empty()) out->parcels.back().item.body += end;
}

}  // namespace

Parcels pack(const Definition& definition, std::vector<FreshRecord> fresh) {
    Parcels out;
    const auto kind = target::kind_of(definition.destination);
    MILLRACE_CHECK(kind.ok());
    if (*kind == target::Kind::stream) {
        one_each(
            std::move(fresh), stream_record_bytes_max - partition_key_bytes_max,
            [](const Record& record) { return record.text; }, &out);
    } else if (*kind == target::Kind::firehose) {
        one_each(
            std::move(fresh), firehose_record_bytes_max,
            [](const Record& record) { return record.is_json ? record.text + "\n" : record.text; }, &out);
    } else {
        const size_t bytes_max =
            event_bytes_max - time_bytes - definition.event_source.size() - definition.detail_type.size();
        if (definition.records_per_event == 1) {
            one_each(std::move(fresh), bytes_max, detail_of, &out);
        } else {
            several_each(std::move(fresh), definition.records_per_event, bytes_max, &out);
        }
    }
    return out;
}

}  // namespace millrace::source
