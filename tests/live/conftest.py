"""What the tests of sockets share: most of them talk about a conversation."""

from tests.chat.conftest import _end_threads, anonymous_conversation, conversation, visitor

__all__ = ["_end_threads", "anonymous_conversation", "conversation", "visitor"]
