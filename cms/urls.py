"""Addresses of the site outside its page trees."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cms import views

urlpatterns: list[URLPattern | URLResolver] = [path("", views.home, name="home")]
