"""Peers transit gateways of two regions with boto3, a client that nobody here wrote.

Usage: peer_gateways.py ENDPOINT. Prints what it made and read as JSON.
"""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
REGIONS = ("ap-northeast-1", "eu-west-1")
# With a cloud that runs thousands of times as fast as life, a tenth of a
# second is several minutes.
POLL = 0.1
LIMIT = 30.0

config = Config(retries={"max_attempts": 3, "mode": "standard"})
asks, answers = (boto3.client("ec2", endpoint_url=ENDPOINT, region_name=region, config=config) for region in REGIONS)
account = boto3.client("sts", endpoint_url=ENDPOINT, region_name=REGIONS[0], config=config).get_caller_identity()["Account"]


def wait(what, read, wanted):
    end = time.monotonic() + LIMIT
    while True:
        state = read()
        if state == wanted:
            return
        if time.monotonic() > end:
            sys.exit(f"{what} is still {state}, not {wanted}")
        time.sleep(POLL)


def peering(ec2, identifier):
    for page in ec2.get_paginator("describe_transit_gateway_peering_attachments").paginate(
            Filters=[{"Name": "transit-gateway-attachment-id", "Values": [identifier]}], PaginationConfig={"PageSize": 5}):
        for found in page["TransitGatewayPeeringAttachments"]:
            return found
    return {"State": "unheard of", "Tags": []}


def settled(identifier, state):
    for ec2 in (asks, answers):
        wait("the peering", lambda: peering(ec2, identifier)["State"], state)


gateways = [ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"] for ec2 in (asks, answers)]
for ec2, gateway in zip((asks, answers), gateways):
    wait("a transit gateway", lambda: [g["State"] for g in ec2.describe_transit_gateways(
        Filters=[{"Name": "transit-gateway-id", "Values": [gateway]}])["TransitGateways"]], ["available"])


def ask():
    return asks.create_transit_gateway_peering_attachment(
        TransitGatewayId=gateways[0], PeerTransitGatewayId=gateways[1], PeerAccountId=account, PeerRegion=REGIONS[1],
        Options={"DynamicRouting": "disable"},
        TagSpecifications=[{"ResourceType": "transit-gateway-attachment", "Tags": [{"Key": "Name", "Value": "east-west"}]}],
    )["TransitGatewayPeeringAttachment"]


asked = ask()
rejected = asked["TransitGatewayAttachmentId"]
settled(rejected, "pendingAcceptance")
refusals = {}
for name, call in {
    "requester": lambda: asks.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=rejected),
    "twice": ask,
}.items():
    try:
        call()
        refusals[name] = ""
    except ClientError as error:
        refusals[name] = error.response["Error"]["Code"]
states = [asked["State"], answers.reject_transit_gateway_peering_attachment(
    TransitGatewayAttachmentId=rejected)["TransitGatewayPeeringAttachment"]["State"]]
settled(rejected, "rejected")

accepted = ask()["TransitGatewayAttachmentId"]
settled(accepted, "pendingAcceptance")
states.append(answers.accept_transit_gateway_peering_attachment(
    TransitGatewayAttachmentId=accepted)["TransitGatewayPeeringAttachment"]["State"])
settled(accepted, "available")
for ec2 in (asks, answers):
    wait("the association", lambda: [a["Association"]["State"] for a in ec2.describe_transit_gateway_attachments(
        TransitGatewayAttachmentIds=[accepted])["TransitGatewayAttachments"]], ["associated"])
routes = []
for ec2, gateway, prefix in zip((asks, answers), gateways, ("10.3.0.0/16", "10.1.0.0/16")):
    table = ec2.describe_transit_gateway_route_tables(
        Filters=[{"Name": "transit-gateway-id", "Values": [gateway]}])["TransitGatewayRouteTables"][0]["TransitGatewayRouteTableId"]
    ec2.create_transit_gateway_route(DestinationCidrBlock=prefix, TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=accepted)
    search = lambda: ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=table, Filters=[{"Name": "attachment.resource-type", "Values": ["peering"]}])["Routes"]
    wait("the route", lambda: [r["State"] for r in search()], ["active"])
    routes += [r["TransitGatewayAttachments"][0]["ResourceId"] for r in search()]
final = peering(answers, accepted)

second = asks.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
wait("a transit gateway", lambda: [g["State"] for g in asks.describe_transit_gateways(
    Filters=[{"Name": "transit-gateway-id", "Values": [second]}])["TransitGateways"]], ["available"])
deleted = answers.create_transit_gateway_peering_attachment(
    TransitGatewayId=gateways[1], PeerTransitGatewayId=second, PeerAccountId=account, PeerRegion=REGIONS[0],
)["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]
settled(deleted, "pendingAcceptance")
states.append(answers.delete_transit_gateway_peering_attachment(
    TransitGatewayAttachmentId=deleted)["TransitGatewayPeeringAttachment"]["State"])
settled(deleted, "deleted")

print(json.dumps({
    "gateways": gateways,
    "accepted": accepted,
    "states": states,
    "refusals": refusals,
    "routes": routes,
    "ends": [final["RequesterTgwInfo"], final["AccepterTgwInfo"]],
    "tags": [[t["Value"] for t in peering(ec2, accepted)["Tags"]] for ec2 in (asks, answers)],
    "options": final["Options"]["DynamicRouting"],
}))
