"""Forces on a small body: Sun, planets, Moon and large asteroids, the Sun's relativity, oblateness, sunlight.

Heliocentric, ICRF axes, km and s. The perturbers' places are Chebyshev series on one common step of time, so that
one recurrence serves them all, and so is the pull on the Sun, which depends on time alone. Forces are evaluated
for eight epochs at once, the nodes of an integration step: eight lanes are one wide vector.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motherlode.constants import AU_KM, GM_KM3_S2, RADIUS_KM, SPEED_OF_LIGHT_KM_S

Array = NDArray[np.float64]
NODES: Final = 8
MU_SUN: Final = GM_KM3_S2["sun"]
_INVERSE_C2: Final = 1.0 / SPEED_OF_LIGHT_KM_S**2
J2_SUN: Final = 2.196_139_151_653e-07  # Park et al. 2021, DE440
J2_EARTH: Final = 1.082_625_45e-03  # Park et al. 2021, DE440
_SUN_POLE: Final = (  # right ascension 286.13°, declination 63.87°; Archinal et al. 2018
    cos(radians(63.87)) * cos(radians(286.13)),
    cos(radians(63.87)) * sin(radians(286.13)),
    sin(radians(63.87)),
)
SUNLIGHT_W_M2: Final = 1_361.0  # at 1 au; Kopp & Lean 2011
STEFAN_BOLTZMANN_W_M2_K4: Final = 5.670_374_419e-08  # exact; SI
_SUN_BULGE: Final = 1.5 * J2_SUN * MU_SUN * RADIUS_KM["sun"] ** 2
_EARTH_BULGE: Final = 1.5 * J2_EARTH * GM_KM3_S2["earth"] * RADIUS_KM["earth"] ** 2


@dataclass(frozen=True)
class Field:
    """Places of perturbing bodies over a span, ready for the kernels.

    start, step   TDB s past J2000 of the first piece, s per piece
    rows          (pieces, n) coefficients: for each degree those of the first ``counts[degree]`` components;
                  first the bodies' pull on the Sun, km/s²; then x, y, z of each body, km; then the Sun's velocity
                  about the barycentre, km/s; last the bodies' potential at the Sun, km²/s², and two zeros
    counts        (degrees,) components that reach that degree, falling
    gm            (bodies,) km³/s²
    radii         (bodies,) km: a path that comes closer ends there
    earth         index of the Earth among the bodies, -1 without
    names         of the bodies
    """

    start: float
    step: float
    rows: Array
    counts: NDArray[np.int64]
    gm: Array
    radii: Array
    earth: int
    names: tuple[str, ...]

    @property
    def span(self) -> tuple[float, float]:
        """First and last epoch, TDB s past J2000."""
        return self.start, self.start + self.step * len(self.rows)

    @property
    def packed(self) -> tuple[Any, ...]:
        """What the kernels take."""
        return self.start, self.step, self.rows, self.counts, self.gm, self.radii, self.earth


@njit(fastmath={"contract"}, error_model="numpy", forceinline=True)
def places(field: Any, t: float, h: float, nodes: Any, basis: Any, out: Any) -> None:
    """Every component of a field at the eight epochs t + h nodes, into ``out`` (components, 8).

    basis   scratch, (degrees, 8): Chebyshev's polynomials at the eight epochs, each on its own piece
    """
    start, step, rows, counts = field[0], field[1], field[2], field[3]
    last = rows.shape[0] - 1
    for n in range(NODES):
        piece = min(max(int(np.floor((t + h * nodes[n] - start) / step)), 0), last)
        basis[0, n] = piece
        basis[1, n] = 2.0 * ((t - (start + piece * step)) + h * nodes[n]) / step - 1.0  # t + h s rounds to 4 mm
    r0, r1, r2, r3 = rows[int(basis[0, 0])], rows[int(basis[0, 1])], rows[int(basis[0, 2])], rows[int(basis[0, 3])]
    r4, r5, r6, r7 = rows[int(basis[0, 4])], rows[int(basis[0, 5])], rows[int(basis[0, 6])], rows[int(basis[0, 7])]
    for n in range(NODES):
        basis[0, n] = 1.0
    for k in range(2, counts.size):
        for n in range(NODES):
            basis[k, n] = 2.0 * basis[1, n] * basis[k - 1, n] - basis[k - 2, n]
    out[:] = 0.0
    first = 0
    for k in range(counts.size):  # eight sums side by side
        b0, b1, b2, b3 = basis[k, 0], basis[k, 1], basis[k, 2], basis[k, 3]
        b4, b5, b6, b7 = basis[k, 4], basis[k, 5], basis[k, 6], basis[k, 7]
        for c in range(counts[k]):
            out[c, 0] += r0[first + c] * b0
            out[c, 1] += r1[first + c] * b1
            out[c, 2] += r2[first + c] * b2
            out[c, 3] += r3[first + c] * b3
            out[c, 4] += r4[first + c] * b4
            out[c, 5] += r5[first + c] * b5
            out[c, 6] += r6[first + c] * b6
            out[c, 7] += r7[first + c] * b7
        first += counts[k]


@njit(fastmath={"contract", "nsz", "arcp"}, error_model="numpy", forceinline=True)
def sun(x: Any, v: Any, place: Any, moving: int, push: Any, sunlight: Any, a: Any) -> None:
    """Sun's attraction with its relativity, oblateness and sunlight, and what the perturbers add, into ``a``.

    x, v, a    (3, 8)  km, km/s, km/s²
    place      of the planets' field; rows ``moving`` on are the Sun's velocity and the potential of the others there
    push       (4, 8)  acceleration by the perturbers, km/s², and their potential, km²/s²
    sunlight   (3,)    radial, transverse and normal acceleration at 1 au times au², km³/s²

    Relativity: the Sun's terms of the equation of Einstein, Infeld and Hoffmann (Moyer 2003, eq. 4-26), the planets'
    potential and the Sun's motion included; the planets' own relativistic pull, a hundredth of it, is left out.
    """
    px, py, pz = _SUN_POLE
    for n in range(NODES):
        rx, ry, rz, vx, vy, vz = x[0, n], x[1, n], x[2, n], v[0, n], v[1, n], v[2, n]
        ux, uy, uz = place[moving, n], place[moving + 1, n], place[moving + 2, n]
        gx, gy, gz = place[0, n], place[1, n], place[2, n]
        r2 = rx * rx + ry * ry + rz * rz
        inverse = 1.0 / sqrt(r2)
        inverse2 = inverse * inverse
        pull = MU_SUN * inverse * inverse2
        weak = pull * _INVERSE_C2
        along_u = rx * ux + ry * uy + rz * uz
        bracket = vx * vx + vy * vy + vz * vz - 2.0 * (vx * ux + vy * uy + vz * uz) - (ux * ux + uy * uy + uz * uz)
        bracket -= 4.0 * (MU_SUN * inverse + push[3, n]) + place[moving + 3, n]
        bracket -= 1.5 * along_u * along_u * inverse2 + 0.5 * (rx * gx + ry * gy + rz * gz)
        g = weak * (4.0 * (rx * vx + ry * vy + rz * vz) + along_u)
        e = 3.5 * MU_SUN * inverse * _INVERSE_C2
        along = (rx * px + ry * py + rz * pz) * inverse
        bulge = _SUN_BULGE * inverse2 * inverse2
        hx, hy, hz = ry * vz - rz * vy, rz * vx - rx * vz, rx * vy - ry * vx
        inverse_h = 1.0 / sqrt(hx * hx + hy * hy + hz * hz)
        tx, ty, tz = (hy * rz - hz * ry) * inverse, (hz * rx - hx * rz) * inverse, (hx * ry - hy * rx) * inverse
        f = -pull - weak * bracket
        f += (bulge * (5.0 * along * along - 1.0) + sunlight[0] * inverse2) * inverse
        p = -2.0 * bulge * along
        s, w = sunlight[1] * inverse2 * inverse_h, sunlight[2] * inverse2 * inverse_h
        a[0, n] = push[0, n] + f * rx + g * vx + e * gx + p * px + s * tx + w * hx
        a[1, n] = push[1, n] + f * ry + g * vy + e * gy + p * py + s * ty + w * hy
        a[2, n] = push[2, n] + f * rz + g * vz + e * gz + p * pz + s * tz + w * hz


@njit(fastmath={"contract", "nsz", "arcp"}, error_model="numpy", forceinline=True)
def body(x: Any, place: Any, first: int, gm: float, a: Any) -> None:
    """Attraction and potential of one body at eight nodes, added to ``a`` (4, 8); its place begins at row first."""
    for n in range(NODES):
        dx = place[first, n] - x[0, n]
        dy = place[first + 1, n] - x[1, n]
        dz = place[first + 2, n] - x[2, n]
        d2 = dx * dx + dy * dy + dz * dz
        w = gm / (d2 * sqrt(d2))
        a[3, n] += w * d2
        a[0, n] += w * dx
        a[1, n] += w * dy
        a[2, n] += w * dz


@njit(fastmath={"contract", "nsz", "arcp"}, error_model="numpy", forceinline=True)
def earth_bulge(x: Any, place: Any, first: int, a: Any) -> None:
    """Oblateness of the Earth at eight nodes, added to ``a``; its pole lies along the axis of the ICRF to 0.2°."""
    for n in range(NODES):
        dx = x[0, n] - place[first, n]
        dy = x[1, n] - place[first + 1, n]
        dz = x[2, n] - place[first + 2, n]
        d2 = dx * dx + dy * dy + dz * dz
        along2 = dz * dz / d2
        w = _EARTH_BULGE / (d2 * d2 * sqrt(d2))
        a[0, n] += w * dx * (5.0 * along2 - 1.0)
        a[1, n] += w * dy * (5.0 * along2 - 1.0)
        a[2, n] += w * dz * (5.0 * along2 - 3.0)


@njit(error_model="numpy", forceinline=True)
def attraction(field: Any, place: Any, x: Any, skip: int, a: Any) -> None:
    """Attraction of a field's bodies but ``skip``, less their pull on the Sun, and potential, added to ``a``."""
    gm, earth = field[4], field[6]
    for n in range(NODES):
        a[0, n] += place[0, n]
        a[1, n] += place[1, n]
        a[2, n] += place[2, n]
    for j in range(gm.size):
        if j != skip:
            body(x, place, 3 + 3 * j, gm[j], a)
    if earth >= 0:
        earth_bulge(x, place, 3 + 3 * earth, a)


@njit(error_model="numpy", nogil=True, cache=True)
def nearness(field: Any, place: Any, x: Any, skip: int) -> float:
    """Strongest tide of a field's bodies at the nodes, gm/d³ in 1/s²; infinite inside the radius of one of them."""
    gm, radii = field[4], field[5]
    strongest = 0.0
    for j in range(radii.size):
        least = 1e300
        for n in range(NODES):
            dx = place[3 * j + 3, n] - x[0, n]
            dy = place[3 * j + 4, n] - x[1, n]
            dz = place[3 * j + 5, n] - x[2, n]
            least = min(least, dx * dx + dy * dy + dz * dz)
        if j != skip:
            strongest = max(strongest, gm[j] / (least * sqrt(least)) if least > radii[j] * radii[j] else np.inf)
    return strongest


def sunlight_on_sphere(
    area_to_mass_m2_kg: float,
    *,
    thermal_inertia: float,
    spin_period_h: float,
    obliquity_deg: float,
    bond_albedo: float = 0.02,
    emissivity: float = 0.95,
) -> tuple[float, float]:
    """A1 and A2, au/d² at 1 au: sunlight's pressure on a sphere, and the recoil of the warmth that it gives off late.

    area_to_mass_m2_kg  cross section over mass, as JPL lists it (AMRAT)
    thermal_inertia     J/(m² K s^½)
    obliquity_deg       of the spin to the orbit: above 90° the warmth brakes
    bond_albedo         share of the light that is scattered, by Lambert's law

    The warm side lags behind the Sun: its recoil has a part away from the Sun, which adds to the pressure, and a part
    along the motion, the Yarkovsky effect. Linear theory of a large sphere on a circle of 1 au, the year's wave left
    out: Vokrouhlický (1998), A&A 335, 1093.
    """
    absorbed = (1.0 - bond_albedo) * SUNLIGHT_W_M2
    warmest = (absorbed / (emissivity * STEFAN_BOLTZMANN_W_M2_K4)) ** 0.25
    lag = thermal_inertia * sqrt(2.0 * pi / (3_600.0 * spin_period_h)) * warmest / absorbed  # Θ
    pressure = SUNLIGHT_W_M2 / (1e3 * SPEED_OF_LIGHT_KM_S) * area_to_mass_m2_kg  # m/s²
    pressure *= 86_400.0**2 / (1e3 * AU_KM)
    recoil = 4.0 / 9.0 * (1.0 - bond_albedo) * pressure / (1.0 + lag + 0.5 * lag * lag)
    away = pressure * (1.0 + 4.0 / 9.0 * bond_albedo) + recoil * (1.0 + 0.5 * lag)
    return away, recoil * 0.5 * lag * cos(radians(obliquity_deg))
