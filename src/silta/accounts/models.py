"""Users and what they keep for themselves."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, name: str, password: str | None = None, language: str = "fi") -> "User":
        """A new active user; without a password she can sign in only through an identity provider."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, language=language)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in: a professional, a client, an employer's contact or the keeper of the installation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=2, default="fi")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class PersonalData:
        """Staff and clients as users of the product."""

        fields = {
            "id": Holds.NONE, "password": Holds.IDENTITY, "last_login": Holds.FACT, "email": Holds.CONTACT,
            "name": Holds.IDENTITY, "language": Holds.FACT, "is_active": Holds.FACT, "created_at": Holds.FACT,
        }  # fmt: skip
        retention = Retention(
            ground="Staff are kept: their memberships tell who could see what. A client's sign-in goes with her own data",
            years=4,
            start="created_at",
            follows="memberships representations",
        )

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name, for libraries that ask."""
        return self.name


class SavedView(models.Model):
    """A user's named filter of one page, kept for one of the units she acts for: the page's name and its address query."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    # An id without a foreign key: this room knows no organisations.
    unit = models.UUIDField()
    page = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=500, blank=True)

    class PersonalData:
        """A worker's own settings."""

        fields = {
            "id": Holds.NONE, "user": Holds.REFERENCE, "unit": Holds.REFERENCE, "page": Holds.NONE,
            "name": Holds.FREE_TEXT, "query": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "page", "name"], name="accounts_savedview_name")
        ]

    def __str__(self) -> str:
        return self.name
