#include "src/query/convert/row_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "src/base/base64.h"
#include "src/query/convert/json_text.h"
#include "src/query/convert/number.h"

namespace millrace::query {

namespace {

namespace ondemand = simdjson::ondemand;
using catalog::HiveType;
using Kind = HiveType::Kind;
using ondemand::json_type;

constexpr uint64_t list_capacity_min = 4096;
constexpr std::string_view parse_error = "DataFormatConversion.ParseError";
constexpr std::string_view malformed_data = "DataFormatConversion.MalformedData";

// Where the values of one column (element, field) go in the chunk at hand.
struct Slot {
    const ColumnPlan* plan = nullptr;
    duckdb_vector vector = nullptr;
    void* data = nullptr;
    uint64_t* validity = nullptr;
    std::vector<Slot> children;  // array: the element; map: one struct of key and value; struct: the fields
    uint64_t size = 0;           // array, map: elements in the child
    uint64_t capacity = 0;
    uint64_t size_before_row = 0;

    bool is_list() const { return plan == nullptr ? false : plan->type.kind == Kind::array || is_map(); }
    bool is_map() const { return plan != nullptr && plan->type.kind == Kind::map; }
};

// `plan` is null for the key-and-value struct of a map: a struct that only this file knows.
Slot slot_of(const ColumnPlan& plan) {
    Slot slot;
    slot.plan = &plan;
    if (plan.type.kind == Kind::map) {
        Slot& entry = slot.children.emplace_back();
        for (const ColumnPlan& child : plan.children) entry.children.push_back(slot_of(child));
    } else {
        for (const ColumnPlan& child : plan.children) slot.children.push_back(slot_of(child));
    }
    return slot;
}

// Looks up the pointers anew: they move when a list's child grows.
void refresh(Slot& slot, duckdb_vector vector) {
    slot.vector = vector;
    slot.data = duckdb_vector_get_data(vector);
    duckdb_vector_ensure_validity_writable(vector);
    slot.validity = duckdb_vector_get_validity(vector);
    if (slot.is_list()) {
        refresh(slot.children[0], duckdb_list_vector_get_child(vector));
    } else {
        for (size_t i = 0; i < slot.children.size(); ++i) {
            refresh(slot.children[i], duckdb_struct_vector_get_child(vector, i));
        }
    }
}

void set_valid(Slot& slot, uint64_t row) {
    slot.validity[row / 64] |= 1ULL << (row % 64);
}

void set_null(Slot& slot, uint64_t row) {
    slot.validity[row / 64] &= ~(1ULL << (row % 64));
    if (slot.is_list()) {
        static_cast<duckdb_list_entry*>(slot.data)[row] = {slot.size, 0};
    } else {
        for (Slot& child : slot.children) set_null(child, row);
    }
}

// All rows of a chunk at once. Lists begin empty.
void set_all_null(Slot& slot, uint64_t rows) {
    std::memset(slot.validity, 0, (rows + 63) / 64 * sizeof(uint64_t));
    if (slot.is_list()) {
        std::memset(slot.data, 0, rows * sizeof(duckdb_list_entry));
        slot.size = 0;
        slot.capacity = rows;
        return;
    }
    for (Slot& child : slot.children) set_all_null(child, rows);
}

void each_list(Slot& slot, const auto& visit) {
    if (slot.is_list()) visit(slot);
    for (Slot& child : slot.children) each_list(child, visit);
}

template <class T>
T& at(Slot& slot, uint64_t row) {
    return static_cast<T*>(slot.data)[row];
}

size_t count_characters(std::string_view text) {
    size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

}  // namespace

struct RowWriter::State {
    explicit State(const RowPlan& row_plan) : plan(row_plan), rules(row_plan.rules) {
        for (const ColumnPlan& column : plan.row.children) columns.push_back(slot_of(column));
    }

    const RowPlan& plan;
    const ReadRules& rules;
    std::vector<Slot> columns;
    ondemand::parser parser;
    std::string padded;   // the document, with the slack that simdjson reads into
    std::string key;      // the key at hand
    std::string scratch;  // text made of a value
    RowFailure* failure = nullptr;

    // ---- failures

    bool malformed(simdjson::error_code error) {
        failure->code = parse_error;
        failure->message = std::string("Encountered malformed JSON. ") + simdjson::error_message(error);
        return false;
    }
    bool mismatch(std::string_view detail) {
        failure->code = malformed_data;
        failure->message = "Data does not match the schema. " + std::string(detail);
        return false;
    }
    bool bad_input(std::string_view text) {  // the words of Java's NumberFormatException
        return mismatch("For input string: \"" + std::string(text.substr(0, 200)) + "\"");
    }
    bool out_of_range(std::string_view text, const HiveType& type) {
        return mismatch("Value " + std::string(text.substr(0, 200)) + " is out of range for type " + to_string(type));
    }

    // ---- scalars, from text: a JSON number's token, or what a JSON string says

    bool write_integer(Slot& slot, uint64_t row, std::string_view text, bool json_number, int64_t min, int64_t max,
                       int64_t& out) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        const bool leading_zero = text.size() > 1 && (text[0] == '0' || (text[0] == '-' && text[1] == '0'));
        if (error != std::errc() || end != text.data() + text.size() || (json_number && leading_zero)) {
            const auto number = parse_number(text, json_number);
            if (!number) return json_number ? malformed(simdjson::NUMBER_ERROR) : bad_input(text);
            // 17850.0 is an integer; 0.5 is not, and nothing is cut off.
            const auto whole = scaled(*number, 38, 0, true);
            if (!whole) return bad_input(text);
            if (*whole < min || *whole > max) return out_of_range(text, slot.plan->type);
            out = static_cast<int64_t>(*whole);
        }
        if (out < min || out > max) return out_of_range(text, slot.plan->type);
        set_valid(slot, row);
        return true;
    }

    template <class T>
    bool write_integer(Slot& slot, uint64_t row, std::string_view text, bool json_number) {
        int64_t value = 0;
        if (!write_integer(slot, row, text, json_number, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                           value)) {
            return false;
        }
        at<T>(slot, row) = static_cast<T>(value);
        return true;
    }

    template <class T>
    bool write_float(Slot& slot, uint64_t row, std::string_view text, bool json_number) {
        if (!parse_number(text, json_number)) {
            if (json_number) return malformed(simdjson::NUMBER_ERROR);
            if (text != "NaN" && text != "Infinity" && text != "-Infinity") return bad_input(text);
            at<T>(slot, row) = text == "NaN"    ? std::numeric_limits<T>::quiet_NaN()
                               : text[0] == '-' ? -std::numeric_limits<T>::infinity()
                                                : std::numeric_limits<T>::infinity();
            set_valid(slot, row);
            return true;
        }
        if (text[0] == '+') text.remove_prefix(1);
        T value = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc::result_out_of_range) {
            const double wide = std::strtod(std::string(text).c_str(), nullptr);  // too great, or too small: 0
            if (std::abs(wide) > 1) return out_of_range(text, slot.plan->type);
            value = 0;
        }
        at<T>(slot, row) = value;
        set_valid(slot, row);
        return true;
    }

    bool write_decimal(Slot& slot, uint64_t row, std::string_view text, bool json_number) {
        const HiveType& type = slot.plan->type;
        const auto number = parse_number(text, json_number);
        if (!number) return json_number ? malformed(simdjson::NUMBER_ERROR) : bad_input(text);
        const auto value = scaled(*number, type.precision, type.scale, false);
        if (!value) return out_of_range(text, type);
        if (type.precision <= 4) {
            at<int16_t>(slot, row) = static_cast<int16_t>(*value);
        } else if (type.precision <= 9) {
            at<int32_t>(slot, row) = static_cast<int32_t>(*value);
        } else if (type.precision <= 18) {
            at<int64_t>(slot, row) = static_cast<int64_t>(*value);
        } else {
            at<duckdb_hugeint>(slot, row) = {static_cast<uint64_t>(*value), static_cast<int64_t>(*value >> 64)};
        }
        set_valid(slot, row);
        return true;
    }

    bool write_text(Slot& slot, uint64_t row, std::string_view text) {
        const HiveType& type = slot.plan->type;
        if (type.precision > 0 && text.size() > static_cast<size_t>(type.precision) &&
            count_characters(text) > static_cast<size_t>(type.precision)) {
            // Hive would cut the text off; we lose nothing.
            return mismatch("A text of " + std::to_string(count_characters(text)) + " characters does not fit " +
                            to_string(type));
        }
        duckdb_vector_assign_string_element_len(slot.vector, row, text.data(), text.size());
        set_valid(slot, row);
        return true;
    }

    bool write_binary(Slot& slot, uint64_t row, std::string_view text) {
        if (rules.openx) {  // OpenX keeps bytes as base64; Hive's SerDe takes the text's own
            if (!base64_decode(text, &scratch)) return mismatch("A binary column takes base64");
            text = scratch;
        }
        duckdb_vector_assign_string_element_len(slot.vector, row, text.data(), text.size());
        set_valid(slot, row);
        return true;
    }

    std::optional<int64_t> parse_timestamp(std::string_view text) const {
        if (rules.openx) return parse_openx_timestamp(text);
        for (const JodaPattern& pattern : rules.timestamp_patterns) {
            if (const auto micros = pattern.parse(text)) return micros;
        }
        if (rules.timestamp_patterns.empty()) return parse_sql_timestamp(text);
        return {};
    }

    bool write_timestamp(Slot& slot, uint64_t row, std::string_view text) {
        const auto micros = parse_timestamp(text);
        if (!micros) {
            return mismatch("Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]: \"" +
                            std::string(text.substr(0, 200)) + "\"");
        }
        at<int64_t>(slot, row) = *micros;
        set_valid(slot, row);
        return true;
    }

    bool write_date(Slot& slot, uint64_t row, std::string_view text) {
        constexpr int64_t micros_per_day = 86'400'000'000;
        std::optional<int32_t> days = parse_date(text);
        if (!days && !rules.timestamp_patterns.empty()) {
            if (const auto micros = parse_timestamp(text)) {
                days = static_cast<int32_t>((*micros - (*micros % micros_per_day + micros_per_day) % micros_per_day) /
                                            micros_per_day);
            }
        }
        if (!days) return mismatch("A date must be yyyy-mm-dd: \"" + std::string(text.substr(0, 200)) + "\"");
        at<int32_t>(slot, row) = *days;
        set_valid(slot, row);
        return true;
    }

    // ---- a value of any JSON type into a scalar column

    bool write_scalar(Slot& slot, uint64_t row, ondemand::value value, json_type type, int depth) {
        const Kind kind = slot.plan->type.kind;
        const bool textual = kind == Kind::string || kind == Kind::varchar || kind == Kind::character;
        switch (type) {
            case json_type::string: {
                std::string_view text;
                if (const auto error = value.get_string().get(text)) return malformed(error);
                return textual ? write_text(slot, row, text) : write_from_string(slot, row, text);
            }
            case json_type::number: {
                const std::string_view token = trimmed(value.raw_json_token());
                if (textual) {
                    if (!parse_number(token, true)) return malformed(simdjson::NUMBER_ERROR);
                    return write_text(slot, row, token);
                }
                return write_from_number(slot, row, token);
            }
            case json_type::boolean: {
                bool flag = false;
                if (const auto error = value.get_bool().get(flag)) return malformed(error);
                if (textual) return write_text(slot, row, flag ? "true" : "false");
                if (kind != Kind::boolean) return bad_input(flag ? "true" : "false");
                at<bool>(slot, row) = flag;
                set_valid(slot, row);
                return true;
            }
            default: {
                const bool kept = textual && rules.openx;  // OpenX keeps an object or array in a text column as JSON
                std::string text;
                if (const auto error = walk_json(value, rules, depth, kept ? &text : nullptr)) return malformed(error);
                if (kept) return write_text(slot, row, text);
                if (textual) {
                    failure->code = malformed_data;
                    failure->message =
                        "One or more fields have incorrect format. Exception when validating field (root)";
                    return false;
                }
                return mismatch("An object or array does not fit " + to_string(slot.plan->type));
            }
        }
    }

    bool write_from_string(Slot& slot, uint64_t row, std::string_view text) {
        const Kind kind = slot.plan->type.kind;
        switch (kind) {
            case Kind::binary:
                return write_binary(slot, row, text);
            case Kind::timestamp:
                return write_timestamp(slot, row, text);
            case Kind::date:
                return write_date(slot, row, text);
            default:
                break;
        }
        if (!rules.openx) {  // OpenX reads numbers and booleans out of strings; Hive's SerDe does not
            return mismatch(kind == Kind::boolean ? "Current token (VALUE_STRING) not of boolean type"
                                                  : "Current token (VALUE_STRING) not numeric, can not use numeric "
                                                    "value accessors");
        }
        if (kind != Kind::boolean) return write_numeric(slot, row, text, false);
        scratch.assign(text);
        for (char& c : scratch) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        if (scratch != "true" && scratch != "false") return bad_input(text);
        at<bool>(slot, row) = scratch == "true";
        set_valid(slot, row);
        return true;
    }

    bool write_from_number(Slot& slot, uint64_t row, std::string_view token) {
        switch (slot.plan->type.kind) {
            case Kind::timestamp:
                if (!parse_number(token, true)) return malformed(simdjson::NUMBER_ERROR);
                return write_timestamp(slot, row, token);
            case Kind::boolean:
            case Kind::binary:
            case Kind::date:
                if (!parse_number(token, true)) return malformed(simdjson::NUMBER_ERROR);
                return mismatch("A number does not fit " + to_string(slot.plan->type));
            default:
                return write_numeric(slot, row, token, true);
        }
    }

    bool write_numeric(Slot& slot, uint64_t row, std::string_view text, bool json_number) {
        switch (slot.plan->type.kind) {
            case Kind::tinyint:
                return write_integer<int8_t>(slot, row, text, json_number);
            case Kind::smallint:
                return write_integer<int16_t>(slot, row, text, json_number);
            case Kind::integer:
                return write_integer<int32_t>(slot, row, text, json_number);
            case Kind::bigint:
                return write_integer<int64_t>(slot, row, text, json_number);
            case Kind::float32:
                return write_float<float>(slot, row, text, json_number);
            case Kind::float64:
                return write_float<double>(slot, row, text, json_number);
            default:
                return write_decimal(slot, row, text, json_number);
        }
    }

    // ---- containers

    // Makes room for one more element and returns its place, set to NULL.
    uint64_t append_element(Slot& list) {
        if (list.size == list.capacity) {
            list.capacity = std::max(list.capacity * 2, list_capacity_min);
            duckdb_list_vector_reserve(list.vector, list.capacity);
            refresh(list.children[0], duckdb_list_vector_get_child(list.vector));
        }
        set_null(list.children[0], list.size);
        return list.size++;
    }

    void finish_list(Slot& list, uint64_t row, uint64_t offset) {
        at<duckdb_list_entry>(list, row) = {offset, list.size - offset};
        set_valid(list, row);
    }

    // Elements of one list have to lie side by side, so a list inside an element of the same vector cannot interleave:
    // it does not, its elements go to a vector of its own.
    bool write_array(Slot& slot, uint64_t row, ondemand::value value, json_type type, int depth) {
        const uint64_t offset = slot.size;
        if (type != json_type::array) {
            if (!rules.openx) return mismatch("java.io.IOException: Start of Array expected");
            const uint64_t element = append_element(slot);  // OpenX takes it for the only element
            if (!write_value(slot.children[0], element, value, depth + 1)) return false;
            finish_list(slot, row, offset);
            return true;
        }
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return malformed(error);
        for (auto item : array) {
            ondemand::value element_value;
            if (const auto error = item.get(element_value)) return malformed(error);
            const uint64_t element = append_element(slot);
            if (!write_value(slot.children[0], element, element_value, depth + 1)) return false;
        }
        finish_list(slot, row, offset);
        return true;
    }

    bool write_map(Slot& slot, uint64_t row, ondemand::value value, json_type type, int depth) {
        if (type != json_type::object) return mismatch("A map column takes a JSON object");
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return malformed(error);
        const uint64_t offset = slot.size;
        std::unordered_map<std::string, uint64_t> places;  // the last of equal keys wins
        std::string entry_key;
        for (auto member : object) {
            ondemand::field field;
            if (const auto error = std::move(member).get(field)) return malformed(error);
            std::string_view raw;
            if (const auto error = field.unescaped_key().get(raw)) return malformed(error);
            put_key(rules, rules.lower_keys, raw, entry_key);
            const auto [place, added] = places.try_emplace(entry_key, slot.size);
            const uint64_t element = added ? append_element(slot) : place->second;
            Slot& entry = slot.children[0];
            set_null(entry, element);
            set_valid(entry, element);
            if (!write_key(entry.children[0], element, entry_key)) return false;
            if (!write_value(entry.children[1], element, field.value(), depth + 1)) return false;
        }
        finish_list(slot, row, offset);
        return true;
    }

    bool write_key(Slot& slot, uint64_t row, std::string_view text) {
        switch (slot.plan->type.kind) {
            case Kind::string:
            case Kind::varchar:
            case Kind::character:
                return write_text(slot, row, text);
            case Kind::binary:
            case Kind::timestamp:
            case Kind::date:
                return write_from_string(slot, row, text);
            case Kind::boolean:
                if (text != "true" && text != "false") return bad_input(text);
                at<bool>(slot, row) = text == "true";
                set_valid(slot, row);
                return true;
            default:
                return write_numeric(slot, row, text, false);
        }
    }

    bool write_struct(Slot& slot, uint64_t row, ondemand::value value, json_type type, int depth) {
        set_null(slot, row);  // the fields of an earlier value under the same key
        set_valid(slot, row);
        if (type == json_type::object) {
            ondemand::object object;
            if (const auto error = value.get_object().get(object)) return malformed(error);
            return write_members(slot.plan->child_of_key, slot.children, row, object, depth);
        }
        if (!rules.openx) return mismatch("java.io.IOException: Start of Object expected");
        if (type == json_type::array) return write_struct_by_position(slot, row, value, depth);
        std::string text;
        if (const auto error = walk_json(value, rules, depth, &text)) return malformed(error);
        const std::string_view java = type == json_type::string                        ? "java.lang.String"
                                      : type == json_type::boolean                     ? "java.lang.Boolean"
                                      : text.find_first_of(".eE") == std::string::npos ? "java.lang.Long"
                                                                                       : "java.lang.Double";
        return mismatch("Data is not JSONObject  but " + std::string(java) + " with value " + text.substr(0, 200));
    }

    // OpenX fills the fields in their order and ignores what is left over.
    bool write_struct_by_position(Slot& slot, uint64_t row, ondemand::value value, int depth) {
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return malformed(error);
        size_t field = 0;
        for (auto item : array) {
            ondemand::value field_value;
            if (const auto error = item.get(field_value)) return malformed(error);
            if (field < slot.children.size()) {
                if (!write_value(slot.children[field++], row, field_value, depth + 1)) return false;
            } else if (const auto error = walk_json(field_value, rules, depth + 1, nullptr)) {
                return malformed(error);
            }
        }
        return true;
    }

    template <class Children>
    bool write_members(const Children& child_of_key, std::vector<Slot>& slots, uint64_t row, ondemand::object object,
                       int depth) {
        for (auto member : object) {
            ondemand::field field;
            if (const auto error = std::move(member).get(field)) return malformed(error);
            std::string_view raw;
            if (const auto error = field.unescaped_key().get(raw)) return malformed(error);
            put_key(rules, rules.case_insensitive, raw, key);
            const auto child = child_of_key.find(std::string_view(key));
            if (child == child_of_key.end()) {
                if (const auto error = walk_json(field.value(), rules, depth + 1, nullptr)) return malformed(error);
            } else if (!write_value(slots[child->second], row, field.value(), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    bool write_value(Slot& slot, uint64_t row, ondemand::value value, int depth) {
        if (depth > json_depth_max) return malformed(simdjson::DEPTH_ERROR);
        json_type type;
        if (const auto error = value.type().get(type)) return malformed(error);
        if (type == json_type::null) {
            if (trimmed(value.raw_json_token()) != "null") return malformed(simdjson::N_ATOM_ERROR);
            set_null(slot, row);
            return true;
        }
        switch (slot.plan->type.kind) {
            case Kind::array:
                return write_array(slot, row, value, type, depth);
            case Kind::map:
                return write_map(slot, row, value, type, depth);
            case Kind::structure:
                return write_struct(slot, row, value, type, depth);
            default:
                return write_scalar(slot, row, value, type, depth);
        }
    }

    // ---- a document

    bool primitive() {
        failure->code = malformed_data;
        failure->message =
            "The input JSON contained a primitive at the top level. The top level must be an object or array.";
        return false;
    }

    // What is not an object: say what it is, as Firehose does.
    bool not_an_object(std::string_view text) {
        ondemand::document document;
        if (const auto error = parser.iterate(padded.data(), text.size(), padded.size()).get(document)) {
            return malformed(error);
        }
        if (text[0] == '[') return mismatch("An array of JSON documents is not a valid record");
        const std::string_view token = trimmed(text);
        std::string_view ignored;
        const bool is_string = text[0] == '"' && !document.get_string().get(ignored) && token.back() == '"';
        if (is_string || token == "true" || token == "false" || token == "null" || parse_number(token, true)) {
            return primitive();
        }
        return malformed(simdjson::TAPE_ERROR);
    }

    bool write_document(std::string_view text, uint64_t row, bool& several) {
        const size_t begin = text.find_first_not_of(" \t\r\n");
        if (begin == std::string_view::npos) {
            failure->code = malformed_data;
            failure->message = "The record was empty or contained only whitespace.";
            return false;
        }
        text.remove_prefix(begin);
        if (padded.size() < text.size() + simdjson::SIMDJSON_PADDING) {
            padded.resize(text.size() * 2 + simdjson::SIMDJSON_PADDING);
        }
        std::memcpy(padded.data(), text.data(), text.size());
        std::memset(padded.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
        if (text[0] != '{') return not_an_object(text);
        ondemand::document document;
        if (const auto error = parser.iterate(padded.data(), text.size(), padded.size()).get(document)) {
            return malformed(error);
        }
        ondemand::object object;
        if (const auto error = document.get_object().get(object)) return malformed(error);
        if (!write_members(plan.row.child_of_key, columns, row, object, 0)) return false;
        const char* location = nullptr;
        several = document.current_location().get(location) == simdjson::SUCCESS;
        return true;
    }
};

RowWriter::RowWriter(const RowPlan& plan) : state_(std::make_unique<State>(plan)) {}
RowWriter::~RowWriter() = default;

void RowWriter::begin_chunk(duckdb_data_chunk chunk) {
    for (size_t i = 0; i < state_->columns.size(); ++i) {
        Slot& column = state_->columns[i];
        refresh(column, duckdb_data_chunk_get_vector(chunk, i));
        set_all_null(column, duckdb_vector_size());
        each_list(column, [](Slot& list) {
            list.size = 0;
            list.capacity = 0;
        });
    }
}

void RowWriter::end_chunk() {
    for (Slot& column : state_->columns) {
        each_list(column, [](Slot& list) { duckdb_list_vector_set_size(list.vector, list.size); });
    }
}

RowWriter::Outcome RowWriter::write(std::string_view document, uint64_t row, RowFailure& failure) {
    for (Slot& column : state_->columns) each_list(column, [](Slot& list) { list.size_before_row = list.size; });
    state_->failure = &failure;
    bool several = false;
    if (!state_->write_document(document, row, several)) {
        take_back(row);
        return Outcome::failed;
    }
    if (!several) return Outcome::written;
    take_back(row);
    return Outcome::several;
}

void RowWriter::take_back(uint64_t row) {
    for (Slot& column : state_->columns) {
        each_list(column, [](Slot& list) { list.size = list.size_before_row; });
        set_null(column, row);
    }
}

duckdb_logical_type logical_type_of(const HiveType& type) {
    std::vector<duckdb_logical_type> children;
    for (const HiveType& child : type.children) children.push_back(logical_type_of(child));
    duckdb_logical_type made = nullptr;
    switch (type.kind) {
        case Kind::boolean:
            return duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
        case Kind::tinyint:
            return duckdb_create_logical_type(DUCKDB_TYPE_TINYINT);
        case Kind::smallint:
            return duckdb_create_logical_type(DUCKDB_TYPE_SMALLINT);
        case Kind::integer:
            return duckdb_create_logical_type(DUCKDB_TYPE_INTEGER);
        case Kind::bigint:
            return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
        case Kind::float32:
            return duckdb_create_logical_type(DUCKDB_TYPE_FLOAT);
        case Kind::float64:
            return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
        case Kind::decimal:
            return duckdb_create_decimal_type(static_cast<uint8_t>(type.precision), static_cast<uint8_t>(type.scale));
        case Kind::string:
        case Kind::varchar:
        case Kind::character:
            return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
        case Kind::binary:
            return duckdb_create_logical_type(DUCKDB_TYPE_BLOB);
        case Kind::date:
            return duckdb_create_logical_type(DUCKDB_TYPE_DATE);
        case Kind::timestamp:
            return duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP);
        case Kind::array:
            made = duckdb_create_list_type(children[0]);
            break;
        case Kind::map:
            made = duckdb_create_map_type(children[0], children[1]);
            break;
        case Kind::structure: {
            std::vector<const char*> names;
            for (const std::string& name : type.field_names) names.push_back(name.c_str());
            made = duckdb_create_struct_type(children.data(), names.data(), children.size());
            break;
        }
    }
    for (duckdb_logical_type child : children) duckdb_destroy_logical_type(&child);
    return made;
}

}  // namespace millrace::query
