"""`atlas mcp`: the answers as tools for language models."""

from pathlib import Path

import click

from atlas.commands._answers import holdings_options, open_with

__all__ = ["command"]


@click.command("mcp")
@click.option("--http", is_flag=True, help="Listen for streamable HTTP instead of using stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on with --http.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port, with --http.")
@holdings_options
def command(http: bool, host: str, port: int, crawls: Path | None, api: str | None) -> None:
    """Serve the answers to language models (MCP).

    Speaks the Model Context Protocol until interrupted.

    Tools: products, show, which, choose, compare, size, recipe. They only read, and each answer names its sources.
    There is no login: if --host is not a loopback address, put a proxy with access control in front.
    """
    from atlas.tools import make_server

    server = make_server(open_with(crawls, api))
    if not http:
        server.run("stdio")
        return
    click.echo(f"serving http://{host}:{port}/mcp", err=True)
    server.run("streamable-http", host=host, port=port, stateless_http=True)
