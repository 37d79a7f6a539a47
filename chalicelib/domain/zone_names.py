"""What people call a time zone: "UK time", "Pacific Time", else "Vancouver time", after its city.

A name that several places share is only for zones whose clocks agree from now on: a test compares them all.
Vancouver, Edmonton and Winnipeg stopped changing their clocks in 2026, so those keep the name of their city.
"""

from datetime import timedelta

_SHARED = {
    "Pacific Time": "America/Los_Angeles",
    "Mountain Time": "America/Boise America/Denver",
    "Central Time": "America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Menominee "
    "America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem",
    "Eastern Time": "America/Detroit America/Indiana/Indianapolis America/Indiana/Marengo "
    "America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac "
    "America/Kentucky/Louisville America/Kentucky/Monticello America/Montreal America/New_York "
    "America/Toronto",
    "Atlantic Time": "America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton",
    "Newfoundland Time": "America/St_Johns",
    "Alaska Time": "America/Anchorage America/Juneau America/Nome America/Sitka",
    "Hawaii Time": "Pacific/Honolulu",
    "Central European Time": "Europe/Amsterdam Europe/Belgrade Europe/Berlin Europe/Bratislava "
    "Europe/Brussels Europe/Budapest Europe/Copenhagen Europe/Ljubljana Europe/Luxembourg Europe/Madrid "
    "Europe/Malta Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Sarajevo Europe/Stockholm "
    "Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich",
    "Eastern European Time": "Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kiev "
    "Europe/Kyiv Europe/Riga Europe/Sofia Europe/Tallinn Europe/Vilnius",
    "UK time": "Europe/London Europe/Belfast",
    "Irish time": "Europe/Dublin",
    "India time": "Asia/Kolkata Asia/Calcutta",
    "New Zealand time": "Pacific/Auckland",
    "Easter Island time": "Pacific/Easter",
}

NAMES = {zone: name for name, zones in _SHARED.items() for zone in zones.split()}
"""The name of each zone that is not called after its city."""

# Elsewhere, as in Etc/GMT+5 or US/Pacific, what follows the slash is no city.
_AREAS_OF_CITIES = {
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


def zone_in_words(zone: str, offset: timedelta) -> str:
    """Return what people call this zone; where no name is known, its offset from UTC: "UTC-05:00"."""
    if zone in NAMES:
        return NAMES[zone]
    if zone.partition("/")[0] in _AREAS_OF_CITIES:
        return f"{zone.rpartition('/')[2].replace('_', ' ')} time"
    return f"UTC{_signed(offset)}" if offset else "UTC"


def _signed(offset: timedelta) -> str:
    minutes = abs(round(offset.total_seconds() / 60))
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
