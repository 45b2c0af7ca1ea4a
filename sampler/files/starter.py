"""What a new user starts from: commented configurations, a small synthetic registry, its inspectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import sampler
from sampler.errors import InputError, UsageError, refusal
from sampler.text import Lang

_PACKAGE = Path(sampler.__file__).parent


def _sources() -> dict[str, Path]:
    """Name in the new folder → file to copy."""
    packed = _PACKAGE / "configs"  # in an installed package; in a checkout they stand beside it
    configs = packed if packed.is_dir() else _PACKAGE.parent / "configs"
    tables = _PACKAGE / "starter"
    return {f"configs/{p.name}": p for p in sorted(configs.glob("*.toml"))} | {
        p.name: p for p in sorted(tables.glob("*.xlsx"))
    }


def _adapted(content: bytes, lang: Lang) -> bytes:
    """A configuration as it stands beside the small registry, its papers in ``lang``."""
    for here, there in (
        (b'"../sample_data/', b'"../'),  # the tables lie beside the configurations' folder there
        (b"\nbudget = 600 ", b"\nbudget = 100 "),  # of some 400 units 600 tasks would be a census
        (b'\nlanguage = "zh"', b'\nlanguage = "%s"' % lang.encode()),
    ):
        content = content.replace(here, there)
    return content


def write_starter(folder: Path, lang: Lang) -> list[Path]:
    """Write the starting files into ``folder``, which is made if need be.

    Args:
        lang: language of the papers that the configuration asks for.

    Returns:
        The files written.

    Raises:
        UsageError: one of the files exists already; nothing is written then.
        InputError: the folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("init.not_a_folder", file=folder)
    sources = _sources()
    for name in sources:
        if (folder / name).exists():
            raise UsageError("init.exists", file=folder / name)
    try:
        for name, source in sources.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".toml":
                (folder / name).write_bytes(_adapted(source.read_bytes(), lang))
            else:
                shutil.copyfile(source, folder / name)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=folder, **refusal(error)) from error
    return [folder / name for name in sources]
