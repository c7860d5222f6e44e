"""Whether networks differ: seeds as the unit, effects with intervals, and answers to claims.

Nothing here loads torch.
"""

from specrob.comparisons.answer_claims import answer_claims as answer_claims
from specrob.comparisons.answer_claims import compare_results as compare_results
from specrob.comparisons.compare import compare_groups as compare_groups
from specrob.comparisons.read_claims import read_claims as read_claims
