"""Ends of the process: SIGTERM loses and repeats nothing, kill -9 loses nothing - and here repeats nothing either."""

import threading

import botocore.exceptions
from support.firehose import lines, lines_destination
from support.waiting import eventually


def create(server, interval_seconds):
    server.client("s3").create_bucket(Bucket="lake")
    server.client("firehose").create_delivery_stream(
        DeliveryStreamName="orders", ExtendedS3DestinationConfiguration=lines_destination(
            "lake", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": interval_seconds}))


def put(server, numbers):
    server.client("firehose").put_record_batch(DeliveryStreamName="orders",
                                               Records=[{"Data": str(number)} for number in numbers])


def test_what_is_buffered_at_sigterm_is_delivered_once_by_the_next_life(server_factory):
    server = server_factory()
    create(server, interval_seconds=3)
    put(server, range(100))
    server.restart()
    put(server, range(100, 200))
    server.restart()
    eventually(lambda: len(lines(server.client("s3"), "lake")) >= 200)
    assert lines(server.client("s3"), "lake") == [str(number) for number in range(200)]


def test_many_stops_in_the_middle_of_delivery(server_factory):
    server = server_factory()
    create(server, interval_seconds=0)
    sent = 0
    for life in range(6):
        for _ in range(5):
            put(server, range(sent, sent + 100))
            sent += 100
        server.kill() if life % 2 else server.stop()
        server.start()
    eventually(lambda: len(lines(server.client("s3"), "lake")) >= sent)
    assert lines(server.client("s3"), "lake") == [str(number) for number in range(sent)]


def test_every_acknowledged_record_outlives_kill_9(server_factory):
    server = server_factory()
    create(server, interval_seconds=0)
    acknowledged, following = [], 0
    for _ in range(8):
        enough = threading.Event()
        client, found = server.client("firehose"), []

        def write(client=client, found=found, first=following, enough=enough):
            number = first
            while True:
                numbers = list(range(number, number + 50))
                number += 50
                try:
                    client.put_record_batch(DeliveryStreamName="orders",
                                            Records=[{"Data": str(each)} for each in numbers])
                except (botocore.exceptions.BotoCoreError, OSError):
                    return  # killed
                found += numbers
                if len(found) >= 1000:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        server.kill()
        writer.join()
        acknowledged += found
        following = found[-1] + 100
        server.start()
    eventually(lambda: set(acknowledged) <= {int(line) for line in lines(server.client("s3"), "lake")})
    got = [int(line) for line in lines(server.client("s3"), "lake")]
    assert len(got) == len(set(got)), "something was delivered twice"
    assert got == sorted(got)
