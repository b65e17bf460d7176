"""Log files: their end, what is added, and that they stay small."""

from pathlib import Path

from services.launcher.logs import Follower, keep_short, tail


def test_the_end_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(map(str, range(100_000))))
    assert tail(path, 2) == ["99998", "99999"]
    assert tail(tmp_path / "none.log", 2) == []


def test_a_log_that_is_too_large_is_cut_while_it_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("a") as writer:
        writer.write("x" * 200)
        writer.flush()
        keep_short(tmp_path, largest_bytes=100)
        writer.write("after\n")
    assert path.read_text() == "after\n"
    assert (tmp_path / "a.log.1").read_text() == "x" * 200


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("few")
    keep_short(tmp_path, largest_bytes=100)
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]


def test_a_follower_sees_whole_lines_once_and_goes_on_after_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("before\n")
    follower = Follower(path)
    with path.open("a") as writer:
        writer.write("one\ntw")
        writer.flush()
        assert follower.new_lines() == ["one"]
        writer.write("o\n")
        writer.flush()
        assert follower.new_lines() == ["two"]
    path.write_text("new\n")
    assert follower.new_lines() == ["new"]
    assert follower.new_lines() == []
