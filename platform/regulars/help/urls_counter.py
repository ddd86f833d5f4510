"""Addresses of help at the counter."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.help import views

app_name = "counter_help"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.counter_shelf, name="shelf"),
    path("toured/", views.counter_toured, name="toured"),
    path("<slug:code>/", views.counter_page, name="page"),
]
