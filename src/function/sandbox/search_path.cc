#include "src/function/sandbox/search_path.h"

#include <algorithm>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

namespace millrace::function {

std::vector<std::string> programs_named(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::string folders = path != nullptr ? path : "";
    folders += ":/usr/local/bin:/usr/bin:/bin";
    std::vector<std::string> found;
    for (size_t at = 0; at <= folders.size();) {
        const size_t end = std::min(folders.find(':', at), folders.size());
        if (end > at && folders[at] == '/') {
            std::string program = folders.substr(at, end - at) + '/' + std::string(name);
            struct stat status{};
            const bool runs = ::stat(program.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
                              ::access(program.c_str(), X_OK) == 0;
            if (runs && std::find(found.begin(), found.end(), program) == found.end()) {
                found.push_back(std::move(program));
            }
        }
        at = end + 1;
    }
    return found;
}

std::string program_named(std::string_view name) {
    std::vector<std::string> found = programs_named(name);
    return found.empty() ? "" : found.front();
}

}  // namespace millrace::function
