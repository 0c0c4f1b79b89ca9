"""Posts that are there get what new ones are made with; in a migration of its own, for rows with news in them cannot be
altered in the same transaction.
"""

from typing import ClassVar

from django.db import migrations

FILL = """
UPDATE feed_post SET
    owner_id = painter.id,
    words = setweight(to_tsvector('simple', painter.handle), 'C'),
    heat_day = extract(epoch FROM feed_post.created_at - timestamptz '2016-01-01 00:00+00') / 21600,
    heat_week = extract(epoch FROM feed_post.created_at - timestamptz '2016-01-01 00:00+00') / 151200,
    heat_month = extract(epoch FROM feed_post.created_at - timestamptz '2016-01-01 00:00+00') / 648000
FROM stylize_job job JOIN people_user painter ON painter.id = job.owner_id
WHERE job.id = feed_post.job_id
"""
COUNT = """
UPDATE stylize_style SET uses = counted.uses
FROM (SELECT link.style_id, count(*) AS uses FROM stylize_jobstyle link JOIN feed_post ON feed_post.job_id = link.job_id
      GROUP BY link.style_id) counted
WHERE counted.style_id = stylize_style.id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("feed", "0002_social"), ("stylize", "0011_social")]
    operations: ClassVar = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
