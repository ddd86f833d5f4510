"""Below /modules/specimen/."""

from django.urls import path

from specimen import views

urlpatterns = [path("", views.home, name="home"), path("promises/", views.make, name="promise")]
