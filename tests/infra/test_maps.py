"""What `python -m infra map` writes can be read again, and says whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.countries import DATA
from chalicelib.domain.geography import Point, kilometres
from chalicelib.domain.towns import _middle_of
from infra.maps.towns import _geohash
from infra.maps.write import FILES


@given(st.floats(-85, 85), st.floats(-179, 179), st.sampled_from([(5, 3.5), (6, 0.9)]))
def test_a_towns_place_is_read_as_it_was_written_but_for_its_rounding(
    latitude: float, longitude: float, rounded: tuple[int, float]
) -> None:
    length, off_max = rounded
    point = Point(latitude, longitude)
    assert kilometres(_middle_of(_geohash(point, length)), point) < off_max


@pytest.mark.parametrize("file", sorted(FILES))
def test_every_file_that_is_made_is_there_and_credited(file: str) -> None:
    assert (DATA / file).stat().st_size > 1000
    assert file in (DATA / "credits.txt").read_text()
