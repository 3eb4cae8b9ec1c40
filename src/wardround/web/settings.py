"""Django settings that both sites share, built from the home that WARDROUND_HOME names."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from wardround.web.database import database_of
from wardround.web.home import Home, HomeError, Kind


def setting(name: str, default: str, *, example: str, allowed: tuple[str, ...] = ()) -> str:
    """One setting from the environment; a value outside `allowed` stops the start with the name and an example."""
    value = os.environ.get(name, default).strip()
    if not value or (allowed and value not in allowed):
        expected = f" It may be {' or '.join(allowed)}." if allowed else ""
        raise ImproperlyConfigured(f"{name} is {value!r}.{expected} For example: {name}={example}")
    return value


def whole_number(name: str, default: int, *, most: int) -> int:
    """One limit from the environment: a whole number from 1 to `most`, or the start stops with the name and an example."""
    text = setting(name, str(default), example=str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise ImproperlyConfigured(
            f"{name} is {text!r}. It may be a whole number from 1 to {most}. For example: {name}={default}"
        )
    return int(text)


def home_from_environment(kind: Kind) -> Home:
    """The home of this process; it must be of the site's own kind."""
    path = setting("WARDROUND_HOME", "", example="/var/lib/wardround/budapest")
    try:
        home = Home.load(path, unfinished=True)
    except HomeError as error:
        raise ImproperlyConfigured(f"WARDROUND_HOME is {path!r}: {error}") from error
    if home.kind != kind:
        raise ImproperlyConfigured(f"WARDROUND_HOME is the home of a {home.kind}, but this is the site of a {kind}.")
    return home


_WEB = Path(__file__).parent
_DATABASE_URL = os.environ.get("WARDROUND_DATABASE_URL", "").strip()
_HTTPS = setting("WARDROUND_HTTPS", "off", example="on", allowed=("on", "off")) == "on"

DEBUG = setting("WARDROUND_DEBUG", "off", example="off", allowed=("on", "off")) == "on"
ALLOWED_HOSTS = setting(
    "WARDROUND_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", example="emr.hospital.example,localhost"
).split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if _HTTPS else []

SHARED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "axes",
    "wardround.web.accounts",
    "wardround.web.audit",
    "wardround.web.layout",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wardround.web.zero_characters.NoZeroCharacters",
    "wardround.web.accounts.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wardround.web.accounts.sessions.SessionLimits",
    "wardround.web.accounts.sessions.LogInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"

# What is said to one person ends with their session; a cookie would say it to the next one at the same browser.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 15 * 60
SESSION_SAVE_EVERY_REQUEST = True  # the fifteen minutes count from the last request, not from the log-in
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [_WEB / "static"] if (_WEB / "static").is_dir() else []
WHITENOISE_USE_FINDERS = True  # the package is its own static root: nothing has to be collected before a start

USE_TZ = True
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("hu", "Magyar")]
LOCALE_PATHS = [_WEB.parent / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django would log the address of every refused request, and an address may hold a searched name.
    "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}


def page_language(home: Home) -> str:
    """The home's language where the pages have a catalogue of it, else English: a page never mixes two languages."""
    has_catalogue = (_WEB.parent / "locale" / home.locale.replace("-", "_")).is_dir()
    return home.locale if has_catalogue else "en"


def settings_of(home: Home) -> dict[str, object]:
    """The settings that differ from home to home."""
    return {
        "HOME": home,
        "SECRET_KEY": home.key("django").hex(),
        "SESSION_COOKIE_NAME": f"wardround_session_{home.id}",
        "CSRF_COOKIE_NAME": f"wardround_csrf_{home.id}",
        "LANGUAGE_CODE": page_language(home),
        "TIME_ZONE": home.time_zone,
        "DATABASES": {"default": database_of(home, url=_DATABASE_URL)},
    }
