"""A folder of results as one page: numbers by network, figures, and where each comes from.

Nothing here loads torch.
"""

from specrob.reports.assemble import assemble
from specrob.reports.report import Report
from specrob.reports.writers import WRITERS, Writer

__all__ = ["WRITERS", "Report", "Writer", "assemble"]
