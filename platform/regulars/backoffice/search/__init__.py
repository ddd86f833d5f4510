"""One search over everything in the back office: each room says in `search_sources.py` what it can find.

Every source asks a fixed number of questions, keeps to permission and scope of whoever asks, and gives a few hits.
"""

from __future__ import annotations

from regulars.backoffice.search.sources import MOST, Group, Hit, find, searchable

__all__ = ["MOST", "Group", "Hit", "find", "searchable"]
