"""Addresses on the base domain that have no language: what machines read."""

from django.urls import path

from tenants.views import pages

app_name = "site_files"
urlpatterns = [
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    path("favicon.ico", pages.favicon, name="favicon"),
]
