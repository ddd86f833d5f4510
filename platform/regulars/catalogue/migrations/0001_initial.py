from pathlib import Path

import django.db.models.deletion
import regulars.public_ids
from django.db import migrations, models

from regulars.sql_functions import define


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("loyalty", "0004_tiers"),
        ("organisation", "0001_initial"),
        ("people", "0001_initial"),
        ("sales", "0001_initial"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('cat'), editable=False, max_length=24, prefix='cat')),
                ('kind', models.CharField(max_length=40, verbose_name='kind of goods')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='place')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='catalogue_category_public_id'), models.UniqueConstraint(fields=('kind',), name='catalogue_category_kind')],
            },
        ),
        migrations.CreateModel(
            name='DealerLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('dlv'), editable=False, max_length=24, prefix='dlv')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='rank')),
            ],
            options={
                'verbose_name': 'dealer level',
                'verbose_name_plural': 'dealer levels',
                'ordering': ['rank'],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='catalogue_level_public_id'), models.UniqueConstraint(fields=('rank',), name='catalogue_level_rank')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('hol'), editable=False, max_length=24, prefix='hol')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'ordering': ['starts_on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='catalogue_holiday_public_id'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='catalogue_holiday_days')],
            },
        ),
        migrations.CreateModel(
            name='PriceBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('pbk'), editable=False, max_length=24, prefix='pbk')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('kind', models.CharField(choices=[('member', 'One member'), ('dealer', 'Dealers from a level on'), ('tier', 'Members from a tier on'), ('segment', 'Members of whom a condition holds'), ('branch', 'Everybody at a branch'), ('list', 'Everybody')], max_length=10, verbose_name='for whom')),
                ('condition', models.JSONField(default=dict, verbose_name='condition')),
                ('starts_on', models.DateField(null=True, verbose_name='from')),
                ('ends_on', models.DateField(null=True, verbose_name='until')),
                ('weekdays', models.JSONField(default=list, verbose_name='only on these weekdays')),
                ('month_days', models.JSONField(default=list, verbose_name='only on these days of the month')),
                ('on_holidays', models.BooleanField(default=False, verbose_name='only on holidays of the calendar')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
                ('version', models.PositiveIntegerField(default=1)),
                ('branch', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('level', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.dealerlevel')),
                ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='price_books', to='people.member')),
                ('tier', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.tier')),
            ],
            options={
                'verbose_name': 'price book',
                'verbose_name_plural': 'price books',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('prd'), editable=False, max_length=24, prefix='prd')),
                ('sku', models.CharField(max_length=40, verbose_name='SKU')),
                ('barcode', models.CharField(default='', max_length=40, verbose_name='bar code')),
                ('kind', models.CharField(choices=[('goods', 'Goods'), ('service', 'Service')], default='goods', max_length=10, verbose_name='kind')),
                ('words', models.JSONField(default=dict, verbose_name='name')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('picture_words', models.JSONField(default=dict, verbose_name='what the picture shows')),
                ('price', models.BigIntegerField(verbose_name='list price')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('tax_rate', models.PositiveIntegerField(default=0, verbose_name='tax rate')),
                ('tax_included', models.BooleanField(default=True, verbose_name='tax is in the price')),
                ('branches', models.JSONField(default=list, verbose_name='sold at')),
                ('audience', models.CharField(choices=[('everybody', 'Everybody'), ('members', 'Members'), ('tier', 'Members from a tier on'), ('dealers', 'Dealers')], default='everybody', max_length=10, verbose_name='for whom')),
                ('is_active', models.BooleanField(default=True, verbose_name='on sale')),
                ('stock', models.IntegerField(null=True, verbose_name='in stock')),
                ('per_member', models.PositiveIntegerField(null=True, verbose_name='most for one member')),
                ('phases', models.JSONField(default=list, verbose_name='who may buy from when on')),
                ('version', models.PositiveIntegerField(default=1)),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalogue.category', verbose_name='category')),
                ('picture', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailimages.image', verbose_name='picture')),
                ('tier', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.tier', verbose_name='from this tier on')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'ordering': ['sku'],
            },
        ),
        migrations.CreateModel(
            name='PriceEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity_from', models.PositiveIntegerField(default=1, verbose_name='from so many pieces')),
                ('price', models.BigIntegerField(verbose_name='price')),
                ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='catalogue.pricebook')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='catalogue.product')),
            ],
            options={
                'verbose_name': 'price',
                'verbose_name_plural': 'prices',
            },
        ),
        migrations.CreateModel(
            name='Taking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(verbose_name='pieces')),
                ('returned', models.PositiveIntegerField(default=0, verbose_name='came back')),
                ('taken_at', models.DateTimeField(verbose_name='at')),
                ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='people.member')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='catalogue.product')),
                ('sale', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.sale')),
            ],
            options={
                'verbose_name': 'taking of a limited edition',
                'verbose_name_plural': 'takings of limited editions',
            },
        ),
        migrations.CreateModel(
            name='DealerApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('dap'), editable=False, max_length=24, prefix='dap')),
                ('company', models.CharField(max_length=120, verbose_name='company')),
                ('tax_number', models.CharField(default='', max_length=40, verbose_name='tax number')),
                ('note', models.CharField(default='', max_length=300, verbose_name='note')),
                ('state', models.CharField(choices=[('requested', 'Waiting'), ('approved', 'Accepted'), ('refused', 'Refused'), ('withdrawn', 'Taken back')], default='requested', max_length=10, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('answer', models.CharField(default='', max_length=200, verbose_name='answer')),
                ('asked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.staff')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.staff')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dealer_applications', to='people.member')),
            ],
            options={
                'verbose_name': "dealer's application",
                'verbose_name_plural': "dealers' applications",
                'ordering': ['-asked_at'],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='catalogue_application_public_id'), models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('member',), name='catalogue_application_open'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('asked_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='catalogue_application_not_own'), models.CheckConstraint(condition=models.Q(('state__in', ('requested', 'withdrawn')), ('decided_by__isnull', False), _connector='OR'), name='catalogue_application_decided')],
            },
        ),
        migrations.CreateModel(
            name='Dealer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', regulars.public_ids.PublicIdField(default=regulars.public_ids._Default('dea'), editable=False, max_length=24, prefix='dea')),
                ('company', models.CharField(max_length=120, verbose_name='company')),
                ('tax_number', models.CharField(default='', max_length=40, verbose_name='tax number')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='dealer', to='people.member')),
                ('parent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dealers', to='catalogue.dealer', verbose_name='looked after by')),
                ('level', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dealers', to='catalogue.dealerlevel', verbose_name='level')),
            ],
            options={
                'verbose_name': 'dealer',
                'verbose_name_plural': 'dealers',
                'ordering': ['company', 'id'],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='catalogue_dealer_public_id'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='catalogue_dealer_not_itself')],
            },
        ),
        migrations.AddConstraint(
            model_name='pricebook',
            constraint=models.UniqueConstraint(fields=('public_id',), name='catalogue_book_public_id'),
        ),
        migrations.AddConstraint(
            model_name='pricebook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('branch__isnull', True), ('kind', 'member'), ('level__isnull', True), ('member__isnull', False), ('tier__isnull', True), ('condition', {})), models.Q(('branch__isnull', True), ('kind', 'dealer'), ('level__isnull', False), ('member__isnull', True), ('tier__isnull', True), ('condition', {})), models.Q(('branch__isnull', True), ('kind', 'tier'), ('level__isnull', True), ('member__isnull', True), ('tier__isnull', False), ('condition', {})), models.Q(('branch__isnull', True), ('kind', 'segment'), ('level__isnull', True), ('member__isnull', True), ('tier__isnull', True), models.Q(('condition', {}), _negated=True)), models.Q(('branch__isnull', False), ('kind', 'branch'), ('level__isnull', True), ('member__isnull', True), ('tier__isnull', True), ('condition', {})), models.Q(('branch__isnull', True), ('kind', 'list'), ('level__isnull', True), ('member__isnull', True), ('tier__isnull', True), ('condition', {})), _connector='OR'), name='catalogue_book_owner'),
        ),
        migrations.AddConstraint(
            model_name='pricebook',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='catalogue_book_days'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(fields=('public_id',), name='catalogue_product_public_id'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(fields=('sku',), name='catalogue_product_sku'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(condition=models.Q(('barcode', ''), _negated=True), fields=('barcode',), name='catalogue_product_barcode'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('price__range', (1, 10000000000000))), name='catalogue_product_price'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('tax_rate__lte', 10000)), name='catalogue_product_tax'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('audience', 'tier'), ('tier__isnull', False)), models.Q(models.Q(('audience', 'tier'), _negated=True), ('tier__isnull', True)), _connector='OR'), name='catalogue_product_audience'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('stock__isnull', True), ('stock__range', (0, 1000000)), _connector='OR'), name='catalogue_product_stock'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('per_member__isnull', True), ('per_member__range', (1, 9999)), _connector='OR'), name='catalogue_product_per_member'),
        ),
        migrations.AddConstraint(
            model_name='priceentry',
            constraint=models.UniqueConstraint(fields=('book', 'product', 'quantity_from'), name='catalogue_entry_of_book'),
        ),
        migrations.AddConstraint(
            model_name='priceentry',
            constraint=models.CheckConstraint(condition=models.Q(('price__range', (0, 10000000000000)), ('quantity_from__range', (1, 100000))), name='catalogue_entry_figures'),
        ),
        migrations.AddIndex(
            model_name='taking',
            index=models.Index(fields=['product', 'member'], name='catalogue_taking_of'),
        ),
        migrations.AddConstraint(
            model_name='taking',
            constraint=models.UniqueConstraint(fields=('sale', 'product'), name='catalogue_taking_once'),
        ),
        migrations.AddConstraint(
            model_name='taking',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('returned__lte', models.F('quantity'))), name='catalogue_taking_pieces'),
        ),
        define(Path(__file__).parents[1] / "sql" / "editions.sql"),
    ]
