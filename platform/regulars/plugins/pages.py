"""What a plugin's own pages are made of: those of the back office, those of a signed-in member, and who may see them.

`OfficePage` and `ActPage` name a permission (`permission = "stamps.view"`) and go into `urls.py` through `office`;
views of members are marked `@members_only` and drawn with `member_page`. Only a plugin's views import this.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.auth import require_admin_access

from regulars.backoffice.needs import admitted
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.organisation.rights import OFFICE_RIGHT
from regulars.portal.admission import member_here, members_only
from regulars.portal.pages import page as member_page

__all__ = ["ActPage", "OfficePage", "actor_of", "member_here", "member_page", "members_only", "office"]


def office(page: type[OfficePage]) -> Callable[..., HttpResponseBase]:
    """A page of the back office as a view: strangers are asked to sign in, staff without the permission are refused."""
    view: Any = page.as_view()
    inside: Callable[..., HttpResponseBase] = require_admin_access(view)

    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.has_perm(OFFICE_RIGHT):
            admitted(request, page.permission)
        return inside(request, *args, **options)

    return update_wrapper(guarded, view)
