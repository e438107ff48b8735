"""Lambert's problem for blocks of problems: the stages that the compiler turns into wide vectors.

Izzo's variable x and his Householder steps, with the time of flight in Battin's form: the half angle s of the
transfer in the auxiliary plane and the function w(s) = (acos s - s √(1-s²)) / (1-s²)^1.5, which is smooth from
ellipse through parabola to hyperbola and is fitted by a ratio of polynomials within 1.2e-16 for s in [0, 8].
So a solution costs no transcendental function and no branch. Half of what remains is divisions and roots: times of
flight are therefore handed on as quotients, and one division serves several. Symbols are those of ``lambert``.

All rows live in one flat block with a constant stride: the compiler then sees that rows never overlap.
"""

from math import sqrt
from typing import Any, Final, TypeAlias

from numba import njit

from motherlode.mechanics.lanes import FAST, STRIDE

LAMBDA: Final = 0 * STRIDE
ONE_L2: Final = 1 * STRIDE  # 1 - λ² = c/s, kept apart because λ may be near 1
TIME: Final = 2 * STRIDE  # first √μ·tof, then Izzo's T
FREQUENCY: Final = 3 * STRIDE  # 1/T
CHORD: Final = 4 * STRIDE
ROOT_S: Final = 5 * STRIDE  # √s, s the semiperimeter
R1: Final = 6 * STRIDE
R2: Final = 7 * STRIDE
X: Final = 8 * STRIDE
STEP: Final = 9 * STRIDE  # last step in x: the certificate of convergence
UX: Final = 10 * STRIDE  # first r1, then its direction
UY: Final = 11 * STRIDE
UZ: Final = 12 * STRIDE
VX: Final = 13 * STRIDE  # first r2, then its direction
VY: Final = 14 * STRIDE
VZ: Final = 15 * STRIDE
X_MIN: Final = 16 * STRIDE  # where T is least, for one revolution or more
T_MIN: Final = 17 * STRIDE
CURVE: Final = 18 * STRIDE  # T'' there
SINE2: Final = 19 * STRIDE  # sin² θ: tells positions that lie on one line
DOUBT: Final = 20 * STRIDE  # 1 where the robust solver has to look at the lane, 2 where there is no orbit
SETTLED: Final = 21 * STRIDE  # last step towards the least time of flight
OUT: Final = 22 * STRIDE  # v1 (3) and v2 (3)
ROWS: Final = 28

SQRT2: Final = sqrt(2.0)
CONVERGED: Final = 1e-5  # a last step below this leaves an error of about its fourth power
ALIGNED: Final = 1e-28  # sin² θ below which the plane of the transfer is rounding noise
Four: TypeAlias = tuple[float, float, float, float]


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def half_angle_ratio(s: float) -> tuple[float, float]:
    """Numerator and denominator of w(s), s in [0, 8]; every coefficient is positive, so nothing cancels."""
    n = 0.0005929885328870596 + s * 7.32743993213810558e-6
    n = 0.0150636446866291005 + s * n
    n = 0.169581339630680736 + s * n
    n = 0.975602852121636597 + s * n
    n = 3.05110304256017064 + s * n
    n = 5.21075204800302331 + s * n
    n = 4.53960998309085858 + s * n
    n = 1.57079632679489680 + s * n
    d = 0.000593039200386974182 + s * 7.32729275597047298e-6
    d = 0.0150997489883604391 + s * d
    d = 0.171608938037625146 + s * d
    d = 1.01329498816329484 + s * d
    d = 3.35954575737659535 + s * d
    d = 6.45819353639382775 + s * d
    d = 7.11807597503012848 + s * d
    d = 4.16324501880809926 + s * d
    return n, 1.0 + s * d


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def first_x(lam: float, u: float) -> float:
    """First x without revolutions: a polynomial in λ and 1/√T, within 7 % of 1 + x in the fast domain."""
    c0 = -1.0225762 + u * (0.63778713 + u * (0.66214479 + u * 0.07238442))
    c1 = -0.06317516 + u * (0.37229047 + u * (-0.18648089 - u * 0.09622484))
    c2 = 0.03424444 + u * (-0.35884945 + u * (0.96978561 - u * 0.32613829))
    c3 = -0.04419866 + u * (0.58963261 + u * (-1.94286119 + u * 0.41395212))
    return c0 + lam * (c1 + lam * (c2 + lam * c3))


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def half_angle(x: float, lam: float, one_l2: float) -> tuple[float, float, float]:
    """s, η = y - λx and y, good to the last bits only where nothing cancels: for the early steps."""
    y = sqrt(one_l2 + (1.0 - one_l2) * x * x)
    return sqrt(0.5 + 0.5 * (x * y + lam * (1.0 - x * x))), y - lam * x, y


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def quotient(n: float, d: float, s: float, twice_s2: float, eta: float, lam: float) -> tuple[float, float]:
    """T without revolutions as numerator and denominator, from w = n/d."""
    sd = s * d
    below = twice_s2 * sd
    return eta * (eta * eta * (0.5 * n + sd) + 2.0 * lam * below), below


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def quick_time(x: float, lam: float, one_l2: float) -> tuple[float, float, float]:
    """T(x) without revolutions as a quotient, and y, for the early steps."""
    s, eta, y = half_angle(x, lam, one_l2)
    n, d = half_angle_ratio(s)
    num, den = quotient(n, d, s, 2.0 * s * s, eta, lam)
    return num, den, y


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def exact_time(x: float, q: float, lam: float, one_l2: float) -> tuple[float, float, float]:
    """The same with every difference of near numbers written as a quotient; q = 1 - x²."""
    y = sqrt(one_l2 + (1.0 - one_l2) * x * x)
    lx = lam * x
    total = y + abs(lx)
    cosine = x * y + lam * q
    above = 1.0 if cosine > 0.0 else 1.0 - cosine
    both = 1.0 / (total * above)
    eta = one_l2 * above * both if lx > 0.0 else total  # y - λx
    twice_s2 = (1.0 + cosine) if cosine > 0.0 else eta * eta * q * total * both  # 1 + cos ψ
    s = sqrt(0.5 * twice_s2)
    n, d = half_angle_ratio(s)
    num, den = quotient(n, d, s, twice_s2, eta, lam)
    return num, den, y


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def derivatives(num: float, den: float, x: float, y: float, q: float, lam: float, one_l2: float) -> Four:
    """T = num/den, T', T'' and T''': Izzo 2015, eq. 22."""
    l2 = 1.0 - one_l2
    l3 = l2 * lam
    qy = q * y
    every = 1.0 / (den * qy)
    t = num * qy * every
    iy = q * den * every
    iq = y * den * every
    iy3 = iy * iy * iy
    d1 = (3.0 * t * x - 2.0 + 2.0 * l3 * x * iy) * iq
    d2 = (3.0 * t + 5.0 * x * d1 + 2.0 * one_l2 * l3 * iy3) * iq
    d3 = (7.0 * x * d2 + 8.0 * d1 - 6.0 * one_l2 * l2 * l3 * x * iy3 * iy * iy) * iq
    return t, d1, d2, d3


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def householder(num: float, den: float, T: float, x: float, y: float, q: float, lam: float, one_l2: float) -> float:
    """Step to subtract from x, where the time of flight is num/den: Householder's of the third order."""
    q = 1e-7 if abs(q) < 1e-7 else q
    t, d1, d2, d3 = derivatives(num, den, x, y, q, lam, one_l2)
    miss = t - T
    return miss * (d1 * d1 - 0.5 * miss * d2) / (d1 * (d1 * d1 - miss * d2) + d3 * miss * miss * (1.0 / 6.0))


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def with_turns(num: float, den: float, q: float, turns: float) -> tuple[float, float]:
    """The quotient num/den + turns/q^1.5: the time of flight with revolutions, ``turns`` = Mπ."""
    w = q * sqrt(abs(q))
    return num * w + turns * den, den * w


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def last_step(b: Any, k: int, turns: float) -> tuple[float, float, float, float, float]:
    """The last step of a lane, with the exact time of flight; then x, y, q = 1 - x² and λ, from where it starts."""
    lam = b[k + LAMBDA]
    one_l2 = b[k + ONE_L2]
    x = b[k + X]
    q = 1.0 - x * x
    num, den, y = exact_time(x, q, lam, one_l2)
    if turns > 0.0:
        num, den = with_turns(num, den, q, turns)
    return householder(num, den, b[k + TIME], x, y, q, lam, one_l2), x, y, q, lam


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def load(r1: Any, r2: Any, tof: Any, root_mu: float, b: Any, n: int) -> None:
    for k in range(n):
        b[k + UX] = r1[k, 0]
        b[k + UY] = r1[k, 1]
        b[k + UZ] = r1[k, 2]
    for k in range(n):
        b[k + VX] = r2[k, 0]
        b[k + VY] = r2[k, 1]
        b[k + VZ] = r2[k, 2]
    for k in range(n):
        b[k + TIME] = tof[k] * root_mu


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def geometry(b: Any, n: int, way: float, nx: float, ny: float, nz: float) -> None:
    """λ, T and the directions; ``way`` 1 for an angular momentum along the north, -1 against it."""
    for k in range(n):
        ax = b[k + UX]
        ay = b[k + UY]
        az = b[k + UZ]
        bx = b[k + VX]
        by = b[k + VY]
        bz = b[k + VZ]
        r1 = sqrt(ax * ax + ay * ay + az * az)
        r2 = sqrt(bx * bx + by * by + bz * bz)
        cx = bx - ax
        cy = by - ay
        cz = bz - az
        c = sqrt(cx * cx + cy * cy + cz * cz)
        s = 0.5 * (r1 + r2 + c)
        time = SQRT2 * b[k + TIME]
        both = r1 * r2
        times = s * time
        every = 1.0 / (both * times)
        i1 = r2 * times * every
        i2 = r1 * times * every
        inverse = both * time * every  # 1/s
        root = sqrt(s)
        ux = ax * i1
        uy = ay * i1
        uz = az * i1
        vx = bx * i2
        vy = by * i2
        vz = bz * i2
        hx = ux + vx
        hy = uy + vy
        hz = uz + vz
        one_plus_cos = 0.5 * (hx * hx + hy * hy + hz * hz)  # no cancellation near 180°
        px = uy * vz - uz * vy
        py = uz * vx - ux * vz
        pz = ux * vy - uy * vx
        sign = way if nx * px + ny * py + nz * pz >= 0.0 else -way
        b[k + LAMBDA] = 0.5 * sign * sqrt(2.0 * both * one_plus_cos) * inverse
        b[k + ONE_L2] = c * inverse
        b[k + TIME] = time * inverse * inverse * root  # over s^1.5
        b[k + FREQUENCY] = s * s * root * both * every
        b[k + CHORD] = c
        b[k + ROOT_S] = root
        b[k + R1] = r1
        b[k + R2] = r2
        b[k + SINE2] = px * px + py * py + pz * pz
        b[k + UX] = ux
        b[k + UY] = uy
        b[k + UZ] = uz
        b[k + VX] = vx
        b[k + VY] = vy
        b[k + VZ] = vz


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def guess(b: Any, n: int) -> None:
    for k in range(n):
        u = sqrt(b[k + FREQUENCY])
        u = 4.0 if u > 4.0 else u
        b[k + X] = first_x(b[k + LAMBDA], u)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def improve(b: Any, n: int) -> None:
    """An early step, with the quick time of flight."""
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X]
        num, den, y = quick_time(x, lam, one_l2)
        x = x - householder(num, den, b[k + TIME], x, y, 1.0 - x * x, lam, one_l2)
        b[k + X] = -0.999 if x < -0.999 else x


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def doubtful(x: float, y: float, q: float, lam: float, step: float, sine2: float) -> int:
    """1 outside the fast domain or where the last step was long, else 0; NaN is doubtful."""
    fitted = x * y + lam * q < 100.0  # the half angle is where its ratio was fitted
    sure = (abs(step) < CONVERGED) & (abs(lam) < 0.9999) & (x > -0.99) & (sine2 > ALIGNED)
    return 0 if fitted & sure else 1


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def finish(b: Any, n: int) -> int:
    """The last step, with the exact time of flight; marks the doubtful lanes and returns how many they are."""
    total = 0
    for k in range(n):
        step, x, y, q, lam = last_step(b, k, 0.0)
        bad = doubtful(x, y, q, lam, step, b[k + SINE2])
        b[k + X] = x - step
        b[k + STEP] = step
        b[k + DOUBT] = bad
        total += bad
    return total


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def finish_doubtful(b: Any, n: int) -> int:
    """One more step in the doubtful lanes; the others stay as they are, whoever their neighbours may be."""
    total = 0
    for k in range(n):
        step, x, y, q, lam = last_step(b, k, 0.0)
        again = b[k + DOUBT] > 0.0
        bad = doubtful(x, y, q, lam, step, b[k + SINE2]) if again else 0
        b[k + X] = x - step if again else x
        b[k + STEP] = step if again else b[k + STEP]
        b[k + DOUBT] = bad
        total += bad
    return total


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def velocities(b: Any, n: int) -> None:
    """Both velocities from x, in units of √μ: Izzo 2015, algorithm 1; transverse directions by cross products."""
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X]
        c = b[k + CHORD]
        r1 = b[k + R1]
        r2 = b[k + R2]
        sine2 = b[k + SINE2]
        y = sqrt(one_l2 + (1.0 - one_l2) * x * x)
        gamma = b[k + ROOT_S] * (1.0 / SQRT2)
        r1r2 = r1 * r2
        lx = lam * x
        ly = lam * y
        total = y + abs(lx)
        ux = b[k + UX]
        uy = b[k + UY]
        uz = b[k + UZ]
        vx = b[k + VX]
        vy = b[k + VY]
        vz = b[k + VZ]
        dx = vx - ux
        dy = vy - uy
        dz = vz - uz
        one_minus_cos = 0.5 * (dx * dx + dy * dy + dz * dz)
        chords = c * r1r2 * sine2
        every = 1.0 / (chords * total)  # one division for all the quotients below
        per_chords = total * every
        y_plus_lx = total if lx > 0.0 else one_l2 * chords * every
        rho = (r1 - r2) * r1r2 * sine2 * per_chords
        slope = gamma * c * sine2 * per_chords  # γ/(r1 r2)
        radial1 = slope * ((ly - x) - rho * (ly + x)) * r2
        radial2 = -slope * ((ly - x) + rho * (ly + x)) * r1
        way = gamma if lam >= 0.0 else -gamma
        momentum = way * y_plus_lx * sqrt(2.0 * r1r2 * one_minus_cos * sine2) * per_chords  # γσ(y + λx)/(r1 r2 sin θ)
        t1 = momentum * r2
        t2 = momentum * r1
        hx = uy * vz - uz * vy  # square to both directions, sin θ long
        hy = uz * vx - ux * vz
        hz = ux * vy - uy * vx
        ax = hy * uz - hz * uy
        ay = hz * ux - hx * uz
        az = hx * uy - hy * ux
        bx = hy * vz - hz * vy
        by = hz * vx - hx * vz
        bz = hx * vy - hy * vx
        b[k + OUT] = radial1 * ux + t1 * ax
        b[k + OUT + STRIDE] = radial1 * uy + t1 * ay
        b[k + OUT + 2 * STRIDE] = radial1 * uz + t1 * az
        b[k + OUT + 3 * STRIDE] = radial2 * vx + t2 * bx
        b[k + OUT + 4 * STRIDE] = radial2 * vy + t2 * by
        b[k + OUT + 5 * STRIDE] = radial2 * vz + t2 * bz


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def store(b: Any, v1: Any, v2: Any, root_mu: float, n: int) -> None:
    for k in range(n):
        v1[k, 0] = root_mu * b[k + OUT]
        v1[k, 1] = root_mu * b[k + OUT + STRIDE]
        v1[k, 2] = root_mu * b[k + OUT + 2 * STRIDE]
    for k in range(n):
        v2[k, 0] = root_mu * b[k + OUT + 3 * STRIDE]
        v2[k, 1] = root_mu * b[k + OUT + 4 * STRIDE]
        v2[k, 2] = root_mu * b[k + OUT + 5 * STRIDE]
