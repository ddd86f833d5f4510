"""Every setting, read from the environment; the defaults need nothing installed. `.env.example` names them all."""

from __future__ import annotations

import os
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from regulars.config.apps import ALWAYS_ON, app_lists, plugin_configs  # noqa: F401 - the gate reads ALWAYS_ON
from regulars.config.logs import logging_settings
from regulars.config.mail import mail_settings

ROOT = Path(__file__).resolve().parents[3]
env = environ.FileAwareEnv()
if (ROOT / ".env").is_file():
    env.read_env(str(ROOT / ".env"))

VAR = Path(env.str("VAR_FOLDER", default=str(ROOT / "var")))
PRODUCTION = env.bool("PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="" if PRODUCTION else "only-for-this-machine-and-never-in-production")

# Where it is found --------------------------------------------------------------------------------------------------
BASE_DOMAIN = env.str("BASE_DOMAIN", default="localhost")
PUBLIC_PORT = env.str("PUBLIC_PORT", default="")
PUBLIC_SCHEME = env.str("PUBLIC_SCHEME", default="https" if PRODUCTION else "http")
ALLOWED_HOSTS = ["*"]  # the business middleware answers only hosts that a business owns, in a plain page otherwise
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Database -----------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://regulars@127.0.0.1:5432/regulars")}
DATABASES["default"] |= {
    "ENGINE": "tenants.backend",
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 0,
    "OPTIONS": {
        "pool": {"min_size": 0, "max_size": env.int("DATABASE_POOL", default=12), "timeout": 5},
        "connect_timeout": 5,
        "prepare_threshold": 2**31,  # what asks for it is planned once per connection; None would plan it each time
    },
}
DATABASE_ROUTERS = ["tenants.isolation.BusinessRouter", "django_tenants.routers.TenantSyncRouter"]
TENANT_MODEL = "tenants.Business"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
PG_EXTRA_SEARCH_PATHS = ["extensions"]
TENANT_LIMIT_SET_CALLS = True
SKIP_PG_EXTRA_VALIDATION = (
    True  # it would query the database while the apps load; the schema names of businesses are made by us
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PLUGIN_CONFIGS = plugin_configs()
SHARED_APPS, TENANT_APPS, INSTALLED_APPS = app_lists(PLUGIN_CONFIGS)
AUTH_USER_MODEL = "access.User"

# Requests -----------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "regulars.config.urls_business"
PUBLIC_SCHEMA_URLCONF = "regulars.config.urls_public"
WSGI_APPLICATION = "regulars.config.wsgi.application"
MIDDLEWARE = [
    "regulars.config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.BusinessMiddleware",
    "regulars.config.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "regulars.config.devices.DevicesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "regulars.config.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "regulars.access.sessions.WhoMiddleware",
    "regulars.access.sessions.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "regulars.operations.origin.OriginMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "regulars.config.refusals.RefusalMiddleware",
    "regulars.backoffice.doors.OfficeDoors",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "regulars.organisation.context.organisation",
            ],
        },
    }
]

# Sign-in ------------------------------------------------------------------------------------------------------------
PASSWORD_HASHERS = [
    "regulars.access.passwords.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "regulars.organisation.rights.StaffRights",
    "regulars.access.backends.PasswordBackend",
    "regulars.access.backends.AddressBackend",
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_ADAPTER = "regulars.access.adapter.StaffAccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://<business>.localhost of a demo
MFA_ADAPTER = "regulars.access.passkeys.StaffFactorAdapter"
MFA_FORMS = {"add_webauthn": "regulars.access.passkeys.AddPasskeyForm"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/office/"  # a path: on the base domain, where operators sign in, it has no name
LOGOUT_REDIRECT_URL = "/"

SESSION_ENGINE = "regulars.access.sessions"
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
SESSION_COOKIE_DOMAIN = None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "__Host-language" if PRODUCTION else "language"
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Headers ------------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("REDIRECT_TO_HTTPS", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Languages and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
FORMAT_MODULE_PATH = "regulars.config.formats"
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = "UTC"

# Cache, files, mail, SMS --------------------------------------------------------------------------------------------
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
for _cache in CACHES.values():
    _cache["KEY_FUNCTION"] = "django_tenants.cache.make_key"
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
STORAGES = {
    "default": {"BACKEND": "tenants.storage.BusinessFileStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
vars().update(mail_settings(env.str("EMAIL_URL", default="consolemail://")))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"Regulars <hello@{BASE_DOMAIN}>")
SMS_URL = env.str("SMS_URL", default="console://")

# Workers ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", default=f"filesystem://{VAR / 'broker'}")
WAKE_AT_MOST_EVERY = env.int("WAKE_AT_MOST_EVERY", default=200)  # milliseconds; 0 for a word after every act
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
TASK_TENANT_CACHE_SECONDS = 0
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
if CELERY_BROKER_URL.startswith("filesystem://"):
    _broker = CELERY_BROKER_URL.removeprefix("filesystem://")
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": f"{_broker}/queue",
        "data_folder_out": f"{_broker}/queue",
        "processed_folder": f"{_broker}/processed",
        "control_folder": f"{_broker}/control",
        "store_processed": False,
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith("memory://"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.01}
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

# Back office --------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = _("Back office")
WAGTAILADMIN_BASE_URL = f"{PUBLIC_SCHEME}://{BASE_DOMAIN}"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_COMMENTS_ENABLED = False  # remarks between editors; a shop has one or two
WAGTAIL_USER_TIME_ZONES: list[str] = []  # the back office shows the business's own zone to everybody
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "csv", "txt", "zip"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg", "jpeg", "webp", "gif"]

# Trial and sign-up --------------------------------------------------------------------------------------------------
PRESET = "cms.presets.apply"  # what a new business of a trade starts with; named here because tenants may not know cms
PRESET_ACCENT = "cms.presets.accent"
TRIAL_DAYS = env.int("TRIAL_DAYS", default=30)
WARM_POOL_SIZE = env.int("WARM_POOL_SIZE", default=3)
SIGN_UPS_PER_HOUR = env.int("SIGN_UPS_PER_HOUR", default=20)

# Logs ---------------------------------------------------------------------------------------------------------------
LOGGING_CONFIG = "regulars.config.logs.configure"
LOGGING = logging_settings(
    as_json=env.bool("JSON_LOGS", default=PRODUCTION), level=env.str("LOG_LEVEL", default="INFO")
)
DJANGO_STRUCTLOG_USER_ID_FIELD = None
SILENCED_SYSTEM_CHECKS = [
    "fields.W342",
]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
