"""An act on many records of a list: its words, its form and the kind of job that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.utils.functional import Promise

if TYPE_CHECKING:
    from regulars.backoffice.columns import Asker
    from regulars.organisation.models import Branch, Staff


@dataclass(frozen=True, kw_only=True)
class BulkAct:
    """`form` is made with `asker=`; its `params()` go to the job of `kind` together with the choice of records."""

    code: str
    label: str | Promise
    help: str | Promise
    kind: str
    permission: str
    form: Callable[..., Form]
    icon: str = "edit"
    approval: str = ""


class ActForm(Form):
    """A form of an act on many: it knows who asks, so that it offers nothing beyond their scope."""

    def __init__(self, *args: Any, asker: Asker, **options: Any) -> None:
        self.asker = asker
        super().__init__(*args, **options)

    def params(self) -> dict[str, Any]:
        """What was filled in, as the job takes it: JSON values and public ids."""
        return dict(self.cleaned_data)

    def amount(self, count: int) -> int | None:
        """What counts against the limit of whoever asks, for so many records; None for acts without one."""
        return None

    def weighed(self, by: Staff, branch: Branch | None) -> int | None:
        """What is held against that limit where it is more than the amount; None where it is not."""
        return None
