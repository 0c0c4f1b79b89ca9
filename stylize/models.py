"""THE BENCH: jobs; what people bring for them, photos, masks and styles, is in materials.py."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import User
from stylize import prints, tiers
from stylize.clock import Clock as Clock  # a model, too, in a file of its own
from stylize.framing import Framing
from stylize.materials import Filter, Mask, Style, Upload, new_key
from stylize.workers import Worker as Worker  # likewise

PRINTS = (tiers.PRINT.name, tiers.PRINT_PROOF.name)

__all__ = ["Filter", "Frame", "Job", "JobQuerySet", "JobStyle", "Mask", "Style", "Upload", "new_key"]


class JobQuerySet(models.QuerySet["Job"]):
    def owned_by(self, user: User | None) -> "JobQuerySet":
        return self.filter(owner=user) if user else self.none()

    def visible_to(self, user: User | None) -> "JobQuerySet":
        """Finished pictures that `user` may look at when knowing the address."""
        shown = Q(status=Job.Status.DONE) & ~Q(visibility=Job.Visibility.PRIVATE)
        return self.filter(shown | Q(owner=user)) if user else self.filter(shown)

    def with_recipe_for(self, user: User | None) -> "JobQuerySet":
        """Whose recipe `user` may have: public pictures, and one's own finished ones."""
        public = Q(visibility=Job.Visibility.PUBLIC)
        return self.filter(public | Q(owner=user) if user else public, status=Job.Status.DONE)

    def in_line(self) -> "JobQuerySet":
        return self.filter(status=Job.Status.QUEUED).order_by("rank", "id")

    def unfinished(self) -> "JobQuerySet":
        return self.filter(status__in=Job.Status.unfinished())

    def proofs(self) -> "JobQuerySet":
        return self.filter(tier=tiers.PROOF.name)

    def prints(self) -> "JobQuerySet":
        """Whole ones and proofs of their middles."""
        return self.filter(tier__in=PRINTS)

    def with_pages(self) -> "JobQuerySet":
        """All that have a page here: prints are shown by who orders them."""
        return self.exclude(tier__in=PRINTS)

    def paintings(self) -> "JobQuerySet":
        return self.exclude(tier__in=[tiers.PROOF.name, *PRINTS])

    def with_pictures(self) -> "JobQuerySet":
        links = models.Prefetch("style_links", JobStyle.objects.select_related("style__image"))
        return self.select_related("photo", "owner").prefetch_related(links)


class Job(models.Model):
    """One painting, ordered. Holds all that is needed to paint the very same picture again.

    `status`, `rank`, `fence` and `strikes` are written by jobs.py alone.
    """

    class Status(models.TextChoices):
        UNPAID = "unpaid", _("waiting for payment")
        QUEUED = "queued", _("in line")
        RUNNING = "running", _("being painted")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

        @classmethod
        def unfinished(cls) -> list["Job.Status"]:
            return [cls.UNPAID, cls.QUEUED, cls.RUNNING]

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public: in the feed")
        UNLISTED = "unlisted", _("Unlisted: for people who have the link")
        PRIVATE = "private", _("Private: only for me")

    class Failure(models.TextChoices):
        LOST = "lost", _("The machine that painted it stopped three times.")
        FLAT = "flat", _("This pair of pictures came out empty. Another style will work better.")
        MEMORY = "memory", _("There was not enough memory for this size, not even in small pieces.")
        NO_START = "no_start", _("The picture that it was to go on from has been deleted.")
        GONE = "gone", _("The finished picture was lost in our storage.")
        ERROR = "error", _("The painting could not be made. Please try another photo or style.")

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    form_token = models.UUIDField(unique=True, null=True, editable=False)  # one form sent twice is one job

    # the recipe
    photo = models.ForeignKey(Upload, on_delete=models.PROTECT)
    photo_turn = models.PositiveSmallIntegerField(default=0)  # quarters clockwise; then cropped, in fractions of that
    crop_x = models.FloatField(default=0.0)
    crop_y = models.FloatField(default=0.0)
    crop_width = models.FloatField(default=1.0)
    crop_height = models.FloatField(default=1.0)
    framed = models.CharField(max_length=120, blank=True)  # the common name of the framed photo's small copies
    protect = models.ForeignKey(Mask, on_delete=models.PROTECT, null=True, blank=True)
    styles: "models.ManyToManyField[Style, JobStyle]" = models.ManyToManyField(Style, through="JobStyle")
    tier = models.CharField(_("tier"), max_length=12)
    iterations = models.PositiveIntegerField(_("iterations"))
    width = models.PositiveIntegerField()  # px, of the painting
    height = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    controls: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    goes_on_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="gone_on")
    begun = models.PositiveIntegerField(default=0)  # of its iterations, those that the earlier picture has had
    engine_version = models.CharField(max_length=20, blank=True)
    wanted_tier = models.CharField(max_length=10, blank=True)  # what a proof is for; all else is as in the order
    wanted_iterations = models.PositiveIntegerField(null=True)
    wanted_visibility = models.CharField(max_length=10, choices=Visibility.choices, blank=True)
    print_plan: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(
        null=True, blank=True, editable=False
    )  # of a print or its proof: prints.Plan
    amount_minor = models.PositiveIntegerField(_("price, minor units"))
    currency = models.CharField(max_length=3)

    # who may see it
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    show_photo = models.BooleanField(_("show my photo"), default=False)
    allow_prints = models.BooleanField(_("others may order prints"), default=False)
    sample = models.BooleanField(default=False, editable=False)
    is_barred = models.BooleanField(default=False, editable=False)  # staff have taken it down: it stays private

    # its life
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    cost = models.FloatField(editable=False)  # megapixel-iterations
    rank = models.FloatField(null=True, editable=False)
    is_aside = models.BooleanField(default=False, editable=False)  # in line with a rank that was not claimed yet
    fence = models.PositiveIntegerField(default=0, editable=False)
    strikes = models.PositiveSmallIntegerField(default=0, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=80, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=10, choices=Failure.choices, blank=True)
    created_at = models.DateTimeField(_("ordered"), default=timezone.now)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    mailed_at = models.DateTimeField(null=True, editable=False)  # when its owner was told, or need not be

    # what its runs leave for the next one; runs.py writes it
    checkpoint = models.CharField(max_length=120, blank=True, editable=False)
    checkpoint_at = models.PositiveIntegerField(default=0, editable=False)  # iterations in it
    checkpoint_fence = models.PositiveIntegerField(default=0, editable=False)  # of the claim that came furthest
    furthest = models.PositiveIntegerField(default=0, editable=False)  # iterations in any checkpoint there ever was
    checkpoint_seconds = models.FloatField(default=0.0, editable=False)  # of painting that are in it
    resumed_at: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list, editable=False)  # iterations
    finish_early = models.BooleanField(default=False, editable=False)  # the owner takes what is there

    # the result
    result = models.CharField(max_length=120, blank=True)  # the files' common name
    result_version = models.PositiveIntegerField(default=0, editable=False)  # how often another frame was chosen
    iterations_done = models.PositiveIntegerField(null=True, editable=False)
    shown_iteration = models.PositiveIntegerField(null=True, editable=False)  # null: the last one
    loss = models.FloatField(null=True)
    seconds = models.FloatField(null=True)  # of painting

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["unpaid", "queued", "running", "done", "failed", "cancelled"]),
                name="stylize_job_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["queued", "running", "done"]) | Q(rank__isnull=False),
                name="stylize_job_in_line_has_rank",
            ),
            models.CheckConstraint(condition=Q(photo_turn__lte=3), name="stylize_job_turn_known"),
            models.CheckConstraint(
                condition=Q(crop_x__gte=0, crop_y__gte=0, crop_width__gt=0, crop_height__gt=0)
                & Q(crop_x__lte=Value(1.00001) - F("crop_width"), crop_y__lte=Value(1.00001) - F("crop_height")),
                name="stylize_job_crop_within_photo",
            ),
            models.CheckConstraint(  # or the photo's page would show what was cut away
                condition=Q(photo_turn=0, crop_width=1, crop_height=1) | ~Q(framed="") | Q(tier__in=PRINTS),
                name="stylize_job_framed_has_copies",
            ),
            models.CheckConstraint(  # nobody but its owner ever sees it
                condition=~Q(tier="proof") | Q(visibility="private", wanted_iterations__isnull=False),
                name="stylize_job_proof_is_private",
            ),
            models.CheckConstraint(  # nor a print, which costs nothing here: what is paid for is its order
                condition=~Q(tier__in=PRINTS) | Q(visibility="private", amount_minor=0, print_plan__isnull=False),
                name="stylize_job_print_is_private",
            ),
            models.CheckConstraint(
                condition=Q(is_barred=False) | Q(visibility="private"), name="stylize_job_barred_is_private"
            ),
            models.CheckConstraint(condition=~Q(status="done") | ~Q(result=""), name="stylize_job_done_has_result"),
            models.CheckConstraint(condition=~Q(status="failed") | ~Q(failure=""), name="stylize_job_failed_says_why"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["rank", "id"], condition=Q(status="queued"), name="stylize_job_line"),
            models.Index(fields=["owner", "rank"], condition=Q(status="queued"), name="stylize_job_line_of_owner"),
            models.Index(fields=["heartbeat_at"], condition=Q(status="running"), name="stylize_job_running"),
            models.Index(fields=["rank"], condition=Q(fence__gt=0, is_aside=False), name="stylize_job_claimed"),
            models.Index(fields=["finished_at"], condition=Q(status="done"), name="stylize_job_speed"),
            models.Index(fields=["owner", "-id"], name="stylize_job_owner"),
            models.Index(
                fields=["finished_at"],
                condition=Q(mailed_at=None, status__in=["done", "failed"]),
                name="stylize_job_untold",
            ),
            models.Index(fields=["id"], condition=~Q(checkpoint=""), name="stylize_job_checkpointed"),
            models.Index(  # whoever counts the line reads this alone: census.py
                fields=["status"],
                include=["tier", "sample", "queued_at", "cost", "strikes"],
                condition=Q(status__in=["unpaid", "queued", "running"]),
                name="stylize_job_unfinished",
            ),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="stylize_job_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.key}"

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it: done, and shown in the feed."""
        return self.status == self.Status.DONE and self.visibility == self.Visibility.PUBLIC

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.Status.unfinished()

    @property
    def is_paid_tier(self) -> bool:
        return self.amount_minor > 0

    @property
    def is_proof(self) -> bool:
        """Nine small paintings before an order, instead of one."""
        return self.tier == tiers.PROOF.name

    @property
    def is_print(self) -> bool:
        """A finished picture painted on at the size of a canvas, or the middle of that."""
        return self.tier in PRINTS

    @property
    def plan(self) -> prints.Plan:
        """Of a print."""
        assert self.print_plan
        return prints.of(self.print_plan)

    @property
    def shown_styles(self) -> list[Style]:
        """That `with_pictures()` has brought along."""
        return [link.style for link in self.style_links.all()]

    @property
    def framing(self) -> Framing:
        return Framing(self.photo_turn, (self.crop_x, self.crop_y, self.crop_width, self.crop_height))

    @property
    def photo_files(self) -> str:
        """The common name of the small copies that show the photo as it is painted."""
        return self.framed or self.photo.file

    @property
    def cost_left(self) -> float:
        """Of its cost, what the next run has still to paint."""
        if self.is_print:
            return self.plan.cost((self.width, self.height), done=self.checkpoint_at)
        return self.cost * (1 - self.checkpoint_at / max(self.iterations - self.begun, 1))

    @property
    def max_side(self) -> int:
        return max(self.width, self.height)


class JobStyle(models.Model):
    """One style of a job, with its weight among the others."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="style_links")
    style = models.ForeignKey(Style, on_delete=models.PROTECT)
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "style"], name="stylize_style_once_per_job"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="stylize_style_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.style} × {self.weight}"


class Frame(models.Model):
    """A snapshot of a painting on the way, at full size, for its owner alone; `file` names it on disk."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="frames")
    iteration = models.PositiveIntegerField()
    file = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering: ClassVar = ["iteration"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "iteration"], name="stylize_frame_once_per_iteration"),
        ]

    def __str__(self) -> str:
        return f"{self.job} @ {self.iteration}"
