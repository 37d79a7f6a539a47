"""The items that samples.py's structs are stored as, in DynamoDB's own JSON.

They were written down from the table as it is deployed. What stands here never changes: a field that is added
later may add an attribute beside these.
"""

from typing import Any

Item = dict[str, dict[str, Any]]

WHOLE_EVENT: Item = {
    "PK": {"S": "EVENT#eeee"},
    "SK": {"S": "EVENT"},
    "admission": {"S": "queue"},
    "cancellation_reason": {"S": "The kitchen has flooded."},
    "admissions_per_second": {"N": "75"},
    "allowed_origins": {"L": [{"S": "https://example.org"}]},
    "bookings_per_address_max": {"N": "2"},
    "closes_at": {"S": "2027-09-04T18:00:05.250000+0000"},
    "contact": {"S": "01584 960123"},
    "description": {"S": "Bring a bowl.\nAnd a spoon."},
    "event_id": {"S": "eeee"},
    "language": {"S": "en-GB"},
    "line_seed": {"S": "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"},
    "opens_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "organiser_id": {"S": "oooo"},
    "organiser_name": {"S": "Ludlow Neighbours"},
    "places_per_booking_max": {"N": "8"},
    "price": {"S": "You pay the restaurant"},
    "privacy_url": {"S": "https://example.org/privacy"},
    "questions": {
        "S": (
            '[{"question_id":"diet","kind":"choice","label":"Diät?","required":true,'
            '"choices":["None","Vegan"]},'
            '{"question_id":"note","kind":"text","label":"Anything else?","required":false,"choices":[]}]'
        )
    },
    "reminders": {"L": [{"S": "day_before"}, {"S": "two_hours_before"}]},
    "reply_to": {"S": "soup@example.org"},
    "return_urls": {"L": [{"S": "https://example.org/thanks"}, {"S": "https://example.org/danke"}]},
    "schema": {"N": "1"},
    "session_noun": {"S": "supper"},
    "slug": {"S": "soup-night"},
    "status": {"S": "published"},
    "title": {"S": "Süßer Soup Night"},
    "version": {"N": "3"},
}

SPARSE_EVENT: Item = {
    "PK": {"S": "EVENT#eeee"},
    "SK": {"S": "EVENT"},
    "admission": {"S": "open"},
    "admissions_per_second": {"N": "50"},
    "allowed_origins": {"L": []},
    "bookings_per_address_max": {"N": "1"},
    "description": {"S": ""},
    "event_id": {"S": "eeee"},
    "language": {"S": "en"},
    "organiser_id": {"S": "oooo"},
    "places_per_booking_max": {"N": "6"},
    "reminders": {"L": [{"S": "day_before"}]},
    "return_urls": {"L": []},
    "schema": {"N": "1"},
    "session_noun": {"S": "session"},
    "slug": {"S": "soup-night"},
    "status": {"S": "draft"},
    "title": {"S": "Soup Night"},
    "version": {"N": "1"},
}

WHOLE_SESSION: Item = {
    "PK": {"S": "EVENT#eeee"},
    "SK": {"S": "SESSION#ssss"},
    "address": {"S": "1 Broad Street, Ludlow"},
    "capacity": {"N": "40"},
    "closes_at": {"S": "2027-09-04T18:00:05.250000+0000"},
    "counters": {"N": "2"},
    "country": {"S": "GB"},
    "ends_local": {"S": "2027-09-05T21:30:15"},
    "event_id": {"S": "eeee"},
    "cancellation_reason": {"S": "The kitchen has flooded."},
    "change_note": {"S": "We are next door."},
    "last_change": {"L": [{"S": "time"}, {"S": "place"}]},
    "pin_told": {"S": "[52.3676,-2.0]"},
    "words_told": {
        "S": (
            '{"zone":"Europe/London","starts_local":"2027-09-05T18:00:00",'
            '"ends_local":"2027-09-05T21:00:00","venue":"The Spoon","address":"2 Broad Street, Ludlow"}'
        )
    },
    "earlier": {
        "S": (
            '[{"zone":"Europe/London","starts_local":"2027-09-05T18:00:00",'
            '"ends_local":"2027-09-05T21:00:00","venue":"The Spoon","address":"2 Broad Street, Ludlow",'
            '"sequence":3,"latitude":52.3676,"longitude":-2.0,"until":"2027-06-01T09:30:00Z"}]'
        )
    },
    "quiet_changes": {"N": "1"},
    "latitude": {"N": "52.3675"},
    "longitude": {"N": "-2.0"},
    "organiser_id": {"S": "oooo"},
    "paused_until": {"S": "2027-09-04T18:00:05.250000+0000"},
    "schema": {"N": "1"},
    "sequence": {"N": "4"},
    "sequence_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "session_id": {"S": "ssss"},
    "starts_local": {"S": "2027-09-05T19:00:00"},
    "status": {"S": "closed"},
    "title": {"S": "Ludlow"},
    "town": {"S": "Ludlow"},
    "venue": {"S": "The Ladle"},
    "version": {"N": "9"},
    "zone": {"S": "Europe/London"},
}

SPARSE_SESSION: Item = {
    "PK": {"S": "EVENT#eeee"},
    "SK": {"S": "SESSION#ssss"},
    "address": {"S": "1 Broad Street, Ludlow"},
    "capacity": {"N": "40"},
    "counters": {"N": "2"},
    "ends_local": {"S": "2027-09-05T21:00:00"},
    "event_id": {"S": "eeee"},
    "last_change": {"L": []},
    "organiser_id": {"S": "oooo"},
    "schema": {"N": "1"},
    "sequence": {"N": "0"},
    "session_id": {"S": "ssss"},
    "starts_local": {"S": "2027-09-05T19:00:00"},
    "status": {"S": "open"},
    "title": {"S": "Ludlow"},
    "venue": {"S": "The Ladle"},
    "version": {"N": "1"},
    "zone": {"S": "Europe/London"},
}

WHOLE_BOOKING: Item = {
    "PK": {"S": "BOOKINGS#ssss#5"},
    "SK": {"S": "BOOKING#kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"},
    "address": {"S": "ada@example.org"},
    "allocation": {"M": {"0": {"N": "2"}, "1": {"N": "1"}}},
    "answers": {"S": '{"diet":"Vegan","parking":true}'},
    "arrivals": {
        "S": (
            '[{"nonce":"scan-1","places":2,"at":"2027-09-04T18:00:05.250000Z",'
            '"token_id":"tttt","where":"Front door","arrived":2}]'
        )
    },
    "arrivals_version": {"N": "3"},
    "booking_id": {"S": "bbbbbbbbbbbbbbbbbbbbbbbb"},
    "changed_at": {"S": "2027-09-04T18:00:05.250000+0000"},
    "created_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "event_id": {"S": "eeee"},
    "fingerprint": {"S": "ffffffffffffffffffffffffffffffff"},
    "guests": {"L": [{"S": "Bob"}, {"S": "Çem"}]},
    "idempotency_key": {"S": "once"},
    "key": {"S": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"},
    "mailed_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "moved_to": {"S": "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"},
    "name": {"S": "Zoë"},
    "ordinal": {"N": "1"},
    "organiser_id": {"S": "oooo"},
    "places": {"N": "3"},
    "schema": {"N": "1"},
    "session_id": {"S": "ssss"},
    "shown": {"N": "0"},
    "source": {"S": "network-hash"},
    "status": {"S": "moved"},
    "undone_nonces": {"S": '["scan-0"]'},
    "version": {"N": "5"},
}

SPARSE_BOOKING: Item = {
    "PK": {"S": "BOOKINGS#ssss#5"},
    "SK": {"S": "BOOKING#kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"},
    "address": {"S": "ada@example.org"},
    "allocation": {"M": {}},
    "booking_id": {"S": "bbbbbbbbbbbbbbbbbbbbbbbb"},
    "changed_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "created_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "event_id": {"S": "eeee"},
    "fingerprint": {"S": "ffffffffffffffffffffffffffffffff"},
    "guests": {"L": []},
    "idempotency_key": {"S": "once"},
    "key": {"S": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"},
    "mailed_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "name": {"S": "Ada"},
    "ordinal": {"N": "0"},
    "organiser_id": {"S": "oooo"},
    "places": {"N": "1"},
    "schema": {"N": "1"},
    "session_id": {"S": "ssss"},
    "status": {"S": "confirmed"},
    "version": {"N": "1"},
}

WHOLE_QUEUE: Item = {
    "PK": {"S": "LINES"},
    "SK": {"S": "eeee"},
    "at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "early": {"N": "320"},
    "late": {"S": '[["2027-06-01T09:30:00Z",4],["2027-09-04T18:00:05.250000Z",9]]'},
    "number": {"N": "12.25"},
    "off_at": {"S": "2027-09-04T18:00:05.250000+0000"},
    "rate": {"N": "75"},
    "round_number": {"N": "300"},
    "round_sold": {"N": "250"},
    "schema": {"N": "1"},
    "up_to": {"N": "500"},
    "version": {"N": "6"},
}

SPARSE_QUEUE: Item = {
    "PK": {"S": "LINES"},
    "SK": {"S": "eeee"},
    "at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "late": {"S": "[]"},
    "number": {"N": "0.0"},
    "rate": {"N": "50"},
    "round_number": {"N": "0"},
    "round_sold": {"N": "0"},
    "schema": {"N": "1"},
    "version": {"N": "1"},
}

TOKEN: Item = {
    "PK": {"S": "ORG#oooo"},
    "SK": {"S": "TOKEN#tttt"},
    "created_at": {"S": "2027-06-01T09:30:00.000000+0000"},
    "expires": {"N": "1822672805"},
    "expires_at": {"S": "2027-09-04T18:00:05.250000+0000"},
    "name": {"S": "Front door"},
    "organiser_id": {"S": "oooo"},
    "role": {"S": "door"},
    "schema": {"N": "1"},
    "scope": {"S": "session:eeee:ssss"},
    "token_hash": {"S": "0000000000000000000000000000000000000000000000000000000000000000"},
    "token_id": {"S": "tttt"},
}
