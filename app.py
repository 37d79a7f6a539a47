"""The Chalice app. It registers the blueprints, and does nothing else."""

from chalice.app import Chalice

from chalicelib.jobs.booking_stream import blueprint as booking_stream
from chalicelib.jobs.clock import blueprint as clock
from chalicelib.jobs.fan_out import blueprint as fan_out
from chalicelib.jobs.mail_feedback import blueprint as mail_feedback
from chalicelib.jobs.mailer import blueprint as mailer
from chalicelib.web.attendee.booking import blueprint as attendee_booking
from chalicelib.web.attendee.downloads import blueprint as attendee_downloads
from chalicelib.web.door.check_ins import blueprint as door_check_ins
from chalicelib.web.event.links_as_typed import blueprint as links_as_typed
from chalicelib.web.http.authorizer import blueprint as authorizer
from chalicelib.web.http.describe import blueprint as describe
from chalicelib.web.http.media_types import blueprint as media_types
from chalicelib.web.http.request_id import blueprint as request_id
from chalicelib.web.organiser.bookings import blueprint as organiser_bookings
from chalicelib.web.organiser.bookings_csv import blueprint as organiser_bookings_csv
from chalicelib.web.organiser.events import blueprint as organiser_events
from chalicelib.web.organiser.figures import blueprint as organiser_figures
from chalicelib.web.organiser.mails import blueprint as organiser_mails
from chalicelib.web.organiser.search import blueprint as organiser_search
from chalicelib.web.organiser.sessions import blueprint as organiser_sessions
from chalicelib.web.organiser.tokens import blueprint as organiser_tokens
from chalicelib.web.public.again import blueprint as public_again
from chalicelib.web.public.booking import blueprint as public_booking
from chalicelib.web.public.done import blueprint as done
from chalicelib.web.public.embed import blueprint as embed
from chalicelib.web.public.event import blueprint as public_event
from chalicelib.web.public.for_other_sites import blueprint as for_other_sites
from chalicelib.web.public.front_page import blueprint as front_page
from chalicelib.web.public.hosted import blueprint as hosted
from chalicelib.web.queue.api import blueprint as queue_api
from chalicelib.web.queue.pages import blueprint as queue_pages

app = Chalice(app_name="turnout")
for blueprint in (
    front_page,
    public_event,
    for_other_sites,
    public_booking,
    public_again,
    queue_api,
    hosted,
    done,
    queue_pages,
    embed,
    attendee_booking,
    attendee_downloads,
    organiser_events,
    organiser_sessions,
    organiser_figures,
    organiser_bookings,
    organiser_bookings_csv,
    organiser_search,
    door_check_ins,
    organiser_mails,
    organiser_tokens,
    describe,
    request_id,
    media_types,
    links_as_typed,
    authorizer,
    booking_stream,
    mailer,
    fan_out,
    mail_feedback,
    clock,
):
    app.register_blueprint(blueprint)
