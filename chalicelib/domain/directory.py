"""The directory of an event's bookings: under which names one is listed, and what is looked for.

Names are compared folded: without case, accents and punctuation. So "O'Brien" is found as "obrien",
"Łukasz Żak" as "lukasz zak", and "Straße" as "strasse". Words between those that are looked for don't
matter: "Ada Okafor" finds Ada Maria Okafor.
"""

import unicodedata
from collections.abc import Sequence
from itertools import chain

from msgspec import Struct

from chalicelib.domain.attendee import BadAddress, normalise_address
from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import reference_as_typed
from chalicelib.domain.refusals import FieldError, Invalid

NAMES_MAX = 6
"""Under how many names a booking is listed: each is an item in the table."""

_WORDS_FIRST = 4
CHARACTERS_MAX = 80
"""Of a name, as it is listed or looked for: longer ones are cut off."""

# As they are typed and as names have them, Hawaiian, Uzbek, Arabic and Hebrew ones too; and Arabic's stretch.
_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02be\u02bf\u2018\u2019\u2032\u05f3\u05f4\u0640"
# Letters that Unicode doesn't take apart, or of which Arabic, Persian and Urdu keyboards have one each; and
# what people leave out.
_PLAIN = str.maketrans(
    {
        **dict(zip("øłđðħŧı", "olddhti", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        **dict.fromkeys("\u064a\u0649", "\u06cc"),
        "\u0643": "\u06a9",
        **dict.fromkeys("\u0629\u06c1\u06c3\u06d5", "\u0647"),
        **dict.fromkeys(_APOSTROPHES, ""),
    }
)


class Search(Struct, frozen=True):
    """What is looked for: an address, or else words of a name, which may also be a reference."""

    name: str = ""
    """Folded."""
    reference: str | None = None
    address: str | None = None

    @property
    def beginning(self) -> str:
        """How a name begins under which such a booking is listed."""
        first, space, _ = self.name.partition(" ")
        return first + space

    def finds(self, booking: Booking) -> bool:
        """Return whether this booking, as it is now, is one of those that are looked for by name."""
        return any(self.fits(folded(name)) for name in (booking.name, *booking.guests))

    def fits(self, name: str) -> bool:
        """Return whether this (folded) name has all of the words, the last of them at least begun."""
        *whole, last = self.name.split()
        words = name.split()
        for word in whole:
            if word not in words:
                return False
            words.remove(word)
        return any(word.startswith(last) for word in words)


def read_search(text: str) -> Search:
    """Return what this text looks for. Raises Invalid for what can't be looked for."""
    if "@" in text:
        try:
            return Search(address=normalise_address(text))
        except BadAddress as bad:
            raise Invalid([FieldError("/q", bad.code, bad.detail)]) from bad
    name, typed = folded(text)[:CHARACTERS_MAX], reference_as_typed(text)
    if not name:
        detail = "Enter letters of a name, an email address or a reference."
        raise Invalid([FieldError("/q", "too_short", detail)])
    return Search(name, typed)


def folded(text: str) -> str:
    """Return a name as it is compared. Folding it again changes nothing."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN)).casefold()
    plain = unicodedata.normalize("NFKD", plain).translate(_PLAIN)
    words = "".join(map(_kept, plain)).split()
    return " ".join(word for word in words if any(map(str.isalnum, word)))


def listed_names(name: str, guests: Sequence[str]) -> list[str]:
    """Return the folded names under which a booking is listed.

    The name of the person who booked is listed by four of its words, so a surname finds it too. Then come, as
    far as there is room: the guests as typed, the name by its other words, and the guests by theirs.
    """
    own, others = _by_each_word(name), [_by_each_word(guest) for guest in guests]
    first, more = (names[:1] for names in others), (names[1:] for names in others)
    return list(dict.fromkeys(chain(own[:_WORDS_FIRST], *first, own[_WORDS_FIRST:], *more)))[:NAMES_MAX]


def _by_each_word(name: str) -> list[str]:
    """Return the folded name once for each word, with that in front: first, last, then the longest others."""
    words = folded(name).split()
    ends = dict.fromkeys((0, len(words) - 1))
    between = sorted(range(1, len(words) - 1), key=lambda front: -len(words[front]))
    fronts = [*ends, *between] if words else []
    return [" ".join(words[front:] + words[:front])[:CHARACTERS_MAX] for front in fronts]


def _kept(character: str) -> str:
    """Return this character of a name that was taken apart, or what stands for it."""
    category = unicodedata.category(character)
    if unicodedata.combining(character) or category == "Cf":
        return ""
    return character if category[0] in "LMN" else " "
