"""Loading an .xls file in a process of its own.

An .xls has no checksums, and the library sets aside whatever memory its numbers ask for; when that fails the whole process
is aborted, which nothing can catch. So the file is loaded by a child with bounded memory and time. A child that dies is a
damaged file; one that takes too long is tried once more, and says nothing about the file: the machine may be busy. (The
zipped formats carry checksums and are looked at before; they are loaded directly.)
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError
from sampler.files.damage import refused
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

_MEMORY = 8 << 30
_SECONDS = 60  # a full sheet of .xls, 65,536 rows, takes a few
_TRIES = 2


def load_isolated(path: Path, wanted: list[str], *, file: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """The wanted sheets of an .xls file, in order: name and String columns ``c{i}``, i the source column.

    Raises:
        InputError: the library failed on the file, died of it, or took too long (``reading.too_slow``).
    """
    import polars as pl

    with tempfile.TemporaryDirectory(prefix="sampler-") as folder:
        request = json.dumps({"path": str(path.resolve()), "wanted": wanted, "folder": folder})
        child = _run(request, file)
        if "Traceback (most recent call last)" in child.stderr:
            raise RuntimeError(f"the child that loads .xls files failed: {child.stderr.strip().splitlines()[-1]}")
        try:
            answer = json.loads(child.stdout)
        except ValueError:
            answer = {}  # it died of the file
        if "error" in answer:
            raise refused(file, answer["error"])
        if child.returncode or not answer:
            raise InputError("reading.damaged", file=file, reason=Text.of("reading.damage_structure"))
        for name, stored in answer["sheets"]:
            yield name, pl.read_ipc(io.BytesIO((Path(folder) / stored).read_bytes()))


def _run(request: str, file: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "POLARS_MAX_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    for _ in range(_TRIES):
        with suppress(subprocess.TimeoutExpired):
            return subprocess.run(
                [sys.executable, "-m", "sampler.files.isolated"],
                input=request,
                capture_output=True,
                text=True,
                encoding="utf-8",
                env=environment,
                timeout=_SECONDS,
                check=False,
            )
    raise InputError("reading.too_slow", file=file, seconds=_SECONDS, tries=_TRIES)


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # a system without such limits
        pass


def _serve() -> None:
    """Child: read the request from standard input, store the sheets, answer on standard output."""
    _limit_memory()
    from sampler.files.damage import first_words
    from sampler.files.excel import load_frame, open_reader
    from sampler.files.guard import OUR_OWN

    request = json.load(sys.stdin)
    try:
        reader = open_reader(Path(request["path"]), "xls")
        stored = []
        for number, name in enumerate(request["wanted"]):
            frame = load_frame(reader, name, file=request["path"])
            frame.write_ipc(Path(request["folder"]) / f"{number}.arrow")
            stored.append((name, f"{number}.arrow"))
        answer: dict[str, object] = {"sheets": stored}
    except OUR_OWN:
        raise
    except BaseException as error:  # panics included: the parent tells the person
        answer = {"error": first_words(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _serve()
