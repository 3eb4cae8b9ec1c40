"""Log in and out, stay logged in, and change one's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from wardround.web.accounts.actions import AccountError, change_own_password
from wardround.web.accounts.log_in_form import LogInForm
from wardround.web.accounts.models import User
from wardround.web.layout.said import said

# OpenID Connect comes beside this: another way in, which ends in the same django.contrib.auth.login.
log_in = login_not_required(
    LoginView.as_view(
        template_name="accounts/login.html", authentication_form=LogInForm, redirect_authenticated_user=True
    )
)
log_out = login_not_required(LogoutView.as_view())


@require_safe
@never_cache
def stay(_request: HttpRequest) -> HttpResponse:
    """A page is still being read: the fifteen minutes begin again, as with every request."""
    return HttpResponse(status=204)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_password(request: HttpRequest) -> HttpResponse:
    """A person's own new password. Their other sessions end, this one goes on."""
    user = request.user
    if request.method != "POST" or not isinstance(user, User):
        return render(request, "accounts/password.html")
    typed = {name: request.POST.get(name, "") for name in ("old", "new", "again")}
    try:
        change_own_password(user, **typed, request=request)
    except AccountError as error:
        return render(request, "accounts/password.html", {"refused": said(error)})
    update_session_auth_hash(request, user)
    messages.success(request, gettext("Your password is changed."))
    return redirect("/")
