// Recovery and reading over arbitrary bytes: whatever a segment, an index, the mark and the manifest hold, opening
// ends, reading ends, and nothing is read out of bounds. The input begins with a selector of what it replaces in a
// small sound log; a leading pair of bytes says at which offset.
#include <cstdint>
#include <memory>
#include <string>

#include "src/io/clock.h"
#include "src/io/faulty_file_system.h"
#include "src/log/log.h"

using namespace millrace;

namespace {

struct Image {
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<log::ShardKey> shards;
};

const Image& sound_log() {
    static const Image image = [] {
        Image made;
        io::FaultyFileSystem files;
        io::ManualClock clock;
        const log::Options options{.directory = "/log", .segment_bytes = 16 << 10, .tail_cache_bytes = 0};
        auto log = std::move(log::Log::open(options, files, clock)).value();
        for (int i = 0; i < 2; ++i) made.shards.push_back(log->create_shard().value());
        for (int i = 0; i < 60; ++i) {
            log::Batch batch(made.shards[i % 2]);
            for (int j = 0; j <= i % 3; ++j) batch.add("key", std::string(static_cast<size_t>(i) * 17 % 700, 'x'));
            if (!log->append_and_wait(std::move(batch))) std::abort();
        }
        log.reset();
        const auto names = files.list("/log").value();
        for (const auto& name : names) made.files.emplace_back("/log/" + name, files.content("/log/" + name).value());
        return made;
    }();
    return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 4) return 0;
    const Image& image = sound_log();
    io::FaultyFileSystem files;
    io::ManualClock clock;
    if (!files.make_directories("/log")) return 0;
    const size_t which = data[0] % image.files.size();
    const size_t offset = data[1] | data[2] << 8;
    const bool cut = data[3] & 1;
    const std::string bytes(reinterpret_cast<const char*>(data + 4), size - 4);
    for (size_t i = 0; i < image.files.size(); ++i) {
        auto [path, content] = image.files[i];
        if (i == which) {
            const size_t at = std::min(offset, content.size());
            if (cut) content.resize(at);
            if (at + bytes.size() > content.size()) content.resize(at + bytes.size());
            content.replace(at, bytes.size(), bytes);
        }
        files.put(path, content);
    }
    auto log = log::Log::open({.directory = "/log", .segment_bytes = 16 << 10, .tail_cache_bytes = 0}, files, clock);
    if (!log) return 0;
    for (const auto shard : image.shards) {
        auto from = (*log)->horizon(shard);
        if (!from) continue;
        for (int calls = 0; calls < 1000; ++calls) {
            auto read = (*log)->read(shard, *from, {.records_max = 7});
            if (read) {
                if (read->at_end) break;
                if (!(read->next > *from)) std::abort();
                from = read->next;
                continue;
            }
            if (read.error().code != ErrorCode::corruption) break;
            auto next = (*log)->skip_corrupt(shard, *from);
            if (!next) break;
            if (!(*next > *from)) std::abort();  // a reader must be able to get past any damage
            from = *next;
        }
        (void)(*log)->find_time(shard, TimestampMs(1'700'000'000'000));
    }
    log::Batch batch(image.shards[0]);
    batch.add("k", "v");
    (void)(*log)->append_and_wait(std::move(batch));
    return 0;
}
