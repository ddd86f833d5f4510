"""Below /modules/referral/."""

from django.urls import path

from plugins.referral import office, views
from regulars.plugins.pages import office as in_the_office

urlpatterns = [
    path("", views.invite, name="invite"),
    path("r/<slug:code>/", views.landing, name="landing"),
    path("office/", in_the_office(office.Referrals), name="office"),
    path("office/review/", in_the_office(office.ToReview), name="review"),
]
