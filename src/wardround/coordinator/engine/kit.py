"""The coordinator's engine kit: what NVIDIA FLARE's server and its one administrator read when they start."""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from wardround.coordinator.engine.authority import RSA_BITS, Authority, make_request, write_private_key
from wardround.web.home import Home

PROJECT = "wardround"
ADMINISTRATOR = "run@wardround"
ALLOWED_CLASSES = ["wardround.coordinator.leading.controller.", "wardround.coordinator.engine.launcher."]
NOBODY = {"byoc": "none", "shell_commands": "none", "server-predeployed-flwr": "none"}


def server_folder(home: Home) -> Path:
    return home.engine / "server"


def administrator_folder(home: Home) -> Path:
    return home.engine / "administrator"


def authority_of(home: Home) -> Authority:
    return Authority(home.engine / "authority")


def make_kits(home: Home, *, host: str, port: int) -> None:
    """Make the authority, the server's kit and the administrator's kit in the coordinator's home."""
    authority = Authority.create(home.engine / "authority", name=f"{PROJECT}-{home.id}")
    server, administrator = server_folder(home), administrator_folder(home)
    _identity(server, authority, name=host, role="server", file_name="server")
    _identity(administrator, authority, name=ADMINISTRATOR, role="lead", file_name="client")
    _write_json(server / "startup" / "fed_server.json", _server_startup(host=host, port=port))
    _write_json(server / "local" / "resources.json", _server_resources(server))
    _write_json(server / "local" / "authorization.json", _authorization())
    _write_json(server / "local" / "log_config.json", _log_config())
    _write_json(administrator / "startup" / "fed_admin.json", _administrator_startup(administrator, host, port))
    _write_json(administrator / "local" / "resources.json", {"format_version": 1, "admin": {"idle_timeout": 86400.0}})


def _identity(kit: Path, authority: Authority, *, name: str, role: str, file_name: str) -> None:
    for folder in ("startup", "local", "transfer"):
        (kit / folder).mkdir(mode=0o700, parents=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    write_private_key(kit / "startup" / f"{file_name}.key", key)
    hosts = ("localhost",) if role == "server" else ()
    certificate = authority.sign(
        make_request(key, name=name), name=name, organisation="coordinator", role=role, hosts=hosts
    )
    (kit / "startup" / f"{file_name}.crt").write_bytes(certificate)
    (kit / "startup" / "rootCA.pem").write_bytes(authority.root_pem)


def _server_startup(*, host: str, port: int) -> dict[str, Any]:
    server = {
        "name": PROJECT,
        "service": {"target": f"{host}:{port}", "scheme": "grpc"},
        "admin_server": host,
        "admin_port": port,  # the same as the hospitals' port: one port to open in a firewall
        "ssl_private_key": "server.key",
        "ssl_cert": "server.crt",
        "ssl_root_cert": "rootCA.pem",
        "connection_security": "mtls",
    }
    return {"format_version": 2, "servers": [server]}


def _server_resources(kit: Path) -> dict[str, Any]:
    # The stores stand in the kit: by default they would be in the system's temporary folder, shared by all.
    storage = "nvflare.app_common.storages.filesystem_storage.FilesystemStorage"
    return {
        "format_version": 2,
        "class_list_enforcement_mode": "enforce",
        "class_allow_list": ALLOWED_CLASSES,
        "allow_log_streaming": False,
        "servers": [
            {
                "admin_storage": "transfer",
                "max_num_clients": 100,
                "heart_beat_timeout": 30,
                "download_job_url": "",
                "admin_timeout": 10.0,
            }
        ],
        "snapshot_persistor": {
            "path": "nvflare.app_common.state_persistors.storage_state_persistor.StorageStatePersistor",
            "args": {
                "uri_root": "/",
                "storage": {"path": storage, "args": {"root_dir": str(kit / "snapshots"), "uri_root": "/"}},
            },
        },
        "components": [
            {
                "id": "job_scheduler",
                "path": "nvflare.app_common.job_schedulers.job_scheduler.DefaultJobScheduler",
                "args": {"max_jobs": 4, "min_schedule_interval": 1, "max_schedule_interval": 2},
            },
            {
                "id": "job_manager",
                "path": "nvflare.apis.impl.job_def_manager.SimpleJobDefManager",
                "args": {"uri_root": str(kit / "jobs"), "job_store_id": "job_store"},
            },
            {"id": "job_store", "path": storage},
            {
                "id": "process_launcher",
                "path": "wardround.coordinator.engine.launcher.BoundLauncher",
                "args": {},
            },
        ],
    }


def _authorization() -> dict[str, Any]:
    nothing = {"submit_job": "none", "clone_job": "none", "manage_job": "none", "download_job": "none"}
    own = {"submit_job": "any", "clone_job": "none", "manage_job": "n:submitter", "download_job": "none"}
    return {
        "format_version": "1.0",
        "permissions": {
            "project_admin": {**nothing, "view": "none", "operate": "none", **NOBODY},
            "org_admin": {**nothing, "view": "none", "operate": "none", **NOBODY},
            "lead": {**own, "view": "any", "operate": "any", **NOBODY},
            "member": {**nothing, "view": "none", "operate": "none", **NOBODY},
        },
    }


def _administrator_startup(kit: Path, host: str, port: int) -> dict[str, Any]:
    return {
        "format_version": 1,
        "admin": {
            "project_name": PROJECT,
            "username": ADMINISTRATOR,
            "server_identity": host,
            "scheme": "grpc",
            "host": host,
            "port": port,
            "connection_security": "mtls",
            "uid_source": "user_input",
            "with_file_transfer": True,
            "upload_dir": str(kit / "transfer"),
            "download_dir": str(kit / "transfer"),
            "client_key": "client.key",
            "client_cert": "client.crt",
            "ca_cert": "rootCA.pem",
        },
    }


def _log_config() -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
        # At INFO the engine writes ten lines per message.
        "loggers": {"root": {"level": "WARNING", "handlers": ["stderr"]}},
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), "utf-8")
