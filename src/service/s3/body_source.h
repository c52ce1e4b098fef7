// An object's bytes as a response body.
#pragma once

#include <memory>

#include "src/http/message.h"
#include "src/object/store.h"
#include "src/service/s3/range.h"

namespace millrace::service::s3 {

// `range` lies within the object. The reader goes with the source, and keeps the version that was opened.
std::unique_ptr<http::BodySource> make_object_source(std::unique_ptr<object::ObjectReader> reader, ByteRange range);

}  // namespace millrace::service::s3
