from django.conf import settings
from django.db import migrations, models

PRINTS = ("print", "print_proof")

# As in 0005, but a rank that a job got when it stepped aside counts only once the job is claimed with it.
KEEP = """
DROP TRIGGER stylize_keep_clock ON stylize_job;
CREATE TRIGGER stylize_keep_clock AFTER DELETE OR UPDATE OF rank ON stylize_job
FOR EACH ROW WHEN (OLD.fence > 0 AND OLD.rank IS NOT NULL AND NOT OLD.is_aside) EXECUTE FUNCTION stylize_keep_clock();
"""
FORGET = """
DROP TRIGGER stylize_keep_clock ON stylize_job;
CREATE TRIGGER stylize_keep_clock AFTER DELETE OR UPDATE OF rank ON stylize_job
FOR EACH ROW WHEN (OLD.fence > 0 AND OLD.rank IS NOT NULL) EXECUTE FUNCTION stylize_keep_clock();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('stylize', '0009_counting'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='job', name='stylize_job_framed_has_copies'),
        migrations.RemoveIndex(model_name='job', name='stylize_job_claimed'),
        migrations.AddField(
            model_name='job',
            name='is_aside',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='job',
            name='print_plan',
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='job',
            name='tier',
            field=models.CharField(max_length=12, verbose_name='tier'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('fence__gt', 0), ('is_aside', False)), fields=['rank'], name='stylize_job_claimed'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('crop_height', 1), ('crop_width', 1), ('photo_turn', 0)), models.Q(('framed', ''), _negated=True), ('tier__in', PRINTS), _connector='OR'), name='stylize_job_framed_has_copies'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tier__in', PRINTS), _negated=True), models.Q(('amount_minor', 0), ('print_plan__isnull', False), ('visibility', 'private')), _connector='OR'), name='stylize_job_print_is_private'),
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
