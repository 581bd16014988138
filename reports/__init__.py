"""Reports from result files: one offline HTML page, its Markdown twin, and a summary for machines."""

from symtests.reports.write import write_report

__all__ = ["write_report"]
