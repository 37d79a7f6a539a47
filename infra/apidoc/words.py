"""What the fields mean, where the name does not say it: by struct and field, or by field in any struct."""

WORDS = {
    "BookingRequest.name": "The person who books. We print it on the ticket, so it can't contain a web "
    "address.",
    "BookingRequest.email": "Where we send the confirmation. The event limits how often an address may book.",
    "BookingRequest.places": "How many people come, including the person who books. The event sets the "
    "limit.",
    "BookingRequest.guests": "The names of the others. Optional.",
    "BookingRequest.consent": "True if the person agrees to the use of answers to `sensitive` questions. "
    "Required with such an answer.",
    "BookingRequest.website": "Leave it empty. People never see this field, but programs that fill in forms "
    "do.",
    "BookingRequest.answers": "The answers to the event's questions, by question_id. A yes_no answer "
    "is true or false. A text can have 1,000 characters, and all together 4,000. An emoji counts as two.",
    "BookingOnBehalf.name": "The person you book for. We print it on the ticket, so it can't contain a web "
    "address.",
    "BookingOnBehalf.email": "Where we send the confirmation.",
    "BookingOnBehalf.places": "How many people come: up to 20, while places are free.",
    "BookingOnBehalf.guests": "The names of the others, if you know them.",
    "BookingOnBehalf.answers": "The answers that you know to the event's questions, by question_id. "
    "A yes_no answer is true or false.",
    "BookingOnBehalf.consent": "We ignore this field, so you can send what people send for themselves. You "
    "need the person's consent.",
    "BookingView.address": "The older name of `email`.",
    "CorrectedView.address": "The older name of `email`.",
    "BookingInTrouble.address": "The older name of `email`.",
    "BookingReply.replayed": "Whether this is the answer to an earlier request with the same "
    "Idempotency-Key.",
    "AgainRequest.email": "The address that booked.",
    "role": "`door`: read events and sessions, check people in and undo it. `host`: also see, export, make, "
    "correct and cancel bookings, and send emails again. `organiser`: everything. Creating events and "
    "managing tokens need a token for all events.",
    "reference": "The short code on the ticket, to read out. It gives no access.",
    "slug": "The event's name in links: 3 to 60 lower-case letters, digits and hyphens. It never changes.",
    "language": "The language of your texts: a BCP 47 tag, for example en-GB. Ours are always in English.",
    "opens_at": "When booking opens, with an offset; null means at once.",
    "closes_at": "When booking closes, with an offset; null means when the session starts.",
    "SessionView.closes_at": "The closing time set for this session; null means the event's.",
    "booking_closes_at": "When booking closes.",
    "places_per_booking_max": "How many places one booking may take.",
    "bookings_per_address_max": "How many bookings one address may have in each session.",
    "questions": "What the event asks people who book.",
    "question_id": "The id of the question, which names its answer. It never changes.",
    "choices": "The possible answers to a question of the kind choice.",
    "reply_to": "The address for replies to our emails.",
    "return_urls": "The pages that a form may lead to afterwards: full https addresses.",
    "allowed_origins": "The sites whose scripts may call the public API and frame its pages.",
    "organiser_name": "Who is behind the event, as people know you. Pages and emails show it.",
    "contact": "How people reach you: an email address or a telephone number. Everybody can see it.",
    "privacy_url": "Your privacy notice: a full https address.",
    "price": "What it costs, in words, for example: You pay the restaurant.",
    "session_noun": "What you call one session: a singular English noun, for example dinner.",
    "reminders": "When we remind people who booked: `day_before` is 11am at the venue. An empty list means "
    "never. We remind people who booked at least a day before that.",
    "sensitive": "Whether an answer may say something about health or belief. It then needs `consent`.",
    "zone": "The venue's IANA time zone, for example Europe/London.",
    "starts_local": "The start in the venue's local time, for example 2027-09-05T19:00.",
    "ends_local": "The end in the venue's local time.",
    "starts_at": "The start in UTC.",
    "ends_at": "The end in UTC.",
    "places_left": "Roughly how many places are left: `many` is over half, `some` up to half. "
    "`few` is up to a tenth or fewer than six.",
    "not_bookable": "Why one person can't book now: the code of a refusal.",
    "over": "Whether it has taken place.",
    "paused": "Whether bookings wait a few seconds while the organiser changes the capacity.",
    "paused_until": "Until when bookings wait for a change of the capacity; null if they don't.",
    "places_free": "How many places were free a moment ago.",
    "capacity": "How many places there are.",
    "SessionChange.tell": "Send false to save a new time or place without an email. Later emails have it. "
    "Send true, with any change or none, to tell people of what was saved so before.",
    "SessionChange.change_note": "A line about this change, for its email and for the pages. Links in it "
    "start with https://. Sent alone, or with a change that we don't email, it is for the pages: it sends "
    "no email. A second change within a day keeps it, unless you send another note or null.",
    "change_note": "What the organiser says of the last change of time or place.",
    "CancellationRequest.reason": "A line for the emails and the pages. Links in it start with https://.",
    "cancellation_reason": "The reason that the organiser gave; null if there is none.",
    "version": "The number in the ETag. It rises with each change.",
    "source": "The network that it was booked from: a short name in this event, never the address. A phone "
    "network or an office is one source with many people.",
    "BookingView.source": "The network that it was booked from: a short name in this event, never the "
    "address. Null if that is not known, or if you booked for the person. A phone network or an office is "
    "one source with many people.",
    "bounced": "Whether an email about this booking bounced for good.",
    "SourceView.bounced": "How many of the bookings in `looked_at` have an email that bounced for good.",
    "SourceView.looked_at": "For how many of its bookings we looked up the emails. One answer looks up those "
    "of 1,000 bookings.",
    "SourceView.bookings": "How many bookings it has. Cancelled ones do not count.",
    "SourceView.places": "How many places these have.",
    "first_at": "When the first of them was made.",
    "last_at": "When the last of them was made.",
    "FoundBookings.more": "Whether there are more than these. Then search for more of the name.",
    "SourceList.more": "How many smaller sources there are that this answer does not list.",
    "BulkCancellation.bookings": "The bookings as the list showed them.",
    "BulkCancellation.tell": "Send true for people: each gets the usual cancellation email. Send false for "
    "invented addresses: we send no email, because some of them belong to strangers.",
    "ShownBooking.booking": "The last part of the booking's `url`.",
    "ShownBooking.version": "The version that the list showed.",
    "LeftBooking.why": "`changed_meanwhile`: it has another version now. `booking_not_live`: it was already "
    "cancelled. `party_arrived`: someone of the party is checked in. `not_found`: there is no such booking. "
    "`busy`: there was no time, so send it again.",
    "BulkCancelled.cancelled": "How many bookings this request cancelled.",
    "BulkCancelled.places": "How many places are free again.",
    "BulkCancelled.left": "The bookings that this request did not cancel.",
    "arrived": "How many people of the party are checked in.",
    "mails": "The emails that this booking owes, and how far each one got.",
    "BookingInTrouble.mails": "The emails that did not arrive or have to wait, and why.",
    "remedies": "What you can do about it: send the email again, or correct the address.",
    "CorrectionRequest.keep_links": "True if the same person reads both addresses: then earlier links, "
    "ticket and reference still work.",
    "CorrectedView.links_kept": "Whether the earlier links, ticket and reference still work.",
    "CheckInRequest.ticket": "The text of the QR code.",
    "CheckInRequest.booking": "The last part of the booking's `url`.",
    "CheckInRequest.places": "How many people come in now. If you leave it out, everyone who is not in yet.",
    "CheckInRequest.nonce": "1 to 64 letters, digits, hyphens or underscores, different for every scan.",
    "CheckInView.checked_in": "How many people came in with this scan.",
    "CheckInView.arrived": "How many people of the party were in after this scan.",
    "replayed": "Whether this is the answer to an earlier request with the same nonce.",
    "public_url": "The event as JSON, once it is published.",
    "page_url": "The public page, once the event is published.",
    "embed_url": "The page with a form to paste into another site, once the event is published.",
    "TokenView.links": "The calls that the holder can start with.",
    "NewTokenView.links": "The calls that the holder can start with. Pass them on with the token.",
    "BookingRequest.admission": "The admission from the queue, if the event has one.",
    "EventRequest.admission": "`queue` for a queue from the opening on. You can change it at any time.",
    "EventView.admission": "`queue` means that you need an admission from the queue to book.",
    "admissions_per_second": "How many people a second the queue admits.",
    "QueueRequest.email": "The address that will book. You can't book with another one.",
    "QueueRequest.ticket": "A queue ticket that you already have.",
    "QueueView.early": "How many people are in the draw. Before the opening: so far.",
    "QueueView.seed": "The seed of the draw; null until a minute after the opening.",
    "QueueView.seed_hash": "The SHA-256 of the seed's bytes, in hex. It proves that the seed did not change.",
    "QueueView.sold_out": "Whether no places are left to book, whatever the queue says.",
    "QueueView.up_to": "Where this round ends. A round has as many numbers as there were places free when "
    "it began.",
    "PositionView.ahead": "How many people are ahead of you.",
    "PositionView.early": "Whether you are in the draw.",
    "PositionView.number": "Your number, once booking has opened.",
    "PositionView.serving": "The number being served.",
    "PositionView.estimate_seconds": "In about how many seconds it is your turn; null if we can't say.",
    "PositionView.ask_again_seconds": "How many seconds to wait before you ask again.",
    "JoinReply.early": "Whether the ticket is in the draw.",
    "approximate": "Always true: the numbers are rough.",
    "next_cursor": "The cursor of the next slice; null in the last one.",
}
