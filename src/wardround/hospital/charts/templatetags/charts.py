"""How people and dates are printed in lists, the same as in the banner."""

from django import template

from wardround.hospital.charts import person

register = template.Library()

register.filter("printed_name", person.printed_name)
register.filter("printed_sex", person.printed_sex)
register.filter("printed_birth", person.printed_birth)
