from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0004_tiers")]

    operations = []
