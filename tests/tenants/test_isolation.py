"""Nothing of one business can be used in another: each gap that Django and django-tenants leave, and its closing.

Each closing has a control beside it that takes the closing away and sees the leak, so that the test can see one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.contrib.contenttypes.models import ContentType, ContentTypeManager
from django.core.cache import cache
from django.db import ProgrammingError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query

from regulars.access.models import User
from regulars.organisation.models import Branch, Staff, Terminal
from tenants import isolation
from tenants.backend.base import DatabaseWrapper, NoBusinessChosen
from tenants.context import business_context, carried, public_context, schema_context
from tenants.isolation import CrossBusinessError
from tenants.models import Business

NOBODY = "t_nobodyatall1"


def in_thread(work: Callable[[], Any]) -> Any:
    """What a function gives or raises in a thread of its own."""
    answer: list[Any] = []

    def run() -> None:
        try:
            answer.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test
            answer.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answer[0]


def search_path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return str(cursor.fetchone()[0])


def open_to_public(self: Any) -> list[str]:
    return [self.schema_name, "public", "extensions"]


# Search path


@pytest.mark.clause("2.3")
def test_a_schema_that_does_not_exist_answers_nothing(business: Business) -> None:
    with schema_context(NOBODY), pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
        User.objects.count()


@pytest.mark.clause("2.3")
def test_with_an_open_path_an_unknown_schema_would_answer_from_public(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    with public_context():
        User.objects.create(email="operator@regulars.test")
    monkeypatch.setattr(DatabaseWrapper, "_get_cursor_search_paths", open_to_public)
    with schema_context(NOBODY), transaction.atomic():
        assert User.objects.filter(email="operator@regulars.test").count() == 1


@pytest.mark.clause("2.3")
def test_a_business_has_its_own_schema_and_the_extensions_on_its_path_and_never_public(business: Business) -> None:
    assert search_path() == f"{business.schema_name}, extensions"


@pytest.mark.clause("2.3")
def test_a_table_missing_in_a_business_is_not_looked_for_in_public(business: Business) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE access_user CASCADE")
        with pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
            User.objects.count()
        transaction.set_rollback(True)


@pytest.mark.clause("2.3")
def test_with_an_open_path_a_missing_table_would_be_taken_from_public(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    with public_context():
        User.objects.create(email="operator@regulars.test")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE access_user CASCADE")
        monkeypatch.setattr(DatabaseWrapper, "_get_cursor_search_paths", open_to_public)
        connection.set_tenant(business)
        assert User.objects.filter(email="operator@regulars.test").exists()
        transaction.set_rollback(True)


def test_the_path_is_right_again_after_a_savepoint_is_rolled_back(business: Business, gym: Business) -> None:
    with transaction.atomic():
        with business_context(gym):
            assert search_path() == f"{gym.schema_name}, extensions"
        transaction.set_rollback(True)
    assert search_path() == f"{business.schema_name}, extensions"


def test_the_tables_of_businesses_are_reached_by_name_from_inside_any_business(
    business: Business, gym: Business
) -> None:
    assert set(Business.objects.values_list("slug", flat=True)) >= {"teahouse", "gym"}


# Querysets


@pytest.mark.clause("2.3")
def test_a_queryset_made_in_one_business_is_refused_in_another(business: Business, gym: Business) -> None:
    lazy = Branch.objects.all()
    with business_context(gym), pytest.raises(CrossBusinessError, match="queryset of Branch"):
        list(lazy)
    assert [branch.pk for branch in lazy] == list(Branch.objects.values_list("pk", flat=True))


@pytest.mark.clause("2.3")
def test_without_the_closing_a_queryset_shows_the_other_business(
    business: Business, gym: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy = Branch.objects.all()
    monkeypatch.setattr(Query, "get_compiler", isolation.stock_get_compiler)
    with business_context(gym):
        assert [branch.name for branch in lazy] == ["Main shop"]


@pytest.mark.parametrize(
    "use",
    [
        lambda lazy: lazy.count(),
        lambda lazy: lazy.exists(),
        lambda lazy: lazy.filter(name="x").first(),
        lambda lazy: lazy.update(name="taken over"),
        lambda lazy: lazy.delete(),
        lambda lazy: list(lazy.values("name")),
        lambda lazy: list(lazy.iterator()),
        lambda lazy: list(Terminal.objects.filter(branch__in=lazy)),
        lambda lazy: list(Branch.objects.all().union(lazy)),
    ],
    ids=["count", "exists", "narrowed", "update", "delete", "values", "iterator", "inside another", "union"],
)
def test_whatever_is_done_with_a_foreign_queryset_is_refused(
    business: Business, gym: Business, use: Callable[[Any], Any]
) -> None:
    lazy = Branch.objects.all()
    with business_context(gym):
        with pytest.raises(CrossBusinessError), transaction.atomic():
            use(lazy)
        assert [branch.name for branch in Branch.objects.all()] == ["Main shop"]


def test_a_raw_queryset_is_refused_in_another_business(business: Business, gym: Business) -> None:
    lazy = Branch.objects.raw("SELECT * FROM organisation_branch")
    with business_context(gym), pytest.raises(CrossBusinessError):
        list(lazy)


def test_a_queryset_made_in_public_belongs_to_nobody_until_it_is_narrowed_in_a_business(
    business: Business, gym: Business
) -> None:
    with public_context():
        made_at_import = Branch.objects.all()
    assert made_at_import.count() == 1
    narrowed = made_at_import.filter(name="总店")
    with business_context(gym):
        assert made_at_import.all().count() == 1
        with pytest.raises(CrossBusinessError):
            narrowed.count()


def test_a_queryset_of_businesses_may_go_anywhere(business: Business, gym: Business) -> None:
    lazy = Business.objects.filter(slug="gym")
    with business_context(gym):
        assert lazy.get() == gym


def test_a_form_class_made_in_one_business_offers_each_its_own_choices(business: Business, gym: Business) -> None:
    class TerminalForm(forms.ModelForm):  # type: ignore[type-arg]
        class Meta:
            model = Terminal
            fields = ("branch",)

    assert "总店" in str(TerminalForm())
    with business_context(gym):
        assert "总店" not in str(TerminalForm())
        assert "Main shop" in str(TerminalForm())


# Objects


@pytest.mark.clause("2.3")
def test_an_object_of_one_business_is_not_saved_in_another(business: Business, gym: Business, branch: Branch) -> None:
    branch.name = "taken over"
    with business_context(gym):
        with pytest.raises(CrossBusinessError, match=business.schema_name), transaction.atomic():
            branch.save()
        assert Branch.objects.get(pk=branch.pk).name == "Main shop"


@pytest.mark.clause("2.3")
def test_without_the_closing_saving_overwrites_the_other_business(
    business: Business, gym: Business, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.name = "taken over"
    monkeypatch.setattr(isolation, "check_object", lambda instance: None)
    with business_context(gym):
        branch.save()
        assert Branch.objects.get(pk=branch.pk).name == "taken over"


@pytest.mark.parametrize(
    "use",
    [
        lambda branch: branch.delete(),
        lambda branch: branch.save(using="default"),
        lambda branch: branch.refresh_from_db(),
        lambda branch: Branch.objects.bulk_create([branch]),
        lambda branch: Branch.objects.bulk_update([branch], ["name"]),
        lambda branch: list(branch.terminals.all()),
        lambda branch: Terminal(branch=branch, name="till"),
        lambda branch: list(Terminal.objects.filter(branch=branch)),
    ],
    ids=["delete", "named database", "refresh", "bulk create", "bulk update", "followed", "pointed at", "asked by"],
)
def test_whatever_is_done_with_a_foreign_object_is_refused(
    gym: Business, branch: Branch, use: Callable[[Any], Any]
) -> None:
    with business_context(gym):
        with pytest.raises(CrossBusinessError), transaction.atomic():
            use(branch)
        assert [each.name for each in Branch.objects.all()] == ["Main shop"]


def test_a_foreign_key_of_a_foreign_object_is_not_followed(gym: Business, owner: Staff) -> None:
    staff = Staff.objects.get(pk=owner.pk)
    with business_context(gym), pytest.raises(CrossBusinessError):
        staff.user  # noqa: B018 - asking is the act


def test_an_object_saved_in_one_business_stays_there(business: Business, gym: Business) -> None:
    made = Branch.objects.create(name="Second shop")
    with business_context(gym), pytest.raises(CrossBusinessError):
        made.save()


def test_an_operator_loaded_in_public_is_not_saved_in_a_business(business: Business) -> None:
    with public_context():
        operator = User.objects.create(email="operator@regulars.test")
    with pytest.raises(CrossBusinessError):
        operator.save()


def test_a_business_row_may_be_used_inside_another_business(business: Business, gym: Business) -> None:
    with business_context(gym):
        business.refresh_from_db()
        assert business.domains.count() == 1


# After commit, threads


@pytest.mark.clause("2.3")
def test_what_runs_after_commit_runs_in_the_business_that_asked(
    business: Business, gym: Business, django_capture_on_commit_callbacks: Any
) -> None:
    seen: list[Any] = []
    with business_context(gym), django_capture_on_commit_callbacks(execute=True), business_context(business):
        transaction.on_commit(lambda: seen.append(connection.schema_name))
    assert seen == [business.schema_name]
    assert connection.schema_name == business.schema_name


@pytest.mark.clause("2.3")
def test_without_the_closing_it_runs_wherever_the_commit_happens(
    business: Business, gym: Business, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "on_commit", BaseDatabaseWrapper.on_commit)
    seen: list[Any] = []
    with business_context(gym), django_capture_on_commit_callbacks(execute=True), business_context(business):
        transaction.on_commit(lambda: seen.append(connection.schema_name))
    assert seen == [gym.schema_name]


@pytest.mark.clause("2.3")
def test_a_new_thread_is_nowhere_and_may_ask_nothing(business: Business) -> None:
    assert isinstance(in_thread(User.objects.count), NoBusinessChosen)


@pytest.mark.clause("2.3")
def test_without_the_closing_a_new_thread_asks_public(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatabaseWrapper, "leave", lambda self: None)
    assert in_thread(search_path) == "public, extensions"


def test_a_carried_function_works_in_the_business_it_was_made_in(business: Business) -> None:
    assert in_thread(carried(search_path)) == f"{business.schema_name}, extensions"


# Content types


def give_branch_another_id() -> int:
    """In the present business only: a type that was made anew has another id."""
    ContentType.objects.filter(app_label="organisation", model="branch").delete()
    return ContentType.objects.create(app_label="organisation", model="branch").pk


@pytest.mark.clause("2.3")
def test_each_business_has_its_own_content_types(business: Business, gym: Business) -> None:
    here = ContentType.objects.get_for_model(Branch).pk
    with business_context(gym):
        there = give_branch_another_id()
        isolation.content_types.forget(gym.schema_name)
        assert ContentType.objects.get_for_model(Branch).pk == there
        assert there != here
    assert ContentType.objects.get_for_model(Branch).pk == here
    isolation.content_types.forget(gym.schema_name)


@pytest.mark.clause("2.3")
def test_without_the_closing_the_other_business_gets_a_foreign_id(
    business: Business, gym: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContentTypeManager, "_cache", {})
    here = ContentType.objects.get_for_model(Branch).pk
    with business_context(gym):
        there = give_branch_another_id()
        assert ContentType.objects.get_for_model(Branch).pk == here != there


def test_a_switch_does_not_empty_the_content_types_of_a_business(
    business: Business, gym: Business, django_assert_num_queries: Any
) -> None:
    ContentType.objects.get_for_model(Branch)
    with business_context(gym):
        ContentType.objects.get_for_model(Branch)
    with django_assert_num_queries(0):
        ContentType.objects.get_for_model(Branch)


def test_clearing_the_content_types_of_one_business_leaves_the_others(
    business: Business, gym: Business, django_assert_num_queries: Any
) -> None:
    ContentType.objects.get_for_model(Branch)
    with business_context(gym):
        ContentType.objects.clear_cache()
    with django_assert_num_queries(0):
        ContentType.objects.get_for_model(Branch)


def test_one_process_remembers_the_content_types_of_so_many_businesses_only(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "MOST_SCHEMAS", 2)
    kept = isolation.CacheOfSchema()
    for schema in ("t_one", "t_two", "t_three"):
        kept._begin(ContentType, schema)["x"] = schema
    assert list(kept._by_model[ContentType]) == ["t_two", "t_three"]


def test_a_permission_policy_of_wagtail_asks_each_business_for_its_content_type(
    business: Business, gym: Business
) -> None:
    from wagtail.permission_policies import ModelPermissionPolicy

    policy = ModelPermissionPolicy(Branch)
    here = policy._content_type.pk
    with business_context(gym):
        there = give_branch_another_id()
        isolation.content_types.forget(gym.schema_name)
        assert policy._content_type.pk == there != here
    isolation.content_types.forget(gym.schema_name)


# Cache


def test_a_cached_value_stays_in_its_business(business: Business, gym: Business) -> None:
    cache.set("secret", "tea")
    with business_context(gym):
        assert cache.get("secret") is None
    assert cache.get("secret") == "tea"
