#include "src/function/interpreters.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <sstream>

#include "src/function/runtime.h"
#include "src/function/sandbox/process.h"
#include "src/function/sandbox/sandbox.h"
#include "src/function/sandbox/search_path.h"

namespace millrace::function {
namespace {

// Compiling our bootstrap while we are there: no environment could keep the result.
constexpr std::string_view ask_python =
    "import sys,compileall\n"
    "compileall.compile_dir(sys.argv[1],quiet=2)\n"
    "print(sys.executable)\nprint('%d.%d.%d'%sys.version_info[:3])\n"
    "print(sys.prefix)\nprint(sys.base_prefix)\nprint(sys.base_exec_prefix)";
constexpr std::string_view ask_node =
    "console.log(process.execPath);console.log(process.versions.node);"
    "console.log(require('path').dirname(require('path').dirname(process.execPath)))";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::string real_folder_of(const std::string& program) {
    char real[PATH_MAX];
    if (::realpath(program.c_str(), real) == nullptr) return "";
    std::string path = real;
    path.erase(path.rfind('/'));
    return path;
}

// program, version, directories...
Result<Interpreter> ask(const std::vector<std::string>& question, const Sandbox& sandbox) {
    std::string answer;
    const int status = run_to_end(question, &answer);
    const std::vector<std::string> lines = lines_of(answer);
    if (status != 0 || lines.size() < 3) return {ErrorCode::unsupported, question[0] + " does not run"};
    Interpreter found{lines[0], lines[1], {lines.begin() + 2, lines.end()}, ""};
    found.visible.push_back(real_folder_of(found.program));
    std::sort(found.visible.begin(), found.visible.end());
    found.visible.erase(std::unique(found.visible.begin(), found.visible.end()), found.visible.end());
    std::erase_if(found.visible, [](const std::string& path) { return path.empty() || path == "/" || path == "/usr"; });
    if (!sandbox.reachable(found.program)) {
        return {ErrorCode::unsupported, found.program + " is below a folder that functions may not enter"};
    }
    return found;
}

// "3.12" of "python3.12", "20" of "nodejs20.x".
std::string wanted_version(std::string_view runtime) {
    const size_t at = runtime.find_first_of("0123456789");
    std::string version(at == std::string_view::npos ? "" : runtime.substr(at));
    if (version.ends_with(".x")) version.resize(version.size() - 2);
    return version;
}

void note_difference(std::string_view runtime, std::string_view name, Interpreter& found) {
    const std::string wanted = wanted_version(runtime);
    if (wanted.empty() || (found.version + '.').starts_with(wanted + '.')) return;
    found.note = "[millrace] " + std::string(runtime) + " was asked for; this machine's " + std::string(name) + ' ' +
                 found.version + " (" + found.program + ") runs it";
}

bool is_python(std::string_view runtime) {
    return runtime.starts_with("python3.");
}

}  // namespace

Result<Language> language_of(std::string_view runtime) {
    if (is_python(runtime)) return Language::python;
    if (runtime.starts_with("nodejs")) return Language::node;
    if (runtime.starts_with("provided")) return Language::provided;
    return {
        ErrorCode::unsupported,
        std::string(runtime) + ": functions run here as python3.x, as nodejs, or as provided with their own bootstrap"};
}

Result<const Interpreter*> Interpreters::find(std::string_view runtime) {
    auto known = found_.find(runtime);
    if (known == found_.end()) {
        TRY_ASSIGN(Interpreter found, is_python(runtime) ? find_python(runtime) : find_node(runtime));
        known = found_.emplace(runtime, std::move(found)).first;
    }
    return &known->second;
}

Result<Interpreter> Interpreters::find_python(std::string_view runtime) {
    std::vector<std::string> candidates;
    if (!python_.empty()) {
        candidates = {python_};
    } else {
        candidates = programs_named("python" + wanted_version(runtime));
        const std::vector<std::string> any = programs_named("python3");
        candidates.insert(candidates.end(), any.begin(), any.end());
    }
    std::string why = "python3 is not on the path: install it";
    for (const std::string& candidate : candidates) {
        Result<Interpreter> found = ask({candidate, "-c", std::string(ask_python), bootstraps_}, sandbox_);
        if (!found.ok()) {
            why = found.error().message;
            continue;
        }
        note_difference(runtime, "python", *found);
        return found;
    }
    return {ErrorCode::unsupported, std::string(runtime) + ": " + why};
}

Result<Interpreter> Interpreters::find_node(std::string_view runtime) {
    std::vector<std::string> candidates = node_.empty() ? programs_named("node") : std::vector<std::string>{node_};
    if (node_.empty()) {
        const std::vector<std::string> debian = programs_named("nodejs");
        candidates.insert(candidates.end(), debian.begin(), debian.end());
    }
    std::string why = "node is not on the path: install it";
    for (const std::string& candidate : candidates) {
        Result<Interpreter> found = ask({candidate, "-e", std::string(ask_node)}, sandbox_);
        if (!found.ok()) {
            why = found.error().message;
            continue;
        }
        note_difference(runtime, "node", *found);
        return found;
    }
    return {ErrorCode::unsupported, std::string(runtime) + ": " + why};
}

Status check_runtime(const RuntimeOptions& options, std::string_view runtime) {
    TRY_ASSIGN(const Language language, language_of(runtime));
    if (language == Language::python && options.python.empty() && program_named("python3").empty()) {
        return {ErrorCode::unsupported, std::string(runtime) + ": python3 is not on the path: install it"};
    }
    const bool node = !options.node.empty() || !program_named("node").empty() || !program_named("nodejs").empty();
    if (language == Language::node && !node) {
        return {ErrorCode::unsupported, std::string(runtime) + ": node is not on the path: install it"};
    }
    return {};
}

}  // namespace millrace::function
