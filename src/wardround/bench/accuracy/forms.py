"""Which forms of errors are planted: those the rules' authors have read, or the held-out ones."""

from typing import Literal

from wardround.bench.accuracy.held_out.kinds import HELD_OUT
from wardround.bench.accuracy.injection import KINDS

Forms = Literal["known", "held-out"]
FORMS = {"known": KINDS, "held-out": HELD_OUT}
