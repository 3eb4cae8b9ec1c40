from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diagnosis", "0002_a_verdict_taken_back")]

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
