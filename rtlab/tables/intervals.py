"""What repeats of one measurement say together: the middle, and how far it may be off."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

# Student's 97.5 % points for 1 to 9 degrees of freedom.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
_NORMAL = 1.960


def student(degrees: int) -> float:
    """Give Student's 97.5 % point: so many standard errors each way make a 95 % interval.

    Args:
        degrees: The degrees of freedom, at least 1.
    """
    return _STUDENT[degrees - 1] if degrees <= len(_STUDENT) else _NORMAL + 2.7 / degrees


def middle_of_repeats(values: Sequence[float]) -> tuple[float, float, float]:
    """Give the geometric mean of some repeats with its 95 % interval.

    A machine that is disturbed is slower by a factor, so the arithmetic is done on a scale of ratios.

    Args:
        values: One for each repeat.

    Returns:
        The middle, and the lower and the upper end; not a number where there are too few repeats to tell, or where
        a value is not above 0.
    """
    if not values or min(values) <= 0 or not all(map(math.isfinite, values)):
        return math.nan, math.nan, math.nan
    logs = np.log(values)
    middle = float(logs.mean())
    if len(values) < 2:
        return math.exp(middle), math.nan, math.nan
    reach = student(len(values) - 1) * float(logs.std(ddof=1)) / math.sqrt(len(values))
    return math.exp(middle), math.exp(middle - reach), math.exp(middle + reach)


def slope(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float, float]:
    """Give the slope of a straight line through points with its 95 % interval.

    Args:
        xs: The places to the right, not all the same.
        ys: The heights.

    Returns:
        The slope, and the lower and the upper end; the ends are not a number with fewer than three points.
    """
    right, up = np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)
    value, level = (float(each) for each in np.polyfit(right, up, 1))
    if right.size < 3:
        return value, math.nan, math.nan
    rest = up - level - value * right
    spread = float(((right - right.mean()) ** 2).sum())
    reach = student(right.size - 2) * math.sqrt(float((rest**2).sum()) / (right.size - 2) / spread)
    return value, value - reach, value + reach
