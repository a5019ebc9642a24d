"""Every setting, documented, from the environment (prefix `ATLAS_`)."""

import os
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
    """Ids of Collections, or beginnings of them with a star at the end."""

    def covers(self, collection: str) -> bool:
        """Whether the token writes to a Collection."""
        return any(collection.startswith(c[:-1]) if c.endswith("*") else collection == c for c in self.collections)


class Settings(BaseSettings):
    """Settings of the command line, the crawlers and the server; each field is `ATLAS_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="ATLAS_", env_ignore_empty=True, frozen=True, extra="ignore")

    host: Annotated[str, Field(description="Address that `atlas up` and `atlas serve` listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port that the server listens on; 0 takes a free one.")] = (
        8000
    )
    database_url: Annotated[
        PostgresDsn | None,
        Field(
            description="An existing PostgreSQL with PostGIS, as postgresql://user:password@host:port/dbname. "
            "Without it the atlas runs a private cluster of its own below the state folder."
        ),
    ] = None
    transaction_pooling: Annotated[
        bool,
        Field(
            description="Whether ATLAS_DATABASE_URL leads to a pooler that gives each transaction any session "
            "(pgbouncer in transaction mode): each statement then brings its settings, and no plan is kept."
        ),
    ] = False
    state_dir: Annotated[Path, Field(description="Folder of the private cluster, the crawls and the built site.")] = (
        Path(".atlas")
    )
    workers: Annotated[
        int, Field(ge=0, le=64, description="Server processes of `atlas serve`; 0 takes one per core, eight at most.")
    ] = 1
    public_url: Annotated[
        str | None,
        Field(
            pattern=_BASE,
            description="Public address of the server, without a slash at the end: every link begins with it. Without "
            "it the links follow the Host header.",
        ),
    ] = None
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses and networks of proxies, separated by commas, whose Forwarded, or X-Forwarded-For, "
            "-Proto, -Host, -Port and -Prefix, are trusted; * trusts everybody."
        ),
    ] = "127.0.0.1"
    base_path: Annotated[
        str,
        Field(
            pattern=r"^(/[A-Za-z0-9._~\-]+)*$",
            description="Path such as /atlas that a proxy leaves in front of every request. It is stripped, and links "
            "begin with it. A proxy that strips it itself says so in X-Forwarded-Prefix.",
        ),
    ] = ""
    statement_timeout: Annotated[
        float, Field(gt=0, le=3600, description="Seconds that one database statement of the API may take.")
    ] = 20.0
    request_timeout: Annotated[
        float, Field(gt=0, le=3600, description="Seconds that the API may take to begin an answer.")
    ] = 30.0
    transactions_token: Annotated[
        SecretStr | None,
        Field(
            min_length=16,
            description="Switches the writing endpoints on and is what `Authorization: Bearer` must carry. Without it "
            "the API only reads.",
        ),
    ] = None
    transactions_tokens: Annotated[
        dict[str, WriteToken],
        Field(
            description="Further tokens by the name that the audit log gives a writer, as JSON: "
            '{"name": {"token": "...", "collections": ["aef-v1-annual", "own-*"]}}. Without `collections` a token '
            "writes to all. With two tokens for one writer, one can be replaced without a pause."
        ),
    ] = {}
    write_select: Annotated[
        str, Field(description="The only rules, comma-separated, that the API applies to documents; all without it.")
    ] = ""
    write_ignore: Annotated[
        str, Field(description="Rules, comma-separated, that the API ignores; `atlas validate --rules` lists them.")
    ] = ""
    write_strict: Annotated[
        bool, Field(description="Let the API also reject what is only advice, and extensions that it cannot check.")
    ] = False
    contact: Annotated[
        str | None,
        Field(
            pattern=r"^[!-~]+$",
            description="An email address or URL that the crawlers add to their User-Agent, so that a host can reach "
            "whoever runs them.",
        ),
    ] = None
    allow_private_addresses: Annotated[
        bool,
        Field(
            description="Let crawlers read from loopback and private addresses, and over plain http: for mirrors "
            "inside one's own network, and for tests. Hosts still have to be named by the record or on the command "
            "line."
        ),
    ] = False
    github_api: Annotated[
        str, Field(pattern=_BASE, description="Where `atlas evidence check` asks GitHub's REST API.")
    ] = "https://api.github.com"
    github_raw: Annotated[str, Field(pattern=_BASE, description="Where it reads files on GitHub.")] = (
        "https://raw.githubusercontent.com"
    )
    github_token: Annotated[
        SecretStr | None,
        Field(
            min_length=1,
            description="A token for GitHub's API, sent to ATLAS_GITHUB_API and nowhere else. Without it GitHub "
            "answers 60 requests an hour.",
        ),
    ] = None
    hub_url: Annotated[
        str, Field(pattern=_BASE, description="Where `atlas evidence check` asks the Hugging Face hub.")
    ] = "https://huggingface.co"
    hub_token: Annotated[
        SecretStr | None,
        Field(min_length=1, description="A token for the hub, sent to ATLAS_HUB_URL and nowhere else."),
    ] = None

    @property
    def writers(self) -> dict[str, WriteToken]:
        """Who may write, by name; empty where the API only reads."""
        single = {"token": WriteToken(token=self.transactions_token)} if self.transactions_token else {}
        return {**single, **self.transactions_tokens}


def load_settings() -> Settings:
    """Read the settings from the environment, and from files `atlas_<name>` in the folder `ATLAS_SECRETS_DIR`.

    Raises:
        SettingsError: a value is wrong; the message names the environment variable.
    """
    folder = os.environ.get("ATLAS_SECRETS_DIR")
    if folder and not Path(folder).is_dir():
        raise SettingsError(f"ATLAS_SECRETS_DIR: {folder} is not a folder")
    try:
        return Settings(_secrets_dir=folder or None)
    except ValidationError as error:
        faults = "; ".join(f"ATLAS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(faults) from None
