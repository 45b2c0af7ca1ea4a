"""The unattended quarter: plan what is due, take in what has come back. Doing it twice does nothing twice.

Everything there is to know lies in the plan folders, so there is no state to keep in step. Only what is needed to see
that nothing is to be done is imported at the top: a run with nothing to do must cost next to nothing.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.config import RunSettings
from sampler.errors import InputError, SamplerError, at_work_on, bug, refusal
from sampler.files.ingest import Ingested, ingest, is_due
from sampler.files.layout import is_plan_folder, period_in, plan_folders
from sampler.files.returns import returned_files
from sampler.files.swap import clear_leftovers
from sampler.period import Period
from sampler.text import Lang, Text

if TYPE_CHECKING:
    from sampler.drawing import Drawn
    from sampler.files.history import Record


@dataclass(frozen=True)
class Setup:
    """What a run works on, paths resolved.

    Attributes:
        config: the configuration; it is read only if a plan is due.
        period: the period whose plan is to exist.
        seed_file: file with the seed; None takes one from the operating system.
    """

    config: Path
    registry: tuple[Path, ...]
    weights: Path
    inspectors: Path | None
    archive: Path
    period: Period
    seed_file: Path | None
    lang: Lang

    @property
    def folder(self) -> Path:
        """The plan folder of the period."""
        return self.archive / self.period.name


def setup(config: Path, settings: RunSettings, *, today: dt.date, lang: Lang) -> Setup:
    """The settings of a configuration with its paths resolved and its period found."""
    home = config.resolve().parent
    if settings.period.strip().lower() == "auto":
        period = Period.of(today + dt.timedelta(days=settings.lead_days))
    else:
        period = Period.parse(settings.period)
    seed_file = settings.seed_file.replace("{period}", period.name)
    return Setup(
        config=config,
        registry=tuple((home / p).resolve() for p in settings.registry),
        weights=(home / settings.weights).resolve(),
        inspectors=(home / settings.inspectors).resolve() if settings.inspectors else None,
        archive=(home / settings.archive).resolve(),
        period=period,
        seed_file=(home / seed_file).resolve() if seed_file else None,
        lang=lang,
    )


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        ingested: what was taken in, by plan.
        drawn: the plan that was made, if one was.
        waiting: the seed file that is not there yet, if a plan waits for it.
        error: what went wrong first; the rest was done nevertheless.
    """

    ingested: tuple[Ingested, ...] = ()
    drawn: Drawn | None = None
    waiting: Path | None = None
    error: SamplerError | None = None

    @property
    def problems(self) -> tuple[Text, ...]:
        """Everything that needs somebody."""
        return tuple(p for i in self.ingested for p in i.problems)


def is_drawn(here: Setup) -> bool:
    """Whether the period has a plan, in its own folder or in another of the archive."""
    if is_plan_folder(here.folder):
        return True
    return any(period_in(folder) == here.period.name for folder in plan_folders(here.archive))


def _records(here: Setup) -> Iterable[Record]:
    from sampler.files.history import plans_in

    return plans_in(here.archive) if here.archive.is_dir() else []


@dataclass(frozen=True)
class Forecast:
    """What a run would do.

    Attributes:
        reading: the plans with something to take in, each with its number of files.
        drawing: whether the plan would be made.
        waiting: the seed file that is not there yet, if a plan waits for it.
        error: what would go wrong first.
    """

    reading: tuple[tuple[Path, int], ...] = ()
    drawing: bool = False
    waiting: Path | None = None
    error: SamplerError | None = None


def foretell(here: Setup) -> Forecast:
    """What a run would do now, found by doing all of it but the writing: what comes back is read when it is taken in, and
    a plan that is due is drawn and thrown away.
    """
    if (why := _unwritable(here.archive)) is not None:
        return Forecast(error=InputError("archive.cannot_write", folder=here.archive, **refusal(why)))
    reading: list[tuple[Path, int]] = []
    error: SamplerError | None = None
    for folder in plan_folders(here.archive):
        if not is_due(folder):
            continue
        from sampler.files.archive import read_plan

        try:
            with at_work_on(folder):
                read_plan(folder)
        except Exception as failure:
            error = error or _told(failure, folder)
        else:
            reading.append((folder, len(returned_files(folder))))
    drawing, waiting = False, None
    if error is None and not is_drawn(here):
        waiting = _awaited(here)
        if waiting is None:
            try:
                with at_work_on(here.folder):
                    error = _draw(here, dry_run=True).hindrance
            except Exception as failure:
                error = _told(failure, here.folder)
            drawing = error is None
    return Forecast(tuple(reading), drawing, waiting, error)


def _unwritable(folder: Path) -> OSError | None:
    """Why a folder could not be made or written to."""
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not there.is_dir():
        return _refused(errno.EEXIST if there == folder else errno.ENOTDIR)
    return None if os.access(there, os.W_OK | os.X_OK) else _refused(errno.EACCES)


def _refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _awaited(here: Setup) -> Path | None:
    """The seed file that a plan has to wait for."""
    return here.seed_file if here.seed_file is not None and not here.seed_file.is_file() else None


def run_once(here: Setup) -> Outcome:
    """Take in what has come back, then make the plan that is due. The caller holds the lock of the archive.

    Results first: they are the history of the plan. An error in one plan folder, foreseen or not, does not keep the others
    from being read, but keeps a new plan from being drawn on half a history.
    """
    taken: list[Ingested] = []
    error: SamplerError | None = None
    for folder in plan_folders(here.archive):
        try:
            with at_work_on(folder):
                clear_leftovers(folder)
                done = ingest(folder, lang=here.lang)
        except Exception as failure:
            error = error or _told(failure, folder)
            continue
        if done is not None:
            taken.append(done)
    drawn = waiting = None
    if error is None and not is_drawn(here):
        waiting = _awaited(here)
        if waiting is None:
            try:
                with at_work_on(here.folder):
                    drawn = _draw(here)
            except Exception as failure:
                error = _told(failure, here.folder)
    return Outcome(tuple(taken), drawn, waiting, error)


def _told(failure: Exception, folder: Path) -> SamplerError:
    """Whatever went wrong with a plan folder, as an error that is told; with SAMPLER_DEBUG a bug is raised as it is."""
    if isinstance(failure, SamplerError):
        return failure
    if isinstance(failure, OSError):
        return InputError("archive.cannot_write", folder=folder, **refusal(failure))
    if os.environ.get("SAMPLER_DEBUG"):
        raise failure
    return bug(failure)


def _draw(here: Setup, *, dry_run: bool = False) -> Drawn:
    from sampler.config import load_design, load_weights
    from sampler.drawing import Order, draw
    from sampler.files.inputs import read_seed

    for record in _records(here):
        if record.period > here.period:
            raise InputError(
                "run.later_plan",
                today=dt.date.today(),
                period=here.period,
                later=record.period,
                folder=record.path,
            )
    design = load_design(here.config)
    order = Order(
        registry=here.registry,
        design=design,
        weights=load_weights(here.weights, design),
        period=here.period,
        seed=None if here.seed_file is None else read_seed(here.seed_file),
        seeds=here.archive,
        inspectors=here.inspectors,
        archive=here.archive if here.archive.is_dir() else None,  # a dry run does not make it
        out=here.folder,
        dry_run=dry_run,
        lang=here.lang,
        settings={
            "command": "run",
            "config": str(here.config),
            "weights": str(here.weights),
            "seed_file": None if here.seed_file is None else str(here.seed_file),
        },
    )
    return draw(order)
