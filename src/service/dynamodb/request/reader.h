// A walk over a JSON body where it lies (simdjson on demand): no document is built. Types are checked as AWS's parser
// does, with its sentences; a null is as if the member were not there. For the .cc files of this folder: the header
// brings simdjson along.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "src/aws/failure.h"
#include "src/service/dynamodb/request/request.h"

namespace millrace::service::dynamodb {

namespace ondemand = simdjson::ondemand;

// A type in AWS's sentences: a string only where there is a sentence.
struct JavaType {
    constexpr JavaType(const char* whole) : before(whole) {}  // NOLINT(google-explicit-constructor): a literal
    constexpr JavaType(std::string_view b, std::string_view n, std::string_view a) : before(b), name(n), after(a) {}
    std::string text() const { return std::string(before).append(name).append(after); }

    std::string_view before, name, after;
};
constexpr JavaType class_of(std::string_view name) {
    return {"class com.amazonaws.dynamodb.v20120810.", name, ""};
}
constexpr JavaType map_of(std::string_view name) {
    return {"java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.", name, ">"};
}

// Each function: false where the body is refused, with failure() set.
class Reader {
  public:
    const aws::Failure& failure() const { return failure_; }
    bool refuse(std::string message);
    bool malformed() { return refuse("The request body is not well-formed JSON"); }

    // `*out` is untouched where the value is null.
    bool text(ondemand::value json, std::optional<std::string>* out);
    bool boolean(ondemand::value json, std::optional<bool>* out);
    bool integer(ondemand::value json, std::optional<int64_t>* out);
    bool texts(ondemand::value json, std::optional<std::vector<std::string>>* out);
    bool names(ondemand::value json, std::optional<std::map<std::string, std::string, std::less<>>>* out);
    bool value(ondemand::value json, std::optional<GivenValue>* out);
    bool item(ondemand::value json, std::optional<GivenItem>* out);
    bool values(ondemand::value json, std::optional<GivenValues>* out);
    bool value_list(ondemand::value json, std::optional<std::vector<GivenValue>>* out);

    // Calls each(name, value) for the fields of an object. What AWS says of another type: `list` of an array, `scalar`
    // of a string, a number or a boolean.
    template <class Each>
    bool object(ondemand::value json, const JavaType& list, std::string_view scalar, Each&& each) {
        ondemand::object object;
        bool absent = false;
        if (!open_object(json, list, scalar, &object, &absent)) return false;
        if (absent) return true;
        return fields(object, each);
    }
    template <class Each>
    bool fields(ondemand::object& object, Each&& each) {
        for (auto field : object) {
            std::string_view name;
            ondemand::value value;
            if (field.unescaped_key().get(name) || field.value().get(value)) return malformed();
            if (!each(name, value)) return false;
        }
        return true;
    }
    // Calls each(value) for the elements of an array; false in *absent where there is one.
    template <class Each>
    bool array(ondemand::value json, bool* absent, Each&& each) {
        ondemand::array array;
        if (!open_array(json, &array, absent)) return false;
        if (*absent) return true;
        for (auto element : array) {
            ondemand::value value;
            if (element.get(value)) return malformed();
            if (!each(value)) return false;
        }
        return true;
    }
    bool is_null(ondemand::value json, bool* out);

  private:
    bool open_object(ondemand::value json, const JavaType& list, std::string_view scalar, ondemand::object* out,
                     bool* absent);
    bool open_array(ondemand::value json, ondemand::array* out, bool* absent);
    bool string(ondemand::value json, std::string_view type, std::string_view* out, bool* absent);

    bool attribute_value(ondemand::value json, int levels, table::AttributeValue* out, std::string* wrong);
    bool typed(std::string_view type, ondemand::value json, int levels, table::AttributeValue* out, std::string* wrong,
               int* types);
    bool attributes(ondemand::value json, int levels, table::AttributeMap* out, std::string* wrong);
    bool list(ondemand::value json, int levels, table::AttributeValue* out, std::string* wrong);
    bool set_members(ondemand::value json, bool binary, std::vector<std::string>* out, std::string* wrong);
    bool string_set(ondemand::value json, table::AttributeValue* out, std::string* wrong);
    bool number_set(ondemand::value json, table::AttributeValue* out, std::string* wrong);
    bool binary_set(ondemand::value json, table::AttributeValue* out, std::string* wrong);
    bool bytes(std::string_view base64, std::string* out);

    aws::Failure failure_;
};

// A thread's own parser, which keeps its memory from call to call.
ondemand::parser& thread_parser(size_t bytes);
simdjson::padded_string_view padded(std::string_view body);
}  // namespace millrace::service::dynamodb
