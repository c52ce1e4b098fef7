// UpdateTable: each parameter is checked and carried out on the newest definition, all in one step.
#include <algorithm>
#include <set>

#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_description.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"
#include "src/service/dynamodb/table_schema.h"

namespace millrace::service::dynamodb {

using aws::Failure;

namespace {

using Input = shapes::UpdateTableInput;

// What asks for nothing, or for two things at once.
std::optional<Failure> check_shape(const Input& input) {
    const bool indexes = input.GlobalSecondaryIndexUpdates && !input.GlobalSecondaryIndexUpdates->empty();
    if (!input.ProvisionedThroughput && !input.BillingMode && !input.StreamSpecification && !indexes &&
        !input.SSESpecification && !input.TableClass && !input.DeletionProtectionEnabled && !input.OnDemandThroughput &&
        !input.WarmThroughput) {
        return validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required");
    }
    if (input.BillingMode == "PROVISIONED" && !input.ProvisionedThroughput) {
        return invalid_parameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
    }
    if (input.ProvisionedThroughput) {
        if (auto failure = check_units(*input.ProvisionedThroughput)) return failure;
    }
    if (!indexes) return std::nullopt;
    std::set<std::string> names;
    int made_or_deleted = 0;
    for (const auto& update : *input.GlobalSecondaryIndexUpdates) {
        if (!update.Update && !update.Create && !update.Delete) {
            return invalid_parameter(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                "GlobalSecondaryIndexUpdate.Delete must not be null");
        }
        if ((update.Update ? 1 : 0) + (update.Create ? 1 : 0) + (update.Delete ? 1 : 0) > 1) {
            return invalid_parameter(
                "Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                "GlobalSecondaryIndexUpdate.Delete may be given in one update");
        }
        const std::string& name = update.Update   ? update.Update->IndexName
                                  : update.Create ? update.Create->IndexName
                                                  : update.Delete->IndexName;
        if (!names.insert(name).second) {
            return invalid_parameter(
                "Only one global secondary index update per index is allowed simultaneously. "
                "Index: " +
                name);
        }
        made_or_deleted += update.Create || update.Delete ? 1 : 0;
    }
    if (made_or_deleted > 1) {
        return limit_exceeded(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
    }
    return std::nullopt;
}

void set_units(Throughput* throughput, const shapes::ProvisionedThroughput& wish, TimestampMs now) {
    const Units units{wish.ReadCapacityUnits, wish.WriteCapacityUnits};
    if (units.read > throughput->units.read || units.write > throughput->units.write) throughput->increased = now;
    if (units.read < throughput->units.read || units.write < throughput->units.write) {
        throughput->decreased = now;
        ++throughput->decreases_today;
    }
    throughput->units = units;
}

std::optional<Failure> check_changes(const Units& now, const shapes::ProvisionedThroughput& wish,
                                     std::string_view what) {
    if (now != Units{wish.ReadCapacityUnits, wish.WriteCapacityUnits}) return std::nullopt;
    const std::string subject(what);
    return validation("The provisioned throughput for the " + subject +
                      " will not change. The requested value equals the current value. Current ReadCapacityUnits "
                      "provisioned for the " +
                      subject + ": " + std::to_string(now.read) +
                      ". Requested ReadCapacityUnits: " + std::to_string(wish.ReadCapacityUnits) +
                      ". Current WriteCapacityUnits provisioned for the " + subject + ": " + std::to_string(now.write) +
                      ". Requested WriteCapacityUnits: " + std::to_string(wish.WriteCapacityUnits) +
                      ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
                      "limits.");
}

// One request on its way into a definition.
class Change {
  public:
    Change(const Input& input, TimestampMs now, table::TableDefinition* definition, TableSettings* settings)
        : input_(input), now_(now), definition_(*definition), settings_(*settings) {}

    std::optional<Failure> carry_out() {
        if (auto failure = check_not_changing(definition_)) return failure;
        if (input_.AttributeDefinitions) {
            if (auto failure = add_attributes(*input_.AttributeDefinitions, &settings_.attributes)) return failure;
        }
        if (auto failure = billing()) return failure;
        if (auto failure = indexes()) return failure;
        if (auto failure = stream()) return failure;
        if (auto failure = check_encryption(input_.SSESpecification)) return failure;
        if (input_.OnDemandThroughput) {
            if (!settings_.on_demand) {
                return invalid_parameter("OnDemandThroughput can not be specified when BillingMode is PROVISIONED");
            }
            settings_.on_demand_max = units_of(input_.OnDemandThroughput);
        }
        if (input_.WarmThroughput) settings_.warm = units_of(input_.WarmThroughput);
        if (input_.TableClass && *input_.TableClass != settings_.table_class) {
            settings_.table_class = *input_.TableClass;
            settings_.class_changed = now_;
        }
        if (input_.DeletionProtectionEnabled) settings_.deletion_protection = *input_.DeletionProtectionEnabled;
        return std::nullopt;
    }

  private:
    std::optional<Failure> billing() {
        const bool on_demand = input_.BillingMode ? *input_.BillingMode == "PAY_PER_REQUEST" : settings_.on_demand;
        if (on_demand) {
            if (input_.ProvisionedThroughput) {
                return invalid_parameter(
                    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                    "PAY_PER_REQUEST");
            }
            if (!settings_.on_demand) settings_.on_demand_since = now_;
            settings_.on_demand = true;
            return reset_units();
        }
        const bool switched = settings_.on_demand;
        settings_.on_demand = false;
        if (switched) {
            settings_.on_demand_max.reset();
            if (auto failure = check_every_index_has_units()) return failure;
        }
        if (!input_.ProvisionedThroughput) return std::nullopt;
        if (!switched) {
            if (auto failure = check_changes(settings_.throughput.units, *input_.ProvisionedThroughput, "table")) {
                return failure;
            }
        }
        set_units(&settings_.throughput, *input_.ProvisionedThroughput, now_);
        return std::nullopt;
    }

    // On demand nothing is provisioned.
    std::optional<Failure> reset_units() {
        settings_.throughput.units = {};
        for (table::Index& index : definition_.indexes) {
            if (!index.global) continue;
            auto own = decode_index_settings(index.settings);
            if (!own.ok()) return failure_of(own.error());
            own->throughput.units = {};
            index.settings = encode(*own);
        }
        return std::nullopt;
    }

    std::optional<Failure> check_every_index_has_units() const {
        std::string missing;
        for (const table::Index& index : definition_.indexes) {
            if (!index.global) continue;
            const bool given = input_.GlobalSecondaryIndexUpdates &&
                               std::any_of(input_.GlobalSecondaryIndexUpdates->begin(),
                                           input_.GlobalSecondaryIndexUpdates->end(), [&](const auto& update) {
                                               return (update.Update && update.Update->IndexName == index.name &&
                                                       update.Update->ProvisionedThroughput) ||
                                                      (update.Delete && update.Delete->IndexName == index.name);
                                           });
            if (!given) missing += (missing.empty() ? "" : ",") + index.name;
        }
        if (missing.empty()) return std::nullopt;
        return invalid_parameter("ProvisionedThroughput must be specified for index: " + missing);
    }

    std::optional<Failure> indexes() {
        if (!input_.GlobalSecondaryIndexUpdates) return std::nullopt;
        for (const auto& update : *input_.GlobalSecondaryIndexUpdates) {
            if (update.Create) {
                if (auto failure = create(*update.Create)) return failure;
            } else if (update.Update) {
                if (auto failure = change(*update.Update)) return failure;
            } else if (auto failure = remove(*update.Delete)) {
                return failure;
            }
        }
        return check_indexes(definition_.indexes);
    }

    std::optional<Failure> check_none_changing() const {
        for (const table::Index& index : definition_.indexes) {
            if (index.state == table::IndexState::active) continue;
            return limit_exceeded(
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
        }
        return std::nullopt;
    }

    std::optional<Failure> create(const shapes::CreateGlobalSecondaryIndexAction& wish) {
        if (auto failure = check_none_changing()) return failure;
        if (find_global(wish.IndexName) != definition_.indexes.end()) {
            return validation("Attempting to create an index which already exists: " + wish.IndexName);
        }
        const auto count = std::count_if(definition_.indexes.begin(), definition_.indexes.end(),
                                         [](const table::Index& index) { return index.global; });
        if (static_cast<size_t>(count) >= global_indexes_max) {
            return limit_exceeded(
                "Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of " +
                std::to_string(global_indexes_max));
        }
        shapes::GlobalSecondaryIndex as_listed;
        as_listed.IndexName = wish.IndexName;
        as_listed.KeySchema = wish.KeySchema;
        as_listed.Projection = wish.Projection;
        as_listed.ProvisionedThroughput = wish.ProvisionedThroughput;
        as_listed.OnDemandThroughput = wish.OnDemandThroughput;
        as_listed.WarmThroughput = wish.WarmThroughput;
        auto index = global_index(as_listed, settings_.attributes, settings_.on_demand);
        if (!index.ok()) return std::move(index).error();
        index->state = table::IndexState::creating;
        index->backfilling = true;
        definition_.indexes.push_back(*std::move(index));
        return std::nullopt;
    }

    std::optional<Failure> change(const shapes::UpdateGlobalSecondaryIndexAction& wish) {
        const auto found = find_global(wish.IndexName);
        if (found == definition_.indexes.end()) return index_not_found(wish.IndexName);
        auto own = decode_index_settings(found->settings);
        if (!own.ok()) return failure_of(own.error());
        if (wish.ProvisionedThroughput) {
            if (settings_.on_demand) {
                return invalid_parameter("ProvisionedThroughput should not be specified for index: " + wish.IndexName +
                                         " when BillingMode is PAY_PER_REQUEST");
            }
            if (auto failure = check_units(*wish.ProvisionedThroughput)) return failure;
            if (auto failure =
                    check_changes(own->throughput.units, *wish.ProvisionedThroughput, "index " + wish.IndexName)) {
                return failure;
            }
            set_units(&own->throughput, *wish.ProvisionedThroughput, now_);
        }
        if (wish.OnDemandThroughput) own->on_demand_max = units_of(wish.OnDemandThroughput);
        if (wish.WarmThroughput) own->warm = units_of(wish.WarmThroughput);
        found->settings = encode(*own);
        return std::nullopt;
    }

    std::optional<Failure> remove(const shapes::DeleteGlobalSecondaryIndexAction& wish) {
        const auto found = find_global(wish.IndexName);
        if (found == definition_.indexes.end()) return index_not_found(wish.IndexName);
        definition_.indexes.erase(found);  // the engine takes its entries away in the background
        return std::nullopt;
    }

    static Failure index_not_found(const std::string& name) {
        return resource_not_found("Requested resource not found: Index: " + name + " not found");
    }

    std::vector<table::Index>::iterator find_global(const std::string& name) {
        return std::find_if(definition_.indexes.begin(), definition_.indexes.end(),
                            [&](const table::Index& index) { return index.global && index.name == name; });
    }

    std::optional<Failure> stream() {
        if (!input_.StreamSpecification) return std::nullopt;
        auto wish = stream_of(*input_.StreamSpecification);
        if (!wish.ok()) return std::move(wish).error();
        const bool enabled = definition_.stream && definition_.stream->enabled;
        if (*wish) {
            if (enabled) {
                return validation("Table already has an enabled stream: TableName: " + definition_.name);
            }
            definition_.stream = **wish;
            return std::nullopt;
        }
        if (!enabled) return validation("Table has no stream to disable: TableName: " + definition_.name);
        definition_.stream->enabled = false;
        definition_.stream->disabled = now_;
        return std::nullopt;
    }

    const Input& input_;
    const TimestampMs now_;
    table::TableDefinition& definition_;
    TableSettings& settings_;
};

}  // namespace

Outcome<shapes::UpdateTableOutput> update_table(DynamoDb& self, const CallContext& context, const Input& input) {
    TRY_ASSIGN(const std::string name, table_name(context, input.TableName));
    if (auto failure = check_shape(input)) return *std::move(failure);
    const TimestampMs now = self.parts().clock.now();
    TRY_ASSIGN(const table::TableRef table,
               edit_table(self.parts().tables, context.scope, name,
                          [&](table::TableDefinition* definition, TableSettings* settings) {
                              return Change(input, now, definition, settings).carry_out();
                          }));
    auto description = describe(self.parts().tables, table);
    if (!description.ok()) return failure_of(description.error());
    description->TableStatus = "UPDATING";
    shapes::UpdateTableOutput output;
    output.TableDescription = *std::move(description);
    return output;
}

}  // namespace millrace::service::dynamodb
