// The formats behind make_encoder(), one file each.
#pragma once

#include "src/flow/encoder.h"

namespace millrace::flow {

std::unique_ptr<Encoder> make_gzip_encoder(ByteSink sink);
std::unique_ptr<Encoder> make_zip_encoder(std::string entry_name, TimestampMs time, ByteSink sink);
std::unique_ptr<Encoder> make_snappy_encoder(ByteSink sink);
std::unique_ptr<Encoder> make_hadoop_snappy_encoder(ByteSink sink);

}  // namespace millrace::flow
