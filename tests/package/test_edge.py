"""The optional CloudFront distribution: what it keeps, forwards and proves, as the template says it."""

import json
from typing import Any

import pytest

from tests.package.reading import walk

NOTHING_KEPT = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture(scope="module")
def edge(resources: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resources["Edge"]["Properties"]["DistributionConfig"]
    return found


@pytest.fixture(scope="module")
def behaviours(edge: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["PathPattern"]: one for one in edge["CacheBehaviors"]}


def test_there_is_none_unless_it_is_asked_for(template: dict[str, Any], resources: dict[str, Any]) -> None:
    kinds = {
        name: found for name, found in resources.items() if found["Type"].startswith("AWS::CloudFront::")
    }
    assert len(kinds) == 6
    assert {found.get("Condition") for found in kinds.values()} == {"IsDistributed"}
    assert template["Parameters"]["Distribution"]["Default"] == "off"
    # What is there always must not mention what is there sometimes.
    rest = {name: found for name, found in resources.items() if name not in kinds}
    assert not [name for name in kinds if f'"{name}"' in json.dumps(rest)]


def test_only_what_we_say_may_be_kept_is_kept_and_apart_for_each_origin(
    resources: dict[str, Any], edge: dict[str, Any]
) -> None:
    policy = resources["EdgeCaching"]["Properties"]["CachePolicyConfig"]
    # With a least time above 0, CloudFront would keep what says no-store.
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Origin"]}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert edge["DefaultCacheBehavior"]["CachePolicyId"] == {"Ref": "EdgeCaching"}


def test_no_refusal_is_kept_for_the_next_who_asks(edge: dict[str, Any]) -> None:
    kept = {one["ErrorCode"]: one["ErrorCachingMinTTL"] for one in edge["CustomErrorResponses"]}
    # All that CloudFront keeps by itself. Source: CloudFront developer guide, "How CloudFront caches errors".
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


def test_admin_calls_are_never_kept_nor_shut_and_bring_their_token_by_https_alone(
    behaviours: dict[str, dict[str, Any]],
) -> None:
    admin = behaviours["/admin/*"]
    assert (admin["CachePolicyId"], admin["OriginRequestPolicyId"]) == (NOTHING_KEPT, ALL_BUT_HOST)
    assert admin["ViewerProtocolPolicy"] == "https-only"
    assert "FunctionAssociations" not in admin
    assert set(admin["AllowedMethods"]) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


@pytest.mark.parametrize("path", ["/ticket/*", "/manage/*", "/calendar/*", "/book/*/queue/*"])
def test_what_is_one_persons_own_is_never_kept(behaviours: dict[str, dict[str, Any]], path: str) -> None:
    assert behaviours[path]["CachePolicyId"] == NOTHING_KEPT


def test_every_public_answer_comes_through_the_function_and_by_https(
    edge: dict[str, Any], behaviours: dict[str, dict[str, Any]]
) -> None:
    public = [edge["DefaultCacheBehavior"], *(one for path, one in behaviours.items() if path != "/admin/*")]
    for behaviour in public:
        assert behaviour["FunctionAssociations"] == [
            {
                "EventType": "viewer-request",
                "FunctionARN": {"Fn::GetAtt": ["EdgeFunction", "FunctionARN"]},
            }
        ]
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behaviour["OriginRequestPolicyId"] == {"Ref": "EdgeForwarding"}


def test_what_the_public_routes_read_is_sent_on_and_the_viewers_address_is_cloudfronts_word(
    resources: dict[str, Any],
) -> None:
    headers = resources["EdgeForwarding"]["Properties"]["OriginRequestPolicyConfig"]["HeadersConfig"]
    assert set(headers["Headers"]) >= {
        "Origin",
        "Idempotency-Key",
        "Accept",
        "Content-Type",
        "CloudFront-Viewer-Address",
    }
    # API Gateway refuses a Host that is not its own. A policy may name ten headers.
    assert "Host" not in headers["Headers"]
    assert len(headers["Headers"]) <= 10


def test_the_distribution_proves_itself_by_a_secret_that_the_template_does_not_hold(
    template: dict[str, Any], edge: dict[str, Any], functions: dict[str, Any]
) -> None:
    (origin,) = edge["Origins"]
    assert origin["OriginCustomHeaders"] == [
        {
            "HeaderName": "X-Turnout-Edge",
            "HeaderValue": {"Fn::Sub": "{{resolve:secretsmanager:turnout/${Stage}/edge:SecretString}}"},
        }
    ]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    told = {
        name: found["Environment"]["Variables"].get("TURNOUT_EDGE_SECRET_HASH")
        for name, found in functions.items()
        if "Environment" in found
    }
    assert told["APIHandler"] == {"Ref": "EdgeSecretHash"}
    # A new secret has to change something of the distribution, or CloudFormation does not read it anew.
    assert "${EdgeSecretHash}" in edge["Comment"]["Fn::Sub"]
    assert (
        len(
            [
                node
                for node in walk(template)
                if "resolve:secretsmanager" in json.dumps(node.get("Fn::Sub", ""))
            ]
        )
        == 1
    )


def test_the_stage_s_path_is_the_distributions_and_not_in_its_addresses(edge: dict[str, Any]) -> None:
    (origin,) = edge["Origins"]
    assert origin["OriginPath"] == "/api"
