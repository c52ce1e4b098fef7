"""The AWS CLI's file commands."""

import os

import pytest


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "source"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "one.txt").write_text("one")
    (source / "deep" / "two words.bin").write_bytes(os.urandom(40_000))
    (source / "deep" / "er" / "large.bin").write_bytes(os.urandom(17 << 20))  # above the CLI's multipart threshold
    return source


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_cp_sync_ls_and_rm(aws_cli, folder, tmp_path):
    aws_cli("s3", "mb", "s3://cli-files")
    aws_cli("s3", "sync", folder, "s3://cli-files/up")
    listing = aws_cli("s3", "ls", "--recursive", "s3://cli-files/")
    assert {line.split(None, 3)[3] for line in listing.splitlines()} == {
        "up/one.txt", "up/deep/two words.bin", "up/deep/er/large.bin"}
    assert aws_cli("s3", "ls", "s3://cli-files/up/").split()[:2] == ["PRE", "deep/"]
    assert aws_cli("s3", "sync", folder, "s3://cli-files/up") == ""  # nothing changed
    (folder / "one.txt").write_text("another one")
    assert "one.txt" in aws_cli("s3", "sync", folder, "s3://cli-files/up")
    aws_cli("s3", "cp", "--recursive", "s3://cli-files/up", "s3://cli-files/copy")
    aws_cli("s3", "sync", "s3://cli-files/copy", tmp_path / "down")
    assert files_of(tmp_path / "down") == files_of(folder)
    aws_cli("s3", "mv", "s3://cli-files/up/one.txt", tmp_path / "moved")
    assert (tmp_path / "moved").read_text() == "another one"
    assert aws_cli.run("s3", "cp", "s3://cli-files/up/one.txt", "-").returncode != 0
    aws_cli("s3", "rm", "--recursive", "s3://cli-files/")
    aws_cli("s3", "rb", "s3://cli-files")
    assert "cli-files" not in aws_cli("s3", "ls")


def test_s3api(aws_cli, tmp_path):
    aws_cli("s3api", "create-bucket", "--bucket", "cli-api")
    (tmp_path / "body").write_text("body")
    put = aws_cli("s3api", "put-object", "--bucket", "cli-api", "--key", "k", "--body", tmp_path / "body")
    assert put["ETag"] == '"841a2d689ad86bd1611447453c22c6fc"'
    assert aws_cli("s3api", "head-object", "--bucket", "cli-api", "--key", "k")["ContentLength"] == 4
    assert aws_cli("s3api", "get-bucket-location", "--bucket", "cli-api")["LocationConstraint"] is None
    failed = aws_cli.run("s3api", "get-object-torrent", "--bucket", "cli-api", "--key", "k", tmp_path / "x")
    assert failed.returncode != 0
    assert "GetObjectTorrent" in failed.stderr and "NotImplemented" in failed.stderr
