"""The commands about tokens: who may write, and who did."""

from __future__ import annotations

import argparse
from typing import Any

from missiegraaf import stores, tokens
from missiegraaf.config import Settings


def add(commands: Any) -> tuple[argparse.ArgumentParser, ...]:
    """Add them to the commands, and return those that take a store."""
    token = commands.add_parser("token", help="who may write")
    actions = token.add_subparsers(required=True, metavar="action")
    create = actions.add_parser("create", help="print a new token; only its hash is kept")
    create.add_argument("name")
    create.add_argument("--role", choices=tokens.ROLES, required=True)
    create.add_argument("--days", type=float, metavar="N", help="until it expires (default: never)")
    create.set_defaults(run=_create_token)
    revoke = actions.add_parser("revoke", help="make the token of a name worthless")
    revoke.add_argument("name")
    revoke.set_defaults(run=_revoke_token)
    listed = actions.add_parser("list", help="who has a token, and until when")
    listed.set_defaults(run=_list_tokens)
    trail = actions.add_parser("trail", help="every write that was done or refused")
    trail.set_defaults(run=_list_trail)
    return create, revoke, listed, trail


def _create_token(options: argparse.Namespace, settings: Settings) -> int:
    print(tokens.create(stores.of_tokens(options, settings), options.name, options.role, options.days))
    return 0


def _revoke_token(options: argparse.Namespace, settings: Settings) -> int:
    tokens.revoke(stores.of_tokens(options, settings), options.name)
    return 0


def _list_tokens(options: argparse.Namespace, settings: Settings) -> int:
    for known in tokens.names(stores.of_tokens(options, settings)):
        print(*known, sep="\t")
    return 0


def _list_trail(options: argparse.Namespace, settings: Settings) -> int:
    for tried in tokens.trail(stores.of_tokens(options, settings)):
        print(*tried, sep="\t")
    return 0
