// Any text as a statement with four parameters; what parses is planned over a table with indexes and carried out on an
// item.
#include "src/table/partiql/plan.h"
#include "src/table/value/item_json.h"

namespace {

using namespace millrace::table;

std::shared_ptr<const TableDefinition> make_table() {
    auto table = std::make_shared<TableDefinition>();
    table->name = "t";
    table->key = {"pk", Type::S, "sk", Type::N};
    Index index;
    index.name = "i";
    index.key = {"a", Type::S, "", Type::S};
    index.projection = {Projection::Kind::keys_only, {}};
    table->indexes = {index};
    return table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const auto table = make_table();
    static const std::vector<AttributeValue> parameters = {
        *parse_value_json(R"({"S":"x"})"), *parse_value_json(R"({"N":"1"})"), *parse_value_json(R"({"SS":["a"]})"),
        *parse_value_json(R"({"L":[{"M":{}}]})")};
    static const Item item = *parse_item_json(
        R"({"pk":{"S":"x"},"sk":{"N":"1"},"a":{"S":"q"},"l":{"L":[{"N":"1"}]},"ss":{"SS":["a","b"]},"n":{"N":"4"}})");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (size_t given = 0; given <= parameters.size(); ++given) {
        auto statement = partiql::parse_statement(text, std::span(parameters).first(given));
        if (!statement) continue;
        if (statement->reads()) {
            const auto plan = partiql::plan_read(*statement, *table);
            if (plan && plan->filter != nullptr) (void)plan->filter->holds(&item);
            (void)partiql::columns_of(item, statement->columns);
        } else if (const auto write = partiql::plan_write(*statement, table)) {
            if (write->condition != nullptr) (void)write->condition->holds(&item);
            Item after = item;
            if (write->update != nullptr) (void)write->update->apply(&after);
        }
    }
    return 0;
}
