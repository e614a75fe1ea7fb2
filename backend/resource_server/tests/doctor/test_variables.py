"""Mistakes in a file of variables that the application would ignore."""

from pathlib import Path

import pytest

from resource_server.doctor.variables import examine_env_file

KNOWN = {"AUTH_ISSUER", "AUTH_AUDIENCE", "DATABASE_URL", "PORT"}


def examine(file: Path, content: bytes, mode: int = 0o600) -> dict[str, str]:
    file.write_bytes(content)
    file.chmod(mode)
    return {finding.code: str(finding) for finding in examine_env_file(file, KNOWN, name=".env")}


@pytest.mark.parametrize(
    "content",
    [b"AUTH_ISSUER=https://a\n# AUTH_ISUER=x\n\nexport PORT=1\n", b"PORT='1#2'\nPORT=1 # one#1\nPORT=#1\n", b""],
)
def test_a_file_without_a_mistake_gives_no_finding(tmp_path: Path, content: bytes) -> None:
    assert examine(tmp_path / ".env", content) == {"ok": ".env"}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"\xef\xbb\xbfAUTH_ISSUER=a\n", "env_byte_order_mark", "byte-order mark"),
        (b"AUTH_ISUER=a\n", "variable_unknown", "nothing reads AUTH_ISUER; do you mean AUTH_ISSUER?"),
        (b"database-url=a\n", "variable_unknown", "do you mean DATABASE_URL?"),
        (b"SOMETHING_ELSE=a\n", "variable_unknown", "nothing reads SOMETHING_ELSE; remove it"),
        (b"AUTH_ISSUER=s3cret$x\n", "value_with_dollar", "the value of AUTH_ISSUER has a $"),
        (b"AUTH_ISSUER='s3cret$x'\n", "value_with_dollar", "choose a value without one"),
        (b"AUTH_ISSUER=s3cret#x\n", "value_with_hash", "put the value into quotes"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    found = examine(tmp_path / ".env", content)
    assert list(found) == [code]
    assert words in found[code]
    assert "s3cret" not in found[code]


def test_a_file_that_others_may_read_is_named(tmp_path: Path) -> None:
    assert "chmod 600 .env" in examine(tmp_path / ".env", b"PORT=1\n", 0o644)["env_readable"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (finding,) = examine_env_file(tmp_path / "nothing", KNOWN)
    assert finding.code == "env_unreadable"
