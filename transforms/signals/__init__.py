"""What kind of words messages are: signals of a text, of a message, and of all our replies."""

from transforms.signals.messages import write_signals
from transforms.signals.replies import write_reply_signals
from transforms.signals.texts import SIGNAL_VERSION, tell_text_signals

__all__ = [
    "SIGNAL_VERSION",
    "tell_text_signals",
    "write_reply_signals",
    "write_signals",
]
