"""What a running stack logs, and what people sent to it, for the test that nothing personal is logged."""

import re
from typing import Any

from infra.local.inbox import Inbox
from tests import privacy

_LINK = re.compile(r"/(?:manage|calendar|ticket)/(\S+)")


def hear_people(dynamodb: Any, table: str, inbox: Inbox) -> None:
    """Remember who booked and who was mailed, and with which links."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            privacy.remember_item(item)
    for mail in inbox.mails():
        privacy.remember(mail.to)
        for part in inbox.parts(mail.id):
            if part.content_type == "text/plain":
                privacy.remember(*(link.rpartition(".")[2] for link in _LINK.findall(part.content.decode())))


def hear_functions(logs: Any) -> None:
    """Listen to what each function wrote to its log group."""
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        privacy.lines += [event["message"] for page in pages for event in page["events"]]
