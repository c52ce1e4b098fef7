// The command line: which commands there are and how their arguments are read. What they do is in their own files.
#pragma once

namespace millrace::cli {

// Returns the exit code: 0 done, 1 it failed (one line on standard error says why), 2 the arguments make no sense.
int run(int argc, char** argv);

}  // namespace millrace::cli
