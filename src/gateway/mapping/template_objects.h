// $input and $util of mapping templates.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/vtl/json_path.h"
#include "src/vtl/value.h"

namespace millrace::gateway {

// The parameters that $input.params() shows, as maps of name to text; names of headers as shown_headers makes them.
// Asked only by templates that ask for them.
struct InputParameters {
    std::function<vtl::Value()> path, query, header;
};

// What templates may ask of a payload. Read as JSON when it is first asked for; what is no JSON has no paths, but a
// body. `payload` and `parameters` outlive it; one thread.
class Payload {
  public:
    explicit Payload(std::string_view text) : text_(text) {}
    std::string_view text() const { return text_; }
    // nullopt where it is no JSON. "" is an empty object, as $input.json('$') of a GET gives {}.
    const std::optional<vtl::Value>& json() const;
    // Somebody asked for its JSON, and there was none.
    bool was_no_json() const { return read_ && !json_; }

  private:
    std::string_view text_;
    mutable std::optional<vtl::Value> json_;
    mutable bool read_ = false;
};

vtl::Value make_input(const Payload& payload, const InputParameters& parameters);
const vtl::Value& util_object();

// Read once a text: templates ask for the same paths again and again. Null where it is none.
std::shared_ptr<const vtl::JsonPath> json_path_of(const std::string& text);

}  // namespace millrace::gateway
