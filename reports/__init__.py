"""Reports from result files: one offline HTML page, its Markdown twin, and a summary for machines."""

from symtests.reports.drawing import load_charts
from symtests.reports.write import write_report

__all__ = ["load_charts", "write_report"]
