"""A folder of results as one page: numbers by network, figures, and where each comes from.

Nothing here loads torch.
"""

from specrob.reports.build import build_report
from specrob.reports.page import WRITERS, Page
from specrob.reports.picture_files import with_files

__all__ = ["WRITERS", "Page", "build_report", "with_files"]
