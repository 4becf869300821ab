"""A conversion that is stopped leaves nothing that looks whole, and the next one goes on from its finished files."""

from pathlib import Path

import pytest

from training.convert import components
from training.convert.convert import convert
from training.convert.errors import ConversionError
from training.convert.ledger import unfinished_folder
from training.convert.plan import Request, make_plan
from training.convert.weights import Weights
from training.tests.convert_models import converted, quiet, tiny

SHARD = 60_000


class Stopped(Exception):
    pass


def request(out: Path, form: str = "q4") -> Request:
    return Request(tiny("sd35").checkpoint, out, form, SHARD, tiny("sd35").lora)


def stop_after(reads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The conversion fails in the middle of a weight."""
    original, left = Weights.rows, [reads]

    def rows(self: Weights, *args: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise Stopped
        return original(self, *args)

    monkeypatch.setattr(Weights, "rows", rows)


def interrupted(out: Path, monkeypatch: pytest.MonkeyPatch, reads: int, form: str = "q4") -> None:
    plan = make_plan(request(out, form))
    with monkeypatch.context() as patch:
        stop_after(reads, patch)
        with pytest.raises(Stopped):
            convert(plan, quiet)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "model"
    converted(request(out))
    return out


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the shards that are written, in order."""
    names: list[str] = []
    original = components.Shards._write

    def write(self: components.Shards, name: str, *args: object) -> None:
        if name not in names:
            names.append(name)
        original(self, name, *args)

    monkeypatch.setattr(components.Shards, "_write", write)
    return names


@pytest.mark.parametrize("reads", [1, 40, 150])
def test_a_stopped_conversion_goes_on_to_the_same_bytes(
    tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch, written: list[str], reads: int
):
    out = tmp_path / "model"
    interrupted(out, monkeypatch, reads)
    assert not out.exists()
    assert not (unfinished_folder(out) / "manifest.json").exists()
    before = list(written)
    written.clear()
    said: list[str] = []
    convert(make_plan(request(out)), said.append)
    # All that was finished is kept; the file that was being written is written again.
    assert not set(before[:-1]) & set(written)
    assert before[-1] in written
    assert f"{len(before) - 1} finished files are kept" in said[0]
    assert contents(out) == contents(undisturbed)
    assert not unfinished_folder(out).exists()


def test_other_settings_start_clean(tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "model"
    interrupted(out, monkeypatch, 150, "f16")  # in more files than 4 bits need
    said: list[str] = []
    convert(make_plan(request(out)), said.append)
    assert said[0].startswith("Starting clean")
    assert contents(out) == contents(undisturbed)


def test_a_finished_file_that_was_damaged_is_written_again(
    tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch, written: list[str]
):
    out = tmp_path / "model"
    interrupted(out, monkeypatch, 150)
    damaged = unfinished_folder(out) / written[1]
    damaged.write_bytes(bytes(damaged.stat().st_size))
    first = written[0]
    written.clear()
    convert(make_plan(request(out)), quiet)
    assert damaged.name in written
    assert first not in written
    assert contents(out) == contents(undisturbed)


def test_a_finished_model_is_not_overwritten(undisturbed: Path):
    with pytest.raises(ConversionError, match=r"exists\. Remove it"):
        converted(request(undisturbed))


def test_too_little_room_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10_000_000}))
    with pytest.raises(ConversionError, match=r"10.0 MB free, and 0.2\d GB are needed"):
        converted(request(tmp_path / "model"))
    assert list(tmp_path.iterdir()) == []


def test_a_path_below_a_file_is_told_before(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ConversionError, match=r"file is a file, and .* would lie in it"):
        converted(request(tmp_path / "file" / "deep" / "model"))
