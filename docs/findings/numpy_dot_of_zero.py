"""numpy.dot: a matrix of one number times a row. Where that number is 0, what the row holds is lost, be it NaN."""

import sys

import numpy as np

zero, row = np.array([[0.0]]), np.array([[np.nan, np.inf, 1.0]])
with np.errstate(invalid="ignore"):
    by_dot, by_matmul = np.dot(zero, row), np.matmul(zero, row)
print(f"numpy.dot:    {by_dot}")
print(f"numpy.matmul: {by_matmul}; right: 0 times NaN and 0 times infinity are NaN")
sys.exit(not np.isnan(by_dot[0, :2]).all())
