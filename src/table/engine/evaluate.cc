#include "src/table/engine/evaluate.h"

#include "src/table/engine/index_entries.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

bool keeps_entries(const TableDefinition& definition) {
    return !definition.indexes.empty() || definition.ttl_id != 0;
}

Status update_item(const TableDefinition& definition, const PreparedWrite& write, Effect* effect) {
    const Update* update = write.operation.update.get();
    Item item = effect->old_tree ? *effect->old_tree : write.operation.item;
    if (update != nullptr) {
        TRY(update->apply(&item));
        TRY(check_index_keys(definition, item, update));
        // What only takes away makes no item where there is none.
        if (!effect->old_item && item == write.operation.item) return {};
    }
    effect->new_counted = counted_bytes(item);
    if (effect->new_counted > item_bytes_max) {
        return Error{ErrorCode::invalid_argument, "Item size to update has exceeded the maximum allowed size"};
    }
    effect->new_item = StoredItem(encode_item(item));
    effect->new_tree = std::move(item);
    return {};
}

bool expires(const TableDefinition& definition, const PreparedWrite& write, const Effect& effect) {
    if (!effect.old_tree) return false;
    const auto second = expiry_second(definition, *effect.old_tree);
    return second && has_expired(*second, write.expire_now_s);
}

Status carry_out(const TableDefinition& definition, PreparedWrite& write, Effect* effect) {
    switch (write.operation.kind) {
        case WriteOperation::Kind::put:
            // What is loaded is what some table has: it may be older than the index.
            if (!write.plain) TRY(check_index_keys(definition, write.operation.item, nullptr));
            effect->new_item = write.new_item;
            effect->new_counted = write.new_counted;
            if (keeps_entries(definition)) effect->new_tree = write.operation.item;
            break;
        case WriteOperation::Kind::update:
            TRY(update_item(definition, write, effect));
            break;
        case WriteOperation::Kind::erase:
            effect->changes =
                write.blind() || (effect->old_item && (!write.expire || expires(definition, write, *effect)));
            return {};
        case WriteOperation::Kind::check:
            effect->changes = false;
            return {};
    }
    effect->changes = effect->new_item && (!effect->old_item || effect->old_item->bytes() != effect->new_item->bytes());
    return {};
}

}  // namespace

bool needs_old_tree(const PreparedWrite& write) {
    return write.operation.condition != nullptr || write.operation.kind == WriteOperation::Kind::update ||
           write.expire || keeps_entries(*write.operation.table);
}

bool may_be_blind(const TableDefinition& definition, const PreparedWrite& write) {
    const WriteOperation& operation = write.operation;
    const bool whole = operation.kind == WriteOperation::Kind::put || operation.kind == WriteOperation::Kind::erase;
    const auto is_on = [](const std::optional<ChangeStream>& stream) { return stream && stream->enabled; };
    return whole && operation.sizes_unused && !operation.want_old && operation.condition == nullptr && !write.expire &&
           !keeps_entries(definition) && !is_on(definition.stream) && !is_on(definition.copied_stream) &&
           !definition.history;
}

WriteOutcome Effect::outcome() const {
    WriteOutcome outcome;
    if (write->operation.want_old) outcome.old_item = old_item;
    if (write->operation.want_new) outcome.new_item = new_item;
    outcome.old_bytes = old_counted;
    outcome.new_bytes = new_counted;
    return outcome;
}

Result<Effect, WriteError> evaluate(const TableDefinition& definition, PreparedWrite& write,
                                    std::optional<StoredItem> old_item, std::optional<Item> old_tree) {
    Effect effect{.write = &write, .old_item = std::move(old_item), .old_tree = std::move(old_tree)};
    if (effect.old_item) {
        auto counted = counted_bytes_of_encoded(effect.old_item->bytes());
        if (!counted) return WriteError{std::move(counted).error()};
        effect.old_counted = *counted;
        if (!effect.old_tree && (needs_old_tree(write) || keeps_entries(definition))) {
            auto tree = effect.old_item->item();
            if (!tree) return WriteError{std::move(tree).error()};
            effect.old_tree = std::move(tree).value();
        }
    }
    const Condition* condition = write.operation.condition.get();
    if (condition != nullptr && !condition->holds(effect.old_tree ? &*effect.old_tree : nullptr)) {
        return WriteError{{ErrorCode::failed_precondition, "The conditional request failed"},
                          write.operation.want_old ? effect.old_item : std::nullopt};
    }
    if (Status done = carry_out(definition, write, &effect); !done) return WriteError{std::move(done).error()};
    return effect;
}

}  // namespace millrace::table::engine
