"""Addresses of signing in and registering: allauth's, with our own views where they differ."""

from django.urls import include, path

from accounts.views.entrance import ChangeEmail, SignUp

urlpatterns = [
    path("signup/", SignUp.as_view(), name="account_signup"),
    path("email/", ChangeEmail.as_view(), name="account_email"),
    path("", include("allauth.urls")),
]
