// The journal in RocksDB. One lock orders all that changes it (`changes_`), held over the write and its sync; another
// (`names_`), held briefly and taken after it, guards what is known of groups in memory. Reads take only the second.
//
// Events wait in `waiting_`; the writer thread takes all that waits into one batch with one sync, and wakes whoever
// waits for it. writer.cc writes, reads.cc reads, sweep.cc takes away, groups.cc and streams.cc are the rest.
//
// A failed write stops the journal until a restart, as table/rocksdb_store.cc says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include <rocksdb/db.h>

#include "src/journal/journal.h"
#include "src/journal/keys.h"

namespace millrace::journal {

inline rocksdb::Slice slice_of(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}
Error error_of(const rocksdb::Status& status);

// A walk over [begin, end) that owns its bounds.
class Walk {
  public:
    Walk(rocksdb::DB& database, std::string begin, std::string end);
    rocksdb::Iterator* operator->() const { return iterator_.get(); }
    Status status() const;

  private:
    const std::string begin_, end_;
    const rocksdb::Slice begin_slice_, end_slice_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

class Store final : public Journal {
  public:
    Store(Options options, const io::Clock& clock) : options_(std::move(options)), clock_(clock) {}
    ~Store() override;
    Status start();

    void write(const Scope& scope, const std::string& group, const std::string& stream, Event event) override;
    Status flush() override;
    uint64_t dropped() const override { return dropped_; }
    Status create_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags) override;
    Status remove_group(const Scope& scope, const std::string& name) override;
    Result<Group> group(const Scope& scope, const std::string& name) override;
    std::vector<Group> groups(const Scope& scope, const std::string& after, size_t count_max,
                              const std::function<bool(const std::string& name)>& wanted) override;
    Status set_retention(const Scope& scope, const std::string& name, std::optional<int32_t> days) override;
    Status edit_tags(const Scope& scope, const std::string& name, const std::map<std::string, std::string>& add,
                     const std::vector<std::string>& remove) override;
    Status create_stream(const Scope& scope, const std::string& group, const std::string& stream) override;
    Status remove_stream(const Scope& scope, const std::string& group, const std::string& stream) override;
    Result<std::vector<Stream>> streams(const Scope& scope, const std::string& group, const std::string& prefix,
                                        const std::string& after, size_t count_max) override;
    Result<Stream> stream(const Scope& scope, const std::string& group, const std::string& stream) override;
    Status put(const Scope& scope, const std::string& group, const std::string& stream,
               std::vector<Event> events) override;
    Result<std::vector<StoredEvent>> read(const Scope& scope, const std::string& group, const std::string& stream,
                                          const StreamRead& what) override;
    Result<GroupPage> read(const Scope& scope, const std::string& group, const GroupRead& what) override;
    Status sweep() override;

  private:
    using Name = std::tuple<std::string, std::string, std::string>;  // account, region, group
    struct LiveGroup {
        GroupRecord record;
        int64_t bytes = 0;
    };
    // Who waits for a put, or for all before it.
    struct Waiter {
        bool done = false;
        Status status;
    };
    struct Waiting {
        Scope scope;
        std::string group, stream;
        std::vector<Event> events;
        size_t bytes = 0;
        Waiter* waiter = nullptr;  // none: from `write`
    };
    class Commit;

    static Name name_of(const Scope& scope, const std::string& group) { return {scope.account, scope.region, group}; }
    Status load();
    Status write_batch(rocksdb::WriteBatch& batch);
    Result<std::optional<std::string>> get(std::string_view key);
    std::optional<LiveGroup> find(const Scope& scope, const std::string& group) const;
    Result<LiveGroup> need(const Scope& scope, const std::string& group) const;
    Result<std::optional<StreamRecord>> find_stream(uint64_t group, const std::string& stream);
    Status edit_group(const Scope& scope, const std::string& name,
                      const std::function<Status(GroupRecord& record)>& edit);
    Status add_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags);
    Status add_stream(uint64_t group, const std::string& stream, bool own);

    void run();
    Status commit(std::deque<Waiting> taken);
    Status take_away(const Name& name, uint64_t group, int64_t minute_end);
    Status sweep_locked();
    bool over_bound() const;

    Result<GroupPage> scan(uint64_t group, const GroupRead& what);
    Result<GroupPage> merge(uint64_t group, const GroupRead& what);
    Result<std::optional<StoredEvent>> event_at(uint64_t group, Position position);

    const Options options_;
    const io::Clock& clock_;
    std::unique_ptr<rocksdb::DB> database_;
    std::atomic<bool> failed_{false};

    std::mutex changes_;
    Counters counters_;
    std::set<uint64_t> leaving_;  // streams under removal take no more

    mutable std::mutex names_;
    std::map<Name, LiveGroup> groups_;
    int64_t bytes_ = 0;

    std::mutex queue_;
    std::condition_variable wakes_, written_;
    std::deque<Waiting> waiting_;
    size_t waiting_bytes_ = 0;
    bool hurry_ = false;  // somebody waits
    bool stopping_ = false;
    std::atomic<uint64_t> dropped_{0};
    std::thread writer_;
};

}  // namespace millrace::journal
