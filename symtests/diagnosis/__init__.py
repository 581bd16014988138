"""What is wrong with an implementation that has broken a property: the shape of its error, in words."""

from symtests.diagnosis.examination import Examination

__all__ = ["Examination"]
