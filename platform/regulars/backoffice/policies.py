"""Who may do what with a record in the back office, where the record's own services decide how it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy


class ReadPolicy(ModelPermissionPolicy):  # type: ignore[misc]
    """A record that no generic form adds, changes or deletes, whoever asks."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether a user may see such records; every other act is refused."""
        return action == "view" and bool(user.has_perm(self._get_permission_name("view")))

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Whether one of the acts is to see, and the user may."""
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        """As for all such records."""
        return self.user_has_permission(user, action)

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        """As for all such records."""
        return self.user_has_any_permission(user, actions)
