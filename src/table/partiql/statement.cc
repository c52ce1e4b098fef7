#include "src/table/partiql/statement.h"

#include <algorithm>

#include "src/table/expression/binder.h"
#include "src/table/partiql/reader.h"

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

class StatementParser {
  public:
    StatementParser(std::vector<Token> tokens, std::span<const AttributeValue> parameters)
        : in_(std::move(tokens), parameters) {}

    Result<Statement> whole() {
        TRY(statement());
        in_.take(";");
        if (!in_.at_end()) return malformed("Unexpected token after expression");
        if (!in_.all_parameters_used()) {
            return refusal("Number of parameters in request and statement don't match.");
        }
        return std::move(made_);
    }

  private:
    Status statement() {
        if (in_.take_word("SELECT")) return select();
        if (in_.take_word("INSERT")) return insert();
        if (in_.take_word("UPDATE")) return update();
        if (in_.take_word("DELETE")) return erase();
        if (in_.take_word("FROM")) return from_first();
        if (in_.take_word("EXISTS")) {
            TRY(in_.expect("("));
            TRY(in_.expect_word("SELECT"));
            TRY(select());
            made_.kind = Statement::Kind::exists;
            return in_.expect(")");
        }
        return malformed("Expected data manipulation");
    }

    // table ["." index], without an alias.
    Status source() {
        TRY_ASSIGN(made_.table, in_.name());
        if (in_.take(".")) {
            TRY_ASSIGN(made_.index, in_.name());
        }
        if (in_.at(".")) return refusal("A path may contain at most 2 components in the FROM clause");
        return {};
    }

    Status no_alias() {
        const bool clause = in_.at_word("SET") || in_.at_word("WHERE") || in_.at_word("VALUE");
        if (in_.at_word("AS") || (in_.at_name() && !clause)) return refusal("Aliasing is not supported");
        return {};
    }

    Status where(bool required) {
        if (in_.take_word("WHERE")) {
            TRY_ASSIGN(made_.where, parse_where(in_));
            return {};
        }
        if (!required) return {};
        if (!in_.at_end()) return malformed("Unexpected token after expression");
        return refusal("Where clause does not contain a mandatory equality on all key attributes");
    }

    Status select() {
        made_.kind = Statement::Kind::select;
        if (!in_.take("*")) {
            do {
                const Token first = in_.peek();
                TRY_ASSIGN(Path path, in_.path());
                if (in_.at("(")) return refusal("Unexpected path component" + place_of(first));
                made_.columns.push_back(std::move(path));
            } while (in_.take(","));
        } else if (in_.at(",")) {
            return refusal("Other attributes should not be present in the projection when '*' is used.");
        }
        TRY(in_.expect_word("FROM"));
        TRY(source());
        if (in_.at(",")) return refusal("Only select from a single table or index is supported.");
        TRY(no_alias());
        TRY(where(false));
        return order();
    }

    Status order() {
        if (!in_.take_word("ORDER")) return {};
        TRY(in_.expect_word("BY"));
        do {
            TRY_ASSIGN(std::string name, in_.name());
            const bool descending = in_.take_word("DESC");
            if (!descending) in_.take_word("ASC");
            made_.order.push_back({std::move(name), descending});
        } while (in_.take(","));
        return {};
    }

    Status insert() {
        made_.kind = Statement::Kind::insert;
        TRY(in_.expect_word("INTO"));
        TRY(source());
        if (!in_.at_word("VALUE")) {
            if (in_.at_word("VALUES")) {
                return refusal(
                    "Unsupported operation: Inserting multiple items in a single statement is not supported, use "
                    "\"INSERT INTO tableName VALUE item\" instead");
            }
            return malformed("Unexpected token after expression");
        }
        in_.next();
        if (!in_.at("{")) {
            return refusal(
                "Unsupported format in item expression. Please use struct format {...} to express item values for "
                "insert statement.");
        }
        TRY_ASSIGN(made_.item, in_.struct_of("", nesting_max));
        if (in_.at_word("RETURNING")) return refusal("RETURNING is not supported in INSERT");
        return {};
    }

    Status changes() {
        TRY(parse_changes(in_, &made_.update));
        std::vector<Path> paths;
        for (const auto& set : made_.update.sets) paths.push_back(set.path);
        for (const auto& path : made_.update.removes) paths.push_back(path);
        for (const auto& change : made_.update.adds) paths.push_back(change.path);
        for (const auto& change : made_.update.deletes) paths.push_back(change.path);
        if (paths.empty()) return malformed("Expected a SET or REMOVE clause");
        return check_distinct(paths);
    }

    Status update() {
        made_.kind = Statement::Kind::update;
        TRY(source());
        TRY(no_alias());
        TRY(changes());
        TRY(where(true));
        return returning();
    }

    Status from_first() {
        made_.kind = Statement::Kind::update;
        TRY(source());
        TRY(no_alias());
        TRY(where(true));
        TRY(changes());
        return returning();
    }

    Status erase() {
        made_.kind = Statement::Kind::erase;
        TRY(in_.expect_word("FROM"));
        TRY(source());
        TRY(no_alias());
        TRY(where(true));
        TRY(returning());
        if (made_.returning != Returning::none && made_.returning != Returning::all_old) {
            return refusal("Invalid returning clause: " + returning_text_ +
                           ". Only RETURNING ALL OLD * is allowed in DELETE statements.");
        }
        return {};
    }

    Status returning() {
        if (!in_.take_word("RETURNING")) return {};
        const bool all = in_.take_word("ALL");
        if (!all) TRY(in_.expect_word("MODIFIED"));
        const bool old = in_.take_word("OLD");
        if (!old) TRY(in_.expect_word("NEW"));
        if (!in_.take("*")) {
            return refusal("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
        }
        if (in_.at(",")) return refusal("Invalid syntax with multiple returning elements in RETURNING clause");
        made_.returning = all ? (old ? Returning::all_old : Returning::all_new)
                              : (old ? Returning::modified_old : Returning::modified_new);
        returning_text_ = std::string("RETURNING ") + (all ? "ALL " : "MODIFIED ") + (old ? "OLD" : "NEW") + " *";
        return {};
    }

    Reader in_;
    Statement made_;
    std::string returning_text_;
};

}  // namespace

Result<Statement> parse_statement(std::string_view text, std::span<const AttributeValue> parameters) {
    if (text.size() > statement_bytes_max) return malformed("The statement is longer than 8192 bytes");
    TRY_ASSIGN(auto tokens, tokens_of(text));
    return StatementParser(std::move(tokens), parameters).whole();
}

}  // namespace millrace::table::partiql
