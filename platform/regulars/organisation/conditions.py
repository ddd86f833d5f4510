"""What conditions need to know of the business: its currency. It declares no fields of members."""

from __future__ import annotations

from regulars.conditions.fields import Field
from regulars.conditions.registry import money_in
from regulars.organisation.selectors import organisation

FIELDS: list[Field] = []

money_in(lambda: organisation().currency)
