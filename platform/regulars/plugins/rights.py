"""What staff may do and where, for plugins: asked in hooks and acts that have no page with a permission of its own."""

from __future__ import annotations

from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows
from regulars.organisation.scope import Scope, scope_of

__all__ = ["Scope", "Staff", "allows", "scope_of"]
