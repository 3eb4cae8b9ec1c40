"""Log in and log out."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView

log_in = login_not_required(LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True))
log_out = login_not_required(LogoutView.as_view())
