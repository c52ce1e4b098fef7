// awsQuery: inputs as forms (Action=X&Tags.member.1.Key=a).
#pragma once

#include <string>
#include <string_view>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"
#include "src/base/url_text.h"

namespace millrace::aws {

using millrace::Field;
using millrace::Fields;
using millrace::parse_form;
using millrace::percent_decode;

// Fills `out` from a form's fields. Returns false with decoding.refused set where a value has the wrong form.
bool decode_query(const Shape& shape, Fields fields, void* out, Decoding& decoding);

}  // namespace millrace::aws
