"""Folders that are searched in depth: those that are linked are entered, each once; what leads nowhere is told."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sampler.errors import InputError, Issue
from sampler.files.archive import has_returns
from sampler.files.folders import registry_files
from sampler.files.listing import files_below, walk
from tests.files.making import HEADER, A, B, book, read


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder elsewhere with a table."""
    (tmp_path / "share" / "deep").mkdir(parents=True)
    book(tmp_path / "share" / "deep" / "b.xlsx", [HEADER, B])
    return tmp_path / "share"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a table."""
    (tmp_path / "home").mkdir()
    book(tmp_path / "home" / "a.xlsx", [HEADER, A])
    return tmp_path / "home"


def test_a_linked_folder_is_searched_under_the_name_of_the_link(home: Path, share: Path) -> None:
    (home / "越秀").symlink_to(share)
    found = [home / "a.xlsx", home / "越秀" / "deep" / "b.xlsx"]
    assert files_below(home) == found
    assert registry_files([home]) == found
    assert {t.file for t in read(home).tables} == set(map(str, found))


def test_a_folder_is_searched_once_however_often_it_is_linked(home: Path, share: Path) -> None:
    (home / "1").symlink_to(share)
    (home / "2").symlink_to(share)
    (home / "3").symlink_to(share / "deep")
    (home / "4").mkdir()
    (home / "0").symlink_to(home / "4")
    (home / "4" / "c.csv").write_text("x")
    (share / "back").symlink_to(home / "4")
    assert [p.relative_to(home).as_posix() for p in files_below(home)] == ["1/deep/b.xlsx", "4/c.csv", "a.xlsx"]


@pytest.mark.parametrize("target", [".", "..", "/"])
def test_a_link_that_leads_back_is_told_and_not_followed(home: Path, target: str) -> None:
    (home / "loop").symlink_to(target)
    told: list[tuple[Path, int | None]] = []
    assert files_below(home, lambda path, error: told.append((path, error.errno))) == [home / "a.xlsx"]
    assert told == [(home / "loop", errno.ELOOP)]
    notes = read(home).notes
    assert [(n.severity, n.code, n.file) for n in notes] == [("error", "unreadable-folder", str(home / "loop"))]


def test_a_link_that_leads_nowhere_is_told(home: Path, tmp_path: Path) -> None:
    (home / "越秀").symlink_to(tmp_path / "not mounted")
    (home / ".#a.xlsx").symlink_to("somebody@host.4242:1")  # the lock of an editor
    (home / "itself").symlink_to("itself")
    notes = read(home).notes
    assert [Path(n.file).name for n in notes] == ["itself", "越秀"]
    for note, zh, en in zip(
        notes, ("链接绕成了圈", "没有这个文件"), ("Too many levels of symbolic links", "No such file"), strict=True
    ):
        assert zh in note.done.render("zh")
        assert en in note.done.render("en")


def test_a_registry_says_which_of_its_folders_it_could_not_open(home: Path, tmp_path: Path) -> None:
    (home / "loop").symlink_to(home)
    (home / "gone").symlink_to(tmp_path / "gone")
    notes: list[Issue] = []
    assert registry_files([home], notes=notes) == [home / "a.xlsx"]
    assert {(n.code, Path(n.file).name) for n in notes} == {
        ("unreadable-folder", "loop"),
        ("unreadable-folder", "gone"),
    }
    assert all(n.done.render(lang) for n in notes for lang in ("zh", "en"))


def test_a_folder_that_is_linked_and_has_another_purpose_is_no_registry(home: Path, share: Path) -> None:
    (home / "archive").symlink_to(share)
    assert registry_files([home], but=[share]) == [home / "a.xlsx"]
    with pytest.raises(InputError, match="no readable file"):
        registry_files([home], but=[share, home / "a.xlsx"])


def test_folders_taken_out_of_the_list_are_not_entered(home: Path, share: Path) -> None:
    (home / "link").symlink_to(share)
    (home / "own").mkdir()
    seen = []
    for here, folders, _ in walk(home):
        seen.append(here)
        folders.clear()
    assert seen == [home]


def test_results_behind_a_link_have_come_back(tmp_path: Path, share: Path) -> None:
    (tmp_path / "returned").mkdir()
    assert not has_returns(tmp_path)
    (tmp_path / "returned" / "越秀").symlink_to(share)
    assert has_returns(tmp_path)
    (tmp_path / "returned" / "越秀").unlink()
    (tmp_path / "returned" / "越秀").symlink_to(tmp_path / "not mounted")
    assert has_returns(tmp_path)
