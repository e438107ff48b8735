"""The base of a study and its people, as plain values: asked by the command line, the page and the report."""

from collections.abc import Callable
from typing import Any

from motherlode.campaign.risk import Hazards
from motherlode.errors import BadStudy
from motherlode.settlement import answer, coupling, programme, settings
from motherlode.study.config import Study


def base(
    study: Study, *, runs: int = 200, more: bool = True, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """What a study says about its base.

    runs      Monte Carlo runs
    more      also levers, slacks and the ranking of judgements
    progress  called with a stage, pieces done and pieces in all
    raises    BadStudy where the study has no base, or one that does not survive its own plan
    """
    if not study.base:
        raise BadStudy(f"the study {study.name!r} has no [base]; copy it from the example happy-valley-2003")
    told = settings.read({"base": study.base, "crew": study.crew})
    return {"study": study.name, **answer.of(told, study.seed, runs=runs, more=more, progress=progress)}


def hazards(study: Study, before: Hazards, *, runs: int = 60) -> Hazards:
    """The hazards of a study's campaign after its own base has run the plan; as they were where it has no base."""
    if not study.base:
        return before
    told = settings.read({"base": study.base, "crew": study.crew})
    return coupling.hazards(programme.run(told, study.seed, runs=runs), before)
