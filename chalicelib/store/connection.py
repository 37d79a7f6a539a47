"""The one connection to the table that a process has, and how long it waits."""

import gc

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

from chalicelib.settings import settings
from chalicelib.store.patient_reads import PatientReads


class Item(Model):
    """What all items share: keys, a schema number, and one connection a process."""

    class Meta:
        """How we connect. The booking path has its own retries (store/capacity.py), so the SDK has none."""

        table_name = settings().table
        connect_timeout_seconds = 1
        read_timeout_seconds = 1
        max_retry_attempts = 0
        max_pool_connections = 50

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    schema = NumberAttribute(default=1)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # Every item class would open a client of its own, and a client is most of a cold start.
        if cls is not Item:
            return Item._get_connection()
        if cls._connection is None:
            # Built by PynamoDB, with our way of reading put in its place.
            made = super()._get_connection()
            patient = PatientReads(
                connect_timeout_seconds=cls.Meta.connect_timeout_seconds,
                read_timeout_seconds=cls.Meta.read_timeout_seconds,
                max_retry_attempts=cls.Meta.max_retry_attempts,
                max_pool_connections=cls.Meta.max_pool_connections,
            )
            patient.add_meta_table(made.get_meta_table())
            made.connection = patient
            # What a process has loaded by now it keeps, so nobody need look through it for garbage.
            gc.freeze()
        return super()._get_connection()


def connection() -> Connection:
    """Return this process's connection, for TransactWrite."""
    return table_connection().connection


def table_connection() -> TableConnection:
    """Return it as a connection to our table, for what items themselves can't do."""
    return Item._get_connection()
