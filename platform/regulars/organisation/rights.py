"""Answers Django's and Wagtail's questions about rights from our one table, so that there is no second one.

Wagtail asks in its own words, `people.view_member`; this table says which permission of ours that is. What it asks of
pages and files goes by groups: whoever may change the site is in the group `SITE_EDITORS`, see `team.services`.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection

from regulars.organisation.permissions import granted, opens_back_office
from regulars.organisation.selectors import staff_of

SITE_EDITORS = "site editors"
OFFICE_RIGHT = "wagtailadmin.access_admin"
RIGHTS: dict[str, str] = {
    "people.view_member": "members.view",
    "loyalty.view_tier": "loyalty.view",
    "loyalty.view_pointsrule": "loyalty.view",
    "sales.view_sale": "sales.view",
    "counter.view_shift": "sales.view",
}
"""Django's rights that are ours by another name; what is not named here nobody on the team holds."""


class StaffRights(BaseBackend):
    """Rights of the members of staff of the business that this request is in. Signs nobody in."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Everything a user may do here, in Django's names; asked once for each user object, as Django's own does."""
        if obj is not None or not user_obj.is_active or connection.schema_name == "public":  # type: ignore[attr-defined]
            return set()
        if not hasattr(user_obj, "_staff_rights"):
            staff = staff_of(user_obj)
            held = granted(staff)
            rights = {name for name, code in RIGHTS.items() if code in held}
            user_obj._staff_rights = rights | ({OFFICE_RIGHT} if opens_back_office(staff) else set())
        found: set[str] = user_obj._staff_rights
        return found

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a user may do this here."""
        return perm in self.get_all_permissions(user_obj, obj)
