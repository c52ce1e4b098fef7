// Functions that mean harm, or might as well: each is its own error, and the next function runs as if nothing was.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

#include "src/function/runtime_testing.h"

namespace millrace::function {
namespace {

using testing::Values;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class Hostile : public RuntimeTest {
  protected:
    void SetUp() override { NEEDS("python3"); }
    // Another function of the same server still works, soon.
    void expect_unharmed() { EXPECT_EQ(call(python("def handler(e, c):\n    return sum(range(10))\n")).payload, "45"); }
    // No process is left whose command line has this word.
    void expect_gone(const std::string& word) {
        EXPECT_TRUE(until([&] { return !runs(word); })) << word << " is in the command line of a process that is there";
    }

    static bool runs(const std::string& word) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
            std::ifstream file(entry.path() / "cmdline");
            std::ostringstream line;
            line << file.rdbuf();  // one that ended since is no error here, as it is to an iterator
            if (has(line.str(), word)) return true;
        }
        return false;
    }
};
INSTANTIATE_TEST_SUITE_P(Sandboxes, Hostile, Values(true, false),
                         [](const auto& each) { return each.param ? "bubblewrap" : "bare"; });

// The loader's variables are the function's, not of what makes the sandbox around it with the server's rights.
TEST_P(Hostile, AnEnvironmentForTheLoader) {
    auto spec = python("import os\ndef handler(e, c):\n    return [os.environ[n] for n in ('LD_DEBUG', 'LC_ALL')]\n");
    const std::string output = directory_ + "/loader";  // the function can not write here: nobody may
    spec->definition.environment["LD_DEBUG"] = "files";
    spec->definition.environment["LD_DEBUG_OUTPUT"] = output;
    spec->definition.environment["LC_ALL"] = "C";
    EXPECT_EQ(call(spec).payload, R"(["files", "C"])");
    if (!wraps()) return;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        EXPECT_FALSE(has(entry.path(), output)) << entry.path();
    }
}

TEST_P(Hostile, AForkBomb) {
    auto spec = python(
        "import os, time\n"
        "def handler(e, c):\n"
        "    while True:\n"
        "        try:\n"
        "            os.fork()\n"
        "        except OSError:\n"
        "            time.sleep(0.1)\n");
    spec->definition.timeout_s = 1;
    spec->definition.memory_mb = 256;
    const InvocationResult result = call(spec);
    EXPECT_EQ(result.function_error, "Unhandled") << result.payload;
    expect_unharmed();
}

TEST_P(Hostile, ALeak) {
    auto spec = python("def handler(e, c):\n    kept = []\n    while True: kept.append(bytearray(1 << 20))\n");
    const InvocationResult result = call(spec);
    EXPECT_EQ(result.function_error, "Unhandled");
    // Where the kernel refuses first, Python says so itself.
    EXPECT_TRUE(has(result.payload, "Runtime.OutOfMemory") || has(result.payload, "MemoryError")) << result.payload;
    EXPECT_TRUE(has(lines_.text(), "Max Memory Used: 128 MB") || has(result.payload, "MemoryError")) << lines_.text();
    expect_unharmed();
}

TEST_P(Hostile, ALeakInAChildOfItsOwn) {
    auto spec = python(
        "import subprocess, sys\n"
        "def handler(e, c):\n"
        "    return subprocess.run([sys.executable, '-c', 'x = [bytearray(1 << 20) for i in "
        "range(3000)]']).returncode\n");
    const InvocationResult result = call(spec);
    EXPECT_NE(result.payload, "0");
    expect_unharmed();
}

TEST_P(Hostile, AnEndlessPrint) {
    auto spec = python("def handler(e, c):\n    while True: print('x' * 1000)\n");
    spec->definition.timeout_s = 2;
    const InvocationResult result = call(spec);
    EXPECT_TRUE(has(result.payload, "Sandbox.Timedout")) << result.payload;
    EXPECT_LT(lines_.bytes(), 16u << 20);
    expect_unharmed();
}

TEST_P(Hostile, ALineWithoutEnd) {
    auto spec = python("import os\ndef handler(e, c):\n    os.write(1, b'y' * 3000000)\n    return 'fine'\n");
    EXPECT_EQ(call(spec).payload, R"("fine")");
    EXPECT_GE(lines_.bytes(), 3'000'000u);
}

TEST_P(Hostile, AnAnswerThatIsTooLarge) {
    auto spec = python("def handler(e, c):\n    return 'x' * e\n");
    spec->definition.memory_mb = 512;
    EXPECT_EQ(call(spec, "6000000").payload.size(), 6'000'002u);
    EXPECT_EQ(call(spec, "6291600").payload,
              R"({"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum )"
              R"(allowed payload size (6291556 bytes)."})");
    EXPECT_EQ(call(spec, "100000000").function_error, "Unhandled");
    EXPECT_EQ(call(spec, "1").payload, R"("x")");  // it may go on
}

TEST_P(Hostile, AProcessThatDetachesItselfDiesWithItsEnvironment) {
    const std::string word = "millrace-detached-" + std::to_string(::getpid()) + (GetParam() ? "w" : "b");
    auto spec = python(
        "import os, time\n"
        "def handler(e, c):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        "            os.execv('/bin/sh', ['" +
        word +
        "', '-c', 'sleep 300; true'])\n"
        "        os._exit(0)\n"
        "    time.sleep(30)\n");
    spec->definition.timeout_s = 1;
    EXPECT_TRUE(has(call(spec).payload, "Sandbox.Timedout"));
    expect_gone(word);
}

TEST_P(Hostile, AProcessThatIgnoresSigtermIsKilled) {
    const std::string word = "millrace-deaf-" + std::to_string(::getpid()) + (GetParam() ? "w" : "b");
    auto spec = function("provided.al2023", "x",
                         {{"bootstrap",
                           "#!/bin/sh\ntrap '' TERM\ncurl -s http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/"
                           "runtime/invocation/next\nwhile true; do /bin/sleep 100 # " +
                               word + "\ndone\n"}});
    spec->definition.timeout_s = 1;
    const InvocationResult result = call(spec);
    EXPECT_TRUE(has(result.payload, "Sandbox.Timedout")) << result.payload;
    expect_unharmed();
}

TEST_P(Hostile, ItSeesNothingOfTheServer) {
    const std::string secret = directory_ + "/secret";
    std::ofstream(secret) << "s";
    std::filesystem::permissions(secret, std::filesystem::perms(0600));
    auto spec = python(
        "import os\n"
        "def attempt(what):\n"
        "    try:\n        return what() or True\n    except OSError: return False\n"
        "def handler(e, c):\n"
        "    task = os.environ['LAMBDA_TASK_ROOT']\n"
        "    return {'secret': attempt(lambda: open(e['secret']).read()),\n"
        "            'code': attempt(lambda: open(task + '/new', 'w')) and True,\n"
        "            'main': attempt(lambda: os.chmod(task + '/main.py', 0o777)) and True,\n"
        "            'etc': attempt(lambda: open('/etc/millrace', 'w')) and True,\n"
        "            'usr': attempt(lambda: open('/usr/millrace', 'w')) and True,\n"
        "            'shadow': attempt(lambda: open('/etc/shadow').read()) and True,\n"
        "            'kill': attempt(lambda: os.kill(e['server'], 0)),\n"
        "            'root': attempt(lambda: os.setuid(0)) if os.getuid() else False,\n"
        "            'descriptors': sorted(int(n) for n in os.listdir('/proc/self/fd') if "
        "os.path.exists('/proc/self/fd/' + n)),\n"
        "            'privileges': [l.split()[1] for l in open('/proc/self/status') if l.startswith('NoNewPrivs')]}\n");
    const std::string payload =
        call(spec, R"({"secret":")" + secret + R"(","server":)" + std::to_string(::getpid()) + "}").payload;
    const bool root = ::geteuid() == 0;
    if (root || wraps()) {
        EXPECT_TRUE(has(payload, R"("secret": false)")) << payload;
        EXPECT_TRUE(has(payload, R"("code": false, "main": false)")) << payload;
        EXPECT_TRUE(has(payload, R"("kill": false)")) << payload;
    }
    EXPECT_TRUE(has(payload, R"("etc": false, "usr": false, "shadow": false)")) << payload;
    EXPECT_TRUE(has(payload, R"("root": false, "descriptors": [0, 1, 2, 3], "privileges": ["1"])")) << payload;
}

TEST_P(Hostile, TheDataDirectoryIsNotEvenThere) {
    if (!wraps()) GTEST_SKIP() << "without bubblewrap only permissions stand in the way";
    auto spec = python("import os\ndef handler(e, c):\n    return [os.path.exists(e), os.listdir('/')]\n");
    const std::string payload = call(spec, '"' + directory_ + '"').payload;
    EXPECT_TRUE(payload.starts_with("[false, ")) << payload;
    EXPECT_FALSE(has(payload, "\"home\"") || has(payload, "\"run\"") || has(payload, "\"srv\"")) << payload;
}

TEST_P(Hostile, TmpIsItsOwnAndBounded) {
    auto spec = python(
        "import os, tempfile\n"
        "def handler(e, c):\n"
        "    path = tempfile.gettempdir() + '/data'\n"
        "    before = os.path.exists(path)\n"
        "    with open(path, 'wb') as f:\n"
        "        try:\n"
        "            for i in range(40): f.write(bytes(1 << 20))\n"
        "        except OSError: return [before, 'full']\n"
        "    return [before, 'wrote']\n");
    spec->definition.ephemeral_mb = 20;
    EXPECT_EQ(call(spec).payload, R"([false, "full"])");
    EXPECT_EQ(call(spec).payload, R"([true, "full"])");  // the same environment
    auto other = std::make_shared<EnvironmentSpec>(*spec);
    other->definition.revision_id = "2";
    EXPECT_EQ(call(other).payload, R"([false, "full"])");
}

TEST_P(Hostile, AFunctionMayNotAnswerForAnother) {
    if (::geteuid() != 0) GTEST_SKIP() << "environments are told apart by user ids, which needs root";
    auto victim = python(
        "import os, time\ndef handler(e, c):\n    time.sleep(e)\n    return os.environ['AWS_LAMBDA_RUNTIME_API']\n");
    const std::string address = call(victim, "0").payload;
    auto thief = python(
        "import socket\n"
        "def handler(e, c):\n"
        "    host, port = e.split(':')\n"
        "    s = socket.create_connection((host, int(port)))\n"
        "    s.settimeout(1)\n"
        "    try:\n"
        "        s.sendall(b'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
        "        return s.recv(100).decode()\n"
        "    except OSError as error: return 'refused'\n");
    const std::string got = call(thief, address).payload;
    EXPECT_TRUE(got == R"("")" || got == R"("refused")") << got;
    EXPECT_EQ(call(victim, "0").payload, address);
}

// Who resets its connection is nobody's by the time that the kernel is asked whose it is.
TEST_P(Hostile, AFunctionMayNotAnswerForAnotherAndBeGone) {
    if (::geteuid() != 0) GTEST_SKIP() << "environments are told apart by user ids, which needs root";
    auto victim = python(
        "import os, time\ndef handler(e, c):\n    time.sleep(e)\n    return os.environ['AWS_LAMBDA_RUNTIME_API']\n");
    const std::string address = call(victim, "0").payload;
    auto thief = python(
        "import socket, struct\n"
        "def handler(e, c):\n"
        "    for i in range(60 if e else 0):\n"
        "        host, port = e.split(':')\n"
        "        s = socket.socket()\n"
        "        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
        "        try:\n"
        "            s.connect((host, int(port)))\n"
        "            s.sendall(b'POST /2018-06-01/runtime/invocation/known/response HTTP/1.1\\r\\nHost: x\\r\\n'\n"
        "                      b'Content-Length: 8\\r\\n\\r\\n\"stolen\"')\n"
        "        except OSError: pass\n"
        "        s.close()\n");
    EXPECT_EQ(call(thief, R"("")").payload, "null");  // warm
    RuntimeCall known;
    known.payload = "1";
    known.request_id = "known";
    auto answer = start(victim, std::move(known));
    EXPECT_EQ(call(thief, address).payload, "null");
    const Result<InvocationResult> result = answer.get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->payload, address);
}

TEST_P(Hostile, NonsenseOnTheRuntimeApiIsRefusedAndChangesNothing) {
    auto spec = python(
        "import os, socket\n"
        "def ask(text):\n"
        "    host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        "    s = socket.create_connection((host, int(port)))\n"
        "    s.settimeout(2)\n"
        "    s.sendall(text.encode())\n"
        "    return s.recv(1000).decode().split(' ')[1]\n"
        "def handler(e, c):\n"
        "    base = '/2018-06-01/runtime/'\n"
        "    post = lambda path: ask('POST ' + base + path + ' HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: "
        "2\\r\\n\\r\\n{}')\n"
        "    return [post('invocation/other-id/response'), post('invocation/x'), post('nowhere'), "
        "post('restore/error'),\n"
        "            ask('GET ' + base + 'invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'),\n"
        "            ask('GET /2020-01-01/extension/register HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'), "
        "ask('rubbish\\r\\n\\r\\n')]\n");
    EXPECT_EQ(call(spec).payload, R"(["400", "404", "404", "403", "403", "403", "400"])");
    EXPECT_EQ(call(spec).function_error, "");
}

TEST_P(Hostile, TheServersDeathIsTheirs) {
    const std::string word = "millrace-orphan-" + std::to_string(::getpid()) + (GetParam() ? "w" : "b");
    auto spec = function("provided.al2023", "x",
                         {{"bootstrap", "#!/bin/sh\nexec /bin/sh -c 'sleep 300; true' " + word + "\n"}});
    const pid_t server = ::fork();
    if (server == 0) {
        LinesSink lines;
        auto opened = Runtime::open(options_, io::system_clock(), lines);
        if (!opened.ok()) ::_exit(1);
        RuntimeCall given;
        (*opened)->invoke(spec, given, [](Result<InvocationResult>) {});
        until([&] { return runs(word); });
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(server, nullptr, 0);
    expect_gone(word);
}

}  // namespace
}  // namespace millrace::function
