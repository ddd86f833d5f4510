"""The business's own payment code, which customers scan at the till and the cashier sees received."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0009_price_policy")]

    operations = [
        migrations.AddField(
            "organisation",
            "payment_code",
            models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="payment code"),
        ),
        migrations.AddField(
            "organisation",
            "payment_code_name",
            models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="name of the payment code"
            ),
        ),
    ]
