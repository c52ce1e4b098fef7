// What every RocksDB of this house is opened with. Included by who opens one, as it brings RocksDB's headers.
#pragma once

#include <memory>

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

namespace millrace::table {

// After a full disk RocksDB would go on by itself once there is room, whatever max_bgerror_resume_count says.
class NoResuming final : public rocksdb::EventListener {
  public:
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
        *auto_recovery = false;
    }
};

// Recovery, as rocksdb_store.cc's head has it: a log that was torn is replayed to the tear, one that is missing stops
// the open, and after a failed write nothing is tried again. What RocksDB tells of itself stays small: warnings only,
// at most two files of 1 MiB, no statistics.
inline void set_recovery_and_info_log(rocksdb::DBOptions* rocks) {
    rocks->create_if_missing = true;
    rocks->paranoid_checks = true;  // checksums of every block and log record; errors stop writes
    rocks->wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    rocks->track_and_verify_wals_in_manifest = true;
    rocks->max_bgerror_resume_count = 0;
    rocks->listeners.push_back(std::make_shared<NoResuming>());

    rocks->info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    rocks->max_log_file_size = 1 << 20;
    rocks->keep_log_file_num = 2;
    rocks->stats_dump_period_sec = 0;
    rocks->stats_persist_period_sec = 0;
    rocks->skip_stats_update_on_db_open = true;
    rocks->skip_checking_sst_file_sizes_on_db_open = false;
}

}  // namespace millrace::table
