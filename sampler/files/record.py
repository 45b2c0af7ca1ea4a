"""The record of a plan folder held against itself: the exact text of ``plan.json``, and the manifests kept beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sampler.files.archive import PlanFolder, manifest_text
from sampler.files.layout import INPUTS, MANIFEST, REPLACED
from sampler.manifest import unknown_keys
from sampler.text import Text
from sampler.verify import Difference, same_format

PROMISED = ("files", "papers", "summary", "previous")
"""Keys without which a manifest would vouch for nothing; only those from before formats had a version lack some."""


def record_differences(folder: PlanFolder) -> Iterator[Difference]:
    """Where ``plan.json`` is not byte for byte what sampler writes for its content, and what is kept under a wrong name.

    One content has one text (`manifest_text`): other blanks, another order of keys, a key twice or a key of somebody's own
    would give the same plan another digest, or hide something in it.
    """
    record = folder.manifest
    if same_format(record, "plan") and same_format(record, "papers"):
        for key in unknown_keys(record):
            yield Difference(MANIFEST, Text.of("verify.unknown_key", key=key))
    for key in PROMISED if "format" in record else ():
        if key not in record:
            yield Difference(MANIFEST, Text.of("verify.no_record", key=key))
    if not _is_canonical((folder.path / MANIFEST).read_bytes()):
        yield Difference(MANIFEST, Text.of("verify.not_canonical"))
    kept = folder.path / INPUTS / REPLACED
    for path in sorted(kept.glob("*.json")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.stem != digest:
            name = path.relative_to(folder.path).as_posix()
            yield Difference(name, Text.of("verify.wrong_name", digest=digest))
    replaced = record.get("replaces")
    if replaced and not (kept / f"{replaced}.json").exists() and any(kept.glob("*.json")):
        yield Difference(f"{INPUTS}/{REPLACED}/{replaced}.json", Text.of("verify.no_file"))


def _is_canonical(content: bytes) -> bool:
    try:
        return manifest_text(json.loads(content.decode())).encode() == content
    except ValueError:  # a NaN, which JSON does not have
        return False
