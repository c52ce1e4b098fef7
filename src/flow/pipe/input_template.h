// InputTemplate of EventBridge Pipes: text in which <$.path> stands for what lies there in the event, and
// <aws.pipes....> for what is known of the pipe.
//
//   {"id": <$.data.id>, "note": "order <$.data.id> of <aws.pipes.pipe-name>"}
//
// Where a variable stands between quotation marks its text is put in, escaped. Elsewhere it is JSON, so that a text
// gets quotation marks of its own; but in a template that is no JSON itself (that begins with neither { nor [), a text
// is put in as it is. A path that leads nowhere is nothing between quotation marks and in texts, and null elsewhere.
// Anything else between < and > is text.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/vtl/json_path.h"
#include "src/vtl/value.h"

namespace millrace::flow::pipe {

// What the reserved variables stand for.
struct Surroundings {
    std::string pipe_arn, pipe_name, source_arn, enrichment_arn, target_arn;
    std::string ingestion_time;  // ISO 8601
};

// An event on its way: its JSON, and the same as a value in which a stream record's data, where it is JSON, is decoded.
struct Event {
    std::string text;
    vtl::Value value;  // null where nobody asks for it
};

class InputTemplate {  // immutable; any thread
  public:
    // invalid_argument: a path that is none, a reserved variable that does not exist.
    static Result<InputTemplate> parse(std::string_view text);
    bool empty() const { return pieces_.empty(); }
    // At most `bytes_max`; resource_exhausted.
    Result<std::string> apply(const Event& event, const Surroundings& surroundings, size_t bytes_max) const;

  private:
    enum class Kind : uint8_t {
        literal,
        path,
        pipe_arn,
        pipe_name,
        source_arn,
        enrichment_arn,
        target_arn,
        ingestion_time,
        event,
        event_json,
    };
    struct Piece {
        Kind kind = Kind::literal;
        enum class Place : uint8_t { json, quoted, text } place = Place::json;
        std::string text;  // of a literal
        std::shared_ptr<const vtl::JsonPath> path;
    };
    static Result<Piece> variable(std::string_view name);
    static void append(const vtl::Value& value, const Piece& piece, std::string* out);
    std::vector<Piece> pieces_;
};

// A parameter that is either a text or, where it begins with "$." or is "$", a path into the event.
class DynamicText {
  public:
    static Result<DynamicText> parse(std::string_view text);  // invalid_argument
    bool is_path() const { return path_ != nullptr; }
    // A text as it is, anything else as its JSON; "" where there is nothing.
    std::string apply(const vtl::Value& event) const;

  private:
    std::string text_;
    std::shared_ptr<const vtl::JsonPath> path_;
};

}  // namespace millrace::flow::pipe
