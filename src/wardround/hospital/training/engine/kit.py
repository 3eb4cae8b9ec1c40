"""The hospital's engine kit: its own key, and what NVIDIA FLARE's client may do on this machine."""

import json
import os
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from wardround.hospital.training.membership import kit_folder, startup_file
from wardround.web.home import Home

PROJECT = "wardround"
ALLOWED_CLASSES = ["wardround.hospital.training.engine."]
NOTHING = dict.fromkeys(
    ("submit_job", "clone_job", "manage_job", "download_job", "byoc", "shell_commands", "server-predeployed-flwr"),
    "none",
)


def make_request(home: Home, *, name: str) -> bytes:
    """A certificate request (PEM) for a new key that never leaves this home; asked again, the same key."""
    kit = kit_folder(home)
    for folder in ("startup", "local", "transfer"):
        (kit / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _key(kit / "startup" / "client.key")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def install_certificate(home: Home, *, certificate: bytes, root: bytes, name: str, host: str, port: int) -> None:
    """Finish the kit with what the coordinator sent back."""
    kit = kit_folder(home)
    (kit / "startup" / "client.crt").write_bytes(certificate)
    (kit / "startup" / "rootCA.pem").write_bytes(root)
    _write_json(kit / "local" / "resources.json", _resources())
    _write_json(kit / "local" / "authorization.json", _authorization())
    _write_json(kit / "local" / "log_config.json", _log_config())
    # Last: its presence says that the kit is whole.
    _write_json(startup_file(home), _startup(name=name, host=host, port=port))


def _key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        # NVIDIA FLARE signs its own messages with this key and supports RSA only.
        key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        return key
    stored = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(stored, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key. Delete the folder {path.parent.parent} and join again.")
    return stored


def _startup(*, name: str, host: str, port: int) -> dict[str, Any]:
    return {
        "format_version": 2,
        "servers": [{"name": PROJECT, "service": {"target": f"{host}:{port}", "scheme": "grpc"}, "identity": host}],
        "client": {
            "ssl_private_key": "client.key",
            "ssl_cert": "client.crt",
            "ssl_root_cert": "rootCA.pem",
            "fqsn": name,
            "is_leaf": True,
            "connection_security": "mtls",
        },
    }


def _resources() -> dict[str, Any]:
    return {
        "format_version": 2,
        "class_list_enforcement_mode": "enforce",
        "class_allow_list": ALLOWED_CLASSES,
        "allow_log_streaming": False,
        "app_validator": {"path": "wardround.hospital.training.engine.validator.StudyValidator", "args": {}},
        "client": {"retry_timeout": 30, "compression": "Gzip"},
        "components": [
            {
                "id": "resource_manager",
                "path": "nvflare.app_common.resource_managers.gpu_resource_manager.GPUResourceManager",
                "args": {"num_of_gpus": 0, "mem_per_gpu_in_GiB": 0, "expiration_period": 300},
            },
            {
                "id": "resource_consumer",
                "path": "nvflare.app_common.resource_consumers.gpu_resource_consumer.GPUResourceConsumer",
                "args": {},
            },
            {
                "id": "process_launcher",
                "path": "wardround.hospital.training.engine.launcher.RespawningLauncher",
                "args": {},
            },
        ],
    }


def _authorization() -> dict[str, Any]:
    # The coordinator's administrator is a "lead"; he may start the one job this hospital's validator accepts.
    return {
        "format_version": "1.0",
        "permissions": {
            "project_admin": {**NOTHING, "view": "none", "operate": "none"},
            "org_admin": {**NOTHING, "view": "none", "operate": "none"},
            "lead": {**NOTHING, "submit_job": "any", "manage_job": "n:submitter", "view": "none", "operate": "none"},
            "member": {**NOTHING, "view": "none", "operate": "none"},
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
