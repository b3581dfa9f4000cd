"""What a report says of several visits, in English or French."""

from calcitrace.services.reporting.following.content import ComparisonContent
from calcitrace.services.reporting.following.report import comparison_content

__all__ = ["ComparisonContent", "comparison_content"]
