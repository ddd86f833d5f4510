"""How a price out of a book goes together with the discount of a tier and with coupons."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0008_tokens_elsewhere")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="price_policy",
            field=models.CharField(
                choices=[
                    ("best", "The better of the two"),
                    ("own", "The price of their own, without the discount"),
                    ("both", "The price of their own, and the discount on it"),
                ],
                default="best",
                max_length=10,
                verbose_name="prices and discounts",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="coupons_on_book_prices",
            field=models.BooleanField(default=True, verbose_name="coupons count on own prices"),
        ),
    ]
