"""Answers of AWS that no engine on this machine gives, in the shapes of AWS's service models.

botocore's Stubber refuses an answer that does not fit the model, and a question that was not expected.
Shapes and meanings: SES API v2 reference, GetAccount and GetEmailIdentity; Service Quotas API reference.
"""

from typing import Any

import boto3
from botocore.stub import Stubber

from infra.preflight.aws import Aws
from infra.preflight.sender import sender_in

SENDER = sender_in("bookings@larder.example")
TOKENS = ["aaaa1111", "bbbb2222", "cccc3333"]
NAMES_WHO_ASKED = "User: arn:aws:iam::123456789012:user/pat is not authorized"
QUOTA_CODES = {
    "L-B99A9384": ("lambda", 1000),
    "L-8A5B8E43": ("apigateway", 10000),
    "L-AB614373": ("dynamodb", 40000),
    "L-CF0CBE56": ("dynamodb", 40000),
}
"""What the checks ask Service Quotas for, in their order, and what AWS usually grants."""


class WrittenAws:
    """Write the answers down in the order in which they are asked for, then ask ``aws``."""

    def __init__(self, region: str | None) -> None:
        session = boto3.Session(region_name=region)
        self._stubbers: dict[str, Stubber] = {}
        clients: dict[str, Any] = {}
        for service in ("sts", "sesv2", "service-quotas"):
            client = session.client(service, region_name=region or "us-east-1")
            clients[service] = client
            self._stubbers[service] = Stubber(client)
            self._stubbers[service].activate()
        self.aws = Aws(session, clients)

    def caller(self, arn: str = "arn:aws:iam::123456789012:user/pat") -> None:
        answer = {"UserId": "AIDAEXAMPLE", "Account": "123456789012", "Arn": arn}
        self._stubbers["sts"].add_response("get_caller_identity", answer)

    def account(self, **changes: Any) -> None:
        """Write down an account in production, with these changes."""
        answer = {
            "ProductionAccessEnabled": True,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
        }
        self._stubbers["sesv2"].add_response("get_account", answer | changes)

    def identity(self, name: str = "larder.example", **changes: Any) -> None:
        """Write down a verified domain that signs with DKIM, with these changes."""
        answer = {
            "IdentityType": "DOMAIN",
            "VerifiedForSendingStatus": True,
            "VerificationStatus": "SUCCESS",
            "DkimAttributes": {
                "SigningEnabled": True,
                "Status": "SUCCESS",
                "Tokens": TOKENS,
                "SigningAttributesOrigin": "AWS_SES",
            },
        }
        self._stubbers["sesv2"].add_response("get_email_identity", answer | changes, {"EmailIdentity": name})

    def no_identity(self, name: str) -> None:
        self._stubbers["sesv2"].add_client_error(
            "get_email_identity", "NotFoundException", expected_params={"EmailIdentity": name}
        )

    def quota(self, code: str, value: float) -> None:
        service = QUOTA_CODES[code][0]
        self._stubbers["service-quotas"].add_response(
            "get_service_quota",
            {"Quota": {"ServiceCode": service, "QuotaCode": code, "Value": value}},
            {"ServiceCode": service, "QuotaCode": code},
        )

    def default_quota(self, code: str, value: float) -> None:
        """Write down a quota of which AWS knows the default only."""
        service = QUOTA_CODES[code][0]
        self._stubbers["service-quotas"].add_client_error("get_service_quota", "NoSuchResourceException")
        self._stubbers["service-quotas"].add_response(
            "get_aws_default_service_quota",
            {"Quota": {"ServiceCode": service, "QuotaCode": code, "Value": value}},
            {"ServiceCode": service, "QuotaCode": code},
        )

    def refuses(self, service: str, operation: str, code: str, sentence: str = NAMES_WHO_ASKED) -> None:
        """Write down that AWS refuses this call, in this sentence."""
        self._stubbers[service].add_client_error(operation, code, sentence)

    def everything(self) -> None:
        """Write down an account in which nothing is left to do."""
        self.caller()
        self.account()
        self.identity()
        for code, (_, value) in QUOTA_CODES.items():
            self.quota(code, value)
