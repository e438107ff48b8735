"""Stacks: elements that fly together, burn in order, are dropped and joined, every tank kept to the kilogram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Final

from motherlode.constants import G0_M_S2
from motherlode.errors import BadInput, NoSolution

TOLERANCE_M_S: Final = 1e-9


@dataclass(frozen=True)
class Element:
    """A stage, module or capsule: ``dry_kg``, ``cargo_kg`` aboard and the propellant in each of its ``tanks``, kg."""

    name: str
    dry_kg: float
    tanks: Mapping[str, float]
    cargo_kg: float = 0.0

    @property
    def mass_kg(self) -> float:
        """All of it, now."""
        return self.dry_kg + self.cargo_kg + sum(self.tanks.values())


@dataclass(frozen=True)
class Engine:
    """What burns: a tank of an element at a specific impulse, and the elements that fall off once it is empty."""

    element: str
    tank: str
    isp_s: float
    drops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stack:
    """Elements that fly as one, in any order."""

    elements: tuple[Element, ...]

    @property
    def mass_kg(self) -> float:
        """Total mass, now."""
        return sum(e.mass_kg for e in self.elements)

    def __getitem__(self, name: str) -> Element:
        found = next((e for e in self.elements if e.name == name), None)
        if found is None:
            raise BadInput(f"no element {name!r} in the stack; it has: {', '.join(e.name for e in self.elements)}")
        return found

    def __add__(self, other: "Stack") -> "Stack":
        return Stack(self.elements + other.elements)

    def without(self, *names: str) -> "Stack":
        """The stack after these elements have been dropped."""
        return Stack(tuple(e for e in self.elements if e.name not in names))

    def only(self, *names: str) -> "Stack":
        """These elements alone."""
        return Stack(tuple(self[name] for name in names))

    def loaded(self, name: str, cargo_kg: float) -> "Stack":
        """The stack with that much more cargo in an element; negative takes out."""
        element = self[name]
        return self._with(replace(element, cargo_kg=element.cargo_kg + cargo_kg))

    def _with(self, changed: Element) -> "Stack":
        return Stack(tuple(changed if e.name == changed.name else e for e in self.elements))

    def reach_m_s(self, engine: Engine) -> float:
        """Velocity change that one engine's tank can give, m/s."""
        fuel = self[engine.element].tanks[engine.tank]
        return engine.isp_s * G0_M_S2 * log(self.mass_kg / (self.mass_kg - fuel))

    def burn(self, delta_v_m_s: float, *engines: Engine) -> "Stack":
        """The stack after a velocity change, the engines firing in order, each until its tank is empty.

        raises  NoSolution with what is missing, where the tanks cannot give it
        """
        stack, left = self, delta_v_m_s
        for engine in engines:
            given = min(left, stack.reach_m_s(engine))
            stack = stack._after(given, engine)
            left -= given
            if left <= TOLERANCE_M_S:
                return stack
            stack = stack.without(*engine.drops)
        names = ", ".join(f"{e.element} {e.tank}" for e in engines)
        raise NoSolution(
            f"{names} can give {delta_v_m_s - left:.1f} of the {delta_v_m_s:.1f} m/s; {left:.1f} missing"
        )

    def _after(self, delta_v_m_s: float, engine: Engine) -> "Stack":
        element = self[engine.element]
        used = self.mass_kg * (1 - exp(-delta_v_m_s / (engine.isp_s * G0_M_S2)))
        tanks = {**element.tanks, engine.tank: max(0.0, element.tanks[engine.tank] - used)}
        return self._with(replace(element, tanks=tanks))


def totals(stack: Stack, names: Sequence[str]) -> dict[str, float]:
    """Propellant left in each named element, kg."""
    return {name: sum(stack[name].tanks.values()) for name in names}
