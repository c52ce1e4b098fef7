// The machine's python3 and node: which programs run python3.x and nodejs functions here.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::function {

class Sandbox;

struct Interpreter {
    std::string program;               // absolute
    std::string version;               // "3.11.7", "20.20.2"
    std::vector<std::string> visible;  // directories that it needs to see, apart from /usr
    std::string note;                  // a line for the log where it is not the version asked for; "" where it is
};

enum class Language : uint8_t { python, node, provided };
// unsupported: "java21: functions run as python3.x, nodejs or provided".
Result<Language> language_of(std::string_view runtime);

// One thread.
class Interpreters {
  public:
    // `python`, `node`: programs to use, "" finds them. `bootstraps`: where ours are; they are compiled in passing.
    Interpreters(std::string python, std::string node, std::string bootstraps, const Sandbox& sandbox)
        : python_(std::move(python)), node_(std::move(node)), bootstraps_(std::move(bootstraps)), sandbox_(sandbox) {}

    // unsupported where this machine has none; says what to install. The first question runs the interpreter to ask
    // it for its version: some 50 ms.
    Result<const Interpreter*> find(std::string_view runtime);

  private:
    Result<Interpreter> find_python(std::string_view runtime);
    Result<Interpreter> find_node(std::string_view runtime);

    const std::string python_, node_, bootstraps_;
    const Sandbox& sandbox_;
    std::map<std::string, Interpreter, std::less<>> found_;  // by runtime
};

}  // namespace millrace::function
