"""All settings, read from the environment (prefix `ATLAS_`)."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PostgresDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from atlas.errors import SettingsError

__all__ = ["Settings", "WriteToken", "load_settings"]

_BASE = r"^https?://[^\s?#]+[^\s?#/]$"


class WriteToken(BaseModel):
    """Who may write where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, Field(min_length=16)]
    collections: tuple[str, ...] = ("*",)
    """Ids of Collections, or prefixes of ids that end in a star."""

    def covers(self, collection: str) -> bool:
        """Whether the token writes to a Collection."""
        return any(collection.startswith(c[:-1]) if c.endswith("*") else collection == c for c in self.collections)


class Settings(BaseSettings):
    """Settings of the command line, the crawlers and the server; each field is `ATLAS_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="ATLAS_", env_ignore_empty=True, frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address that `atlas up` and `atlas serve` listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """Port that the server listens on; 0 takes a free one."""
    database_url: PostgresDsn | None = None
    """An existing PostgreSQL with PostGIS, as postgresql://user:password@host:port/dbname. Without it the atlas runs a
    private cluster in the state folder."""
    transaction_pooling: bool = False
    """Whether ATLAS_DATABASE_URL leads to a pooler in transaction mode (pgbouncer), where each transaction may get
    another session: settings are then sent with each statement, and no plan is prepared."""
    state_dir: Path = Path(".atlas")
    """Folder of the private cluster, the crawls and the built site."""
    workers: Annotated[int, Field(ge=0, le=64)] = 1
    """Server processes of `atlas serve`; 0 takes one per core, eight at most."""
    public_url: Annotated[str | None, Field(pattern=_BASE)] = None
    """Public address of the server, without a slash at the end: every link begins with it. Without it the links follow
    the Host header."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses and networks of proxies, separated by commas, whose Forwarded or X-Forwarded-For, -Proto, -Host, -Port
    and -Prefix headers are trusted; * trusts all."""
    base_path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~\-]+)*$")] = ""
    """Path such as /atlas that a proxy leaves at the start of every request's path. It is stripped, and links begin
    with it. A proxy that strips it states it in X-Forwarded-Prefix."""
    statement_timeout: Annotated[float, Field(gt=0, le=3600)] = 20.0
    """Seconds that one database statement of the API may take."""
    request_timeout: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """Seconds that the API may take to begin an answer."""
    transactions_token: Annotated[SecretStr | None, Field(min_length=16)] = None
    """Enables the writing endpoints: the token that `Authorization: Bearer` must carry. Without it the API is
    read-only."""
    transactions_tokens: dict[str, WriteToken] = {}
    """Further tokens by the writer's name in the audit log, as JSON: {"name": {"token": "...", "collections":
    ["aef-v1-annual", "own-*"]}}. Without `collections` a token writes to all Collections. With two tokens for one
    writer, one can be replaced without interruption."""
    write_select: str = ""
    """Rules, comma-separated, that the API applies to documents; by default all."""
    write_ignore: str = ""
    """Rules, comma-separated, that the API ignores; `atlas validate --rules` lists them."""
    write_strict: bool = False
    """Whether the API also rejects documents with advice, and with extensions that it cannot check."""
    contact: Annotated[str | None, Field(pattern=r"^[!-~]+$")] = None
    """An email address or URL that crawlers add to their User-Agent, so that a host can reach their operator."""
    allow_private_addresses: bool = False
    """Whether crawlers may read from loopback and private addresses, and over plain http: for mirrors in one's own
    network, and for tests. Hosts must still be named in the record or on the command line."""
    github_api: Annotated[str, Field(pattern=_BASE)] = "https://api.github.com"
    """Address of GitHub's REST API for `atlas evidence check`."""
    github_raw: Annotated[str, Field(pattern=_BASE)] = "https://raw.githubusercontent.com"
    """Address of files on GitHub for `atlas evidence check`."""
    github_token: Annotated[SecretStr | None, Field(min_length=1)] = None
    """A token for GitHub's API, sent only to ATLAS_GITHUB_API. Without it GitHub allows 60 requests an hour."""
    hub_url: Annotated[str, Field(pattern=_BASE)] = "https://huggingface.co"
    """Address of the Hugging Face hub for `atlas evidence check`."""
    hub_token: Annotated[SecretStr | None, Field(min_length=1)] = None
    """A token for the hub, sent only to ATLAS_HUB_URL."""

    @property
    def writers(self) -> dict[str, WriteToken]:
        """Who may write, by name; empty where the API only reads."""
        single = {"token": WriteToken(token=self.transactions_token)} if self.transactions_token else {}
        return {**single, **self.transactions_tokens}


@lru_cache(maxsize=16)
def _of_environment(_variables: frozenset[tuple[str, str]]) -> Settings:
    """Kept while the variables stay as they are: each shard asks, and reading them takes longer than a small one."""
    return Settings()


def load_settings() -> Settings:
    """Read the settings from the environment, and from files `atlas_<name>` in the folder `ATLAS_SECRETS_DIR`.

    Raises:
        SettingsError: a value is invalid; the message names the environment variable.
    """
    folder = os.environ.get("ATLAS_SECRETS_DIR")
    if folder and not Path(folder).is_dir():
        raise SettingsError(f"ATLAS_SECRETS_DIR: {folder} is not a folder")
    try:
        if folder:
            return Settings(_secrets_dir=folder)
        return _of_environment(frozenset(one for one in os.environ.items() if one[0][:6].upper() == "ATLAS_"))
    except ValidationError as error:
        faults = "; ".join(f"ATLAS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(faults) from None
