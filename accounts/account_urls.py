"""URLs for signing in and registering: allauth's, with our own views where they differ."""

from django.urls import include, path

from accounts.views.allauth_pages import ChangeEmail, ChangePassword, Reauthenticate, SignIn, SignUp

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("signup/", SignUp.as_view(), name="account_signup"),
    path("email/", ChangeEmail.as_view(), name="account_email"),
    path("password/change/", ChangePassword.as_view(), name="account_change_password"),
    path("reauthenticate/", Reauthenticate.as_view(), name="account_reauthenticate"),
    path("", include("allauth.urls")),
]
