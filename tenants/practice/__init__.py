"""The practice place of a business: what it is made of, so that it feels real and nothing in it is.

`likeness` carries what the business set over, never people or what they did; `examples` lets made-up members buy. The
acts stand in `tenants.services.practising`.
"""

from __future__ import annotations

PREFIX = "practice-"
"""What the address of a practice place begins with; no business may choose one that does."""
