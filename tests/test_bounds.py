"""Screening bounds against the published list."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from motherlode.access import bounds
from motherlode.units import DEG

SAMPLE = Path(__file__).parent / "authorities" / "shoemaker_helin_sample.csv"


def test_shoemaker_helin_reproduces_benners_list(claim: Callable[..., None]) -> None:
    lines = [line for line in SAMPLE.read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    a, e, i, published = (np.array([float(r[k]) for r in rows]) for k in ("a_au", "e", "i_deg", "dv_kms"))
    miss = np.abs(bounds.shoemaker_helin(a, e, i * DEG) - published)
    who = "Benner's list, JPL 2013-04-14"
    claim("Shoemaker-Helin, worst row", oracle=who, measured=float(miss.max()), at_most=0.011, unit="km/s")
    claim("Shoemaker-Helin, median", oracle=who, measured=float(np.median(miss)), at_most=0.0003, unit="km/s")
    claim("Shoemaker-Helin, 95 %", oracle=who, measured=float(np.quantile(miss, 0.95)), at_most=0.0006, unit="km/s")


def test_open_orbits_have_no_bound() -> None:
    assert np.isnan(bounds.shoemaker_helin(-1.5, 1.2, 0.1))
    assert np.shape(bounds.shoemaker_helin(1.1, 0.1, 0.02)) == ()
    assert bounds.shoemaker_helin(np.ones((2, 3)) * 1.3, 0.2, 0.1).shape == (2, 3)
