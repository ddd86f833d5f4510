from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_functions"), ("ledger", "0004_holds")]

    operations = []
