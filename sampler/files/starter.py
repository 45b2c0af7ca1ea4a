"""What a new user starts from: commented configurations, a small synthetic registry, its inspectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import sampler
from sampler.errors import InputError, UsageError

_PACKAGE = Path(sampler.__file__).parent


def _sources() -> dict[str, Path]:
    """Name in the new folder → file to copy."""
    packed = _PACKAGE / "configs"  # in an installed package; in a checkout they stand beside it
    configs = packed if packed.is_dir() else _PACKAGE.parent / "configs"
    tables = _PACKAGE / "starter"
    return {f"configs/{p.name}": p for p in sorted(configs.glob("*.toml"))} | {
        p.name: p for p in sorted(tables.glob("*.xlsx"))
    }


def write_starter(folder: Path) -> list[Path]:
    """Write the starting files into ``folder``, which is made if need be.

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
                # The tables lie beside the configurations' folder here, in sample_data in a checkout.
                content = source.read_bytes().replace(b'"../sample_data/', b'"../')
                (folder / name).write_bytes(content)
            else:
                shutil.copyfile(source, folder / name)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=folder, reason=error.strerror or error) from error
    return [folder / name for name in sources]
