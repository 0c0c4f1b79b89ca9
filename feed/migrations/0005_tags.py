"""Pictures are found by their tags."""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("feed", "0004_posts_have_owners")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="feed_post_tags"),
        ),
    ]
