from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_one_time_passwords"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_given",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
