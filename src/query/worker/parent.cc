#include "src/query/worker/parent.h"

#include "src/query/wire.h"

namespace millrace::query {

Result<Message> Parent::ask(MessageKind kind, std::string_view payload, MessageKind expected) {
    const std::lock_guard lock(asking_);
    TRY(send_message(socket_, kind, payload));
    TRY_ASSIGN(Message answer, receive_message(socket_));
    if (answer.kind == MessageKind::refused) {
        WireReader in(answer.payload);
        const auto code = static_cast<ErrorCode>(in.number());
        return Error{code, in.text()};
    }
    if (answer.kind != expected) return Error{ErrorCode::corruption, "the engine's answer makes no sense"};
    return answer;
}

Status Parent::tell(MessageKind kind, std::string_view payload) {
    const std::lock_guard lock(asking_);
    return send_message(socket_, kind, payload);
}

Result<std::shared_ptr<const TableDescription>> Parent::table(const std::string& catalog, const std::string& database,
                                                              const std::string& name) {
    WireWriter question;
    question.text(catalog);
    question.text(database);
    question.text(name);
    {
        const std::lock_guard lock(tables_mutex_);
        const auto known = tables_.find(question.bytes());
        if (known != tables_.end()) return known->second;
    }
    TRY_ASSIGN(const Message answer, ask(MessageKind::table, question.bytes(), MessageKind::table_is));
    TRY_ASSIGN(TableDescription table, decode_table_description(answer.payload));
    auto shared = std::make_shared<const TableDescription>(std::move(table));
    const std::lock_guard lock(tables_mutex_);
    tables_[question.bytes()] = shared;
    return std::shared_ptr<const TableDescription>(shared);
}

std::shared_ptr<const TableDescription> Parent::table_by_number(uint64_t number) {
    const std::lock_guard lock(tables_mutex_);
    for (const auto& [name, table] : tables_) {
        if (table->number == number && table->view_sql.empty()) return table;
    }
    return nullptr;
}

Result<std::vector<ObjectExtent>> Parent::open(uint64_t table, uint64_t object) {
    std::vector<ObjectExtent> extents;
    for (;;) {
        // An object of many parts has more descriptors than one message takes.
        WireWriter question;
        question.number(table);
        question.number(object);
        question.number(extents.size());
        TRY_ASSIGN(Message answer, ask(MessageKind::open, question.bytes(), MessageKind::object_is));
        WireReader in(answer.payload);
        const uint64_t total = in.number();
        for (Descriptor& descriptor : answer.descriptors) {
            ObjectExtent extent;
            extent.descriptor = std::move(descriptor);
            extent.file_offset = in.number();
            extent.size = in.number();
            extents.push_back(std::move(extent));
        }
        if (!in.done()) return Error{ErrorCode::corruption, "an object's description makes no sense"};
        if (extents.size() >= total) return extents;
        if (answer.descriptors.empty()) return Error{ErrorCode::resource_exhausted, "too many open files"};
    }
}

}  // namespace millrace::query
