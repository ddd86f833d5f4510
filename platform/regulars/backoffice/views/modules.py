"""The shelf of modules: what each adds, needs, stores, costs and owes, and switching it on, to closing and off.

A switch is an act with consequences for members, so each has a page of its own that names them before it is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.http import Http404
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import plugins
from regulars.backoffice.module_settings import SettingsForm
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.organisation.models import EnabledPlugin
from regulars.organisation.permissions import granted
from regulars.organisation.selectors import organisation
from regulars.plugins import PluginConfig, switch
from regulars.plugins.settings import declared

SHELF = reverse_lazy("backoffice:modules")

PLACES: dict[str, tuple[str | Promise, str]] = {
    "backoffice": (gettext_lazy("Back office"), "settings"),
    "counter": (gettext_lazy("Counter"), "counter"),
    "portal": (gettext_lazy("Members' pages"), "phone"),
    "site": (gettext_lazy("Website"), "globe"),
    "messages": (gettext_lazy("Messages"), "mail"),
}
STATES: dict[str, str | Promise] = {
    "on": gettext_lazy("On"),
    "closing": gettext_lazy("Closing"),
    "off": gettext_lazy("Off"),
}


@dataclass(frozen=True)
class Shown:
    """A module as its card and its page show it."""

    name: str
    config: PluginConfig
    state: str
    owed: list[Any] = field(default_factory=list)

    @property
    def state_words(self) -> str | Promise:
        """The state in a word."""
        return STATES[self.state]

    @property
    def picture(self) -> str:
        """The module's picture among the static files; empty for one that has none there."""
        return self.config.picture if self.config.picture and finders.find(self.config.picture) else ""

    @property
    def adds(self) -> list[tuple[str | Promise, str, str | Promise]]:
        """What it adds: place, icon of the place, words."""
        return [(*PLACES[place], words) for place, words in self.config.adds]

    @property
    def needs(self) -> list[tuple[str, str | Promise, bool]]:
        """The modules it needs: name, words, whether each is on."""
        found = plugins.installed()
        return [(name, found[name].verbose_name, plugins.is_on(name)) for name in self.config.requires]

    @property
    def tables(self) -> list[str]:
        """What its tables hold, by the names of its models."""
        return sorted(str(model._meta.verbose_name_plural) for model in self.config.get_models())

    @property
    def can_be_set(self) -> bool:
        """Whether a business may set anything."""
        return self.config.settings is not None


class Shelf(OfficePage):
    """Every module there is, with how it stands here."""

    template_name = "backoffice/modules.html"
    page_title = gettext_lazy("Modules")
    header_icon = "module"
    permission = "modules.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The modules that are on first, and those that are on here but cannot be loaded."""
        shown = [Shown(each.name, plugins.installed()[each.name], each.state) for each in switch.shelf()]
        shown.sort(key=lambda each: ([*STATES].index(each.state), str(each.config.verbose_name)))
        found: dict[str, Any] = super().get_context_data(modules=shown, stranded=switch.stranded(), **context)
        return found


class ModulePage(ActPage):
    """One module in full, with its settings: whoever may see modules reads them, who may switch them changes them."""

    template_name = "backoffice/module.html"
    form_class = SettingsForm
    header_icon = "module"
    permission = "modules.view"
    trail = ((SHELF, gettext_lazy("Modules")),)
    submit_label = gettext_lazy("Save settings")

    @cached_property
    def module(self) -> Shown:
        """The module of this address. Raises `Http404` for none."""
        return _module(self.kwargs["name"])

    @cached_property
    def may_switch(self) -> bool:
        """Whether whoever asks may change anything here."""
        return "modules.switch" in granted(self.staff)

    def get_page_title(self) -> str | Promise:
        """The module's name."""
        return self.module.config.verbose_name

    def get_success_url(self) -> str:
        """This very page."""
        return reverse("backoffice:module", args=(self.module.name,))

    def post(self, request: Any, *args: Any, **options: Any) -> Any:
        """Save the settings; the right to see does not include it."""
        if not (self.may_switch and self.module.can_be_set):
            raise Http404
        return super().post(request, *args, **options)

    def get_form_kwargs(self) -> dict[str, Any]:
        """What the module declares, and what is set."""
        can_be_set = self.module.can_be_set
        return {
            **super().get_form_kwargs(),
            "declared": declared(self.module.config),
            "current": plugins.settings_of(self.module.name) if can_be_set else None,
            "currency": organisation().currency,
        }

    def get_form(self, form_class: Any = None) -> forms.BaseForm:
        """The form, locked for whoever may only look."""
        form: forms.BaseForm = super().get_form(form_class)
        for each in form.fields.values():
            each.disabled = not self.may_switch
        return form

    def act(self, form: Any) -> dict[str, Any]:
        """Store them through the service."""
        return dict(plugins.change_settings(name=self.module.name, values=form.cleaned_data, by=actor_of(self.request)))

    def words_of_success(self, done: dict[str, Any]) -> str:
        """What changed, by the words of its field."""
        if not done:
            return _("Nothing was changed.")
        words = {each.name: str(each.label) for each in declared(self.module.config)}
        return _("Saved: %(changed)s.") % {"changed": ", ".join(words[name] for name in done)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The module and what can be done with it."""
        found: dict[str, Any] = super().get_context_data(
            module=self.module,
            may_switch=self.may_switch,
            needed_by=_titles(switch.needed_by(self.module.name)),
            changed=EnabledPlugin.objects.filter(name=self.module.name).first(),
            **context,
        )
        return found


class _Confirmation(forms.Form):
    """Nothing to fill in: the page is the question."""


class SwitchPage(ActPage):
    """The page that asks before a module is switched, naming what then becomes of members and what they own."""

    template_name = "backoffice/module_switch.html"
    form_class = _Confirmation
    header_icon = "module"
    permission = "modules.switch"
    to = ""

    ACTS: dict[str, Any] = {"on": switch.switch_on, "closing": switch.close, "off": switch.switch_off}

    @cached_property
    def module(self) -> Shown | None:
        """The module; None for one that is on here and cannot be loaded, which may only go off."""
        name = self.kwargs["name"]
        if self.to == "off" and name in {each.name for each in switch.stranded()}:
            return None
        return _module(name)

    @property
    def trail(self) -> tuple[tuple[str | Promise, str | Promise], ...]:  # type: ignore[override]
        """The shelf and, if there is one, the module's page."""
        if self.module is None:
            return ((SHELF, _("Modules")),)
        page = reverse("backoffice:module", args=(self.module.name,))
        return ((SHELF, _("Modules")), (page, self.module.config.verbose_name))

    @property
    def title(self) -> str:
        """The module's name."""
        return str(self.module.config.verbose_name) if self.module else self.kwargs["name"]

    def get_page_title(self) -> str:
        """The question."""
        words = {
            "on": _("Switch “%(module)s” on?"),
            "closing": _("Let “%(module)s” close?"),
            "off": _("Switch “%(module)s” off?"),
        }
        return words[self.to] % {"module": self.title}

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        """The words on the button."""
        words = {"on": _("Switch it on"), "closing": _("Let it close"), "off": _("Switch it off")}
        return words[self.to]

    def act(self, form: Any) -> EnabledPlugin:
        """Switch it. Raises `CannotSwitch` with what is to be done first."""
        assert self.module is None or self.module.name  # looked up while it stands as it was asked about
        done: EnabledPlugin = self.ACTS[self.to](name=self.kwargs["name"], by=actor_of(self.request))
        return done

    def get_success_url(self) -> str:
        """The module's page, or the shelf for one that has none."""
        return reverse("backoffice:module", args=(self.module.name,)) if self.module else str(SHELF)

    def words_of_success(self, done: EnabledPlugin) -> str:
        """What is so now, and how to undo it."""
        words = {
            "on": _("“%(module)s” is on. Everybody sees it from now on."),
            "closing": _("“%(module)s” is closing: nothing new begins, what members own is honoured."),
            "off": _("“%(module)s” is off. Its data is kept."),
        }
        said = words[self.to] % {"module": self.title}
        if self.to == "on" or self.module is None:
            return said
        again = reverse("backoffice:module_on", args=(self.module.name,))
        return format_html('{} <a href="{}">{}</a>', said, again, _("Switch it on again"))

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What will happen, and what stands in the way."""
        found: dict[str, Any] = super().get_context_data(
            module=self.module, to=self.to, in_the_way=self._in_the_way(), back=self.get_success_url(), **context
        )
        return found

    def _in_the_way(self) -> str:
        """Why the step cannot be done now, in words; empty when it can."""
        module = self.module
        if module is None:
            return ""
        if module.state == self.to:
            return _("It is in this state already.")
        if self.to == "closing" and module.state != "on":
            return _("It is not on, so there is nothing to close.")
        if self.to == "off" and module.state == "on":
            return _("It is on. Let it close first, so that members keep what they own.")
        if self.to == "off" and module.owed:
            return _("Members can still claim what stands below. It stays closing until that is settled.")
        if self.to == "on" and (missing := [words for _name, words, is_on in module.needs if not is_on]):
            return _("It needs: %(modules)s. Switch that on first.") % {"modules": ", ".join(map(str, missing))}
        if self.to != "on" and (needing := _titles(switch.needed_by(module.name))):
            return _("It is needed by: %(modules)s. Close that first.") % {"modules": ", ".join(needing)}
        return ""


def _module(name: str) -> Shown:
    """A module with its state and what it owes here. Raises `Http404` for one that is not installed."""
    config = plugins.installed().get(name)
    if config is None:
        raise Http404
    state = plugins.state_of(name)
    return Shown(name, config, state, switch.owed_by(name) if state != "off" else [])


def _titles(names: list[str]) -> list[str]:
    return [str(plugins.installed()[name].verbose_name) for name in names]
