"""What somebody most likely meant: near misses of the big providers are seen, real domains are left be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.likely_address import _PROVIDERS, likely_address

LETTERS = "abcdefghijklmnopqrstuvwxyz.-0123456789"

KNOWN = (
    *_PROVIDERS,
    *re.findall(
        r"\S+",
        """mail.com email.com ymail.com rocketmail.com qmail.com amail.com cmail.com tmail.com xmail.com
        gmx.de gmx.com gmx.net gmx.at gmx.ch gmx.co.uk web.de t-online.de freenet.de posteo.de mailbox.org
        outlook.de outlook.fr outlook.es outlook.it outlook.ie outlook.jp outlook.com.au outlook.co.th
        hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.be hotmail.nl hotmail.se hotmail.ca hotmail.com.au
        hotmail.co.nz hotmail.co.jp hotmail.co.th hotmail.com.br gotmail.com
        yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.ie yahoo.in yahoo.co.in yahoo.co.jp yahoo.co.id
        yahoo.co.nz yahoo.co.za yahoo.co.th yahoo.com.au yahoo.com.br yahoo.com.hk yahoo.com.sg
        live.com live.co.uk live.ie live.fr live.nl love.com aol.com aol.co.uk aim.com msn.com me.com mac.com
        cloud.com proton.me protonmail.ch pm.me fastmail.com fastmail.fm hushmail.com tutanota.com zoho.com
        bt.com btopenworld.com talk21.com sky.com talktalk.co.uk tiscali.co.uk ntlworld.com blueyonder.co.uk
        virgin.net plus.net plusnet.com orange.fr orange.net wanadoo.fr free.fr laposte.net sfr.fr libero.it
        nhs.net doctors.org.uk kirkcaldy.example""",
    ),
)

spellings = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12)
local_parts = st.text(st.sampled_from("abcz09.+_"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.comm", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmailcom.com", None),
        ("hotmial.co.uk", "hotmail.co.uk"),
        ("hotmail.co.ul", "hotmail.co.uk"),
        ("hotnail.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("outlook.cm", "outlook.com"),
        ("yahooo.co.uk", "yahoo.co.uk"),
        ("iclod.com", "icloud.com"),
        ("btinternet.cm", "btinternet.com"),
        ("protonmial.com", "protonmail.com"),
        ("gmail.com.example.org", None),
        ("xn--gmil-6na.com", None),
    ],
)
def test_one_slip_away_from_a_big_provider_is_taken_for_that_provider(typed: str, meant: str | None) -> None:
    assert likely_address(f"ada+curry@{typed}") == (meant and f"ada+curry@{meant}")


@given(st.sampled_from(KNOWN), local_parts)
def test_an_address_at_a_known_provider_is_never_doubted(domain: str, local_part: str) -> None:
    assert likely_address(f"{local_part}@{domain}") is None


@given(st.sampled_from(_PROVIDERS), local_parts, st.data())
def test_each_single_slip_after_the_first_letter_is_seen_and_keeps_what_stands_before_the_at_sign(
    domain: str, local_part: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(domain) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    before, there, after = domain[:place], domain[place], domain[place + 1 :]
    slips = (before + letter + after, before + after, before + letter + there + after,
             before + after[:1] + there + after[1:])  # fmt: skip
    for slip in slips:
        meant = None if slip in _PROVIDERS else f"{local_part}@{domain}"
        assert likely_address(f"{local_part}@{slip}") == meant


@given(spellings, local_parts)
def test_whatever_is_hinted_is_at_a_big_provider(domain: str, local_part: str) -> None:
    meant = likely_address(f"{local_part}@{domain}")
    assert meant is None or (meant.partition("@")[2] in _PROVIDERS and meant != f"{local_part}@{domain}")
