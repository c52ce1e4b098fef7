// What an UPDATE changes.
#include "src/table/expression/condition_checks.h"
#include "src/table/partiql/reader.h"

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

bool at_call(const Reader& in) {
    return in.peek().kind == TokenKind::word && in.peek(1).kind == TokenKind::symbol && in.peek(1).value == "(";
}

Result<SetValue> operand(Reader& in);

// list_append(a, b), if_not_exists(path, b)
Result<SetValue> call(Reader& in) {
    const Token name = in.next();
    const std::string lower = lower_case(name.value);
    if (lower != "list_append" && lower != "if_not_exists") {
        return refusal("Unrecognized function: " + lower + place_of(name));
    }
    TRY(in.expect("("));
    TRY(in.enter());
    std::vector<SetValue> arguments;
    do {
        TRY_ASSIGN(SetValue argument, operand(in));
        arguments.push_back(std::move(argument));
    } while (in.take(","));
    in.leave();
    TRY(in.expect(")"));
    if (arguments.size() != 2) return wrong_operand_count(lower, arguments.size());
    SetValue made;
    if (lower == "list_append") {
        made.kind = SetValue::Kind::list_append;
        made.arguments = std::move(arguments);
        return made;
    }
    if (arguments[0].kind != SetValue::Kind::path) return needs_path(lower);
    made.kind = SetValue::Kind::if_not_exists;
    made.path = std::move(arguments[0].path);
    made.arguments.push_back(std::move(arguments[1]));
    return made;
}

Result<SetValue> operand(Reader& in) {
    if (at_call(in)) return call(in);
    if (in.at_value()) {
        TRY_ASSIGN(AttributeValue value, in.value());
        return SetValue::of(std::move(value));
    }
    TRY_ASSIGN(Path path, in.path());
    return SetValue::at(std::move(path));
}

Result<SetValue> sum(Reader& in) {
    TRY_ASSIGN(SetValue first, operand(in));
    if (!in.at("+") && !in.at("-")) return first;
    SetValue made;
    made.kind = in.next().value == "+" ? SetValue::Kind::plus : SetValue::Kind::minus;
    TRY_ASSIGN(SetValue second, operand(in));
    made.arguments.push_back(std::move(first));
    made.arguments.push_back(std::move(second));
    for (const SetValue& argument : made.arguments) {
        if (argument.kind == SetValue::Kind::value && argument.value.type() != Type::N) {
            return wrong_operand_type(made.kind == SetValue::Kind::plus ? "+" : "-", name_of(argument.value.type()));
        }
    }
    return made;
}

// path = set_add(path, <<...>>)
Status set_change(Reader& in, Path path, UpdateTree* out) {
    const Token name = in.next();
    const bool add = lower_case(name.value) == "set_add";
    const std::string upper = add ? "SET_ADD" : "SET_DELETE";
    TRY(in.expect("("));
    std::vector<SetValue> arguments;
    const Token first = in.peek();
    do {
        TRY_ASSIGN(SetValue argument, operand(in));
        arguments.push_back(std::move(argument));
    } while (in.take(","));
    TRY(in.expect(")"));
    if (arguments.size() != 2) return refusal(upper + " must have exactly two arguments" + place_of(name));
    if (arguments[0].kind != SetValue::Kind::path || arguments[0].path != path) {
        return refusal("The first argument to " + upper + " must equal the assignment value" + place_of(name));
    }
    const AttributeValue& value = arguments[1].value;
    const bool set = value.type() == Type::SS || value.type() == Type::NS || value.type() == Type::BS;
    if (arguments[1].kind != SetValue::Kind::value || !set) {
        return refusal("The second argument to " + upper + " must be a value with type SET" + place_of(first));
    }
    (add ? out->adds : out->deletes).push_back({std::move(path), value});
    return {};
}

Status set(Reader& in, UpdateTree* out) {
    TRY_ASSIGN(Path path, in.path());
    TRY(in.expect("="));
    if (at_call(in)) {
        const std::string name = lower_case(in.peek().value);
        if (name == "set_add" || name == "set_delete") return set_change(in, std::move(path), out);
    }
    TRY_ASSIGN(SetValue value, sum(in));
    out->sets.push_back({std::move(path), std::move(value)});
    return {};
}

}  // namespace

Status parse_changes(Reader& in, UpdateTree* out) {
    while (true) {
        if (in.take_word("SET")) {
            do {
                TRY(set(in, out));
            } while (in.take(","));
        } else if (in.take_word("REMOVE")) {
            do {
                TRY_ASSIGN(Path path, in.path());
                out->removes.push_back(std::move(path));
            } while (in.take(","));
        } else {
            return {};
        }
    }
}

}  // namespace millrace::table::partiql
