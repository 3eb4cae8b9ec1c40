"""Log in and log out, stay logged in, and change one's own password."""

from django.urls import path

from wardround.web.accounts import views

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("session/", views.stay, name="session"),
    path("password/", views.own_password, name="own-password"),
]
