"""The live page as server-sent events: each region's HTML when it changes, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable

from asgiref.sync import sync_to_async
from django.template.loader import render_to_string

from wardround.coordinator.pages.queries import page_of_run

REGIONS = ("headline", "detail", "figures", "now", "traffic", "chart", "metrics", "log")
STEERING = "controls"
LOOK_EVERY_SECONDS = 0.5
HEARTBEAT_EVERY_LOOKS = 30
# A page that is only watched must not keep its reader logged in for ever, so a stream ends with the idle time.
LONGEST_SECONDS = 14 * 60


def regions(run_id: str, *, steers: bool = False) -> tuple[dict[str, str], bool]:
    """The HTML of every region of the page, and whether the run has ended. Who steers also sees the controls."""
    page = page_of_run(run_id)
    names = (*REGIONS, STEERING) if steers else REGIONS
    html = {name: str(render_to_string(f"coordinator/run/{name}.html", {"page": page})) for name in names}
    return html, page.state.finished


def _always() -> bool:
    return True


async def changes(
    run_id: str, *, steers: bool = False, may_watch: Callable[[], bool] = _always
) -> AsyncIterator[bytes]:
    """Frames of a text/event-stream: first every region, then the ones that changed, then `ended` or `paused`.

    Whoever may not watch any more, because they were logged off or their role was changed, is told nothing more.
    """
    sent: dict[str, str] = {}
    yield b"retry: 2000\n\n"
    for look in range(int(LONGEST_SECONDS / LOOK_EVERY_SECONDS)):
        if not await sync_to_async(may_watch)():
            break
        html, is_over = await sync_to_async(regions)(run_id, steers=steers)
        for name, text in html.items():
            if sent.get(name) != text:
                sent[name] = text
                yield frame(name, data=text)
        if is_over:
            yield frame("ended", data="")
            return
        if look % HEARTBEAT_EVERY_LOOKS == 0:
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    yield frame("paused", data="")


def frame(event: str, *, data: str) -> bytes:
    """One server-sent event (HTML Standard, section 9.2): every line of the data has its own `data:` field."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {event}\n{lines}\n".encode()
