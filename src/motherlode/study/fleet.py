"""The campaign of a study: worked out, kept while it is worked out, resumed, and put into plain values."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from motherlode import durable
from motherlode.campaign import account, answer, milp, options, settings
from motherlode.campaign.answer import Campaign
from motherlode.campaign.settings import Settings
from motherlode.errors import BadStudy, StoreError
from motherlode.study import home, parquet, store
from motherlode.study.config import Study

OPTIONS = "options.parquet"  # every option that the plan chose among, a row each
KEPT = "plan.json"  # in the folder of the run: the best plan so far, by the names of its columns


def plan(
    study: Study,
    *,
    folder: Path | None = None,
    fresh: bool = False,
    watch: milp.Watch | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[dict[str, Any], Campaign]:
    """The campaign of a study: its answer, and what figures and calendars are made of.

    folder    where the best plan so far is kept and a later run starts from; nowhere where None
    fresh     ignore what was kept
    watch     sees bound, incumbent, gap and time left of the long solve; answers False to stop with the best so far
    progress  called with a stage, pieces done and pieces in all
    raises    BadStudy where the study has no campaign
    """
    if not study.campaign:
        raise BadStudy(f"the study {study.name!r} has no [campaign]; see examples/eras for four that have")
    told = _with_shortlist(settings.read(study.campaign), folder)
    agreed = home.agreed(study, told, progress)
    told = agreed.campaign if agreed else told
    whole = agreed.whole if agreed else None
    identity = _identity(study)
    known = None if fresh or folder is None else _kept(folder / KEPT, identity)

    def keep(columns: dict[str, float]) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            durable.write(folder / KEPT, json.dumps({"identity": identity, "columns": columns}).encode())

    done = answer.work(told, seed=study.seed, watch=watch, start=known, keep=keep, tell=progress, whole=whole)
    for _, found in done.plans if len(done.plans) == 1 else ():
        keep(answer.columns(found))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write(options.table(done.problem.rows), folder / OPTIONS)
    document = {"study": study.name, **account.document(done), "resumed": known is not None}
    document["title"] = study.title or study.name
    document["agreement"] = agreed.summary() if agreed else None
    return document, done


def _with_shortlist(told: Settings, folder: Path | None) -> Settings:
    """The settings with the best asteroids of the hunt of the same study added, where that is asked for."""
    wanted = told.asteroids.shortlist
    if not wanted:
        return told
    try:
        if folder is None:
            raise StoreError("no folder of runs")
        ranked = parquet.read(store.shortlist(folder))["designation"].tolist()
    except StoreError as error:
        hint = "run `motherlode hunt` on this study first"
        raise BadStudy(f"campaign.asteroids.shortlist needs a finished hunt ({error}); {hint}") from None
    names = tuple(dict.fromkeys([*told.asteroids.names, *map(str, ranked)]))[: len(told.asteroids.names) + wanted]
    return replace(told, asteroids=replace(told.asteroids, names=names))


def campaign(study: Study | str | Path) -> dict[str, Any]:
    """The campaign of a study or of its file, as plain values."""
    return plan(study if isinstance(study, Study) else Study.load(study))[0]


def _identity(study: Study) -> str:
    """What a kept plan belongs to: the campaign, its seed, and nothing that only changes how long is searched."""
    told = {k: v for k, v in study.campaign.items() if k not in ("gap", "time_limit_s", "futures")}
    lived = [study.base, study.crew] if study.base else []
    text = json.dumps([told, study.seed, *lived], sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _kept(path: Path, identity: str) -> dict[str, float] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("identity") != identity:
        return None
    return {str(k): float(v) for k, v in found.get("columns", {}).items()}
