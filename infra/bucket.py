"""The bucket that CloudFormation fetches code and template from: this account's, made if need be.

Every call names the account: a bucket's name can be guessed, and somebody else may have taken it before.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from infra.stack import CannotDeploy

if TYPE_CHECKING:
    import boto3


class CodeBucket:
    """The bucket of this name, made if need be. Raises CannotDeploy if it is somebody else's."""

    def __init__(self, session: "boto3.Session", name: str, account: str) -> None:
        self._s3 = session.client("s3")
        self._name = name
        self._account = account
        try:
            self._s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
        except self._s3.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"403", "AccessDenied"}:
                raise CannotDeploy(
                    f"The bucket {name} is not account {account}'s, or it is closed to you. "
                    "Choose another name: BUCKET=..."
                ) from error
            if code not in {"404", "NoSuchBucket"}:
                raise
            self._make(str(session.region_name))

    def put(self, content: bytes, kind: str) -> str:
        """Put this there and return its key."""
        # Named by what is in it: CloudFormation sees new code only by its new name.
        key = f"{hashlib.sha256(content).hexdigest()[:32]}.{kind}"
        self._s3.put_object(Bucket=self._name, Key=key, Body=content, ExpectedBucketOwner=self._account)
        return key

    def code_uri(self, key: str) -> str:
        """Return how a template names what is at this key."""
        return f"s3://{self._name}/{key}"

    def url(self, key: str) -> str:
        """Return how a call of CloudFormation names it."""
        return f"{self._s3.meta.endpoint_url}/{self._name}/{key}"

    def _make(self, region: str) -> None:
        print(f"Making the bucket {self._name} ...", flush=True)
        # The first region has no name here: S3 is older than regions.
        if region == "us-east-1":
            self._s3.create_bucket(Bucket=self._name)
        else:
            # The stubs want one of the regions that they know of.
            place: Any = {"LocationConstraint": region}
            self._s3.create_bucket(Bucket=self._name, CreateBucketConfiguration=place)
        self._s3.put_public_access_block(
            Bucket=self._name,
            ExpectedBucketOwner=self._account,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
