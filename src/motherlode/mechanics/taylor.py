"""The Taylor series of a path in the restricted problem of three bodies, and of what varies along it.

With both distances as power series the coefficients of the motion follow by recurrence: a step of order 22 costs
seven products of series and answers for every moment inside it. Symbols and axes are those of ``threebody``.

Jorba & Zou (2005), doi:10.1080/10586458.2005.10128904 for the step size.
"""

from typing import Any, Final

import numpy as np
from numba import njit

ORDER: Final = 22  # ln(1e-16)/-2 and a little, where work per unit of time is least


@njit(error_model="numpy", fastmath={"contract"}, forceinline=True)
def series(c: Any, b: Any, mu: float, e: float, f: float) -> None:
    """Taylor coefficients c[k] = x y z u v w of order k from the state c[0]; rows of ``b`` hold the other series.

    d = x - 1 + μ, r2² = d² + y² + z², r1² = r2² + 2d + 1, ω = (1-μ)/r1³ + μ/r2³:
    x'' = x + 2y' - dω - (1-μ)/r1³,  y'' = y - 2x' - yω,  z'' = -zω.
    Seen from the smaller primary nothing cancels in a close passage. With e > 0 the gradient is multiplied by the
    series of 1/(1 + e cos f), and z'' = gradient/(1 + e cos f) - z.
    """
    cosine = np.cos(f)
    sine = np.sin(f)
    for k in range(ORDER):
        b[0, k] = c[k, 0]
        b[1, k] = c[k, 1]
        b[2, k] = c[k, 2]
        if k == 0:
            b[0, 0] += mu - 1.0
        s = 0.0
        for j in range(k + 1):
            s += b[0, j] * b[0, k - j] + b[1, j] * b[1, k - j] + b[2, j] * b[2, k - j]
        b[3, k] = s
        b[4, k] = s + 2.0 * b[0, k] + (1.0 if k == 0 else 0.0)
        if k == 0:
            b[5, 0] = s**-1.5
            b[6, 0] = b[4, 0] ** -1.5
        else:
            p = 0.0
            q = 0.0
            for j in range(k):  # the power -3/2 of a series
                weight = -1.5 * k + 0.5 * j
                p += weight * b[3, k - j] * b[5, j]
                q += weight * b[4, k - j] * b[6, j]
            b[5, k] = p / (k * b[3, 0])
            b[6, k] = q / (k * b[4, 0])
        b[7, k] = mu * b[5, k] + (1.0 - mu) * b[6, k]
        ax = 0.0
        ay = 0.0
        az = 0.0
        for j in range(k + 1):
            ax += b[0, j] * b[7, k - j]
            ay += b[1, j] * b[7, k - j]
            az += b[2, j] * b[7, k - j]
        n = 1.0 / (k + 1.0)
        c[k + 1, 0] = c[k, 3] * n
        c[k + 1, 1] = c[k, 4] * n
        c[k + 1, 2] = c[k, 5] * n
        ax = c[k, 0] - ax - (1.0 - mu) * b[6, k]
        ay = c[k, 1] - ay
        az = -az
        if e > 0.0:
            b[10, k] = ax
            b[11, k] = ay
            b[12, k] = az + c[k, 2]
            b[8, k] = 1.0 + e * cosine if k == 0 else e * cosine  # 1 + e cos f, then its reciprocal
            cosine, sine = -sine * n, cosine * n
            q = 1.0 if k == 0 else 0.0
            for j in range(k):
                q -= b[8, k - j] * b[9, j]
            b[9, k] = q / b[8, 0]
            ax = 0.0
            ay = 0.0
            az = -c[k, 2]
            for j in range(k + 1):
                ax += b[9, j] * b[10, k - j]
                ay += b[9, j] * b[11, k - j]
                az += b[9, j] * b[12, k - j]
        c[k + 1, 3] = (ax + 2.0 * c[k, 4]) * n
        c[k + 1, 4] = (ay - 2.0 * c[k, 3]) * n
        c[k + 1, 5] = az * n


@njit(cache=True, nogil=True, error_model="numpy")
def variations(f: Any, b: Any, mu: float) -> None:
    """Taylor coefficients f[k] (6, 6) of the state-transition matrix along the series in ``b``.

    The Hessian of the potential needs ρ = r⁻⁵ as ω needs r⁻³: κ = (1-μ)ρ1 + μρ2, g = dκ + (1-μ)ρ1.
    """
    for k in range(ORDER):
        if k == 0:
            b[8, 0] = b[3, 0] ** -2.5
            b[9, 0] = b[4, 0] ** -2.5
        else:
            p = 0.0
            q = 0.0
            for j in range(k):
                weight = -2.5 * k + 1.5 * j
                p += weight * b[3, k - j] * b[8, j]
                q += weight * b[4, k - j] * b[9, j]
            b[8, k] = p / (k * b[3, 0])
            b[9, k] = q / (k * b[4, 0])
        b[10, k] = mu * b[8, k] + (1.0 - mu) * b[9, k]
        g = 0.0
        yk = 0.0
        zk = 0.0
        for j in range(k + 1):
            g += b[0, j] * b[10, k - j]
            yk += b[1, j] * b[10, k - j]
            zk += b[2, j] * b[10, k - j]
        b[11, k] = g + (1.0 - mu) * b[9, k]
        b[12, k] = yk
        b[13, k] = zk
        xx = 0.0
        xy = 0.0
        xz = 0.0
        yy = 0.0
        yz = 0.0
        zz = 0.0
        for j in range(k + 1):
            xx += b[0, j] * (b[11, k - j] + (1.0 - mu) * b[9, k - j])
            xy += b[1, j] * b[11, k - j]
            xz += b[2, j] * b[11, k - j]
            yy += b[1, j] * b[12, k - j]
            yz += b[2, j] * b[12, k - j]
            zz += b[2, j] * b[13, k - j]
        one = 1.0 if k == 0 else 0.0
        b[14, k] = one - b[7, k] + 3.0 * (xx + (1.0 - mu) * b[9, k])
        b[15, k] = 3.0 * xy
        b[16, k] = 3.0 * xz
        b[17, k] = one - b[7, k] + 3.0 * yy
        b[18, k] = 3.0 * yz
        b[19, k] = 3.0 * zz - b[7, k]
        n = 1.0 / (k + 1.0)
        for i in range(6):
            ax = 0.0
            ay = 0.0
            az = 0.0
            for j in range(k + 1):
                x = f[k - j, 0, i]
                y = f[k - j, 1, i]
                z = f[k - j, 2, i]
                ax += b[14, j] * x + b[15, j] * y + b[16, j] * z
                ay += b[15, j] * x + b[17, j] * y + b[18, j] * z
                az += b[16, j] * x + b[18, j] * y + b[19, j] * z
            f[k + 1, 0, i] = f[k, 3, i] * n
            f[k + 1, 1, i] = f[k, 4, i] * n
            f[k + 1, 2, i] = f[k, 5, i] * n
            f[k + 1, 3, i] = (ax + 2.0 * f[k, 4, i]) * n
            f[k + 1, 4, i] = (ay - 2.0 * f[k, 3, i]) * n
            f[k + 1, 5, i] = az * n


@njit(cache=True, nogil=True, error_model="numpy")
def step(c: Any, tolerance: float) -> float:
    """Length of a step: the last two coefficients tell the radius of convergence."""
    last = 0.0
    before = 0.0
    size = 0.0
    for i in range(6):
        size = max(size, abs(c[0, i]))
        last = max(last, abs(c[ORDER, i]))
        before = max(before, abs(c[ORDER - 1, i]))
    scale = tolerance * max(size, 1e-3)
    by_last = (scale / max(last, 1e-300)) ** (1.0 / ORDER)
    by_before = (scale / max(before, 1e-300)) ** (1.0 / (ORDER - 1))
    return float(min(by_last, by_before))


@njit(cache=True, nogil=True, error_model="numpy")
def evaluate(c: Any, h: float, out: Any) -> None:
    """The series at a moment h inside its step, by Horner's rule, into ``out`` (6)."""
    for i in range(6):
        value = c[ORDER, i]
        for k in range(ORDER - 1, -1, -1):
            value = value * h + c[k, i]
        out[i] = value
