"""What a plan tells a DBA: findings with evidence, ranked by the share of time they could save."""

from dbbuddy.plans.insights.find import find_insights
from dbbuddy.plans.insights.insight import Insight

__all__ = ["Insight", "find_insights"]
