"""The change feed: what each Change made of each record, as pages of a Linked Data Event Stream (LDES, TREE)."""

from missiegraaf.feed.members import Member, members
from missiegraaf.feed.pages import FORMATS, Page, Pages, State, extend, root, state

__all__ = ["FORMATS", "Member", "Page", "Pages", "State", "extend", "members", "root", "state"]
