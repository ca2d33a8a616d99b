"""The change feed: what each Change made of each record, as pages of a Linked Data Event Stream (LDES, TREE)."""

from missiegraaf.feed.members import Member, members
from missiegraaf.feed.pages import FORMATS, Page, State, content, extend, root, state

__all__ = ["FORMATS", "Member", "Page", "State", "content", "extend", "members", "root", "state"]
