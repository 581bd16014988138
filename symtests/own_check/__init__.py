"""What a check of one's own can tell: how large its own error is, and which faults it lets pass."""

from symtests.own_check.agreement import Agreement, AgreementReport, explain_agreement
from symtests.own_check.difference import GRADCHECK, Difference, DifferenceReport, explain_difference
from symtests.own_check.setting import Setting

__all__ = [
    "GRADCHECK",
    "Agreement",
    "AgreementReport",
    "Difference",
    "DifferenceReport",
    "Setting",
    "explain_agreement",
    "explain_difference",
]
