"""Who acts when a registered record calls: for the door to a chart, and for the audit trail."""

from wardround.hospital.cds.models import CdsClient
from wardround.web.audit.actor import Actor


def actor_of_client(client: CdsClient) -> Actor:
    """A registered client as whoever acts: a service, which may read charts only where it was allowed to."""
    scopes = ("system/*.rs",) if client.knows_our_patients else ()
    return Actor(kind="service", name=f"CDS Hooks {client.name}"[:150], role="service", scopes=scopes)
