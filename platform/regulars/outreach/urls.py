"""The address that ends offers, short because texts are paid by their length."""

from django.urls import path

from regulars.outreach.views.stopping import stop

app_name = "outreach"
urlpatterns = [path("<str:token>/", stop, name="stop")]
