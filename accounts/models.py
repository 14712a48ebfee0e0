"""People, their invitations, teams and API tokens. What they may see is decided in accounts.grants."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role


class Clearance(models.IntegerChoices):
    """Ranks of confidentiality, as in the vocabulary confidentiality_level."""

    PUBLIC = 0, _("Public")
    INTERNAL = 1, _("Internal")
    CONFIDENTIAL = 2, _("Confidential")
    STRICTLY_CONFIDENTIAL = 3, _("Strictly confidential")
    SOURCE_PROTECTED = 4, _("Source-protected")


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def create_user(self, email, password=None, **fields):
        """A person; the e-mail is stored in lower case, the password hashed (unusable when None)."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """For Django's own bookkeeping only: a superuser reads no evidence by being one."""
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        AUTO = "auto", _("Like the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role)
    clearance = models.PositiveSmallIntegerField(choices=Clearance, default=Clearance.PUBLIC)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, default="en", choices=[("en", "English"), ("ko", "한국어")])
    theme = models.CharField(max_length=5, default=Theme.AUTO, choices=Theme)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(condition=Q(clearance__lte=4), name="user_clearance_known"),
        ]

    def __str__(self):
        return self.name

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def team_ids(self) -> models.QuerySet:
        """The keys of the groups of her teams: a query of one table, for conditions too."""
        return User.groups.through.objects.filter(user_id=self.pk).values_list("group_id", flat=True)

    def has_perm(self, perm, obj=None):
        """Django answers True for an active superuser before any backend is asked: not for a record."""
        if obj is not None:
            from django.contrib.auth.models import _user_has_perm

            return _user_has_perm(self, perm, obj)
        return super().has_perm(perm, obj)


class Team(models.Model):
    """What a django group means here: a team with a name in both languages."""

    group = models.OneToOneField(Group, on_delete=models.PROTECT, primary_key=True, related_name="team")
    name_en = models.CharField(max_length=120)
    name_ko = models.CharField(max_length=120, blank=True)
    # The row stays: entries of the ledger name the team by its number.
    dissolved_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.name_en


class Invitation(models.Model):
    """A link by which an invited person sets her first password, once. Only a digest of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, revoked_at=None), name="invitation_one_open_each"
            )
        ]

    def __str__(self):
        return str(self.pk)

    def is_usable(self, at) -> bool:
        """Not used, withdrawn or expired; nor did she come in by another way since it was made."""
        is_open = self.used_at is None and self.revoked_at is None and self.expires_at > at
        last = self.user.last_login
        return is_open and self.user.is_active and (last is None or last < self.created_at)


class ApiToken(models.Model):
    """A scoped, expiring key to the API. Only a digest is kept; the token itself is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(scopes__len__gt=0), name="apitoken_has_scopes")]

    def __str__(self):
        return self.name

    def is_usable(self, at) -> bool:
        return self.revoked_at is None and self.expires_at > at and self.user.is_active


class CacheEntry(models.Model):
    """A row of accounts.counting: attempts counted and codes used, for minutes. JSON as text; `until` in seconds."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField()
    until = models.FloatField(db_index=True)

    class Meta:
        db_table = "cache_entry"

    def __str__(self):
        return self.key


class AnsweredRequest(models.Model):
    """A row of accounts.repeats: that something was done under a key, for a day. Digests and ids, no word of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=64, unique=True)  # of the person, the path and the client's key
    body = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    shape = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=60, blank=True)
    record = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "answered_request"

    def __str__(self):
        return str(self.pk)
