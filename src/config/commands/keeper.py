"""Makes the first keeper of an installation, with her organisation and unit, and prints the address of her password."""

import argparse
import sys

SUMMARY = "make the first keeper of an installation, or renew her password"
EPILOG = """\
The keeper keeps organisations, units and users; she sees no client. This is done once, in an
empty installation. No password is asked or sent: the command prints an address at which the keeper sets her own. It is
good once and for three days; hand it over in person.

Where a keeper cannot sign in, --renew prints her a new address.

Example: silta keeper --email keeper@example.fi --name "Kaino Keeper" --organisation "Kainuun Silta" --at https://silta.example.fi"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--email", required=True, metavar="EMAIL", help="the keeper's e-mail address, by which she signs in"
    )
    parser.add_argument(
        "--name", default="", metavar="NAME", help="the keeper's name (needed, but for --renew)"
    )
    parser.add_argument(
        "--organisation", default="", metavar="NAME",
        help="the Finnish name of the organisation that keeps the installation (needed, but for --renew)",
    )  # fmt: skip
    parser.add_argument(
        "--unit", default="Ylläpito", metavar="NAME", help="the Finnish name of its unit (default: Ylläpito)"
    )
    parser.add_argument(
        "--at", default="http://localhost:8000", metavar="ADDRESS",
        help="where people reach Silta; the printed address begins with it (default: http://localhost:8000)",
    )  # fmt: skip
    parser.add_argument(
        "--language", choices=["fi", "sv", "en"], default="fi", help="the language of her pages (default: fi)"
    )
    parser.add_argument(
        "--renew", action="store_true", help="print a new address for a keeper there is already"
    )


def run(chosen: argparse.Namespace) -> int:
    """Writes the first rows, or only renews the address; status 1, in words, where something is wrong."""
    missing = [
        name for name in ("name", "organisation") if not (chosen.renew or getattr(chosen, name).strip())
    ]
    if missing:
        print(f"Give also {' and '.join(f'--{name}' for name in missing)}.", file=sys.stderr)
        return 1
    from config import migrating, starting

    starting.set_up()
    from django.utils.translation import override

    from silta.kernel.errors import RuleBroken

    migrating.bring_up_to_date()
    with override("en"):
        try:
            path = _path(chosen)
        except RuleBroken as broken:
            print(str(broken.message), file=sys.stderr)
            return 1
    print(f"The password is set here, once, within three days:\n{chosen.at.rstrip('/')}{path}")
    return 0


def _path(chosen: argparse.Namespace) -> str:
    """The path at which the password is set, of the keeper who is made or is there already."""
    from silta.access import operations as access

    if chosen.renew:
        return access.renew_keepers_link(email=chosen.email)
    made = access.first_keeper(
        email=chosen.email, name=chosen.name, organisation=chosen.organisation, unit=chosen.unit,
        language=chosen.language,
    )  # fmt: skip
    return made.password_path
