"""How people and dates are printed in lists, the same as in the banner."""

from django import template

from wardround.hospital.charts import person
from wardround.hospital.records import access
from wardround.hospital.records.access import Ability

register = template.Library()

register.filter("printed_name", person.printed_name)
register.filter("printed_sex", person.printed_sex)
register.filter("printed_birth", person.printed_birth)


@register.filter
def may(somebody: object, ability: Ability) -> bool:
    """Does this person's role include an ability? For what a page offers; the door is asked again."""
    return access.may(somebody, ability)
