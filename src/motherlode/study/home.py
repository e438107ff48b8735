"""The base of a study and its people, as plain values: asked by the command line, the page and the report."""

from collections.abc import Callable
from typing import Any

from motherlode.campaign import settings as campaigns
from motherlode.errors import BadStudy
from motherlode.settlement import answer, settings
from motherlode.study import agreement
from motherlode.study.agreement import Agreement
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
    told, shared = settings.read({"base": study.base, "crew": study.crew}), None
    if study.campaign and (found := agreed(study, campaigns.read(study.campaign), progress)):
        told, shared = found.base, found.summary()
    lived = answer.of(told, study.seed, runs=runs, more=more, progress=progress)
    return {"study": study.name, **lived, "agreement": shared}


def agreed(
    study: Study, campaign: campaigns.Settings, progress: Callable[[str, int, int], None] | None = None
) -> Agreement | None:
    """The campaign of a study and its base brought to agree; None where the study has no base."""
    if not study.base:
        return None
    told = settings.read({"base": study.base, "crew": study.crew})
    return agreement.reached(campaign, told, study.seed, progress)
