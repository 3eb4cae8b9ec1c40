"""What survives a restart on purpose: the one unmasking answer that a hospital gives for an input."""

import base64
import hashlib
import json
import os
from pathlib import Path

from wardround.federation.canonical import canonical
from wardround.federation.durable import sync_folder
from wardround.federation.errors import InputSpent, SumRefused
from wardround.federation.secure_sum.context import SpentBy


class UnmaskingRecord:
    """A folder with one file per spent input (study, purpose, hash of the model or request).

    Round, run, attempt and roster are no part of an input: two sums over the same input with other hospitals would
    give a hospital away by their difference. An answer is on the disk before anyone can see it, and is never replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)

    def is_spent(self, spends: SpentBy) -> bool:
        """Whether an unmasking answer was given for this input, in whatever round and with whatever hospitals."""
        return self._file(spends).exists()

    def answer(self, spends: SpentBy, *, question: bytes) -> bytes | None:
        """The answer once given to exactly this question, None when the input is unspent.

        Raises InputSpent when the input's one answer was given to another question.
        """
        file = self._file(spends)
        try:
            stored = json.loads(file.read_bytes())
            asked, given = str(stored["question"]), base64.b64decode(stored["answer"], validate=True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            # Unreadable is spent: whoever damages the record must not gain a second answer.
            raise InputSpent(
                f"The unmasking record {file.name} cannot be read, so this input counts as spent."
            ) from error
        if asked != _digest(question):
            raise InputSpent(
                f"This hospital has already given its one unmasking answer for this model or request "
                f"({spends.purpose}, {spends.request_hash[:12]}). The run advances or ends; it does not repeat with "
                "other hospitals."
            )
        return given

    def keep(self, spends: SpentBy, *, question: bytes, answer: bytes) -> bytes:
        """Spend the input on this answer and return what may be sent, once it is safely on the disk.

        When another process was first, its answer counts: returned for the same question, InputSpent for another.
        """
        file = self._file(spends)
        content = {
            "study": spends.study,
            "purpose": spends.purpose,
            "request_hash": spends.request_hash,
            "question": _digest(question),
            "answer": base64.b64encode(answer).decode(),
        }
        beside = self._folder / f".{file.name}.{os.getpid()}.{os.urandom(8).hex()}"
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(json.dumps(content).encode())
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(beside, file)  # unlike a rename it never replaces an answer
            except FileExistsError:
                pass
            finally:
                beside.unlink()
            sync_folder(self._folder)
        except OSError as error:
            raise SumRefused(
                f"The unmasking record could not be written ({error.strerror}), so no unmasking answer is given."
            ) from error
        kept = self.answer(spends, question=question)
        if kept is None:
            raise SumRefused("The unmasking record vanished while it was written, so no unmasking answer is given.")
        return kept

    def _file(self, spends: SpentBy) -> Path:
        key = canonical([spends.study, spends.purpose, spends.request_hash])
        return self._folder / f"{hashlib.sha256(key).hexdigest()}.json"


def _digest(question: bytes) -> str:
    return hashlib.sha256(question).hexdigest()
