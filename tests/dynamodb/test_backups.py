"""Backups and point-in-time recovery: a restored table is the old one as it was."""

import datetime
import time

from support.dynamodb import failure_of, items_of, make_table
from support.waiting import eventually


def fill(dynamodb, table, count, text):
    for begin in range(0, count, 25):
        dynamodb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"pk": {"S": f"{i:05}"}, "x": {"S": text}}}} for i in range(begin, min(begin + 25, count))]})


def available(dynamodb, arn):
    return eventually(lambda: (seen := dynamodb.describe_backup(BackupArn=arn)["BackupDescription"])["BackupDetails"][
        "BackupStatus"] == "AVAILABLE" and seen)


def active(dynamodb, table):
    return eventually(lambda: (seen := dynamodb.describe_table(TableName=table)["Table"])["TableStatus"] == "ACTIVE" and seen)


BY_X = {"AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create": {
    "IndexName": "by-x", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}}]}


def test_a_backup_outlives_its_table(dynamodb):
    make_table(dynamodb, "source")
    dynamodb.update_table(TableName="source", **BY_X)
    active(dynamodb, "source")
    fill(dynamodb, "source", 300, "before")
    made = dynamodb.create_backup(TableName="source", BackupName="nightly")["BackupDetails"]
    assert made["BackupStatus"] in ("CREATING", "AVAILABLE") and made["BackupType"] == "USER"
    fill(dynamodb, "source", 100, "after")
    described = available(dynamodb, made["BackupArn"])
    assert described["SourceTableDetails"]["TableName"] == "source" and described["SourceTableDetails"]["ItemCount"] == 300
    assert described["SourceTableFeatureDetails"]["GlobalSecondaryIndexes"][0]["IndexName"] == "by-x"
    dynamodb.delete_table(TableName="source")
    listed = dynamodb.list_backups(TableName="source")["BackupSummaries"]
    assert [(each["BackupName"], each["BackupStatus"]) for each in listed] == [("nightly", "AVAILABLE")]

    begun = dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=made["BackupArn"])["TableDescription"]
    assert begun["TableStatus"] == "CREATING" and begun["RestoreSummary"]["RestoreInProgress"] is True
    table = active(dynamodb, "restored")
    assert table["ItemCount"] == 300 and table["RestoreSummary"]["SourceBackupArn"] == made["BackupArn"]
    assert table["GlobalSecondaryIndexes"][0]["ItemCount"] == 300
    assert {item["x"]["S"] for item in items_of(dynamodb, "restored")} == {"before"}
    assert failure_of(dynamodb.restore_table_from_backup, TargetTableName="restored", BackupArn=made["BackupArn"])[0] \
        == "TableAlreadyExistsException"
    dynamodb.restore_table_from_backup(TargetTableName="plain", BackupArn=made["BackupArn"], GlobalSecondaryIndexOverride=[],
                                       BillingModeOverride="PROVISIONED",
                                       ProvisionedThroughputOverride={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    assert "GlobalSecondaryIndexes" not in active(dynamodb, "plain")

    gone = dynamodb.delete_backup(BackupArn=made["BackupArn"])["BackupDescription"]["BackupDetails"]
    assert gone["BackupStatus"] == "DELETED"
    assert failure_of(dynamodb.describe_backup, BackupArn=made["BackupArn"])[0] == "BackupNotFoundException"


def test_a_table_is_restored_to_a_time(dynamodb):
    make_table(dynamodb, "history")
    assert failure_of(dynamodb.restore_table_to_point_in_time, SourceTableName="history", TargetTableName="other",
                      UseLatestRestorableTime=True)[0] == "PointInTimeRecoveryUnavailableException"
    fill(dynamodb, "history", 50, "first")
    on = dynamodb.update_continuous_backups(TableName="history", PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7})["ContinuousBackupsDescription"]
    assert on["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    time.sleep(1.1)  # between what is before and what is after lies a whole second, which no slowness makes shorter
    then = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(1.1)
    fill(dynamodb, "history", 20, "second")
    dynamodb.delete_item(TableName="history", Key={"pk": {"S": "00049"}})
    dynamodb.restore_table_to_point_in_time(SourceTableName="history", TargetTableName="as-it-was", RestoreDateTime=then)
    assert active(dynamodb, "as-it-was")["ItemCount"] == 50
    assert {item["x"]["S"] for item in items_of(dynamodb, "as-it-was")} == {"first"}
    dynamodb.restore_table_to_point_in_time(SourceTableName="history", TargetTableName="as-it-is", UseLatestRestorableTime=True)
    active(dynamodb, "as-it-is")
    by_key = {"key": lambda item: item["pk"]["S"]}
    assert sorted(items_of(dynamodb, "as-it-is"), **by_key) == sorted(items_of(dynamodb, "history"), **by_key)
    assert failure_of(dynamodb.restore_table_to_point_in_time, SourceTableName="history", TargetTableName="future",
                      RestoreDateTime=then + datetime.timedelta(days=1))[0] == "InvalidRestoreTimeException"


def test_backups_survive_a_crash(server_factory):
    server = server_factory()
    dynamodb = server.client("dynamodb")
    make_table(dynamodb, "crash")
    fill(dynamodb, "crash", 200, "kept")
    arn = dynamodb.create_backup(TableName="crash", BackupName="before")["BackupDetails"]["BackupArn"]
    server.kill()
    server.restart()
    dynamodb = server.client("dynamodb")
    available(dynamodb, arn)
    dynamodb.restore_table_from_backup(TargetTableName="again", BackupArn=arn)
    server.kill()
    server.restart()
    dynamodb = server.client("dynamodb")
    assert active(dynamodb, "again")["ItemCount"] == 200
