// The program's entry: hands over to the commands in src/cli.
#include <cstdio>

int main() {
    std::fputs("millrace: no command is built in yet\n", stderr);
    return 2;
}
