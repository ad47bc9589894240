"""docs/webhooks.md is true: its example checks what Silta sends, and its table knows every kind."""

import re
import runpy
import time
from pathlib import Path

from silta.outbox import rules
from silta.subscriptions.enums import Kind

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


def test_the_example_of_the_page_checks_what_silta_sends(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    file = tmp_path / "example.py"
    file.write_text(example)
    check = runpy.run_path(str(file))["is_from_silta"]
    secret, former = rules.secret_of(b"k" * 32), rules.secret_of(b"f" * 32)
    now, body = int(time.time()), b'{"type": "test"}'
    headers = rules.headers([secret, former], message_id="m", timestamp=now, body=body)
    assert check(secret, headers, body)
    assert check(former, headers, body)
    assert not check(rules.secret_of(b"x" * 32), headers, body)
    assert not check(secret, headers, body + b" ")
    old = rules.headers([secret], message_id="m", timestamp=now - 3600, body=body)
    assert not check(secret, old, body)


def test_the_page_names_every_kind_and_no_other() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {kind for row in rows for kind in re.findall(r"`([a-z_.]+)`", row)}
    assert named - {"test", "type"} == {kind.value for kind in Kind}
