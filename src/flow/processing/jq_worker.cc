#include "src/flow/processing/jq_worker.h"

#include <string>
#include <vector>

extern "C" {
#include <jv.h>
// jq.h uses jv.h's types.
#include <jq.h>
}

#include "src/query/channel.h"
#include "src/query/session/spawn.h"
#include "src/query/wire.h"
#include "src/query/worker/lockdown.h"

namespace millrace::flow {
namespace {

// Firehose's own words, as its error records carry them.
constexpr std::string_view not_json = "Non JSON record provided";
constexpr std::string_view empty_value = "partitionKeys values must not be null or empty";
constexpr uint64_t processor_seconds_max = 365 * 24 * 3600;  // of the whole child; a batch has the parent's deadline

using query::MessageKind;

void keep_message(void* data, jv message) {
    auto* text = static_cast<std::string*>(data);
    message = jq_format_error(message);
    if (text->size() < 1000) *text += jv_string_value(message);
    jv_free(message);
}

std::string text_of(jv value) {  // consumes it
    if (jv_get_kind(value) != JV_KIND_STRING) value = jv_dump_string(value, 0);
    std::string text(jv_string_value(value), static_cast<size_t>(jv_string_length_bytes(jv_copy(value))));
    jv_free(value);
    return text;
}

struct Keys {
    std::vector<std::pair<std::string, std::string>> pairs;
    std::string error;
};

// The members of the object that the program made of the record; `result` is consumed.
Keys keys_of(jv result) {
    Keys out;
    if (jv_get_kind(result) != JV_KIND_OBJECT) {
        out.error = "the query did not give an object of partition keys";
    } else if (static_cast<uint64_t>(jv_object_length(jv_copy(result))) > jq_keys_max) {
        out.error = "the query gave more than 50 partition keys";
    } else {
        jv_object_foreach(result, key, value) {
            if (jv_get_kind(value) == JV_KIND_NULL) {
                out.error = empty_value;
                jv_free(value);
                jv_free(key);
                continue;
            }
            std::string name = text_of(key);
            std::string text = text_of(value);
            if (text.empty()) out.error = empty_value;
            out.pairs.emplace_back(std::move(name), std::move(text));
        }
    }
    jv_free(result);
    return out;
}

Keys extract(jq_state* program, const std::string& record, std::string* messages) {
    jv input = jv_parse_sized(record.data(), static_cast<int>(record.size()));
    if (!jv_is_valid(input)) {
        jv_free(input);
        return {{}, std::string(not_json)};
    }
    messages->clear();
    jq_start(program, input, 0);
    jv result = jq_next(program);
    if (jv_is_valid(result)) return keys_of(result);
    Keys out{{}, "the query gave nothing"};
    if (jv_invalid_has_msg(jv_copy(result))) {
        out.error = text_of(jv_invalid_get_msg(result));
    } else {
        jv_free(result);
    }
    return out;
}

Status answer_batch(jq_state* program, std::string_view payload, std::string* messages) {
    query::WireReader in(payload);
    query::WireWriter out;
    const uint64_t count = in.count(8);
    for (uint64_t i = 0; i < count; ++i) {
        const Keys keys = extract(program, in.text(), messages);
        if (!keys.error.empty()) {
            out.number(0);
            out.text(keys.error);
            continue;
        }
        out.number(1);
        out.number(keys.pairs.size());
        for (const auto& [name, value] : keys.pairs) {
            out.text(name);
            out.text(value);
        }
    }
    return query::send_message(query::child_socket, MessageKind::rows, out.bytes());
}

Status serve() {
    TRY(query::begin_lock_down({.address_space_bytes_max = jq_memory_bytes_max,
                                .processor_seconds_max = processor_seconds_max,
                                .open_files_max = 16}));
    jq_state* program = jq_init();
    if (program == nullptr) return Error{ErrorCode::internal, "jq_init failed"};
    TRY(query::finish_lock_down());
    std::string messages;
    jq_set_error_cb(program, keep_message, &messages);
    TRY_ASSIGN(const query::Message text, query::receive_message(query::child_socket));
    if (jq_compile(program, text.payload.c_str()) == 0) {
        return query::send_message(query::child_socket, MessageKind::failed, messages);
    }
    TRY(query::send_message(query::child_socket, MessageKind::go_on, ""));
    for (;;) {
        auto batch = query::receive_message(query::child_socket);
        if (!batch.ok()) return {};  // the parent has gone
        TRY(answer_batch(program, batch->payload, &messages));
    }
}

}  // namespace

int jq_worker_main() {
    return serve().ok() ? 0 : 1;
}

}  // namespace millrace::flow
