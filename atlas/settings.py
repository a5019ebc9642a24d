"""Every setting, documented, from the environment (prefix `ATLAS_`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, PostgresDsn, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from atlas.errors import SettingsError

__all__ = ["Settings", "load_settings"]


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
            description="An existing PostgreSQL with PostGIS, as postgresql://user:password@host:port/dbname. Without it "
            "the atlas runs a private cluster of its own below the state folder."
        ),
    ] = None
    state_dir: Annotated[Path, Field(description="Folder of the private cluster, the crawls and the built site.")] = (
        Path(".atlas")
    )


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a value is wrong; the message names the environment variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(f"ATLAS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(faults) from None
