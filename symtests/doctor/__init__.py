"""The doctor: examines a real model's start and first steps, and says what keeps it from learning."""

from __future__ import annotations

from symtests.doctor.diagnosing import CannotLearn, Diagnosis, assert_can_learn, diagnose
from symtests.doctor.findings import Finding
from symtests.doctor.model import NotExaminable

__all__ = ["CannotLearn", "Diagnosis", "Finding", "NotExaminable", "assert_can_learn", "diagnose"]
