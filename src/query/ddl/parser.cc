// Recursive descent, one function a statement; no backtracking but over the first words. The result says what was
// written; whether it makes sense for the catalog is the executor's to say.
#include <cctype>

#include "src/query/ddl/formats.h"
#include "src/query/ddl/lexer.h"
#include "src/query/ddl/statement.h"
#include "src/query/hive_type.h"

namespace millrace::query {

namespace {

using Kind = DdlToken::Kind;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

class Parser {
  public:
    Parser(std::string_view sql, std::vector<DdlToken> tokens) : sql_(sql), tokens_(std::move(tokens)) {}

    Result<DdlStatement> whole() {
        TRY(statement());
        take_symbol(';');
        if (peek().kind != Kind::end) return unexpected("<EOF>");
        return std::move(out_);
    }

  private:
    const DdlToken& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    bool take(std::string_view word) {
        if (!peek().is(word)) return false;
        ++at_;
        return true;
    }
    bool take_symbol(char symbol) {
        if (!peek().is_symbol(symbol)) return false;
        ++at_;
        return true;
    }
    Error unexpected(std::string_view expecting) const {
        return {ErrorCode::invalid_argument, position_of(sql_, peek().begin) + ": mismatched input '" +
                                                 peek().text.substr(0, 100) +
                                                 "'. Expecting: " + std::string(expecting)};
    }
    Error refused(std::string_view what) const {
        return {ErrorCode::unsupported,
                position_of(sql_, peek().begin) + ": NOT_SUPPORTED: " + std::string(what) + " is not served"};
    }
    Status need(std::string_view word) {
        if (!take(word)) return unexpected("'" + std::string(word) + "'");
        return {};
    }
    Status need_symbol(char symbol) {
        if (!take_symbol(symbol)) return unexpected("'" + std::string(1, symbol) + "'");
        return {};
    }
    Result<std::string> name() {
        const DdlToken& token = peek();
        if (token.kind != Kind::word && token.kind != Kind::quoted_name && token.kind != Kind::double_quoted &&
            token.kind != Kind::number) {
            return unexpected("<identifier>");
        }
        std::string text = lower(token.text);
        if (text.empty() || text.size() > 255) return unexpected("<identifier>");
        ++at_;
        return text;
    }
    Result<std::string> string() {
        if (peek().kind != Kind::string && peek().kind != Kind::double_quoted) return unexpected("<string>");
        return tokens_[at_++].text;
    }
    // [catalog.][database.]table
    Status table_name() {
        TRY_ASSIGN(out_.name, name());
        for (int parts = 1; parts < 3 && take_symbol('.'); ++parts) {
            if (parts == 2 && out_.database != "awsdatacatalog") {
                return Error{ErrorCode::invalid_argument,
                             "CATALOG_NOT_FOUND: Catalog '" + out_.database + "' not found"};
            }
            out_.database = std::move(out_.name);
            TRY_ASSIGN(out_.name, name());
        }
        return {};
    }
    Status if_not_exists() {
        if (!take("IF")) return {};
        TRY(need("NOT"));
        TRY(need("EXISTS"));
        out_.if_not_exists = true;
        return {};
    }
    Status if_exists() {
        if (!take("IF")) return {};
        TRY(need("EXISTS"));
        out_.if_exists = true;
        return {};
    }

    Status statement() {
        if (take("CREATE")) return create();
        if (take("DROP")) return drop();
        if (take("ALTER")) return alter();
        if (take("MSCK")) return repair();
        if (take("SHOW")) return show();
        if (take("DESCRIBE") || take("DESC")) return describe();
        return unexpected("'ALTER', 'CREATE', 'DESCRIBE', 'DROP', 'MSCK', 'SHOW'");
    }

    Status create() {
        if (take("DATABASE") || take("SCHEMA")) return create_database();
        if (take("OR")) {
            TRY(need("REPLACE"));
            out_.or_replace = true;
            TRY(need("VIEW"));
            return create_view();
        }
        if (take("VIEW")) return create_view();
        if (take("EXTERNAL")) {
            TRY(need("TABLE"));
            return create_table();
        }
        if (peek().is("TABLE")) return refused("CREATE TABLE without EXTERNAL (CREATE TABLE AS and Iceberg tables)");
        return unexpected("'DATABASE', 'EXTERNAL', 'OR', 'SCHEMA', 'VIEW'");
    }

    Status create_database() {
        out_.kind = DdlKind::create_database;
        TRY(if_not_exists());
        TRY_ASSIGN(out_.database, name());
        for (;;) {
            if (take("COMMENT")) {
                TRY_ASSIGN(out_.comment, string());
            } else if (take("LOCATION")) {
                TRY_ASSIGN(out_.location, string());
            } else if (take("WITH")) {
                TRY(need("DBPROPERTIES"));
                TRY(properties(&out_.properties));
            } else {
                return {};
            }
        }
    }

    Status create_view() {
        out_.kind = DdlKind::create_view;
        TRY(if_not_exists());
        TRY(table_name());
        TRY(need("AS"));
        const size_t begin = peek().begin;
        size_t end = sql_.size();
        // The rest is the query, without a last semicolon.
        while (peek().kind != Kind::end) ++at_;
        if (at_ > 0 && tokens_[at_ - 1].is_symbol(';')) end = tokens_[at_ - 1].begin;
        if (begin >= end) return unexpected("<query>");
        out_.query = sql_.substr(begin, end - begin);
        return {};
    }

    // ('a' = 'b', ...)
    Status properties(catalog::Parameters* into) {
        TRY(need_symbol('('));
        do {
            TRY_ASSIGN(std::string key, string());
            TRY(need_symbol('='));
            TRY_ASSIGN((*into)[std::move(key)], string());
        } while (take_symbol(','));
        return need_symbol(')');
    }

    // A type is the text up to the comma, closing parenthesis or COMMENT that ends it.
    Result<std::string> type() {
        std::string text;
        int depth = 0;
        while (peek().kind != Kind::end) {
            const DdlToken& token = peek();
            const char symbol = token.kind == Kind::symbol ? token.text[0] : '\0';
            if (depth == 0 && (symbol == ',' || symbol == ')' || token.is("COMMENT"))) break;
            if (symbol == '<' || symbol == '(') ++depth;
            if (symbol == '>' || symbol == ')') --depth;
            text += token.kind == Kind::quoted_name ? "`" + token.text + "`" : token.text;
            text += ' ';
            ++at_;
        }
        TRY_ASSIGN(const HiveType parsed, parse_hive_type(text));
        return catalog::to_string(parsed);
    }

    Status columns(std::vector<catalog::Column>* into) {
        TRY(need_symbol('('));
        do {
            catalog::Column column;
            TRY_ASSIGN(column.name, name());
            TRY_ASSIGN(column.type, type());
            if (take("COMMENT")) {
                TRY_ASSIGN(column.comment, string());
            }
            into->push_back(std::move(column));
        } while (take_symbol(','));
        return need_symbol(')');
    }

    Status create_table() {
        out_.kind = DdlKind::create_table;
        TRY(if_not_exists());
        TRY(table_name());
        TRY(columns(&out_.columns));
        TableFormatClauses formats;
        for (;;) {
            if (take("COMMENT")) {
                TRY_ASSIGN(out_.comment, string());
            } else if (take("PARTITIONED")) {
                TRY(need("BY"));
                TRY(columns(&out_.partition_keys));
            } else if (peek().is("CLUSTERED")) {
                return refused("CLUSTERED BY");
            } else if (take("ROW")) {
                TRY(need("FORMAT"));
                TRY(row_format(&formats));
            } else if (take("WITH")) {
                TRY(need("SERDEPROPERTIES"));
                TRY(properties(&formats.serde_properties));
            } else if (take("STORED")) {
                TRY(need("AS"));
                TRY(stored_as(&formats));
            } else if (take("LOCATION")) {
                TRY_ASSIGN(out_.location, string());
            } else if (take("TBLPROPERTIES")) {
                TRY(properties(&out_.properties));
            } else {
                break;
            }
        }
        return apply_formats(formats, &out_.storage);
    }

    Status row_format(TableFormatClauses* formats) {
        if (take("SERDE")) {
            TRY_ASSIGN(formats->serde, string());
            return {};
        }
        TRY(need("DELIMITED"));
        formats->delimited = true;
        for (;;) {
            const char* property = nullptr;
            if (take("FIELDS")) {
                TRY(need("TERMINATED"));
                property = "field.delim";
            } else if (take("ESCAPED")) {
                property = "escape.delim";
            } else if (take("COLLECTION")) {
                TRY(need("ITEMS"));
                TRY(need("TERMINATED"));
                property = "colelction.delim";  // as Hive misspells it
            } else if (take("MAP")) {
                TRY(need("KEYS"));
                TRY(need("TERMINATED"));
                property = "mapkey.delim";
            } else if (take("LINES")) {
                TRY(need("TERMINATED"));
                property = "line.delim";
            } else if (take("NULL")) {
                TRY(need("DEFINED"));
                TRY(need("AS"));
                TRY_ASSIGN(formats->serde_properties["serialization.null.format"], string());
                continue;
            } else {
                return {};
            }
            TRY(need("BY"));
            TRY_ASSIGN(formats->serde_properties[property], string());
        }
    }

    Status stored_as(TableFormatClauses* formats) {
        if (take("INPUTFORMAT")) {
            TRY_ASSIGN(formats->input_format, string());
            TRY(need("OUTPUTFORMAT"));
            TRY_ASSIGN(formats->output_format, string());
            return {};
        }
        TRY_ASSIGN(formats->stored_as, name());
        return {};
    }

    Status drop() {
        if (take("DATABASE") || take("SCHEMA")) {
            out_.kind = DdlKind::drop_database;
            TRY(if_exists());
            TRY_ASSIGN(out_.database, name());
            out_.cascade = take("CASCADE");
            take("RESTRICT");
            return {};
        }
        out_.kind = DdlKind::drop_table;
        if (take("VIEW")) {
            out_.kind = DdlKind::drop_view;
        } else if (!take("TABLE")) {
            return unexpected("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'");
        }
        TRY(if_exists());
        return table_name();
    }

    // (a = 'b', c = 1)
    Status partition_values(PartitionValues* values) {
        TRY(need("PARTITION"));
        TRY(need_symbol('('));
        do {
            TRY_ASSIGN(std::string key, name());
            TRY(need_symbol('='));
            const bool negative = take_symbol('-');
            const DdlToken& value = peek();
            if (value.kind == Kind::end || value.kind == Kind::symbol) return unexpected("<value>");
            values->emplace_back(std::move(key), (negative ? "-" : "") + value.text);
            ++at_;
        } while (take_symbol(','));
        return need_symbol(')');
    }

    Status alter() {
        if (peek().is("DATABASE") || peek().is("SCHEMA")) return refused("ALTER DATABASE");
        TRY(need("TABLE"));
        TRY(table_name());
        if (take("ADD")) return alter_add();
        if (take("DROP")) {
            out_.kind = DdlKind::drop_partitions;
            TRY(if_exists());
            do {
                PartitionClause clause;
                TRY(partition_values(&clause.values));
                out_.partitions.push_back(std::move(clause));
            } while (take_symbol(','));
            return {};
        }
        if (take("REPLACE")) {
            TRY(need("COLUMNS"));
            out_.kind = DdlKind::replace_columns;
            return columns(&out_.columns);
        }
        if (peek().is("PARTITION")) {
            PartitionClause from;
            TRY(partition_values(&from.values));
            out_.partitions.push_back(std::move(from));
            if (take("RENAME")) {
                TRY(need("TO"));
                out_.kind = DdlKind::rename_partition;
                PartitionClause to;
                TRY(partition_values(&to.values));
                out_.partitions.push_back(std::move(to));
                return {};
            }
            TRY(need("SET"));
            TRY(need("LOCATION"));
            out_.kind = DdlKind::set_location;
            TRY_ASSIGN(out_.location, string());
            return {};
        }
        if (take("SET")) {
            if (take("LOCATION")) {
                out_.kind = DdlKind::set_location;
                TRY_ASSIGN(out_.location, string());
                return {};
            }
            TRY(need("TBLPROPERTIES"));
            out_.kind = DdlKind::set_properties;
            return properties(&out_.properties);
        }
        return unexpected("'ADD', 'DROP', 'PARTITION', 'REPLACE', 'SET'");
    }

    Status alter_add() {
        if (take("COLUMNS")) {
            out_.kind = DdlKind::add_columns;
            return columns(&out_.columns);
        }
        out_.kind = DdlKind::add_partitions;
        TRY(if_not_exists());
        do {
            PartitionClause clause;
            TRY(partition_values(&clause.values));
            if (take("LOCATION")) {
                TRY_ASSIGN(clause.location, string());
            }
            out_.partitions.push_back(std::move(clause));
        } while (peek().is("PARTITION"));
        return {};
    }

    Status repair() {
        out_.kind = DdlKind::repair_table;
        TRY(need("REPAIR"));
        TRY(need("TABLE"));
        return table_name();
    }

    // [LIKE] 'pattern'
    Status pattern() {
        if (take("LIKE") || peek().kind == Kind::string) {
            TRY_ASSIGN(out_.pattern, string());
        }
        return {};
    }
    Status in_database() {
        if (take("IN") || take("FROM")) {
            TRY_ASSIGN(out_.database, name());
        }
        return {};
    }

    Status show() {
        if (take("DATABASES") || take("SCHEMAS")) {
            out_.kind = DdlKind::show_databases;
            return pattern();
        }
        if (take("TABLES") || peek().is("VIEWS")) {
            out_.kind = take("VIEWS") ? DdlKind::show_views : DdlKind::show_tables;
            TRY(in_database());
            return pattern();
        }
        if (take("PARTITIONS")) {
            out_.kind = DdlKind::show_partitions;
            return table_name();
        }
        if (take("COLUMNS")) {
            out_.kind = DdlKind::show_columns;
            if (!take("IN") && !take("FROM")) return unexpected("'FROM', 'IN'");
            TRY(table_name());
            return in_database();
        }
        if (take("TBLPROPERTIES")) {
            out_.kind = DdlKind::show_table_properties;
            TRY(table_name());
            if (take_symbol('(')) {
                TRY_ASSIGN(out_.property, string());
                return need_symbol(')');
            }
            return {};
        }
        if (take("CREATE")) {
            out_.kind = DdlKind::show_create_table;
            if (take("VIEW")) {
                out_.kind = DdlKind::show_create_view;
            } else {
                TRY(need("TABLE"));
            }
            return table_name();
        }
        return unexpected(
            "'COLUMNS', 'CREATE', 'DATABASES', 'PARTITIONS', 'SCHEMAS', 'TABLES', 'TBLPROPERTIES', 'VIEWS'");
    }

    Status describe() {
        out_.kind = DdlKind::describe;
        if (peek().is("VIEW")) ++at_;
        out_.formatted = take("EXTENDED") || take("FORMATTED");
        TRY(table_name());
        if (peek().is("PARTITION")) return refused("DESCRIBE ... PARTITION");
        return {};
    }

    std::string_view sql_;
    std::vector<DdlToken> tokens_;
    size_t at_ = 0;
    DdlStatement out_;
};

}  // namespace

Result<DdlStatement> parse_ddl(std::string_view sql) {
    TRY_ASSIGN(std::vector<DdlToken> tokens, tokenize_ddl(sql));
    return Parser(sql, std::move(tokens)).whole();
}

Result<Runner> runner_of(std::string_view sql) {
    // Leading comments and parentheses do not change what a statement is.
    Result<std::vector<DdlToken>> tokens = tokenize_ddl(sql);
    if (!tokens) return std::move(tokens).error();
    size_t at = 0;
    while ((*tokens)[at].is_symbol('(')) ++at;
    const DdlToken& first = (*tokens)[at];
    for (const std::string_view word : {"SELECT", "WITH", "VALUES", "EXPLAIN", "TABLE"}) {
        if (first.is(word)) return Runner::worker;
    }
    for (const std::string_view word : {"CREATE", "DROP", "ALTER", "MSCK", "SHOW", "DESCRIBE", "DESC"}) {
        if (first.is(word)) return Runner::ddl;
    }
    for (const std::string_view word :
         {"INSERT", "UNLOAD", "MERGE", "UPDATE", "DELETE", "OPTIMIZE", "VACUUM", "PREPARE", "EXECUTE", "DEALLOCATE"}) {
        if (first.is(word)) {
            return Error{ErrorCode::unsupported, "NOT_SUPPORTED: " + std::string(word) + " is not served"};
        }
    }
    return Error{ErrorCode::invalid_argument, position_of(sql, first.begin) + ": mismatched input '" +
                                                  first.text.substr(0, 100) +
                                                  "'. Expecting: 'ALTER', 'CREATE', 'DESCRIBE', 'DROP', 'EXPLAIN', "
                                                  "'MSCK', 'SHOW', 'VALUES', 'WITH', <query>"};
}

std::string_view sub_statement_of(DdlKind kind) {
    switch (kind) {
        case DdlKind::create_database:
            return "CREATE_DATABASE";
        case DdlKind::drop_database:
            return "DROP_DATABASE";
        case DdlKind::create_table:
            return "CREATE_TABLE";
        case DdlKind::drop_table:
            return "DROP_TABLE";
        case DdlKind::add_partitions:
        case DdlKind::drop_partitions:
        case DdlKind::rename_partition:
        case DdlKind::add_columns:
        case DdlKind::replace_columns:
        case DdlKind::set_location:
        case DdlKind::set_properties:
            return "ALTER_TABLE";
        case DdlKind::repair_table:
            return "MSCK";
        case DdlKind::create_view:
            return "CREATE_VIEW";
        case DdlKind::drop_view:
            return "DROP_VIEW";
        case DdlKind::show_databases:
            return "SHOW_DATABASES";
        case DdlKind::show_tables:
            return "SHOW_TABLES";
        case DdlKind::show_views:
            return "SHOW_VIEWS";
        case DdlKind::show_partitions:
            return "SHOW_PARTITIONS";
        case DdlKind::show_columns:
            return "SHOW_COLUMNS";
        case DdlKind::show_create_table:
            return "SHOW_CREATE_TABLE";
        case DdlKind::show_create_view:
            return "SHOW_CREATE_VIEW";
        case DdlKind::show_table_properties:
            return "SHOW_TBLPROPERTIES";
        case DdlKind::describe:
            return "DESCRIBE_TABLE";
    }
    return "";
}

}  // namespace millrace::query
