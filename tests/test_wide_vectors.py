"""The hot stages stay wide: the compiler loses vectors on small edits, and a rate falls to a half or a tenth."""

import platform
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import pytest
from numba import njit

from motherlode.access import embedded
from motherlode.mechanics import elements, lambert_cells, lambert_lanes, lambert_turns, lanes

WIDE = platform.machine() == "x86_64" and bool(llvm.get_host_cpu_features().get("avx2"))
LANES = np.full(lambert_lanes.ROWS * 136, 0.5)
CELLS = np.full(lambert_cells.ROWS * 136, 0.5)
STAGES: list[tuple[Any, tuple[Any, ...]]] = [
    (lambert_lanes.geometry, (LANES, 128, 1.0, 0.0, 0.0, 1.0)),
    (lambert_lanes.guess, (LANES, 128)),
    (lambert_lanes.improve, (LANES, 128)),
    (lambert_lanes.finish, (LANES, 128)),
    (lambert_lanes.velocities, (LANES, 128)),
    (lambert_turns.improve_minimum, (LANES, 128, 3.1)),
    (lambert_turns.finish_minimum, (LANES, 128, 3.1)),
    (lambert_turns.finish_branch, (LANES, 128, 3.1, 1.0)),
    (lambert_turns.guess_branch, (LANES, 128, 3.1, 1.0)),
    (lambert_turns.improve_branch, (LANES, 128, 3.1, 1.0)),
    (lambert_cells.geometry, (CELLS, 128, 0.0, 0.0, 1.0)),
    (lambert_cells.improve, (CELLS, 128)),
    (lambert_cells.finish, (CELLS, 128)),
    (lambert_cells.speeds, (CELLS, 128, 0.0, 0.0, 1.0)),
    (embedded.charge, (CELLS, 128, 1.0, 0, 136, np.ones((1, 3)), 60.0, 1e-4, np.ones(128))),
    (elements._anomaly_rows, (0.1, 0.2, 0.3, np.ones(128), np.ones(8 * 136), 128)),
    (elements._state_rows, (0.1, 0.2, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, np.ones(8 * 136), 128)),
]


def assembly(loop: Any, *arguments: Any) -> str:
    fresh = njit(fastmath=lanes.FAST, error_model="numpy")(loop)  # what the disk cache holds says nothing
    fresh(*arguments)
    return "".join(fresh.inspect_asm().values())


@pytest.fixture(scope="module")
def register() -> str:
    """The widest that the compiler takes for the plainest loop: some processors with zmm are better off with ymm."""

    def plainest(b: Any, n: int) -> None:
        for k in range(n):
            b[k] = b[k] * 0.5 + 0.25

    return "zmm" if "%zmm" in assembly(plainest, LANES.copy(), 128) else "ymm"


@pytest.mark.skipif(not WIDE, reason="no wide vectors on this processor")
@pytest.mark.parametrize(
    ("stage", "arguments"), STAGES, ids=[f"{stage.__module__.split('.')[-1]}.{stage.__name__}" for stage, _ in STAGES]
)
def test_stage_uses_the_widest_registers(stage: Any, arguments: tuple[Any, ...], register: str) -> None:
    wide = assembly(stage.py_func, *arguments).count(f"%{register}")
    assert wide >= 10, f"{stage.__name__} uses {register} {wide} times: a loop is no longer vectorised"
