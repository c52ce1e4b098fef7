// The program's entry: hands over to the commands in src/cli.
#include "src/cli/app.h"

int main(int argc, char** argv) {
    return millrace::cli::run(argc, argv);
}
