"""Mixed-integer programmes: build by name, solve with HiGHS while watching, stop with the best, resume from it.

HiGHS is the one inside SciPy. SciPy's front door ``milp`` cannot report, stop or start from a known plan, so the
solver behind it is called; where a SciPy release hides it, the front door is used and the solve runs unwatched.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from importlib import import_module
from math import inf
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.errors import BadInput, NoSolution

Array = NDArray[np.float64]
INTEGRALITY: Final = 1e-6
MEANS, WANTED = 1.0, 1e6  # weights of limits: what is wanted is the last to give
PROVEN_GAP: Final = 0.01  # a plan with a wider gap is "feasible, not proven"


class Progress(NamedTuple):
    """Where a solve stands: the best plan's value, the bound on any plan, their gap, seconds so far and to go."""

    incumbent: float
    bound: float
    gap: float
    seconds: float
    eta_s: float


Watch = Callable[[Progress], bool]  # sees the progress, answers whether to go on
Keep = Callable[[Array], None]  # gets every better plan as it is found


@dataclass(frozen=True)
class Solution:
    """What a solve found.

    ``status``     "optimal" (within the gap asked for), "feasible, not proven", "infeasible", "unbounded" or
                   "no plan yet"
    ``x``          (columns,) values, empty where there is no plan
    ``objective``  of x, ``bound`` on the best, ``gap`` relative between them
    """

    status: str
    x: Array
    objective: float
    bound: float
    gap: float
    seconds: float
    nodes: int
    stopped: bool = False
    history: tuple[Progress, ...] = ()

    def __bool__(self) -> bool:
        return len(self.x) > 0


class Break(NamedTuple):
    """A limit that has to give for a plan to exist: its ``row`` name and how far it must move, in its own unit."""

    row: str
    by: float
    sense: str  # "raise" an upper limit or "lower" a lower one


@dataclass
class Model:
    """A programme under construction: named columns and rows, then ``solve``.

    ``minimise``   sense of the objective
    A row with a ``limit`` is one that a person set (budget, pads, demand); ``conflict`` blames only those, and those
    with a large one last: what is wanted gives only where no means would help.
    """

    minimise: bool = True
    columns: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    limits: dict[int, float] = field(default_factory=dict)
    _row: list[int] = field(default_factory=list)
    _column: list[int] = field(default_factory=list)
    _value: list[float] = field(default_factory=list)

    def column(
        self, name: str, *, cost: float = 0.0, lower: float = 0.0, upper: float = inf, integer: bool = False
    ) -> int:
        """Index of a new column."""
        if name in self.columns:
            raise BadInput(f"two columns called {name!r}")
        self.columns[name] = len(self.costs)
        for kept, value in ((self.costs, cost), (self.lower, lower), (self.upper, upper)):
            kept.append(float(value))
        self.integer.append(integer)
        return len(self.costs) - 1

    def row(
        self,
        name: str,
        terms: Iterable[tuple[int, float]],
        *,
        lower: float = -inf,
        upper: float = inf,
        limit: float = 0.0,
    ) -> int:
        """Index of a new row: lower <= sum of column times coefficient <= upper. Terms on one column add up."""
        if name in self.rows:
            raise BadInput(f"two rows called {name!r}")
        index = self.rows[name] = len(self.row_lower)
        self.row_lower.append(float(lower))
        self.row_upper.append(float(upper))
        if limit:
            self.limits[index] = float(limit)
        summed: dict[int, float] = {}
        for column, value in terms:
            summed[column] = summed.get(column, 0.0) + value
        for column, value in summed.items():
            if value:
                self.term(index, column, value)
        return index

    def term(self, row: int, column: int, value: float) -> None:
        """Put one more coefficient into a row."""
        self._row.append(row)
        self._column.append(column)
        self._value.append(float(value))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.row_lower), len(self.costs)

    @property
    def integers(self) -> int:
        """Number of integer columns."""
        return sum(self.integer)

    def matrix(self) -> Any:
        """Coefficients as a SciPy sparse array by columns."""
        from scipy.sparse import csc_array

        return csc_array((self._value, (self._row, self._column)), shape=self.shape)

    def value(self, x: ArrayLike) -> float:
        """Objective at a point."""
        return float(np.dot(self.costs, np.asarray(x, dtype=float)))

    def violation(self, x: ArrayLike) -> float:
        """Largest distance of a point from a row, bound or integer, relative to the size of the row's terms."""
        point = np.asarray(x, dtype=float)
        matrix = self.matrix()
        total, size = matrix @ point, np.maximum(1.0, abs(matrix) @ np.abs(point))
        off_row = np.maximum(np.asarray(self.row_lower) - total, total - np.asarray(self.row_upper)) / size
        off_bound = np.maximum(np.asarray(self.lower) - point, point - np.asarray(self.upper))
        whole = np.abs(point - np.round(point))[np.asarray(self.integer, dtype=bool)]
        return float(max(off_row.max(initial=0.0), off_bound.max(initial=0.0), whole.max(initial=0.0)))

    def lp_text(self) -> str:
        """The programme in the CPLEX LP format, exact to the last digit, for audit in any solver."""
        names = [_safe(name) for name in self.columns]
        lines = ["Minimize" if self.minimise else "Maximize"]
        lines.append(" obj: " + _sum((names[j], c) for j, c in enumerate(self.costs) if c))
        lines.append("Subject To")
        terms: list[list[tuple[str, float]]] = [[] for _ in self.rows]
        for i, j, value in zip(self._row, self._column, self._value):
            terms[i].append((names[j], value))
        for name, i in self.rows.items():
            left = _sum(terms[i] or [(names[0], 0.0)])
            lines += _row_lines(_safe(name), left, self.row_lower[i], self.row_upper[i])
        lines.append("Bounds")
        lines += [f" {_low(self.lower[j])} <= {n} <= {_high(self.upper[j])}" for j, n in enumerate(names)]
        lines.append("General")
        lines += [f" {n}" for n, whole in zip(names, self.integer) if whole]
        return "\n".join([*lines, "End", ""])


def solve(
    model: Model,
    *,
    gap: float = PROVEN_GAP,
    time_limit_s: float = 120.0,
    seed: int = 0,
    watch: Watch | None = None,
    start: ArrayLike | None = None,
    keep: Keep | None = None,
) -> Solution:
    """Best plan of a programme, or the best one so far.

    gap           relative gap at which the search may end
    time_limit_s  wall time after which the best plan so far is returned
    seed          of the solver's own choices; part of the run's identity
    watch         called some times a second with a Progress; answers False to stop
    start         (columns,) a known plan to start from, as kept from an earlier solve
    keep          called with the columns of every better plan, so that a killed solve loses nothing
    """
    try:
        highs = import_module("scipy.optimize._highspy._core")
    except ImportError:
        return _front_door(model, gap, time_limit_s)
    return _watched(model, highs, gap, time_limit_s, seed, watch or (lambda progress: True), start, keep)


def _watched(
    model: Model,
    highs: Any,
    gap: float,
    limit: float,
    seed: int,
    watch: Watch,
    start: ArrayLike | None,
    keep: Keep | None,
) -> Solution:
    solver, options, sign = highs._Highs(), highs.HighsOptions(), 1.0 if model.minimise else -1.0
    options.output_flag, options.log_to_console, options.time_limit = False, False, float(limit)
    options.mip_rel_gap, options.random_seed = gap, seed
    options.mip_feasibility_tolerance = INTEGRALITY
    solver.passOptions(options)
    solver.passModel(_filled(model, highs, sign))
    if start is not None:
        known = highs.HighsSolution()
        known.col_value, known.value_valid = [float(v) for v in np.asarray(start)], True
        solver.setSolution(known)
    history: list[Progress] = []
    halted = _listen(solver, highs, sign, watch, history, keep)
    with _silence():
        solver.run()
    found = _answer(model, solver, highs, sign, gap, halted[0], tuple(history))
    return found if found or start is None else _known(model, found, np.asarray(start, dtype=float))


def _known(model: Model, found: Solution, start: Array) -> Solution:
    """The plan that a search started from, where it was stopped before it had even looked at that."""
    if found.status != "no plan yet" or model.violation(start) > INTEGRALITY:
        return found
    best = model.value(start)
    width = abs(best - found.bound) / max(abs(best), 1e-9)
    return replace(found, status="feasible, not proven", x=start, objective=best, gap=width)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep stray lines of the solver off standard output: HiGHS prints some whatever its options say."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _filled(model: Model, highs: Any, sign: float) -> Any:
    lp, matrix, (rows, columns) = highs.HighsLp(), model.matrix(), model.shape
    lp.num_col_, lp.num_row_ = columns, rows
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
    lp.a_matrix_.format_ = highs.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.col_cost_ = sign * np.asarray(model.costs)
    lp.col_lower_, lp.col_upper_ = np.asarray(model.lower), np.asarray(model.upper)
    lp.row_lower_, lp.row_upper_ = np.asarray(model.row_lower), np.asarray(model.row_upper)
    kinds = highs.HighsVarType.kContinuous, highs.HighsVarType.kInteger
    lp.integrality_ = [kinds[whole] for whole in model.integer]
    return lp


def _listen(
    solver: Any, highs: Any, sign: float, watch: Watch, history: list[Progress], keep: Keep | None
) -> list[bool]:
    """Hook the watcher and the keeper in; the returned cell turns true once the watcher asked to stop."""
    halted, kinds = [False], highs.cb.HighsCallbackType

    def tell(kind: Any, message: str, out: Any, answer: Any, data: Any) -> None:
        if kind == kinds.kCallbackMipImprovingSolution:
            if keep:
                keep(np.array(out.mip_solution, dtype=float))
            return
        if not history or out.running_time - history[-1].seconds > 0.25:
            history.append(_progress(out, sign, history))
            halted[0] = halted[0] or not watch(history[-1])
        answer.user_interrupt = halted[0]

    solver.setCallback(tell, None)
    solver.startCallback(kinds.kCallbackMipInterrupt)
    if keep:
        solver.startCallback(kinds.kCallbackMipImprovingSolution)
    return halted


def _progress(out: Any, sign: float, history: Sequence[Progress]) -> Progress:
    best, bound = float(out.mip_primal_bound), float(out.mip_dual_bound)
    gap = abs(best - bound) / max(abs(best), 1e-9) if np.isfinite([best, bound]).all() and abs(best) < 1e300 else inf
    return Progress(sign * best, sign * bound, gap, float(out.running_time), _eta(gap, out.running_time, history))


def _eta(gap: float, seconds: float, history: Sequence[Progress]) -> float:
    """Seconds left if the gap goes on halving as it did; a guess, infinite while nothing moves."""
    earlier = next((p for p in history if np.isfinite(p.gap) and p.gap > gap * 1.05), None)
    if earlier is None or not 0 < gap < inf:
        return 0.0 if gap == 0 else inf
    pace = np.log(earlier.gap / gap) / max(seconds - earlier.seconds, 1e-3)
    return float(max(0.0, np.log(gap / PROVEN_GAP) / pace))


def _answer(
    model: Model, solver: Any, highs: Any, sign: float, gap: float, stopped: bool, history: tuple[Progress, ...]
) -> Solution:
    info, status = solver.getInfo(), solver.getModelStatus()
    found = info.primal_solution_status == highs.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if found else np.empty(0)
    x[np.asarray(model.integer, dtype=bool)[: len(x)]] = np.round(x[np.asarray(model.integer, dtype=bool)[: len(x)]])
    best = sign * info.objective_function_value if found else inf * sign
    whole = any(model.integer)
    bound = sign * info.mip_dual_bound if whole else best
    names = {
        highs.HighsModelStatus.kInfeasible: "infeasible",
        highs.HighsModelStatus.kUnbounded: "unbounded",
        highs.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    }
    width = abs(best - bound) / max(abs(best), 1e-9) if found else inf
    if status == highs.HighsModelStatus.kOptimal:
        word = "optimal"
    elif found:
        word = "optimal" if width <= gap else "feasible, not proven"
    else:
        word = names.get(status, "no plan yet")
    seconds, nodes = float(solver.getRunTime()), int(info.mip_node_count if whole else 0)
    return Solution(word, x, best, bound, width, seconds, nodes, stopped, history)


def _front_door(model: Model, gap: float, limit: float) -> Solution:
    """The same through ``scipy.optimize.milp``: no watching, no known start."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    sign = 1.0 if model.minimise else -1.0
    found = milp(
        sign * np.asarray(model.costs),
        integrality=np.asarray(model.integer, dtype=int),
        bounds=Bounds(model.lower, model.upper),
        constraints=LinearConstraint(model.matrix(), model.row_lower, model.row_upper),
        options={"mip_rel_gap": gap, "time_limit": limit},
    )
    x = np.empty(0) if found.x is None else np.asarray(found.x)
    best = sign * float(found.fun or 0.0) if len(x) else inf * sign
    bound = sign * float(found.get("mip_dual_bound") or sign * best)
    width = abs(best - bound) / max(abs(best), 1e-9) if len(x) else inf
    words = {0: "optimal", 1: "feasible, not proven" if len(x) else "no plan yet", 2: "infeasible", 3: "unbounded"}
    return Solution(
        words.get(found.status, "no plan yet"), x, best, bound, width, 0.0, int(found.get("mip_node_count") or 0)
    )


def conflict(model: Model, *, time_limit_s: float = 60.0) -> list[Break]:
    """Which of the limits that a person set must give, and by how much, for any plan to exist.

    Every limit gets a stretch in proportion to its size; the programme that needs the least stretch names them.
    returns   the broken limits, worst first; empty where a plan exists
    raises    NoSolution where no stretching of the limits helps: the network itself has no such path
    """
    elastic, stretch = _elastic(model)
    found = solve(elastic, gap=1e-4, time_limit_s=time_limit_s)
    if not found:
        raise NoSolution(
            "no plan exists even with every limit lifted: some demand has no path of arcs, vehicles and dates at all"
        )
    breaks = [
        Break(name, found.x[column], sense)
        for column, (name, sense, size) in stretch.items()
        if found.x[column] > 1e-6 * size
    ]
    return sorted(breaks, key=lambda b: -b.by)


def _elastic(model: Model) -> tuple[Model, dict[int, tuple[str, str, float]]]:
    """The same programme with stretchable limits, and which column stretches which limit."""
    elastic = deepcopy(model)
    elastic.minimise, elastic.costs = True, [0.0] * len(model.costs)
    stretch: dict[int, tuple[str, str, float]] = {}
    for name, i in model.rows.items():
        for edge, sense, sign in ((model.row_upper[i], "raise", -1.0), (model.row_lower[i], "lower", 1.0)):
            if i in model.limits and np.isfinite(edge):
                size = max(1.0, abs(edge))
                column = elastic.column(f"stretch {sense} {name}", cost=model.limits[i] / size)
                elastic.term(i, column, sign)
                stretch[column] = (name, sense, size)
    return elastic, stretch


def explain(breaks: Sequence[Break], units: Mapping[str, str] | None = None) -> str:
    """One sentence for a person: which limits break and by how much."""
    unit = units or {}
    parts = [f"{b.row} ({b.sense} it by {b.by:,.6g}{' ' + unit[b.row] if b.row in unit else ''})" for b in breaks[:5]]
    more = f" and {len(breaks) - 5} more" if len(breaks) > 5 else ""
    return "no plan keeps every limit; the least that must give: " + "; ".join(parts) + more


def _safe(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "_.#" else "_" for c in name)
    return kept if kept[:1].isalpha() and kept[:1] not in "eE" else "v_" + kept


def _sum(terms: Iterable[tuple[str, float]]) -> str:
    return " ".join(f"{'-' if value < 0 else '+'} {abs(value)!r} {name}" for name, value in terms) or "0"


def _row_lines(name: str, terms: str, lower: float, upper: float) -> list[str]:
    if lower == upper:
        return [f" {name}: {terms} = {lower!r}"]
    lines = [f" {name}_up: {terms} <= {upper!r}"] if upper < inf else []
    return lines + ([f" {name}_low: {terms} >= {lower!r}"] if lower > -inf else [])


def _low(value: float) -> str:
    return "-inf" if value == -inf else repr(value)


def _high(value: float) -> str:
    return "+inf" if value == inf else repr(value)
