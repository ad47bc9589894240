"""Django's settings, read from the environment; docs/operating.md lists every variable."""

import os
import secrets
from pathlib import Path

import django_stubs_ext
import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import database, logs

django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[2]
HOME = database.home()


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0") == "1"


def _secret() -> str:
    """The signing key: from the environment, or made once and kept in the data folder, readable by its owner only."""
    if key := os.environ.get("SILTA_SECRET_KEY"):
        return key
    kept = HOME / "secret-key"
    if not kept.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


PRODUCTION = _flag("SILTA_PRODUCTION", default=False)
DEMONSTRATION = _flag("SILTA_DEMONSTRATION", default=not PRODUCTION)
DEBUG = False
SECRET_KEY = _secret()
ALLOWED_HOSTS = os.environ.get("SILTA_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("SILTA_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "silta.kernel",
    "silta.ui",
    "silta.audit",
    "silta.outbox",
    "silta.accounts",
    "silta.organisations",
    "silta.people",
    "silta.access",
    "silta.cases",
    "silta.intake",
    "silta.subscriptions",
    "silta.evaluation",
    "silta.desk",
    "silta.portal",
    "silta.api",
    "silta.workbench",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "pgtrigger",
    "pghistory",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "config.health.HealthMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "silta.access.middleware.ProgramMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "silta.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "silta.access.middleware.ActingMiddleware",
    "config.wording.WordingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "silta.ui.templatetags.marks",
            ],
        },
    },
]

FORM_RENDERER = "silta.ui.controls.Renderer"

# ``mypy`` and ``makemigrations`` read settings without a server; every command that needs one calls database.provide().
_URL = os.environ.get("DATABASE_URL", f"postgresql://{database.APP}@localhost/{database.NAME}")
_AS_OWNER = os.environ.get("SILTA_DATABASE_ROLE") == "owner"
DATABASES = {
    "default": database.django_settings(
        os.environ.get("DATABASE_OWNER_URL", _URL) if _AS_OWNER else _URL,
        role=database.APP if _AS_OWNER and not _flag("SILTA_MIGRATING", default=False) else None,
        serves=not _AS_OWNER,
    )
}
# Failed sign-ins, used one-time codes and forms that were sent already are counted here. What is over goes first; Django's
# own limit of 300 would throw away what still counts on any busy day, or for whoever fills it on purpose.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Where a form that was sent after its session had ended is given back.
UNSENT_URL = "/access/unsent/"
ACCOUNT_ADAPTER = "silta.accounts.gateways.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# A whole office comes in from one address at eight o'clock, so right sign-ins are bounded per address only against
# flooding. Guessing is bounded per account, and trying one password for everybody per address, where only what was
# wrong counts; an account that is shut out already counts against its address no more, so that nobody's mistakes
# shut out her colleagues. A page that was refused (429) can be sent again after a minute: its limits are per minute.
ACCOUNT_RATE_LIMITS = {
    "login": "400/m/ip",
    "login_failed": "5/5m/key",
    "login_failed_in_minute": "60/m/ip",
    "login_failed_in_hour": "300/h/ip",
}
# Programs, each minute: how many calls one token makes, and how many tokens that do not hold come from one address.
PROGRAM_LIMITS = {"calls": 1200, "refused": 60}
# Behind a proxy everybody would come from one address: its own. Each adds the address it was asked from to
# X-Forwarded-For; what stands further to the left than there are proxies was written by whoever asks.
PROXIES = int(os.environ.get("SILTA_BEHIND_PROXY", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
MFA_ADAPTER = "silta.accounts.gateways.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "silta.accounts.forms.SecondFactorForm",
    "reauthenticate": "silta.accounts.forms.SecondFactorAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Silta"
# Nobody makes an account for herself: it comes by the link of an invitation, which has shown whose the address is.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Off until the data controllers have agreed on the plan of retention; until then the nightly run only counts.
RETENTION_ERASES = _flag("SILTA_RETENTION_ERASES", default=False)
# However much is due, no more rows that start an erasure go on one day: a mistake is seen before it is complete.
RETENTION_QUOTA = int(os.environ.get("SILTA_RETENTION_QUOTA", "5000"))
# So many days before a case goes, those whom it concerns are told on their pages; less than a month is no warning.
RETENTION_WARNING_DAYS = max(30, int(os.environ.get("SILTA_RETENTION_WARNING_DAYS", "60")))

# In a demonstration messages may go to a server on this machine, by plain HTTP too; elsewhere only out, and sealed.
MESSAGES_STAY_HERE = DEMONSTRATION and not PRODUCTION

# How many months after its last review a unit is asked again whether its staff still need their rights.
RIGHTS_REVIEW_MONTHS = int(os.environ.get("SILTA_RIGHTS_REVIEW_MONTHS", "6"))

# The rooms whose work is handed over before a worker's membership ends.
MEMBERSHIP_STRANDS = ["silta.cases.strand"]

# The queue finds each room's tasks in its jobs.py.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# History is looked up by the row that it is the history of, and by nothing else: every write of a tracked row would keep
# each further index.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)

EMAIL_BACKEND = os.environ.get("SILTA_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("SILTA_EMAIL_HOST", "localhost")
DEFAULT_FROM_EMAIL = os.environ.get("SILTA_EMAIL_FROM", "silta@localhost")

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "silta_language"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
LOCALE_PATHS = [Path(__file__).with_name("wordings")]
TIME_ZONE = "Europe/Helsinki"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
NODE_MODULES = Path(os.environ.get("SILTA_NODE_MODULES", ROOT / "node_modules"))
STATICFILES_DIRS = [
    ("hds", NODE_MODULES / "hds-core" / "lib"),
    ("font", NODE_MODULES / "@fontsource-variable" / "source-sans-3"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME / "files"
# The extract that figures are counted from, and the key of its pseudonyms; the worker alone goes there.
FIGURES_ROOT = HOME / "figures"
# No page takes a file but those that say so: elsewhere it is let go as it comes, of whoever it comes from.
FILE_UPLOAD_HANDLERS = ["silta.kernel.uploads.Unkept"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and _flag("SILTA_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "silta.ui.views.csrf_failure"

LOGGING = logs.settings()

# In seconds; among them the bars of a reading (0.05), of a writing (0.08) and of a full house (0.5).
PROMETHEUS_LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.08, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, float("inf"))
