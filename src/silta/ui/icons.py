"""The pictures of the design system, read from its own style sheets and drawn into the page.

A drawing in the page needs no request of its own, takes the colour of its text, and stays visible when the reader has
forced colours of her own.
"""

import functools
import re
from pathlib import Path
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString

# Words of this product for the design system's pictures, so that pages say what they mean.
OWN_NAMES = {
    "action": "check-circle",
    "add": "plus",
    "arrow": "arrow-right",
    "assessment": "search",
    "back": "arrow-left",
    "bridge": "share",
    "case": "folder",
    "chart": "graph-columns",
    "clients": "group",
    "close": "cross",
    "consent": "thumbs-up",
    "contact": "phone",
    "conversation": "speechbubble-text",
    "delete": "trash",
    "done": "check-circle-fill",
    "down": "angle-down",
    "edit": "pen",
    "email": "envelope",
    "employer": "occupation",
    "export": "download",
    "figures": "graph-columns",
    "filter": "sliders",
    "flag": "alert-circle",
    "goal": "star",
    "grant": "key",
    "hand-over": "swap-user",
    "help": "question-circle",
    "hidden": "eye-crossed",
    "import": "upload",
    "info": "info-circle",
    "internal": "lock",
    "journal": "scroll-content",
    "keyboard": "text-tool",
    "language": "globe",
    "late": "alert-circle-fill",
    "left": "angle-left",
    "log-out": "signout",
    "meeting": "calendar-event",
    "menu": "menu-hamburger",
    "message": "speechbubble",
    "money": "money-bag",
    "more": "menu-dots",
    "next": "arrow-right",
    "note": "document",
    "organisation": "company",
    "people": "group",
    "person": "user",
    "place": "location",
    "plan": "document-group",
    "print": "printer",
    "protected": "shield",
    "quiet": "bell-crossed",
    "remove": "cross",
    "reopen": "arrow-undo",
    "restricted": "key",
    "review": "calendar-recurring",
    "right": "angle-right",
    "save": "save-diskette",
    "service": "hammers",
    "services": "layers",
    "settings": "cogwheel",
    "shared": "share",
    "sign-out": "signout",
    "timeline": "history",
    "today": "calendar-clock",
    "transfer": "swap-user",
    "undo": "arrow-undo",
    "unit": "sitemap",
    "unlock": "lock-open",
    "up": "angle-up",
    "view": "eye",
    "waiting": "clock",
    "warning": "error",
    "work": "occupation",
}
_DRAWING = re.compile(r'url\("data:image/svg\+xml;charset=utf-8,([^"]+)"\)')
_PARTS = re.compile(r'<svg[^>]*viewBox=[\'"]([0-9. ]+)[\'"][^>]*>(.*)</svg>', re.DOTALL)


@functools.cache
def drawing(name: str) -> tuple[str, SafeString]:
    """The view box and the inner drawing of a picture; raises ``LookupError`` where there is none of that name."""
    found = finders.find(f"hds/icons/{OWN_NAMES.get(name, name)}.css")
    if not found:
        raise LookupError(f"no icon named {name}")
    style = _DRAWING.search(Path(str(found)).read_text(encoding="utf-8"))
    parts = _PARTS.search(unquote(style[1])) if style else None
    if parts is None:
        raise LookupError(f"the icon {name} has no drawing")
    # The drawing comes from an installed, hash-pinned package, never from a user.
    return parts[1], SafeString(" ".join(parts[2].split()))
