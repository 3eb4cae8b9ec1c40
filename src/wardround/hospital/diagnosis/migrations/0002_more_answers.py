from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diagnosis", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="verdict",
            name="choice",
            field=models.CharField(
                choices=[
                    ("agree", "agree"),
                    ("disagree", "disagree"),
                    ("impression", "impression"),
                    ("hide", "hide"),
                    ("show", "show"),
                    ("take_back", "take back"),
                ],
                max_length=10,
            ),
        ),
    ]
