"""The directory of an event's bookings: under which names one is listed, and what is looked for.

Names are compared folded: without case, accents and punctuation. So "O'Brien" is found as "obrien",
"Łukasz Żak" as "lukasz zak", and "Straße" as "strasse".
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

_WORDS_MAX = 4
_CHARACTERS_MAX = 80

# As they are typed and as names have them, Hawaiian, Uzbek, Arabic and Hebrew ones too; and Arabic's stretch.
_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02be\u02bf\u2018\u2019\u2032\u05f3\u05f4\u0640"
# Letters that Unicode doesn't take apart, and what people leave out.
_PLAIN = str.maketrans(
    {
        **dict(zip("øłđðħŧı", "olddhti", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        **dict.fromkeys(_APOSTROPHES, ""),
    }
)


class Search(Struct, frozen=True):
    """What is looked for: an address, or else a name's beginning, which may also be a reference."""

    name: str = ""
    """Folded."""
    reference: str | None = None
    address: str | None = None

    def finds(self, booking: Booking) -> bool:
        """Return whether this booking, as it is now, is one of those that are looked for by name."""
        return any(name.startswith(self.name) for name in listed_names(booking.name, booking.guests))


def read_search(text: str) -> Search:
    """Return what this text looks for. Raises Invalid for what can't be looked for."""
    if "@" in text:
        try:
            return Search(address=normalise_address(text))
        except BadAddress as bad:
            raise Invalid([FieldError("/q", bad.code, bad.detail)]) from bad
    name, typed = folded(text)[:_CHARACTERS_MAX], reference_as_typed(text)
    # One character is a whole syllable or name in scripts without capital letters.
    if typed is None and len(name) < 2 and unicodedata.category(name or " ") != "Lo":
        detail = "Enter at least 2 letters of a name, an email address or a reference."
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

    The name of the person who booked is listed by each of its words, so a surname finds it too. Then come
    the guests: all as typed, and by their other words, as far as there is room.
    """
    others = [_by_each_word(guest) for guest in guests]
    first, more = (names[:1] for names in others), (names[1:] for names in others)
    return list(dict.fromkeys(chain(_by_each_word(name), *first, *more)))[:NAMES_MAX]


def _by_each_word(name: str) -> list[str]:
    """Return the folded name once for each word, with that in front. Of a long name, the last word counts."""
    words = folded(name).split()
    fronts = [*range(len(words))]
    if len(words) > _WORDS_MAX:
        fronts = [*fronts[: _WORDS_MAX - 1], len(words) - 1]
    return [" ".join(words[front:] + words[:front])[:_CHARACTERS_MAX] for front in fronts]


def _kept(character: str) -> str:
    """Return this character of a name that was taken apart, or what stands for it."""
    category = unicodedata.category(character)
    if unicodedata.combining(character) or category == "Cf":
        return ""
    return character if category[0] in "LMN" else " "
