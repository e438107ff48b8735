"""Arithmetic that the compiler turns into wide vectors: no calls, no branches, a few ulp.

The stages of the batch kernels are loops over a block of ``LANES`` problems that lies in the first-level cache;
each stage is its own small loop, because one long loop body waits for its own results. Library sines and powers
would break the vectors, so the three that the kernels need are written out here.
"""

from math import pi
from typing import Any, Final

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LANES: Final = 128  # problems per block
STRIDE: Final = 136  # doubles between two rows of the scratch block: not a power of two, so rows do not collide
LINE: Final = 64  # bytes that memory hands over at once
FAST: Final = {"contract", "nsz", "arcp"}  # what the compiler may reorder: never the sums that carry the accuracy

_ROUND: Final = 6_755_399_441_055_744.0  # 1.5 × 2^52: adding and subtracting it rounds to the nearest integer
_TWO_PI: Final = 2.0 * pi


@intrinsic
def _bits(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _double(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _prefetch(typing_context: Any, array: Any, byte: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        start = builder.bitcast(context.make_array(array)(context, builder, arguments[0]).data, place)
        fetch = builder.module.declare_intrinsic(
            "llvm.prefetch", (place,), ir.FunctionType(ir.VoidType(), [place, number, number, number])
        )
        for_reading, nearly_first_level, of_data = (ir.Constant(number, k) for k in (0, 2, 1))
        builder.call(fetch, [builder.gep(start, [arguments[1]]), for_reading, nearly_first_level, of_data])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@njit(error_model="numpy", forceinline=True)
def fetch(array: Any, first: int, last: int) -> None:
    """Asks the memory for these bytes of a contiguous array while the arithmetic goes on; past its end: nothing.

    The processor's own look-ahead stops between two blocks, because nothing is read while one is solved.
    """
    for byte in range(first, last, LINE):
        _prefetch(array, byte)  # type: ignore[call-arg]


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def sine_cosine(angle: float) -> tuple[float, float]:
    """Sine and cosine of an angle in [-π, π], each within 2e-16: minimax polynomials of the half angle."""
    h = 0.5 * angle
    z = h * h
    s = 2.721397855279946e-15
    s = -7.6430101545397e-13 + z * s
    s = 1.6058940263949844e-10 + z * s
    s = -2.5052106878642194e-08 + z * s
    s = 2.755731921110212e-06 + z * s
    s = -0.00019841269841207941 + z * s
    s = 0.008333333333333184 + z * s
    s = -0.16666666666666666 + z * s
    s = h * (1.0 + z * s)
    c = -1.511884388720359e-16
    c = 4.776861919891603e-14 + z * c
    c = -1.1470669715073018e-11 + z * c
    c = 2.087675565603644e-09 + z * c
    c = -2.755731920951124e-07 + z * c
    c = 2.4801587301491506e-05 + z * c
    c = -0.0013888888888888525 + z * c
    c = 0.04166666666666666 + z * c
    c = -0.5 + z * c
    c = 1.0 + z * c
    return 2.0 * s * c, 1.0 - 2.0 * s * s


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def two_thirds_power(z: float) -> float:
    """z^(2/3) of z > 0 within 1e-8, enough for a first guess: reciprocal cube root from the exponent, refined."""
    y: float = _double(int(1_430_167_552.0 - (_bits(z) >> 32) * (1.0 / 3.0)) << 32)  # type: ignore[call-arg]
    third = z * (1.0 / 3.0)
    for _ in range(3):
        y = y * (4.0 / 3.0 - third * y * y * y)
    return z * y


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def wrapped(angle: float) -> float:
    """The same angle in [-π, π]."""
    turns = angle * (1.0 / _TWO_PI)
    return (turns - ((turns + _ROUND) - _ROUND)) * _TWO_PI


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def eccentric_anomaly(M: float, e: float) -> tuple[float, float]:
    """Sine and cosine of the eccentric anomaly of a mean anomaly in [-π, π], 0 <= e < 1.

    Markley (1995), doi:10.1007/BF00691917: cubic starter, one fifth-order correction, then the sine and cosine of
    the correction by series instead of a second evaluation.
    """
    A = abs(M)
    alpha = (3.0 * pi * pi + 1.6 * (pi * pi - pi * A) / (1.0 + e)) * (1.0 / (pi * pi - 6.0))  # eq. 20
    d = 3.0 * (1.0 - e) + alpha * e
    q = 2.0 * alpha * d * (1.0 - e) - A * A
    r = 3.0 * alpha * d * (d - 1.0 + e) * A + A * A * A
    w = two_thirds_power(r + (q * q * q + r * r) ** 0.5 + 1e-300)
    E = (2.0 * r * w / (w * w + w * q + q * q + 1e-300) + A) / d  # eq. 15
    sin_E, cos_E = sine_cosine(E)
    es = e * sin_E
    ec = e * cos_E
    f0 = E - es - A
    f1 = 1.0 - ec
    d3 = -f0 / (f1 - 0.5 * f0 * es / f1)  # eq. 21 to 23
    d4 = -f0 / (f1 + 0.5 * d3 * es + d3 * d3 * ec * (1.0 / 6.0))
    d5 = -f0 / (f1 + 0.5 * d4 * es + d4 * d4 * ec * (1.0 / 6.0) - d4 * d4 * d4 * es * (1.0 / 24.0))
    z = d5 * d5
    cos_d = 1.0 - z * (0.5 - z * (1.0 / 24.0))
    sin_d = d5 * (1.0 - z * (1.0 / 6.0 - z * (1.0 / 120.0)))
    sine = sin_E * cos_d + cos_E * sin_d
    return (-sine if M < 0.0 else sine), cos_E * cos_d - sin_E * sin_d
